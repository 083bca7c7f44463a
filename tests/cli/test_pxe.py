#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""build --format pxe: a directory with what a machine boots from over the network, all of it or none."""
import os

import ocilib
from buildcase import BuildCase
from harness import main


class Pxe(BuildCase):
    FORMAT = "pxe"

    def test_the_directory(self):
        self.build("-f", "kernel+initrd", "--dir", "new/out")
        self.assertEqual(sorted(os.listdir(self.path("new/out"))),
                         ["os-cmdline", "os-initrd.img", "os-kernel", "os-pxe"])
        self.assertEqual(sorted(os.listdir(self.path("new/out/os-pxe"))), ["boot.ipxe", "initrd.img", "kernel"])
        self.assertEqual(self.read("new/out/os-pxe/boot.ipxe"),
                         b"#!ipxe\nkernel kernel initrd=initrd.img console=ttyS0\ninitrd initrd.img\nboot\n")
        for name in "kernel", "initrd.img":
            self.assertEqual(self.read("new/out/os-pxe/" + name), self.read("new/out/os-" + name))

    def test_again_and_the_same_bytes(self):
        self.check_same_bytes("os-pxe")

    def test_without_a_kernel(self):
        self.check_needs_a_kernel()

    def test_a_command_line_that_ipxe_would_take_for_something_else(self):
        for word in "${net0/mac}", "&&", "||", ";", "#x":
            self.write("os.yml", ocilib.OS_YML.replace("console=ttyS0", "a=1 " + word))
            self.fails(1, "iPXE can't pass '%s' of the kernel's command line on" % word,
                       *self.command("--dir", "new/out"))
            self.assertFalse(os.path.exists(self.path("new")))
        self.write("os.yml", ocilib.OS_YML.replace("console=ttyS0", "a=1;2 x#y c&&d"))
        self.build()
        self.assertIn(b" a=1;2 x#y c&&d\n", self.read("os-pxe/boot.ipxe"))

    def test_a_file_in_its_place(self):
        self.write("os-pxe", "")
        self.fails(1, "os-pxe", "build", "--arch", "amd64", "-f", "pxe", "os.yml")
        self.assertEqual(self.read("os-pxe"), b"")

    def test_run(self):
        self.build()
        with open(self.path("qemu"), "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\nfor a; do echo \"$a\"; done\n")
        os.chmod(self.path("qemu"), 0o755)
        run = ["run", "--qemu", self.path("qemu"), "--accel", "tcg"]
        for name in "os-pxe", "os-pxe/":
            got = self.ok(*run, name).out
            self.assertIn("\nuser,id=net0,tftp=%s,bootfile=boot.ipxe\n" % name, got)
            self.assertNotIn("-kernel", got)
        self.fails(2, "os-pxe has a boot loader, which --append can't tell anything", *run, "--append", "x", "os-pxe")
        self.fails(2, "booted from the user network only", *run, "--networking", "none", "os-pxe")


if __name__ == "__main__":
    main()
