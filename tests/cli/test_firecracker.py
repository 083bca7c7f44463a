#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""build --format firecracker, and run firecracker, whose program is a stand-in."""
import json
import os

import ocilib
from harness import Case, main


class Firecracker(Case):
    def setUp(self):
        super().setUp()
        ocilib.standard(self.path("layout"))
        self.write("os.yml", ocilib.OS_YML)
        self.ok("-q", "cache", "import", "layout")

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    def build(self, *args, **more):
        return self.ok("build", "--arch", "amd64", "-f", "firecracker", *args, "os.yml", **more)

    def config(self):
        return json.loads(self.read("os-firecracker/vm.json"))

    def test_an_initrd(self):
        self.build("-f", "kernel+initrd")
        self.assertEqual(sorted(os.listdir(self.path("os-firecracker"))), ["initrd.img", "vm.json", "vmlinux"])
        self.assertEqual(self.config()["boot-source"], {
            "kernel_image_path": "vmlinux", "initrd_path": "initrd.img",
            "boot_args": "console=ttyS0 reboot=k panic=1 pci=off"})
        self.assertEqual(self.config()["drives"], [])
        self.assertEqual(self.config()["machine-config"], {"vcpu_count": 1, "mem_size_mib": 512})
        self.assertEqual(self.read("os-firecracker/initrd.img"), self.read("os-initrd.img"))
        # The kernel of these tests is not packed.
        self.assertEqual(self.read("os-firecracker/vmlinux"), self.read("os-kernel"))

    def test_a_root_on_a_disk(self):
        self.build("--root", "squashfs", "-f", "kernel+squashfs")
        self.assertEqual(self.read("os-firecracker/root.img"), self.read("os-squashfs.img"))
        self.assertEqual(self.config()["drives"], [
            {"drive_id": "root", "path_on_host": "root.img", "is_root_device": False, "is_read_only": True}])
        self.assertIn(" root=/dev/vda ", self.config()["boot-source"]["boot_args"])

    def test_the_same_bytes(self):
        self.build()
        first = [self.read("os-firecracker/" + n) for n in sorted(os.listdir(self.path("os-firecracker")))]
        self.build("--fresh", "--threads", "1", umask=0o77)
        self.assertEqual([self.read("os-firecracker/" + n) for n in sorted(os.listdir(self.path("os-firecracker")))],
                         first)

    def test_run(self):
        with open(self.path("fc"), "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\ncat vm.json >/dev/null || exit 9\necho \"$@\"\nexit ${CODE:-0}\n")
        os.chmod(self.path("fc"), 0o755)
        run = ["run", "firecracker", "--firecracker", "./fc"]
        self.fails(1, "nothing to boot: there is no os-firecracker/vm.json", *run, "os-firecracker")
        self.build()
        self.assertEqual(self.ok(*run, "os-firecracker").out, "--no-api --config-file vm.json\n")
        self.fails(1, "Firecracker ended with exit code 3", *run, "os-firecracker", env={"CODE": "3"})
        self.fails(1, "--firecracker", "run", "firecracker", "--firecracker", "no-such-program", "os-firecracker")
        self.fails(1, "wherry run firecracker os-firecracker", "run", "os-firecracker")


if __name__ == "__main__":
    main()
