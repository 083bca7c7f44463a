# SPDX-License-Identifier: Apache-2.0
"""pkg/kernel-generic on machines that have no virtio, with the root on a disk; examples/industrial.yml's own driver; a
TPM and a watchdog."""
import os
import re
import shutil
import tempfile
import unittest

import boot
import examples
import images

SOAK = os.environ.get("WHERRY_SOAK")
LIMIT = 600
FIRMWARE = "/usr/share/OVMF/OVMF_CODE_4M.fd"
VARIABLES = "/usr/share/OVMF/OVMF_VARS_4M.fd"
# How the machine has the file that it boots: options of QEMU, whose drive is "root".
SATA_CD = ["-device", "ide-cd,drive=root,bootindex=0"]
SATA = ["-device", "ide-hd,drive=root,bootindex=0"]
NVME = ["-device", "nvme,drive=root,serial=1,bootindex=0"]
USB = ["-device", "qemu-xhci,id=usb", "-device", "usb-storage,bus=usb.0,drive=root,bootindex=0"]


class Pc(boot.Boot):
    """A PC such as QEMU's q35 without anything of virtio. args: options of QEMU."""

    def command(self, path, args, accel):
        ports = "".join(",hostfwd=tcp:127.0.0.1:%d-:%d" % (host, guest) for guest, host in self.ports.items())
        command = ["qemu-system-x86_64", "-M", "q35", "-accel", accel, "-m", "1024", "-display", "none",
                   "-serial", "stdio", "-nic", "none", "-qmp", "unix:%s,server=on,wait=off" % self.control,
                   "-drive", "if=none,id=root,format=raw,%s,file=%s" % (
                       "media=cdrom,readonly=on" if path.endswith(".iso") else "snapshot=on", path),
                   "-netdev", "user,id=net" + ports]
        return command + (["-cpu", "max,-erms,-fsrm"] if accel == "tcg" else []) + args

    def modules(self):
        """How many modules were loaded, before and after the root was found."""
        return [int(n) for n in re.findall(r"modules: (\d+) loaded", self.console())]


# In the OS: a device, whose driver only its presence has loaded, and what that says.
LOOK = "exec > /dev/console 2>&1; [ -c /dev/%s ] && echo there is /dev/%s: $(cat %s)"
READING = r"^reading \d+, calibration 1\.07 \(2026\)$"


def card(model, bus=""):
    return ["-device", "%s,netdev=net%s" % (model, bus)]


class Generic(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        images.make_package("kernel-generic")
        cls.dir = tempfile.TemporaryDirectory(prefix="wherry-drivers-")
        cls.addClassCleanup(cls.dir.cleanup)

    def build_industrial(self, *args):
        """examples/industrial.yml in a directory of its own; the path that `run` takes of kernel+initrd."""
        out = tempfile.mkdtemp(dir=self.dir.name)
        return images.build(os.path.join(images.ROOT, "examples", "industrial.yml"), out, *args)


@unittest.skipUnless(images.ARCH == "amd64", "PCs are of amd64")
class Drivers(Generic):
    def build(self, *args):
        """examples/industrial.yml in one format; the file."""
        out = os.path.dirname(self.build_industrial(*args))
        return os.path.join(out, os.listdir(out)[0])

    def firmware(self):
        variables = os.path.join(self.dir.name, "variables.fd")
        shutil.copy(VARIABLES, variables)
        return ["-drive", "if=pflash,unit=0,format=raw,readonly=on,file=" + FIRMWARE,
                "-drive", "if=pflash,unit=1,format=raw,file=" + variables]

    def check_boot(self, path, args, root):
        """The OS gets to its page, with few modules; the machine."""
        vm = Pc(path, publish=[80], args=args)
        self.addCleanup(vm.close)
        vm.wait_for(r"init: the root is /dev/%s" % root)
        vm.wait_for(r"onboot dhcp: done")
        vm.wait_for(r"wherry: ready")
        # The module of examples/industrial, which has read its firmware.
        self.assertRegex(vm.http_get("/cgi-bin/gauge"), READING)
        self.assertNotIn("continuing without", vm.console())
        before, after = vm.modules()
        self.assertLess(before, 20)
        self.assertLess(after, 35)
        return vm

    def test_a_usb_stick_with_a_bios(self):
        path = self.build("--format", "raw", "--root", "squashfs")
        vm = self.check_boot(path, USB + card("e1000e") + ["-device", "i6300esb"], "sda3")
        self.assertEqual(vm.power_off(), 0)

    @unittest.skipUnless(SOAK, "in the soak")
    def test_disks_by_uefi_and_a_bios(self):
        path = self.build("--format", "raw", "--root", "squashfs")
        self.check_boot(path, SATA + card("rtl8139"), "sda3").power_off()
        self.check_boot(path, self.firmware() + NVME + card("vmxnet3"), "nvme0n1p3").power_off()

    @unittest.skipUnless(SOAK, "in the soak")
    def test_cds(self):
        self.check_boot(self.build("--format", "iso-bios"), SATA_CD + card("e1000"), "sr0").power_off()
        self.check_boot(self.build("--format", "iso-efi"), self.firmware() + SATA_CD + [
            "-device", "qemu-xhci,id=usb"] + card("usb-net", ",bus=usb.0"), "sr0").power_off()


@unittest.skipUnless(SOAK, "in the soak")
class AnyMachine(Generic):
    """Machines as `wherry run` makes them, of the architecture WHERRY_ARCH."""

    def test_a_driver_of_one_s_own(self):
        path = self.build_industrial()
        with boot.Boot(path, publish=[80]) as vm:
            vm.wait_for(r"wherry: ready \(1 service\)", LIMIT)
            self.assertRegex(vm.http_get("/cgi-bin/gauge"), READING)
            self.assertNotIn("continuing without", vm.console())
            self.assertEqual(vm.power_off(), 0)
            examples.note(self, "industrial", path, vm)

    def check_device(self, name, file, says, *args):
        text = images.base(kernel="kernel-generic", onboot=images.shell("look", LOOK % (name, name, file)))
        path = images.build(text, os.path.join(self.dir.name, name))
        with boot.Boot(path, args=args) as vm:
            vm.wait_for(r"wherry: ready", LIMIT)
            self.assertRegex(vm.console(), "there is /dev/%s: .*%s" % (name, says))

    def test_a_watchdog(self):
        # A PC has one of its own, too, which may come first.
        self.check_device("watchdog0", "/sys/class/watchdog/*/identity", "i6300ESB timer", "--device", "i6300esb")

    @unittest.skipUnless(images.ARCH == "amd64", "Debian's kernel for arm64 has no driver for QEMU's TPM")
    def test_a_tpm(self):
        self.check_device("tpm0", "/sys/class/tpm/tpm0/tpm_version_major", "2", "--tpm")


if __name__ == "__main__":
    unittest.main()
