# SPDX-License-Identifier: Apache-2.0
"""The components of disks over several boots: format, extend, dm-crypt, mount and swap, and machines that lose their
power while they work. In the soak only. A kill of QEMU is such a loss but for one thing: what a real disk would still
have in its own cache is not lost; WHERRY_FORMAT_KILLS is how many there are. A cut has that as well: it is made from a
log of what a machine has written; WHERRY_FORMAT_CUTS of them. WHERRY_FORMAT_SEED begins with the same numbers."""
import collections
import os
import random
import re
import shutil
import signal
import tempfile
import time
import unittest

import boot
import formatted
import images
import rootdisk
import writelog
from images import step

KILLS = int(os.environ.get("WHERRY_FORMAT_KILLS", "14"))
CUTS = int(os.environ.get("WHERRY_FORMAT_CUTS", "14"))
SEED = int(os.environ.get("WHERRY_FORMAT_SEED", random.randrange(1 << 32)))
# The last one is a service, which has done its part when it has synced so many numbers.
STEPS = ("format", "extend", "crypto", "grow", "mount", "swap", "writer")
NUMBERS = 5
KEPT = os.path.join(images.WORK, "cut.img")
# The first sector of what is being encrypted.
MARK = b"wherry crypto: not finished\n"
# Where a run begins: the disk, what had been synced on it, what was looked at when each step began and at the end, and
# when a number had been synced: a table from that to the number.
Start = collections.namedtuple("Start", "disk synced ends numbers")
SMALL = ["--mem", "160", "--cpus", "1"]
# Says what the last boot has left, then counts on the disk, and says a number once it is there.
WRITER = ("cd /var/data || exit 1; n=$(cat n || echo 0); echo found $n. >/dev/console; "
          "while :; do n=$((n+1)); echo $n >new; sync; mv new n; sync; echo synced $n. >/dev/console; done")


def number(word, text):
    """The last number that the console shows after the word; None: there is none."""
    all_of_them = re.findall(r"%s (\d+)\." % word, text)
    return int(all_of_them[-1]) if all_of_them else None


def done(console):
    """How many steps have ended."""
    return sum(1 for name in STEPS if "wherry: onboot %s: done" % name in console)


