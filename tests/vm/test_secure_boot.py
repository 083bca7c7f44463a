# SPDX-License-Identifier: Apache-2.0
"""Firmware with Secure Boot, which trusts one certificate: of six disks in one machine it refuses the unsigned one, the
one that another key has signed, and those with a flipped bit in kernel, initrd or command line; it starts the sixth,
which is signed. The stub in it has measured into the TPM what can be computed from the file.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import images
from boot import Boot

sys.path.insert(0, os.path.join(images.ROOT, "tests", "cli"))
import ocilib  # noqa: E402
import pelib  # noqa: E402

# In the OS: what was measured, and which modules the kernel takes.
SCRIPT = """PATH=/bin; b=busybox; exec > /dev/console 2>&1
echo PCR 11 is $($b cat /sys/class/tpm/tpm0/pcr-sha256/11)
echo lockdown is $($b cat /sys/kernel/security/lockdown)
$b cp $($b find /host/lib/modules -name dummy.ko) /host/run/signed.ko
$b head -c -30 /host/run/signed.ko > /host/run/changed.ko
for i in changed signed; do $b insmod /host/run/$i.ko && echo $i module is loaded; done"""
SETTINGS = "binds: ['/sys:/sys', '/dev:/dev', '/:/host']\ncapabilities: [all]"
# Disks beside the one that wherry knows of, to try in this order behind it.
QEMU = """#!/bin/sh
exec qemu-system-x86_64 "$@" %s
"""
DISK = "-drive if=none,id=more%d,format=raw,readonly=on,file='%s'" \
       " -device virtio-blk-pci,drive=more%d,bootindex=%d,addr=0x%x"
# The stub of Debian 13.
OTHER_STUB = """image: efi-stub
arches: [amd64]
debian:
  suite: trixie
  packages: [systemd-boot-efi]
  keep: [/usr/lib/systemd/boot/efi/linux*.efi.stub]
