# SPDX-License-Identifier: Apache-2.0
"""What outlives the machine: a disk mounted at /var by a step of onboot, with the random seed and the logs on it."""
import os
import tempfile
import unittest

import images
import rootdisk
from guest import IDLE, Guest, entry, shell_service

SEED = "/proc/1/root/var/lib/wherry/random-seed"
SAID = "random numbers are seeded from the last boot"


class Kept(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory(prefix="wherry-kept-")
        self.addCleanup(self.dir.cleanup)
        self.disk = os.path.join(self.dir.name, "disk")
        rootdisk.tool("mkfs.ext4", "-q", "-L", "var", self.disk, "32M")
        images.make_package("mount")
        self.path = images.build(images.base(
            onboot=images.step("mount", "mount", ["/usr/bin/mountie", "/dev/vda", "/var"]),
            services=shell_service() + entry("talker", "echo one line; " + IDLE, "")), self.dir.name)

    def boot(self):
        vm = Guest(self.path, args=["--disk", "file=%s,format=raw" % self.disk])
        self.addCleanup(vm.close)
        vm.wait_for_shell()
        return vm

    def wait_for_lines(self, vm, n):
        vm.wait_until("test $(grep -c 'one line' /proc/1/root/var/log/talker.log) = %d" % n)

    def test_the_seed_is_used_once_and_renewed_and_logs_go_on(self):
        vm = self.boot()
        self.assertNotIn(SAID, vm.console())
        vm.check("test -d /proc/1/root/var/tmp")
        self.wait_for_lines(vm, 1)
        self.assertEqual(vm.power_off(), 0)

        vm = self.boot()
        self.assertEqual(vm.console().count(SAID), 1)
        # This boot's own is there already, should it end suddenly.
        first = vm.check("stat -c '%%a %%s %%u' %s; sha256sum < %s" % (SEED, SEED)).splitlines()
        self.assertEqual(first[0], "600 64 0")
        # More mounts change nothing.
        vm.check("mount -t tmpfs none /mnt 2>/dev/null || mkdir -p /tmp/m && mount -t tmpfs none /tmp/m")
        self.assertEqual(first[1], vm.check("sha256sum < %s" % SEED))
        self.wait_for_lines(vm, 2)
        vm.close()

        # The machine ended without a word, and the seed is another than the one that was used.
        vm = self.boot()
        self.assertEqual(vm.console().count(SAID), 1)
        self.assertNotEqual(first[1], vm.check("sha256sum < %s" % SEED))
        self.assertEqual(vm.power_off(), 0)


if __name__ == "__main__":
    unittest.main()
