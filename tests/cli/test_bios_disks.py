#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""build --format raw-bios, qcow2-bios: what other programs find on the disk. The machines' tests boot it."""
import hashlib
import os
import resource
import struct
import subprocess

import grublib
import ocilib
from disklib import sgdisk_fault
from harness import Case, WHERRY, main

MIB = 1 << 20
BUILD_YML = """image: grub-bios
files:
  - {path: /grub/boot.img, source: boot.img}
  - {path: /grub/core-disk.img, source: core-disk.img}
"""


class BiosDisks(Case):
    def setUp(self):
        super().setUp()
        ocilib.standard(self.path("layout"))
        self.ok("-q", "cache", "import", "layout")
        self.write("os.yml", ocilib.OS_YML)
        files = grublib.files()
        self.boot, self.core = files["boot.img"], files["core-disk.img"]
        os.makedirs(self.path("pkg/grub-bios"))
        self.write("pkg/grub-bios/build.yml", BUILD_YML)
        for name, data in ("boot.img", self.boot), ("core-disk.img", self.core):
            with open(self.path("pkg/grub-bios/" + name), "wb") as f:
                f.write(data)

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    def tool(self, *command):
        return subprocess.run(command, cwd=self.dir, stdout=subprocess.PIPE, check=True, timeout=60).stdout

    def build(self, *args, **more):
        return self.ok("build", "--arch", "amd64", *args, "os.yml", **more)

    def file(self, name):
        return self.tool("mtype", "-i", "os-bios.img@@2M", "::" + name)

    def test_in_an_artifact(self):
        """As it is; but not when hashing its zeros would take minutes and more."""
        self.build("-f", "raw-bios,oci")
        name = "blobs/sha256/" + hashlib.sha256(self.read("os-bios.img")).hexdigest()
        self.assertEqual(self.tool("tar", "xOf", "os-oci.tar", name), self.read("os-bios.img"))
        got = self.fails(1, "a disk with so many zeros can't be in an artifact", "build", "--arch", "amd64", "-f",
                         "raw-bios,oci", "--size", "20G", "--dir", "new", "os.yml")
        self.assertIn("or a format without zeros such as qcow2", got.err)
        self.assertFalse(os.path.exists(self.path("new")))

    def test_what_is_on_the_disk(self):
        self.build("-f", "raw-bios,kernel+initrd")
        disk = self.read("os-bios.img")
        self.assertEqual(sgdisk_fault(self.path("os-bios.img")), "")
        table = self.tool("sfdisk", "-d", "os-bios.img").decode()
        self.assertRegex(table, r"start= +2048, size= +2048, type=21686148-6449-6E6F-744E-656564454649")
        self.assertRegex(table, r"start= +4096, .*type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7")
        boot, core = bytearray(self.boot), bytearray(self.core)
        boot[0x5c:0x64], boot[0x66:0x68] = struct.pack("<Q", 2048), b"\x90\x90"
        core[0x1f4:0x1fc] = struct.pack("<Q", 2049)
        self.assertEqual(disk[:440], bytes(boot))
        self.assertEqual(disk[MIB:2 * MIB], bytes(core).ljust(MIB, b"\0"))
        self.assertEqual(self.file("kernel"), self.read("os-kernel"))
        self.assertEqual(self.file("initrd.img"), self.read("os-initrd.img"))
        self.assertEqual(self.file("grub.cfg").rstrip(b"\n"),
                         b"serial --unit=0 --speed=9600\nterminal_output console serial\n"
                         b"linux /kernel 'console=ttyS0'\ninitrd /initrd.img\nboot")

    def test_the_same_bytes_and_the_same_disk(self):
        self.build("-f", "raw-bios,qcow2-bios")
        first = [self.read(name) for name in ("os-bios.img", "os.qcow2")]
        self.build("-f", "raw-bios,qcow2-bios", "--fresh", "--threads", "1", umask=0o77)
        self.assertEqual([self.read(name) for name in ("os-bios.img", "os.qcow2")], first)
        self.assertIn(b"identical", self.tool("qemu-img", "compare", "os-bios.img", "os.qcow2"))

    def test_a_size(self):
        self.build("-f", "raw-bios", "--size", "2G")
        self.assertEqual(os.path.getsize(self.path("os-bios.img")), 2 << 30)
        self.assertLess(os.stat(self.path("os-bios.img")).st_blocks * 512, 8 * MIB)
        self.assertEqual(sgdisk_fault(self.path("os-bios.img")), "")

    def test_terabytes(self):
        """Holes are not hashed for minutes."""
        self.assertRegex(self.build("-q", "-f", "raw-bios", "--size", "3T").out, r"^$")
        self.assertEqual(os.path.getsize(self.path("os-bios.img")), 3 << 40)
        self.assertRegex(self.build("-f", "raw-bios", "--size", "3T").out, r"^os-bios.img 3.0 TiB -$")
        shown = self.json_lines(self.build("--json", "-f", "raw-bios,qcow2-bios", "--size", "3T").out)
        self.assertEqual(["sha256" in o for o in shown if "output" in o], [False, True])

    def test_sizes_that_are_refused(self):
        command = ("build", "--arch", "amd64", "os.yml", "--dir", "new", "-f")
        result = self.fails(1, "a disk of 1 MiB is too small for os-bios.img", *command, "raw-bios", "--size", "1")
        self.assertRegex(result.err, r"hint: it needs --size \dM, or more\n")
        result = self.fails(2, "--size is for none of these formats", *command, "kernel+initrd,tar", "--size", "1G")
        self.assertIn("\n  hint: formats of disks: raw-bios, raw-efi, ", result.err)
        self.assertFalse(os.path.exists(self.path("new")))
        # One is enough, and by LinuxKit's name it means nothing.
        self.build("-f", "raw-bios,kernel+initrd", "--size", "1G")
        os.symlink(WHERRY, self.path("linuxkit"))
        self.build("-f", "kernel+initrd", "--size", "1G", program=self.path("linuxkit"), env={
            "LINUXKIT_CACHE": self.cache})

    def test_a_file_that_cannot_be_so_large(self):
        """Its holes are not filled with zeros until the disk is full."""
        limit = 64 << 20
        self.fails(1, "can't write new/os-bios.img: File too large", "build", "--arch", "amd64", "--dir", "new", "-f",
                   "raw-bios", "--size", "1T", "os.yml",
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        self.assertFalse(os.path.exists(self.path("new")))

    def test_what_is_refused(self):
        """Before a boot loader is looked for."""
        result = self.fails(2, "format raw-bios is for a BIOS, which arm64 does not have", "build", "--arch", "arm64",
                            "-f", "raw-bios", "os.yml")
        self.assertIn("hint: formats for UEFI: raw-efi, qcow2-efi, iso-efi, uki\n", result.err)
        for name, firmware in ("raw-bios", "a BIOS"), ("raw-efi", "UEFI"), ("raw", "UEFI"), ("uki", "UEFI"):
            result = self.fails(2, "format %s is for %s, which ppc64le does not have" % (name, firmware), "build",
                                "--arch", "ppc64le", "-f", name, "os.yml")
            self.assertIn("hint: formats that need neither: kernel+initrd, ", result.err)
        result = self.fails(2, "--root iso is for none of these formats", "build", "--arch", "amd64", "-f", "raw-bios",
                            "--root", "iso", "os.yml")
        self.assertIn("hint: formats that can have it: kernel+iso, iso-bios, iso-efi, iso\n", result.err)
        result = self.fails(2, "option --format does not accept 'rwa-bios'; did you mean 'raw-bios'?", "build", "-f",
                            "rwa-bios", "os.yml")
        self.assertRegex(result.err, r"hint: known values: kernel\+initrd, .* and \d+ more; --help has all\n")
        self.assertLess(max(len(line) for line in result.err.splitlines()), 100)

    def test_a_file_of_its_own(self):
        self.build("-f", "raw-bios", "-o", "stick", "--size", "64")
        self.build("-f", "raw-bios", "--size", "64")
        self.assertEqual(self.read("stick"), self.read("os-bios.img"))
        result = self.fails(2, "-o -: format raw-bios is not a stream", "build", "--arch", "amd64", "-f", "raw-bios",
                            "-o", "-", "os.yml")
        self.assertIn("\n  hint: formats that are: tar, docker, oci\n", result.err)

    def test_command_lines(self):
        self.write("os.yml", ocilib.OS_YML.replace("console=ttyS0", "a=$b;{c} #d"))
        self.build("-f", "raw-bios")
        self.assertIn(b"linux /kernel 'a=$b;{c}' '#d'\n", self.file("grub.cfg"))
        self.write("os.yml", ocilib.OS_YML.replace("console=ttyS0", "it's"))
        self.fails(1, "GRUB can't hand on this part of the command line: it's", "build", "--arch", "amd64", "-f",
                   "raw-bios", "--dir", "new/out", "os.yml")
        self.assertFalse(os.path.exists(self.path("new")))


if __name__ == "__main__":
    main()
