# SPDX-License-Identifier: Apache-2.0
"""The component format over several boots, and machines that are killed while it works. In the soak only; the number of
kills is WHERRY_FORMAT_KILLS. A kill of QEMU stands for a power cut: what the machine had not yet written is lost, but
what a real disk would still have in its own cache is not."""
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
KILLS_OF_A_DISK = 2
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
        for name in ("format", "mount"):
            images.make_package(name)

    def disk(self, name, size):
        path = os.path.join(self.dir, name)
        if os.path.exists(path):
            os.unlink(path)
        rootdisk.tool("truncate", "-s", size, path)
        return path

    def boot(self, path, *disks):
        vm = boot.Boot(path, args=formatted.disks(*disks))
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
        return images.build(images.base(
            onboot=images.shell("say", "echo formatting >/dev/console", "binds: ['/dev:/dev']")
            + step("format", "format", ["/usr/bin/format", "-label", "data"])
            + step("mount", "mount", ["/usr/bin/mountie", "-label", "data", "/var/data"]),
            services=images.shell("writer", WRITER, "binds: ['/dev:/dev', '/var/data:/var/data']")),
            os.path.join(self.dir, "os"))

    def check_after(self, vm, synced):
        """The machine comes up with what was synced before the last kill."""
        found = int(vm.wait_for_anywhere(r"found (\d+)\.", 5 * boot.LIMIT).group(1))
        self.assertGreaterEqual(found, synced, vm.console()[-4000:])
        vm.wait_for_anywhere(r"synced %d\." % (found + 1))

    def test_the_machine_is_killed_at_random_moments(self):
        path, seed = self.system(), random.randrange(1 << 32)
        moments, whole, states = random.Random(seed), None, []
        for kill in range(KILLS + 1):
            if kill % KILLS_OF_A_DISK == 0:
                disk, synced = self.disk("data", "%dM" % moments.randrange(64, 1024)), 0
            vm = self.boot(path, disk)
            vm.wait_for(r"^formatting", 5 * boot.LIMIT)
            begin = time.monotonic()
            if whole is None:
                # How long it takes here and now; this one is killed as well.
                self.check_after(vm, synced)
                whole = time.monotonic() - begin
            else:
                time.sleep(whole * moments.uniform(0, 1.2))
            self.kill(vm)
            found = number("found", vm.console())
            self.assertTrue(found is None or found >= synced, vm.console()[-4000:])
            synced = max(synced, number("synced", vm.console()) or 0)
            with open(disk, "rb") as f:
                head = f.read(512)
            states.append("done" if head[510:] == b"\x55\xaa" else "begun" if any(head) else "empty")
            if kill % KILLS_OF_A_DISK == KILLS_OF_A_DISK - 1 or kill == KILLS:
                vm = self.boot(path, disk)
                self.check_after(vm, synced)
                self.kill(vm)
        print("seed %d: the disk was %s" % (seed, ", ".join(
            "%s after %d kills" % (state, states.count(state)) for state in sorted(set(states)))))


if __name__ == "__main__":
    unittest.main()
