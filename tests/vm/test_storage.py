# SPDX-License-Identifier: Apache-2.0
"""Encrypted disks, a TPM, a watchdog, and file systems that only the full kernel has. In the soak only: eight
machines."""
import os
import shutil
import tempfile
import unittest

import boot
import formatted
import images
import rootdisk
from guest import Guest, shell_service
from images import step

KEYS = """files:
  - {path: etc/dm-crypt/key, contents: "abcdefghijklmnopqrstuvwxyz123456"}
  - {path: etc/dm-crypt/other, contents: "123456abcdefghijklmnopqrstuvwxyz"}
"""
# What LinuxKit's program does without -l.
PLAIN = ["/usr/sbin/cryptsetup", "open", "--type", "plain", "--cipher", "aes-cbc-essiv:sha256", "--key-size", "256",
         "--key-file", "/etc/dm-crypt/key", "/dev/vda", "old"]


@unittest.skipUnless(os.environ.get("WHERRY_SOAK"), "only in the soak")
class Storage(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="wherry-storage-")
        self.addCleanup(shutil.rmtree, self.dir, True)

    def make(self, *names):
        for name in names:
            images.make_package(name)

    def disk(self, name, size):
        path = os.path.join(self.dir, name)
        rootdisk.tool("truncate", "-s", size, path)
        return path

    def boot(self, text, *disks, args=()):
        vm = Guest(images.build(text, self.dir), args=formatted.disks(*disks) + list(args))
        self.addCleanup(vm.close)
        vm.wait_for_shell()
        return vm

    def was_kept(self, vm, path):
        """What a file has, of which the next boot shall find more."""
        return vm.check("cat {0} 2>/dev/null; echo again >> {0}; sync".format(path))

    def test_what_linuxkit_made_without_a_header_is_opened(self):
        self.make("dm-crypt", "mount")
        steps = (step("plain", "dm-crypt", PLAIN)
                 + step("mkfs", "dm-crypt", ["/usr/sbin/mkfs.ext4", "-q", "/dev/mapper/old"])
                 + step("close", "dm-crypt", ["/usr/sbin/cryptsetup", "close", "old"])
                 + step("wrong", "dm-crypt", ["/usr/bin/crypto", "-k", "other", "data", "/dev/vda"])
                 + step("only-luks", "dm-crypt", ["/usr/bin/crypto", "--luks", "data", "/dev/vda"])
                 + step("crypto", "dm-crypt", ["/usr/bin/crypto", "data", "/dev/vda"])
                 + step("mount", "mount", ["/usr/bin/mountie", "/dev/mapper/data", "/var/data"]))
        vm = self.boot(images.base(onboot=steps, services=shell_service()) + KEYS, self.disk("old", "32M"))
        for name in "wrong", "only-luks":
            vm.wait_for_anywhere(r"onboot %s: failed with exit code 1 .*something unknown; it is left alone" % name)
        for name in "crypto", "mount":
            vm.wait_for_anywhere(r"onboot %s: done" % name)
        self.assertIn("without a header", vm.check("service logs crypto"))

    def test_another_key_opens_nothing(self):
        self.make("dm-crypt")
        steps = (step("crypto", "dm-crypt", ["/usr/bin/crypto", "-l", "data", "/dev/vda"])
                 + step("close", "dm-crypt", ["/usr/sbin/cryptsetup", "close", "data"])
                 + step("wrong", "dm-crypt", ["/usr/bin/crypto", "-k", "other", "data", "/dev/vda"])
                 + step("again", "dm-crypt", ["/usr/bin/crypto", "data", "/dev/vda"]))
        vm = self.boot(images.base(onboot=steps, services=shell_service()) + KEYS, self.disk("luks", "32M"))
        vm.wait_for_anywhere(r"onboot wrong: failed with exit code 1 .*/dev/vda was encrypted with another key")
        for name in "crypto", "close", "again":
            vm.wait_for_anywhere(r"onboot %s: done" % name)

    def test_the_tpm_has_the_key(self):
        self.make("dm-crypt-tpm", "mount", "tss")
        crypto = ["/usr/bin/crypto", "-tpm", "data", "/dev/vda"]
        text = images.base(onboot=step("crypto", "dm-crypt-tpm", crypto)
                           + step("mount", "mount", ["/usr/bin/mountie", "/dev/mapper/data", "/var/data"]),
                           services=shell_service() + "  - {name: tss, image: %s}\n" % images.tag("tss"))
        disk = self.disk("luks", "32M")
        for n in range(2):
            vm = self.boot(text, disk, args=["--tpm", "--state", os.path.join(self.dir, "first")])
            vm.wait_for_anywhere(r"onboot mount: done")
            self.assertEqual(self.was_kept(vm, "/var/data/kept"), "again" * n)
            vm.wait_until("service logs tss | grep -q TPM2_PT_MANUFACTURER")
            self.assertRegex(vm.check("service exec tss tpm2_getrandom --hex 8 && echo"), r"^[0-9a-f]{16}$")
            self.assertEqual(vm.power_off(), 0)
        vm = self.boot(text, disk, args=["--tpm", "--state", os.path.join(self.dir, "second")])
        vm.wait_for_anywhere(r"onboot crypto: failed with exit code 1 .*the TPM of another machine")

    def test_the_watchdog_restarts_the_machine_when_the_check_fails(self):
        self.make("kernel-generic", "watchdog")
        watch = ["/usr/bin/watchdog", "-timeout", "20s", "-interval", "2s", "--", "/bin/busybox", "test", "!", "-e",
                 "/run/broken"]
        services = shell_service() + step("watchdog", "watchdog", watch)
        vm = self.boot(images.base(services=services, kernel="kernel-generic"), args=["--device", "i6300esb"])
        vm.wait_until("service logs watchdog | grep -q 'restarts the machine after 20 s'")
        # Longer than the timeout: it is fed.
        vm.check("sleep 25")
        vm.check("service stop watchdog && sleep 25 && service start watchdog")
        self.assertEqual(vm.console().count("wherry: ready"), 1)
        vm.send("touch /run/broken")
        vm.wait_times(r"wherry: ready", 2, 5 * boot.LIMIT)

    def test_xfs_and_btrfs_grow(self):
        """In the full kernel, which has them: formatted at the first boot, larger at the second."""
        self.make("kernel-generic", "format", "extend", "mount")
        types = ("xfs", "vda", "320M"), ("btrfs", "vdb", "256M")
        steps = "".join(
            step("format", "format", ["/usr/bin/format", "-type", name, "-label", name, "/dev/" + disk])
            + step("extend-" + name, "extend", ["/usr/bin/extend", "-type", name, "/dev/" + disk])
            + step("mount", "mount", ["/usr/bin/mountie", "-label", name, "/var/" + name]) for name, disk, _ in types)
        text = images.base(onboot=steps, services=shell_service(), kernel="kernel-generic")
        disks = [self.disk(name, size) for name, _, size in types]
        for n in range(2):
            vm = self.boot(text, *disks, args=["--mem", "1024"])
            for name, disk, _ in types:
                vm.wait_for_anywhere(r"onboot extend-%s: done" % name)
                said = vm.check("service logs extend-" + name)
                self.assertRegex(said, (r"nothing to do", r"/dev/%s1 \(%s\) had \d+ bytes and has" % (disk, name))[n])
                self.assertEqual(self.was_kept(vm, "/var/%s/kept" % name), "again" * n)
                self.assertGreater(int(vm.check("df -m /var/%s | tail -1" % name).split()[1]), 200 + 400 * n)
            self.assertEqual(vm.power_off(), 0)
            for disk in disks:
                rootdisk.tool("truncate", "-s", "1G", disk)


if __name__ == "__main__":
    unittest.main()