@unittest.skipUnless(os.environ.get("WHERRY_SOAK"), "only in the soak")
class Format(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="wherry-format-")
        cls.addClassCleanup(shutil.rmtree, cls.dir, True)
        for name in ("dm-crypt", "extend", "format", "mount", "swap"):
            images.make_package(name)

    def disk(self, name, size):
        path = os.path.join(self.dir, name)
        if os.path.exists(path):
            os.unlink(path)
        rootdisk.tool("truncate", "-s", size, path)
        return path

    def boot(self, path, *disks, args=()):
        vm = boot.Boot(path, args=formatted.disks(*disks) + list(args))
        self.addCleanup(vm.close)
        return vm

    def kill(self, vm):
        """End QEMU without a word, and wait for what started it."""
        with open("/proc/%d/task/%d/children" % (vm.process.pid, vm.process.pid)) as f:
            for pid in f.read().split():
                os.kill(int(pid), signal.SIGKILL)
        vm.wait_end()

    def test_xfs_and_btrfs(self):
        """This kernel mounts neither, so that only what is on the disks is looked at."""
        xfs, btrfs = self.disk("xfs", "512M"), self.disk("btrfs", "256M")
        steps = [step(name, "format", ["/usr/bin/format", "-type", name, "-label", "my-" + name])
                 for name in ("xfs", "btrfs")]
        path = images.build(images.base(onboot="".join(steps)), os.path.join(self.dir, "types"))
        for _ in range(2):
            vm = self.boot(path, xfs, btrfs)
            for name in ("xfs", "btrfs"):
                vm.wait_for_anywhere(r"wherry: onboot %s: done" % name)
            vm.power_off()
        for disk, magic, label in (xfs, 0, 108), (btrfs, 65600, 65536 + 299):
            self.assertEqual(formatted.partition(disk)[0], 2048)
            with open(disk, "rb") as f:
                f.seek(formatted.AT)
                head = f.read(72 << 10)
            self.assertIn(head[magic:magic + 8].rstrip(b"\0")[:4], (b"XFSB", b"_BHR"))
            self.assertTrue(head[label:].startswith(b"my-"), head[label:label + 16])

    def system(self):
        """All that a disk goes through: a partition, a LUKS2 in it, a file system in that, and swap in a file."""
        return images.build(images.base(
            onboot=images.shell("say", "echo begins >/dev/console", "binds: ['/dev:/dev']")
            + step("format", "format", ["/usr/bin/format", "/dev/vda"])
            + step("extend", "extend", ["/usr/bin/extend", "/dev/vda"])
            + step("crypto", "dm-crypt", ["/usr/bin/crypto", "-luks", "data", "/dev/vda1"])
            + step("grow", "extend", ["/usr/bin/extend", "/dev/mapper/data"])
            + step("mount", "mount", ["/usr/bin/mountie", "/dev/mapper/data", "/var/data"])
            + step("swap", "swap", ["/usr/bin/swap", "--path", "/var/data/swap", "--size", "8M"]),
            services=images.shell("writer", WRITER, "binds: ['/dev:/dev', '/var/data:/var/data']"))
            + "files:\n  - {path: etc/dm-crypt/key, contents: abcdefghijklmnopqrstuvwxyz123456}\n",
            os.path.join(self.dir, "os"))

    def check_after(self, vm, synced):
        """The machine comes up with what was synced before the last kill, and each step has done its part."""
        found = int(vm.wait_for_anywhere(r"found (\d+)\.", 5 * boot.LIMIT).group(1))
        self.assertGreaterEqual(found, synced, vm.console()[-4000:])
        vm.wait_for_anywhere(r"synced %d\." % (found + 1))
        self.assertNotRegex(vm.console(), r"wherry: onboot .* failed")

    def copy(self, disk, name):
        """The same disk once more, with holes where there are zeros."""
        path = os.path.join(self.dir, name)
        rootdisk.tool("cp", "--sparse=always", disk, path)
        return path

    def check_disk(self, path, disk, synced):
        """A machine comes up with the disk, and the partition is as large as it can be. One that does not is kept."""
        before = self.copy(disk, "before")
        vm = self.boot(path, disk, args=SMALL)
        try:
            self.check_after(vm, synced)
        except AssertionError:
            shutil.move(before, KEPT)
            print("the disk is %s" % KEPT, flush=True)
            raise
        self.kill(vm)
        vm.close()
        size = os.path.getsize(disk) // formatted.AT
        self.assertEqual(formatted.partition(disk)[:2], (2048, (size - 2) * 2048))

    def state(self, disk):
        """How far it has come, by what is on the disk."""
        with open(disk, "rb") as f:
            head = f.read(512)
            f.seek(formatted.AT)
            part = f.read(2048)
        if head[510:] != b"\x55\xaa":
            return "being formatted" if any(head) else "empty"
        if part.startswith(b"LUKS"):
            return "encrypted"
        return "being encrypted" if part.startswith(MARK) else "formatted"

    def grow(self, disk, moments):
        """The disk may be larger at the next boot."""
        rootdisk.tool("truncate", "-s", "+%dM" % moments.choice((0, 0, 1, 8, 40)), disk)

    def follow(self, vm, look):
        """Until the writer has done its part: (ends, numbers) of a Start. What is looked at comes after what is shown,
        so that what was to be synced then, is."""
        ends, numbers, end = [], {}, time.monotonic() + 10 * boot.LIMIT
        vm.wait_for(r"^begins", 5 * boot.LIMIT)
        while len(numbers) < NUMBERS:
            self.assertLess(time.monotonic(), end, vm.console()[-4000:])
            console, now = vm.console(), look()
            ends += [now] * (done(console) + 1 - len(ends))
            last = number("synced", console)
            if last and last not in numbers.values():
                numbers[now] = last
            time.sleep(0.01)
        self.assertEqual(len(ends), len(STEPS), vm.console()[-4000:])
        return ends + [look()], numbers

    def starts(self, path, moments, recorded):
        """The first boot, with an empty disk, and the second, with one that has become larger."""
        found, synced = [], 0
        disk = self.disk("disk", "%dM" % moments.randrange(48, 256))
        for name in "first", "second":
            before = self.copy(disk, name)
            if recorded:
                vm = writelog.Recorded(path, disk, self.dir, args=formatted.disks(disk) + SMALL)
                self.addCleanup(vm.close)
            else:
                vm = self.boot(path, disk, args=SMALL)
            ends, numbers = self.follow(vm, vm.log_size if recorded else time.monotonic)
            self.check_after(vm, synced)
            # Between two writes, so that the log and the disk say the same.
            vm.qmp("stop")
            self.kill(vm)
            print("%s boot: %s" % (name, ", ".join("%s %.1f" % (what, b - a) + (" bytes" if recorded else " s")
                                                   for what, a, b in zip(STEPS, ends, ends[1:]))), flush=True)
            found.append(Start(before, synced, ends, numbers))
            if recorded:
                self.keep_log(vm, before, disk)
            synced = number("synced", vm.console())
            rootdisk.tool("truncate", "-s", "+40M", disk)
        return found

    def keep_log(self, vm, before, disk):
        """It is whole: it makes the disk of before into that of now."""
        os.rename(vm.log_path, before + ".log")
        copy, log = self.copy(before, "copy"), writelog.WriteLog(before + ".log")
        log.cut(len(log.entries), copy, None)
        self.assertEqual(formatted.digest(copy), formatted.digest(disk))

    def kill_in(self, vm, start, n, moments):
        """Kill the machine at a random moment of a step, or soon after it: (what it has synced, the step that it was
        in)."""
        before = "onboot %s: done" % STEPS[n - 1] if n else "^begins"
        vm.wait_for_anywhere(before, 5 * boot.LIMIT)
        time.sleep((start.ends[n + 1] - start.ends[n]) * moments.uniform(0, 1.1))
        self.kill(vm)
        vm.close()
        found = number("found", vm.console())
        self.assertTrue(found is None or found >= start.synced, vm.console()[-4000:])
        return max(start.synced, number("synced", vm.console()) or 0), STEPS[done(vm.console())]

    def test_the_machine_is_killed_in_each_step(self):
        path, moments, hits = self.system(), random.Random(SEED), collections.Counter()
        print("seed %d" % SEED, flush=True)
        starts = self.starts(path, moments, False)
        for kill in range(KILLS):
            boots, n = kill % len(starts), kill // len(starts) % len(STEPS)
            disk = self.copy(starts[boots].disk, "copy")
            vm = self.boot(path, disk, args=SMALL)
            synced, where = self.kill_in(vm, starts[boots], n, moments)
            hits[boots + 1, where, self.state(disk)] += 1
            self.grow(disk, moments)
            print("kill %d: boot %d, %s, the disk was %s, %d synced" % (
                kill, boots + 1, where, self.state(disk), synced), flush=True)
            self.check_disk(path, disk, synced)
        self.show(hits)

    def test_an_interrupted_encryption_of_a_disk_that_is_larger_now(self):
        """The superblock of before is there, and what it refers to is not."""
        disk, part = self.disk("data", "64M"), self.disk("part", "62M")
        rootdisk.tool("mkfs.ext4", "-q", part)
        rootdisk.tool("sfdisk", "--quiet", disk, input="label: dos\nstart=1MiB, size=62MiB, type=83\n")
        with open(part, "rb") as f, open(disk, "r+b") as g:
            g.seek(formatted.AT)
            g.write(MARK.ljust(512, b"\0") + f.read()[512:])
            g.seek(formatted.AT + 4096)
            g.write(bytes(1 << 20))
        rootdisk.tool("truncate", "-s", "+8M", disk)
        self.check_disk(self.system(), disk, 0)

    def moment(self, log, begin, end, moments):
        """One of a step: half of them soon after a flush, where the next part of it begins."""
        flushes = log.flushes(begin, end)
        if flushes and moments.random() < 0.5:
            return min(moments.choice(flushes) + moments.randrange(4), end)
        return moments.randint(begin, end)

    def test_the_power_is_cut_between_any_two_writes(self):
        """In each step that writes something."""
        path, moments, hits = self.system(), random.Random(SEED), collections.Counter()
        print("seed %d" % SEED, flush=True)
        starts = self.starts(path, moments, True)
        logs = [writelog.WriteLog(start.disk + ".log") for start in starts]
        steps = [(boots, n) for boots, start in enumerate(starts) for n in range(len(STEPS))
                 if start.ends[n] < start.ends[n + 1]]
        for cut in range(CUTS):
            boots, n = steps[cut % len(steps)]
            start, log = starts[boots], logs[boots]
            begin, end = (log.moment(size) for size in start.ends[n:n + 2])
            moment = self.moment(log, begin, end, moments)
            disk = self.copy(start.disk, "copy")
            lost = log.cut(moment, disk, moments)
            synced = max([start.synced] + [got for size, got in start.numbers.items() if log.moment(size) <= moment])
            hits[boots + 1, STEPS[n], self.state(disk)] += 1
            self.grow(disk, moments)
            print("cut %d: boot %d, %s, write %d of %d to %d, %d at its mercy, %s, %d synced" % (
                cut, boots + 1, STEPS[n], moment, begin, end, lost, self.state(disk), synced), flush=True)
            self.check_disk(path, disk, synced)
        self.show(hits)

    def show(self, hits):
        for (boots, where, state), count in sorted(hits.items()):
            print("boot %d, %s: the disk was %s: %d came up" % (boots, where, state, count))


if __name__ == "__main__":
    unittest.main()
