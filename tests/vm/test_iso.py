# SPDX-License-Identifier: Apache-2.0
"""CDs: what other programs find on them, what Linux reads, and that their images boot as disks, too.

That they boot as CDs, vm-formats shows.
"""
import io
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import unittest

import images
from guest import Guest, shell_service

sys.path.insert(0, os.path.join(images.ROOT, "tests", "cli"))
import ocilib  # noqa: E402
from disklib import sfdisk_fault, sgdisk_fault, tool  # noqa: E402

SOAK = os.environ.get("WHERRY_SOAK")
LONG = "n" * 253
DEEP = "/".join("d%d" % i for i in range(20))
TARGET = "/".join("part%d" % i for i in range(500))
LARGE = 33 << 20  # more than the 65,535 sectors that El Torito has a number for


def odd_layer():
    """What an ISO 9660 can hold with Rock Ridge only."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, kind, fields, data in (
                ("odd/" + LONG, tarfile.REGTYPE, {"mode": 0o4750, "uid": 70000, "gid": 3}, b"long"),
                ("odd/hard", tarfile.LNKTYPE, {"linkname": "odd/" + LONG}, b""),
                ("odd/Case", tarfile.REGTYPE, {"mtime": 1234567890}, b"upper"),
                ("odd/case", tarfile.REGTYPE, {}, b"lower"),
                ("odd/link", tarfile.SYMTYPE, {"linkname": "../a//./b/"}, b""),
                ("odd/longlink", tarfile.SYMTYPE, {"linkname": TARGET}, b""),
                ("odd/null", tarfile.CHRTYPE, {"devmajor": 1, "devminor": 3, "mode": 0o606}, b""),
                ("odd/block", tarfile.BLKTYPE, {"devmajor": 259, "devminor": 70000}, b""),
                ("odd/pipe", tarfile.FIFOTYPE, {"mode": 0o1620}, b""),
                ("odd/" + DEEP + "/file", tarfile.REGTYPE, {}, b"deep" * 1000)):
            info = tarfile.TarInfo(name)
            info.type, info.size = kind, len(data)
            for field, value in fields.items():
                setattr(info, field, value)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


class Iso(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.TemporaryDirectory(prefix="wherry-iso-")
        cls.addClassCleanup(cls.dir.cleanup)
        # The name of the layout's image would be taken for one of another test's cache.
        layout = ocilib.Layout(os.path.join(cls.dir.name, "layout"))
        layout.name("example.test/odd-iso:1", layout.image([odd_layer()]))
        images.wherry("cache", "import", os.path.join(cls.dir.name, "layout"))
        cls.text = images.base(services=shell_service())
        cls.hybrid = images.build(cls.text, os.path.join(cls.dir.name, "hybrid"), "--format", "iso,uki") + ".iso"

    def guest(self, path, *args):
        vm = Guest(path, args=args)
        self.addCleanup(vm.close)
        vm.wait_for_shell()
        return vm

    def as_disk(self, iso):
        """The same bytes by a name that says nothing of a CD, as on a stick."""
        if not os.path.exists(iso + ".img"):
            os.link(iso, iso + ".img")
        return iso + ".img"

    def test_what_other_programs_find(self):
        text = tool("xorriso", "-indev", self.hybrid, "-report_el_torito", "plain", "-report_system_area", "plain")
        self.assertRegex(text, r"El Torito boot img : +1  BIOS  y   none  0x0000  0x00      4 ")
        self.assertRegex(text, r"El Torito boot img : +2  UEFI  y   none  0x0000  0x00 ")
        self.assertIn("El Torito img opts :   1  boot-info-table grub2-boot-info", text)
        self.assertIn("System area summary: MBR protective-msdos-label grub2-mbr cyl-align-off GPT", text)
        self.assertIn("GPT partition path :   1  /boot/efi.img", text)
        self.assertNotRegex(text, "SORRY|WARNING|FAILURE")
        self.assertEqual(sgdisk_fault(self.hybrid) + sfdisk_fault(self.hybrid), "")
        efi = os.path.join(self.dir.name, "efi.img")
        with open(efi, "wb") as f:
            f.write(subprocess.run(["bsdtar", "xOf", self.hybrid, "boot/efi.img"], check=True, stdout=subprocess.PIPE,
                                   timeout=60).stdout)
        tool("fsck.vfat", "-n", efi)
        uki = self.hybrid.removesuffix(".iso") + ".efi"
        copy = os.path.join(self.dir.name, "copy.efi")
        tool("mcopy", "-n", "-i", efi, "::EFI/BOOT/BOOTX64.EFI", copy)
        with open(uki, "rb") as a, open(copy, "rb") as b:
            self.assertEqual(a.read(), b.read())
        # The kernel and the initrd are there once.
        grub = int(re.search(r"(\d+) .*? boot/eltorito.img", tool("bsdtar", "tvf", self.hybrid))[1])
        self.assertLess(os.path.getsize(self.hybrid), (os.path.getsize(uki) + grub) * 1.05 + (2 << 20))

    def test_a_stick_with_a_bios(self):
        vm = self.guest(self.as_disk(self.hybrid))
        self.assertIn("BOOT_IMAGE=", vm.check("cat /proc/cmdline"))
        self.assertEqual(vm.power_off(), 0)

    @unittest.skipUnless(SOAK, "in the soak")
    def test_a_stick_with_uefi(self):
        vm = self.guest(self.as_disk(self.hybrid), "--uefi")
        vm.check("test -d /proc/1/root/sys/firmware/efi")
        self.assertEqual(vm.power_off(), 0)

    def test_an_efi_image_of_more_than_32_mib(self):
        """El Torito has no number for its size. The smaller one is a CD in vm-formats, and a stick above."""
        out = os.path.join(self.dir.name, "large")
        os.makedirs(out)
        with open(os.path.join(out, "random"), "wb") as f:
            f.write(os.urandom(LARGE))
        iso = images.build(self.text + "files:\n  - {path: etc/random, source: %s/random}\n" % out, out, "--format",
                           "iso") + ".iso"
        text = tool("xorriso", "-indev", iso, "-report_el_torito", "plain")
        self.assertRegex(text, r"El Torito boot img : +2  UEFI  y   none  0x0000  0x00      0 ")
        for path in [iso] + ([self.as_disk(iso)] if SOAK else []):
            vm = self.guest(path, "--uefi")
            vm.check("test -d /proc/1/root/sys/firmware/efi")
            self.assertEqual(vm.check("stat -c %s /proc/1/root/etc/random"), str(LARGE))
            self.assertEqual(vm.power_off(), 0)

    def test_what_linux_reads(self):
        """With the root on the CD, which GRUB has loaded a small initrd from."""
        out = os.path.join(self.dir.name, "root")
        text = self.text.replace("init: [", "init: [example.test/odd-iso:1, ")
        iso = images.build(text, out, "--format", "iso-bios") + ".iso"
        vm = self.guest(iso)
        vm.check("grep -q '^/dev/sr0 / iso9660 ro' /proc/1/mounts")
        odd = "/proc/1/root/odd"

        def there(script):
            """What a script says in that directory, which the shell itself has no path of."""
            return vm.check("(cd %s; %s)" % (odd, script))

        self.assertEqual(there("stat -c '%%a %%u %%g %%h %%s' %s hard" % LONG), "4750 70000 3 2 4\n4750 70000 3 2 4")
        self.assertEqual(there("cat Case case %s/file | head -c 14; echo" % DEEP), "upperlowerdeep")
        self.assertEqual(there("stat -c %Y Case; readlink link; readlink longlink | wc -c"),
                         "1234567890\n../a//./b/\n%d" % (len(TARGET) + 1))
        self.assertEqual(there("stat -c '%a %F %t:%T' null block pipe"),
                         "606 character special file 1:3\n644 block special file 103:11170\n1620 fifo 0:0")
        names = [LONG, "hard", "Case", "case", "link", "longlink", "null", "block", "pipe", "d0"]
        self.assertEqual(there("ls | wc -lc").split(), [str(len(names)), str(sum(len(name) + 1 for name in names))])
        self.assertNotEqual(vm.run("touch %s/new" % odd)[0], 0)
        self.assertEqual(vm.power_off(), 0)


if __name__ == "__main__":
    unittest.main()
