# SPDX-License-Identifier: Apache-2.0
"""Examples with disks, a TPM and mounts. In the soak only: 110 s of CPU time."""
import os
import time
import unittest

import boot
import examples
import rootdisk
from guest import Guest


@unittest.skipUnless(os.environ.get("WHERRY_SOAK"), "only in the soak")
class Disks(examples.Examples):
    def disk(self, size):
        path = os.path.join(self.dir.name, "data.img")
        rootdisk.tool("truncate", "-s", size, path)
        return ["--disk", "file=%s,format=raw" % path]

    def machine(self, name, **kwargs):
        """A machine with the example, at the shell of its console."""
        vm = self.boot(name, machine=Guest, **kwargs)
        vm.wait_for_shell()
        return vm

    def check_secrets(self, name):
        """The disk is made at the first boot and opened at the second, and does not show what it has."""
        args = self.disk("256M")
        for n in 1, 2:
            vm = self.machine(name, args=args)
            self.assertNotRegex(vm.console(), r"onboot .* failed")
            self.assertEqual(vm.check("grep -c secret /var/secure_storage/secrets"), str(n))
            self.assertEqual(vm.power_off(), 0)
        with open(os.path.join(self.dir.name, "data.img"), "rb") as f:
            content = f.read()
        self.assertIn(b"LUKS\xba\xbe", content)
        self.assertNotIn(b"secret things", content)

    def test_dm_crypt(self):
        self.check_secrets("dm-crypt")

    def test_dm_crypt_loop(self):
        self.check_secrets("dm-crypt-loop")

    def test_swap(self):
        vm = self.machine("swap", args=self.disk("2G"))
        self.assertRegex(vm.check("cat /proc/swaps"), r"(?m)^(/dev)?/dm-0\s+partition\s+104[78]\d\d\d\s")

    def test_tpm(self):
        vm = self.machine("tpm", args=["--tpm", "--state", os.path.join(self.dir.name, "state")])
        vm.wait_until("service logs tss | grep -q TPM2_PT_MANUFACTURER")
        self.assertRegex(vm.check("service exec tss tpm2_getrandom --hex 8 && echo"), r"^[0-9a-f]{16}$")
        self.assertRegex(vm.check("service exec tss tpm2_pcrread sha256:7"), r"7 *: 0x[0-9A-F]{64}")

    def test_addbinds(self):
        vm = self.machine("addbinds")
        self.assertEqual(vm.check("test -S /run/wherry/service.sock && cat /etc/motto"), "it was added")

    def test_hostmount_writeable_overlay(self):
        vm = self.machine("hostmount-writeable-overlay")
        vm.check("test -e /writeable-host-etc/resolv.conf -o -n \"$(ls /writeable-host-etc)\"")
        vm.check("touch /writeable-host-etc/new && test -e /writeable-host-etc/new && ! test -e /hostroot/etc/new")
        self.assertEqual(vm.power_off(), 0)
        self.assertIn("so long and thanks for all the fish", vm.console())

    def test_appliance(self):
        """What it has written is there at the second start, for which the TPM opens the disk."""
        args = self.disk("256M") + ["--tpm", "--state", os.path.join(self.dir.name, "state"), "--device", "i6300esb"]
        for n in 1, 2:
            vm = self.boot("appliance", publish=[80], args=args)
            vm.wait_for(r"wherry: ready \(2 services\)", 5 * boot.LIMIT)
            self.assertEqual(vm.http_get("/").count("started"), n)
            if n == 2:
                # Without its device the service would fail after ten seconds.
                time.sleep(20)
            self.assertNotRegex(vm.console(), r"onboot .* failed|service watchdog: failed")
            self.assertEqual(vm.power_off(), 0)


if __name__ == "__main__":
    unittest.main()
