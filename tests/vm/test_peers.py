# SPDX-License-Identifier: Apache-2.0
"""Other programs find nothing wrong in what each format is: those that peers.yml names. docs/formats.md lists them."""
import os
import re
import struct
import subprocess
import sys
import tempfile
import unittest

import yaml

import images
from outputs import Outputs, build_groups

sys.path.insert(0, os.path.join(images.ROOT, "tests", "cli"))
from disklib import partitions, sfdisk_fault, sgdisk_fault, tool  # noqa: E402

PEERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers.yml")
UKI = "EFI/BOOT/BOOTX64.EFI"
BIOS_BOOT = "21686148-6449-6E6F-744E-656564454649"
# What QEMU calls each; others are raw.
QEMU = {".qcow2": "qcow2", ".vmdk": "vmdk", ".vhd": "vpc", ".vhdx": "vhdx"}
# Disks in a tar.
IN_TAR = {"ova": ".vmdk", "gcp": "disk.raw"}
EL_TORITO = {"iso-bios": ["BIOS"], "iso-efi": ["UEFI"], "iso-efi-initrd": ["UEFI"], "iso": ["BIOS", "UEFI"]}
ROUNDED = ["raw", "vhd", "dynamic-vhd", "vhdx", "gcp"]
BESIDES = ("-kernel", "-cmdline", "initrd.img", "vm.json", "boot.ipxe")


def certificate_table(path):
    """Where the signature of a PE file begins and ends."""
    with open(path, "rb") as f:
        head = f.read(4096)
    at = struct.unpack_from("<I", head, 0x3c)[0] + 24 + 112 + 4 * 8
    place, size = struct.unpack_from("<II", head, at)
    return place, place + size


def paths_by_format(groups):
    found = {}
    for output in (output for group in groups for output in group.outputs):
        found.setdefault(output["format"], []).append(output["path"])
    return found


