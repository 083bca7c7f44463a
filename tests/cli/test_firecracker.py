#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""build --format firecracker, and run firecracker, whose program is a stand-in."""
import json
import os

from buildcase import BuildCase
from harness import main


class Firecracker(BuildCase):
    FORMAT = "firecracker"

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
        self.check_same_bytes("os-firecracker")

    def test_without_a_kernel(self):
        self.check_needs_a_kernel()

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

    def test_what_it_is_not_for(self):
        said = self.fails(2, "format firecracker is for amd64 and arm64, not for riscv64", "build", "--arch", "riscv64",
                          "-f", "firecracker", "--dir", "new", "os.yml")
        self.assertIn("build it with --arch amd64", said.err)


if __name__ == "__main__":
    main()
