# SPDX-License-Identifier: Apache-2.0
"""The components of disks over several boots: format, extend, dm-crypt, mount and swap, and machines that are killed
while they work. In the soak only; the number of kills is WHERRY_FORMAT_KILLS. A kill of QEMU stands for a power cut:
what the machine had not yet written is lost, but what a real disk would still have in its own cache is not."""
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
from images import step

KILLS = int(os.environ.get("WHERRY_FORMAT_KILLS", "20"))
KILLS_OF_A_DISK = 3
SMALL = ["--mem", "160", "--cpus", "1"]
# Says what the last boot has left, then counts on the disk, and says a number once it is there.
WRITER = ("cd /var/data || exit 1; n=$(cat n || echo 0); echo found $n. >/dev/console; "
          "while :; do n=$((n+1)); echo $n >new; sync; mv new n; sync; echo synced $n. >/dev/console; done")


def number(word, text):
    """The last number that the console shows after the word; None: there is none."""
    all_of_them = re.findall(r"%s (\d+)\." % word, text)
    return int(all_of_them[-1]) if all_of_them else None


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
            + step("extend", "extend", ["/usr/bin/extend", "/dev/mapper/data"])
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
        return "being encrypted" if part.startswith(b"wherry") else "formatted"

    def grow(self, disk, moments):
        """The disk may be larger at the next boot."""
        rootdisk.tool("truncate", "-s", "+%dM" % moments.choice((0, 0, 1, 8, 40)), disk)

    def kill_at(self, vm, moments, whole, synced):
        """Kill the machine at a random moment of the time that all takes; what it has synced, and how long that is."""
        vm.wait_for(r"^begins", 5 * boot.LIMIT)
        begin = time.monotonic()
        if whole is None:
            # How long it takes here and now; this one is killed as well.
            self.check_after(vm, synced)
            whole = time.monotonic() - begin
        else:
            time.sleep(whole * moments.uniform(0, 1.3))
        self.kill(vm)
        found = number("found", vm.console())
        self.assertTrue(found is None or found >= synced, vm.console()[-4000:])
        return max(synced, number("synced", vm.console()) or 0), whole

    def test_the_machine_is_killed_at_random_moments(self):
        seed = random.randrange(1 << 32)
        path, moments, whole, states = self.system(), random.Random(seed), None, []
        print("seed %d" % seed, flush=True)
        for kill in range(KILLS + 1):
            if kill % KILLS_OF_A_DISK == 0:
                disk, synced = self.disk("data", "%dM" % moments.randrange(48, 256)), 0
            vm = self.boot(path, disk, args=SMALL)
            synced, whole = self.kill_at(vm, moments, whole, synced)
            states.append(self.state(disk))
            self.grow(disk, moments)
            if kill % KILLS_OF_A_DISK == KILLS_OF_A_DISK - 1 or kill == KILLS:
                vm = self.boot(path, disk, args=SMALL)
                self.check_after(vm, synced)
                # Once more: nothing is to be done, and nothing is lost.
                self.kill(vm)
                synced = max(synced, number("synced", vm.console()))
                size = os.path.getsize(disk) // formatted.AT
                self.assertEqual(formatted.partition(disk)[:2], (2048, (size - 2) * 2048))
            print("kill %d: %s, %d synced" % (kill, states[-1], synced), flush=True)
        print("the disk was %s" % ", ".join(
            "%s after %d kills" % (state, states.count(state)) for state in sorted(set(states))))


if __name__ == "__main__":
    unittest.main()