class Peers(Outputs):
    """Signed, so that sbverify has something to look at."""

    @classmethod
    def setUpClass(cls):
        cls.keys = tempfile.mkdtemp(prefix="wherry-keys-")
        cls.addClassCleanup(subprocess.run, ["rm", "-r", cls.keys], check=True)
        key, cls.certificate = (os.path.join(cls.keys, name) for name in ("key.pem", "cert.pem"))
        tool("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=peers", "-keyout",
             key, "-out", cls.certificate)
        cls.OPTIONS = ("--sign-key", key, "--sign-cert", cls.certificate)
        super().setUpClass()
        cls.paths = paths_by_format(cls.groups)
        # What rounds its size up is another disk than the others, unless they are of that size.
        out = os.path.join(cls.first, "sized")
        os.mkdir(out)
        cls.sized = paths_by_format(build_groups(out, ROUNDED, "--size", "1G"))

    def setUp(self):
        super().setUp()
        with open(PEERS, encoding="utf-8") as f:
            self.peers = {name: row["peers"] for name, row in yaml.safe_load(f).items() if "arch" not in row}

    def file(self, name, paths=None):
        """The file of a format that is no other's."""
        found = [path for path in (paths or self.paths)[name] if not path.endswith(BESIDES)]
        self.assertEqual(len(found), 1, (name, found))
        return found[0]

    def scratch(self, name):
        path = os.path.join(self.dir, name)
        if os.path.exists(path):
            os.unlink(path)
        return path

    def test_each_format_has_its_peers(self):
        self.assertEqual(set(self.peers), set().union(*(group.names for group in self.groups)))

    def test_peers(self):
        for name, peers in self.peers.items():
            for peer in peers:
                with self.subTest(format=name, peer=peer):
                    method, _, rest = peer.partition(" with ")
                    getattr(self, re.sub(r"\W+", "_", method))(name, *filter(None, [rest]))

    def test_compressed_qcow2(self):
        for kind in ("zlib", "zstd"):
            out = self.out(kind)
            path = os.path.join(out, "formats-os.qcow2")
            self.build(out, ["qcow2"], "--disk-compress", kind, *self.OPTIONS)
            self.assertIn(kind, tool("qemu-img", "info", path))
            self.assertLess(os.path.getsize(path), os.path.getsize(self.file("qcow2")))
            self.check_qemu_img(path)
            self.compare(self.file("raw"), path)

    def test_a_vmdk_does_not_have_its_name(self):
        """QEMU writes the name of the file and a random CID into it; ours come from the content."""
        out = self.out("renamed")
        self.build(out, ["vmdk"], "--name", "another", *self.OPTIONS)
        with open(os.path.join(out, "another.vmdk"), "rb") as a, open(self.file("vmdk"), "rb") as b:
            data = a.read()
            self.assertEqual(data, b.read())
        cid, name = re.search(rb'\nCID=(\w{8})\n.*\nRDONLY \d+ SPARSE "(.*?)"\n', data, re.S).groups()
        self.assertNotIn(cid, (b"ffffffff", b"fffffffe"))
        self.assertEqual(name, b"disk.vmdk")

    # Each of these is a program, or what it is asked.

    def tar(self, name):
        listed = tool("tar", "--list", "--verbose", "--file", self.file(name)).splitlines()
        self.assertGreater(len(listed), 0)
        self.assertFalse([line for line in listed if line.startswith("tar:")])

    def skopeo(self, name):
        """It copies each file, and finds the digest that the layout gives for it."""
        out = os.path.join(self.dir, "copied")
        tool("skopeo", "copy", "--quiet", "oci-archive:" + self.file(name), "dir:" + out)
        self.assertEqual(len(os.listdir(out)), len(["manifest.json", "version", "{}"]) + 3)

    def readelf(self, name):
        self.assertRegex(tool("readelf", "--file-header", self.file(name)), "Type: +EXEC")

    def unsquashfs(self, name):
        """It unpacks all of it."""
        out = os.path.join(self.dir, "unsquashfs")
        said = tool("unsquashfs", "-no-progress", "-no-xattrs", "-excludes", "-dest", out, self.file(name), "dev")
        self.assertNotRegex(said, "(?i)error|fail|warning")
        self.assertTrue(os.path.exists(os.path.join(out, "init")))

    def fsck_erofs(self, name):
        tool("fsck.erofs", "--extract", self.file(name))

    def xorriso(self, name):
        said = tool("xorriso", "-indev", "stdio:" + self.file(name), "-check_media", "--")
        self.assertNotRegex(said, "SORRY|FAILURE|WARNING|FATAL")

    def xorriso_report_el_torito(self, name):
        said = tool("xorriso", "-indev", "stdio:" + self.file(name), "-report_el_torito", "plain")
        found = re.findall(r"(?m)^El Torito boot img : +\d+ +(\S+) +y +none ", said)
        self.assertEqual(found, EL_TORITO[name], said)

    def sgdisk(self, name):
        self.assertEqual(sgdisk_fault(self.file(name)), "")

    def sfdisk(self, name):
        self.assertEqual(sfdisk_fault(self.file(name)), "")

    def fat(self, name):
        """The FAT of a disk, or of what is a disk, too, as a file."""
        found = [(at, size) for at, size, kind in partitions(self.file(name)) if kind != BIOS_BOOT]
        path = self.scratch("fat")
        with open(self.file(name), "rb") as f, open(path, "wb") as g:
            f.seek(found[0][0])
            g.write(f.read(found[0][1]))
        return path

    def fsck_vfat(self, name):
        tool("fsck.vfat", "-n", self.fat(name))

    def sbverify(self, name):
        """The signature is good, and is the end of the file."""
        uki = self.file(name) if name == "uki" else self.scratch("uki")
        if name != "uki":
            tool("mcopy", "-n", "-i", self.fat(name), "::/" + UKI, uki)
        self.assertRegex(tool("sbverify", "--list", uki), "(?m)^signature 1$")
        self.assertEqual(tool("sbverify", "--cert", self.certificate, uki), "Signature verification OK\n")
        self.assertEqual(certificate_table(uki)[1], os.path.getsize(uki))

    def objdump(self, name):
        """Each section behind the one before, in the file and in memory."""
        said = tool("objdump", "--section-headers", self.file(name))
        rows = re.findall(r"(?m)^ +\d+ (\.\w+) +(\w+)  (\w+)  \w+  (\w+)", said)
        self.assertLessEqual({".osrel", ".cmdline", ".uname", ".initrd", ".linux", ".sbat"}, {row[0] for row in rows})
        for column in (2, 3):
            places = [(int(row[column], 16), int(row[1], 16)) for row in rows]
            for (at, size), (following, _) in zip(places, places[1:]):
                self.assertLessEqual(at + size, following, said)

    def unpacked(self, path, ending):
        """That file of a tar."""
        tool("tar", "--extract", "--sparse", "--file", path, "--directory", self.dir)
        found, = [entry for entry in os.listdir(self.dir) if entry.endswith(ending)]
        return os.path.join(self.dir, found)

    def check_qemu_img(self, path):
        self.assertIn("No errors were found on the image", tool("qemu-img", "check", path))

    def qemu_img_check(self, name):
        self.check_qemu_img(self.file(name))

    def compare(self, raw, path):
        """All bytes of both disks."""
        kind = QEMU.get(os.path.splitext(path)[1], "raw")
        self.assertEqual(tool("qemu-img", "compare", "-f", "raw", "-F", kind, raw, path), "Images are identical.\n")

    def qemu_img_compare(self, name, other):
        paths = self.sized if name in ROUNDED else self.paths
        path = self.file(name, paths)
        self.compare(self.file(other, paths), self.unpacked(path, IN_TAR[name]) if name in IN_TAR else path)

    def sha256sum(self, name):
        """The manifest is written as openssl does it, so sha256sum takes it as it is."""
        manifest = self.unpacked(self.file(name), ".mf")
        said = tool("sha256sum", "--check", "--strict", os.path.basename(manifest), cwd=self.dir)
        self.assertEqual(re.findall(r"(?m)^\S+(\.\w+): OK$", said), [".ovf", ".vmdk"])

    def xmllint(self, name):
        tool("xmllint", "--noout", "--nonet", self.unpacked(self.file(name), ".ovf"))


if __name__ == "__main__":
    unittest.main()