"""
FIRST_PLACE, MORE_PLACES = 4, 0x10
FLIPPED = (".linux", ".initrd", ".cmdline")


class SecureBoot(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="wherry-secure-boot-")
        self.addCleanup(directory.cleanup)
        self.dir = directory.name
        for name in "ours", "other":
            pelib.make_key(self.dir, name)

    def path(self, name):
        return os.path.join(self.dir, name)

    def build(self, text, name, *args):
        images.build(text, self.dir, "--format", "raw-efi,uki", "--name", name, *args)
        return self.path(name + "-efi.img")

    def sign(self, text, name):
        return self.build(text, name, "--sign-key", self.path(name + ".key"), "--sign-cert", self.path(name + ".crt"))

    def flip(self, disk, section):
        """A copy of the disk with another bit in the middle of a section of the program on it."""
        with open(self.path("ours.efi"), "rb") as f:
            program = f.read()
        with open(disk, "rb") as f:
            begin = f.read().find(program[:4096])
        self.assertGreater(begin, 0)
        at, size = pelib.sections(program)[section]
        copy = shutil.copy(disk, self.path("flipped%s.img" % section))
        with open(copy, "r+b") as f:
            f.seek(begin + at + size // 2)
            byte = f.read(1)
            f.seek(-1, os.SEEK_CUR)
            f.write(bytes([byte[0] ^ 1]))
        return copy

    def qemu(self, disks):
        """A program that is QEMU with more disks."""
        more = " ".join(DISK % (i, disk, i, i, MORE_PLACES + i) for i, disk in enumerate(disks, 1))
        with open(self.path("qemu"), "w", encoding="utf-8") as f:
            f.write(QEMU % more)
        os.chmod(self.path("qemu"), 0o755)
        return self.path("qemu")

    def text(self):
        return images.base(onboot=images.shell("look", SCRIPT.replace("\n", "; "), SETTINGS, images.plain()))

    def boot(self, disk, *args):
        vm = Boot(disk, args=["--mem", "256M", "--tpm", "--secure-boot", self.path("ours.crt"), *args])
        self.addCleanup(vm.close)
        return vm

    def check_measured(self, vm, version):
        measured = vm.wait_for(r"PCR 11 is (\w{64})")[1]
        with open(self.path("ours.efi"), "rb") as f:
            self.assertEqual(measured.lower(), pelib.pcr11(f.read(), version))
        # The kernel knows, too, and lets nobody change what runs.
        vm.wait_for(r"lockdown is none \[integrity\] confidentiality")
        vm.wait_for(r"can't insert '/host/run/changed.ko': Key was rejected by service")
        vm.wait_for(r"signed module is loaded")
        self.assertNotIn("changed module is loaded", vm.console())
        vm.wait_for(r"wherry: ready \(0 services\)")

    def test_what_it_starts(self):
        text = self.text()
        signed, disks = self.sign(text, "ours"), [self.build(text, "unsigned"), self.sign(text, "other")]
        disks += [self.flip(signed, section) for section in FLIPPED]
        places = [FIRST_PLACE] + [MORE_PLACES + i for i in range(1, len(disks) + 1)]
        vm = self.boot(disks[0], "--qemu", self.qemu(disks[1:] + [signed]))
        for place in places[:-1]:
            vm.wait_for(r'failed to load Boot\d+ "[^"]*" from PciRoot\(0x0\)/Pci\(0x%X,0x0\): Access Denied' % place)
        vm.wait_for(r'starting Boot\d+ "[^"]*" from PciRoot\(0x0\)/Pci\(0x%X,0x0\)' % places[-1])
        self.check_measured(vm, "252")
        self.assertEqual(len(re.findall("BdsDxe: starting", vm.console())), 1)

    def issue(self):
        """A chain whose dates are over, for large keys; the firmware is to trust who issued the certificate."""
        pelib.openssl(self.dir, "req", "-new", "-newkey", "rsa:3072", "-noenc", "-subj", "/CN=issuer", "-keyout",
                      "issuer.key", "-out", "issuer.csr")
        pelib.openssl(self.dir, "x509", "-req", "-in", "issuer.csr", "-signkey", "issuer.key", "-days", "-1", "-out",
                      "issuer.crt")
        pelib.openssl(self.dir, "req", "-new", "-newkey", "rsa:4096", "-noenc", "-subj", "/CN=leaf", "-keyout",
                      "ours.key", "-out", "leaf.csr")
        pelib.openssl(self.dir, "x509", "-req", "-in", "leaf.csr", "-CA", "issuer.crt", "-CAkey", "issuer.key", "-days",
                      "-1", "-set_serial", "7", "-out", "leaf.crt")
        with open(self.path("ours.crt"), "wb") as chain:
            for name in "leaf.crt", "issuer.crt":
                with open(self.path(name), "rb") as f:
                    chain.write(f.read())

    @unittest.skipUnless(os.environ.get("WHERRY_SOAK"), "in the soak")
    def test_another_stub_and_a_chain(self):
        """The stub's ImageBase is not 0, and it measures more."""
        os.makedirs(self.path("pkg/efi-stub"))
        with open(self.path("pkg/efi-stub/build.yml"), "w", encoding="utf-8") as f:
            f.write(OTHER_STUB)
        self.issue()
        disk = self.sign(self.text(), "ours")
        os.replace(self.path("issuer.crt"), self.path("ours.crt"))
        vm = self.boot(disk)
        with open(self.path("ours.efi"), "rb") as f:
            self.assertIn(b"systemd-stub,1,The systemd Developers,systemd,257,", pelib.section(f.read(), ".sbat"))
        self.check_measured(vm, "257")

    @unittest.skipUnless(os.environ.get("WHERRY_SOAK"), "in the soak")
    def test_an_image_for_arm64(self):
        """Debian's stub and kernel for it, which are only unpacked here."""
        layout = ocilib.Layout(self.path("layout"))
        layout.name("example.test/init-arm64:1", layout.image([{"init": b"#!/bin/sh\n"}], arch="arm64"))
        images.wherry("cache", "import", self.path("layout"))
        text = "kernel: {image: %s, cmdline: console=ttyAMA0}\ninit: ['example.test/init-arm64:1']\n"
        for name in "kernel", "efi-stub":
            images.wherry("pkg", "build", "--arch", "arm64", os.path.join(images.ROOT, "pkg", name))
        images.build(text % images.tag("kernel"), self.dir, "--format", "uki", "--name", "arm", "--arch", "arm64",
                     "--sign-key", self.path("ours.key"), "--sign-cert", self.path("ours.crt"))
        for name, accepted in ("ours", True), ("other", False):
            done = subprocess.run(["sbverify", "--cert", self.path(name + ".crt"), self.path("arm.efi")], check=False,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
            self.assertEqual(done.returncode == 0, accepted)
        with open(self.path("arm.efi"), "rb") as f:
            self.assertRegex(pelib.section(f.read(), ".uname"), rb"^6\.1\..*-arm64$")


if __name__ == "__main__":
    unittest.main()
