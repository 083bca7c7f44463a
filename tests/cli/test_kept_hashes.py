#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The SHA-256 that a build says is that of the file, also when it is known from an earlier build."""
import hashlib
import os

import grublib
import ocilib
import pelib
from buildcase import BuildCase
from harness import main

MIB = 1 << 20
FORMATS = "kernel+initrd,kernel+squashfs,kernel+erofs,kernel+iso,uki,iso-efi,raw-efi,raw-bios,raw,vhd"
ENCODED = {"os.vhd"}  # their bytes are more than what is laid out
TAIL = 194  # bytes of a kept piece behind its own
KEPT = 64 + TAIL
YML = ocilib.OS_YML.replace("test/kernel", "test/large-kernel").replace("test/hello", "test/large")
STUB = "usr/lib/systemd/boot/efi/linuxx64.efi.stub"


class KeptHashes(BuildCase):
    FORMAT = FORMATS

    def setUp(self):
        super().setUp()
        kernel = pelib.program(sections=((".text", b"Linux version 6.1-test \n" + os.urandom(MIB + 5)),))
        files = {"kernel": kernel, "kernel.tar": ocilib.layer({"lib": None})}
        self.layout.name("example.test/large-kernel:1", self.layout.image([files]))
        self.layout.name("example.test/large:1", self.layout.image([{"hello": os.urandom(2 * MIB)}],
                                                                   config={"Entrypoint": ["/hello"]}))
        self.write("os.yml", YML)
        self.ok("-q", "cache", "import", "layout")
        self.component("efi-stub", {STUB: pelib.program(base=0x14df90000)})
        self.component("grub-bios", {"grub/" + name: data for name, data in grublib.files().items()})

    def component(self, name, files):
        text = "image: %s\nfiles:\n" % name
        for number, (path, data) in enumerate(files.items()):
            self.write("pkg/%s/%d" % (name, number), data)
            text += "  - {path: /%s, source: \"%d\"}\n" % (path, number)
        self.write("pkg/%s/build.yml" % name, text)

    def hashes(self, *args):
        """What a build says of its files; it is true."""
        said = {o["output"]: o["sha256"] for o in self.json_lines(self.build("--json", *args).out) if "output" in o}
        self.assertTrue(said)
        for name, digest in said.items():
            self.assertEqual(digest, hashlib.sha256(self.read(name)).hexdigest(), (name, args))
        return said

    def kept(self):
        """The kept hashes: when each was used or made."""
        paths = [self.path("cache", "pieces", name) for name in self.files("cache", "pieces")]
        return {path: os.stat(path).st_mtime_ns for path in paths if os.path.getsize(path) == KEPT}

    def make_old(self):
        for path in self.kept():
            os.utime(path, (10 ** 9, 10 ** 9))

    def test_it_is_known_for_all_files_whose_bytes_are_laid_out(self):
        first = self.hashes()
        large = {digest for name, digest in first.items()
                 if os.path.getsize(self.path(name)) >= MIB and name not in ENCODED}
        self.assertEqual(len(self.kept()), len(large))
        self.assertEqual(len(large), 10)
        self.make_old()
        inodes = {path: os.stat(path).st_ino for path in self.kept()}
        for path in inodes:
            self.addCleanup(os.close, os.open(path, os.O_RDONLY))  # no other file gets that number
        self.assertEqual(self.hashes(), first)
        self.assertGreater(min(self.kept().values()), 10 ** 18)
        self.assertEqual({path: os.stat(path).st_ino for path in self.kept()}, inodes)
        # A fresh build hashes, and keeps what it has found.
        self.assertEqual(self.hashes("--fresh"), first)
        self.assertFalse(set(inodes.values()) & {os.stat(path).st_ino for path in self.kept()})

    def test_each_change_is_another_hash(self):
        pelib.make_key(self.dir, "ours")
        changes = ("--size", "64M"), ("--size", "65M"), ("--sign-key", "ours.key", "--sign-cert", "ours.crt")
        first = self.hashes()
        for change in changes:
            self.assertNotEqual(self.hashes(*change)["os-efi.img"], first["os-efi.img"], change)
        self.write("os.yml", YML.replace("contents: \"hello\"", "contents: \"other\""))
        other = self.hashes()
        self.assertEqual(other["os-kernel"], first["os-kernel"])
        for name in set(first) - {"os-kernel", "os-cmdline"}:
            self.assertNotEqual(other[name], first[name], name)
        for change in changes:
            self.hashes(*change)
        self.write("os.yml", YML)
        self.assertEqual(self.hashes(), first)

    def test_a_damaged_one_is_not_taken(self):
        first = self.hashes("-f", "kernel+initrd,raw-efi")
        paths = sorted(self.kept())
        whole = [self.read(path) for path in paths]

        def changed(i, how):
            with open(paths[i] + "x", "wb") as f:
                f.write(how)
            os.rename(paths[i] + "x", paths[i])

        for what in "another digit", "that of another file", "cut", "empty":
            for i, data in enumerate(whole):
                digit = b"0" if data[:1] != b"0" else b"1"
                changed(i, {"another digit": digit + data[1:], "that of another file": whole[i - 1],
                            "cut": data[:-1], "empty": b""}[what])
            self.assertEqual(self.hashes("-f", "kernel+initrd,raw-efi"), first, what)
            self.assertEqual(sorted(self.kept()), paths)
            self.ok("cache", "verify")

    def test_a_damaged_piece_is_made_again(self):
        first = self.hashes("-f", "raw-efi")
        for name in self.files("cache", "pieces"):
            path = self.path("cache", "pieces", name)
            if os.path.getsize(path) < MIB:
                continue
            with open(path, "r+b") as f:
                f.seek(MIB // 2)
                byte = f.read(1)[0]
                f.seek(MIB // 2)
                f.write(bytes([byte ^ 1]))
        self.assertEqual(self.hashes("-f", "raw-efi"), first)


if __name__ == "__main__":
    main()
