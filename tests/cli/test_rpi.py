#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""build --format rpi3: a tar with what the FAT of a Raspberry Pi's SD card needs."""
import gzip
import os
import shutil
import subprocess
import tarfile

import ocilib
from harness import WHERRY, Case, main

FIRMWARE = ["bootcode.bin", "start.elf", "fixup.dat", "LICENCE.broadcom", "bcm2837-rpi-3-b.dtb",
            "bcm2837-rpi-3-b-plus.dtb", "bcm2837-rpi-3-a-plus.dtb"]
CONFIG = b"arm_64bit=1\nenable_uart=1\nupstream_kernel=1\nkernel=kernel8.img\ninitramfs initrd.img followkernel\n"
IMAGE = os.urandom(20) + b"\0" * 36 + b"ARM\x64" + os.urandom(70000)


def become_nobody():
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)


class Rpi(Case):
    def setUp(self):
        super().setUp()
        self.layout = ocilib.standard(self.path("layout"))
        for name, kernel in ("plain", IMAGE), ("packed", gzip.compress(IMAGE, mtime=0)):
            self.layout.name("example.test/%s:1" % name, self.layout.image(
                [{"kernel": kernel, "kernel.tar": ocilib.layer({"lib": None})}], arch="arm64"))
        self.layout.name("example.test/init:2", self.layout.image([{"init": b"#!/bin/sh\n"}], arch="arm64"))
        self.ok("-q", "cache", "import", "layout")
        self.use("plain")
        os.makedirs(self.path("pkg/rpi-firmware"))
        text = "image: rpi-firmware\narches: [arm64]\nfiles:\n"
        for name in FIRMWARE:
            self.write("pkg/rpi-firmware/" + name, "stand-in for " + name)
            text += "  - {path: /rpi/%s, source: %s}\n" % (name, name)
        self.write("pkg/rpi-firmware/build.yml", text)

    def use(self, kernel):
        self.write("os.yml", ocilib.OS_YML.replace("kernel:1", kernel + ":1").replace("init:1", "init:2"))

    def build(self, *args, **more):
        return self.ok("build", "--arch", "arm64", "-f", "rpi3", *args, "os.yml", **more)

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    def files(self):
        with tarfile.open(self.path("os.tar")) as tar:
            self.assertTrue(all(m.isreg() and m.mode == 0o644 and m.uid == m.gid == 0 for m in tar))
            return {m.name: tar.extractfile(m).read() for m in tar}

    def test_what_is_in_it(self):
        self.build("-f", "kernel+initrd")
        files = self.files()
        self.assertEqual(list(files), FIRMWARE + ["config.txt", "cmdline.txt", "kernel8.img", "initrd.img"])
        for name in FIRMWARE:
            self.assertEqual(files[name], b"stand-in for " + name.encode())
        self.assertEqual(files["config.txt"], CONFIG)
        self.assertEqual(files["cmdline.txt"], b"console=ttyS0\n")
        self.assertEqual(files["kernel8.img"], IMAGE)
        self.assertEqual(files["initrd.img"], self.read("os-initrd.img"))

    def test_a_packed_kernel(self):
        self.use("packed")
        self.build()
        self.assertEqual(self.files()["kernel8.img"], IMAGE)

    def test_the_same_bytes(self):
        self.build()
        first = self.read("os.tar")
        self.build("--fresh", "--threads", "1", umask=0o77)
        self.assertEqual(self.read("os.tar"), first)

    def test_the_same_bytes_by_an_ordinary_user(self):
        self.build()
        first = self.read("os.tar")
        os.remove(self.path("os.tar"))
        shutil.copy(WHERRY, self.path("wherry"))
        subprocess.run(["chmod", "-R", "a+rwX", self.dir], check=True)
        more = {"preexec_fn": become_nobody} if os.geteuid() == 0 else {}
        self.build("--fresh", program=self.path("wherry"), **more)
        self.assertEqual(self.read("os.tar"), first)

    def test_what_it_is_not_for(self):
        said = self.fails(2, "format rpi3 is for arm64, not for amd64", "build", "--arch", "amd64", "-f", "rpi3",
                          "--dir", "new", "os.yml")
        self.assertIn("build it with --arch arm64", said.err)
        self.assertFalse(os.path.exists(self.path("new")))
        self.fails(2, "formats tar and rpi3 both write os.tar", "build", "--arch", "arm64", "-f", "tar,rpi3", "os.yml")
        self.write("os.yml", "init: ['example.test/init:2']\n")
        self.fails(1, "format rpi3 needs a kernel", "build", "--arch", "arm64", "-f", "rpi3", "os.yml")
        self.assertFalse(os.path.exists(self.path("os.tar")))

    def test_run(self):
        self.build()
        said = self.fails(1, "os.tar is for the SD card of a Raspberry Pi", "run", "os.tar")
        self.assertIn("unpack it into the card's FAT", said.err)


if __name__ == "__main__":
    main()
