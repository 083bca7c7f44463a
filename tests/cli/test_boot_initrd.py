#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""build: the initrd that finds the disk with the root, out of the configuration that the root is built from."""
import os
import subprocess

import ocilib
from harness import Case, main

WHERRY_INIT = {"init": b"PID 1" * 100, "sbin": None, "sbin/init": "-> /init", "sbin/wherry-supervisor": "-> /init",
               "sbin/modprobe": "-> /init", "etc": None, "etc/hello": b"hello\n"}
DEP = b"""kernel/drivers/block/virtio_blk.ko: kernel/drivers/virtio/virtio.ko
kernel/drivers/virtio/virtio.ko:
kernel/drivers/net/e1000.ko:
kernel/fs/squashfs/squashfs.ko:
kernel/fs/isofs/isofs.ko:
"""
ALIAS = b"alias virtio:d00000002v* virtio_blk\nalias pci:v00008086d* e1000\nalias fs-squashfs squashfs\n"
UCODE = b"microcode".ljust(512, b"\0")
WITHOUT_ZSTD = b"CONFIG_BLK_DEV_INITRD=y\n# CONFIG_RD_ZSTD is not set\nCONFIG_RD_GZIP=y\n"


def modules(release="6.1", prefix="", **more):
    files, path = {}, ""
    for name in (prefix + "lib/modules/" + release).split("/"):
        path += ("/" if path else "") + name
        files[path] = None
    for name in "drivers/block/virtio_blk", "drivers/virtio/virtio", "drivers/net/e1000", "fs/squashfs/squashfs":
        files["%s/kernel/%s.ko" % (path, name)] = name.encode() * 50
    for name, data in {"modules.dep": DEP, "modules.alias": ALIAS, **more}.items():
        files[path + "/" + name] = data
    return ocilib.layer(files)


class BootInitrd(Case):
    def setUp(self):
        super().setUp()
        self.layout = ocilib.Layout(self.path("layout"))
        self.image("example.test/init:1", WHERRY_INIT)
        self.image("example.test/kernel:1", {"kernel": ocilib.KERNEL, "kernel.tar": modules()})
        self.image("example.test/hello:1", {"bin": None, "bin/hello": b"hello" * 1000})
        self.write("os.yml", ocilib.OS_YML.replace("image: example.test/hello:1",
                                                   "image: example.test/hello:1\n    command: [/bin/hello]"))

    def image(self, name, files):
        self.layout.name(name, self.layout.image([files]))
        self.ok("-q", "cache", "import", "layout")

    def build(self, *args, **more):
        return self.ok("build", "--arch", "amd64", "-f", "kernel+squashfs", *args, "os.yml", **more)

    def outputs(self):
        return sorted(n for n in os.listdir(self.dir) if n.startswith("os-"))

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    def unpack(self, data):
        """What is in one archive, by another program: {name: mode and content}."""
        subprocess.run(["cpio", "--extract", "--quiet", "--make-directories", "--no-absolute-filenames"],
                       input=data, cwd=self.mkdir("x"), check=True)
        found = {}
        for top, dirs, files in os.walk(self.path("x")):
            for name in dirs + files:
                path = os.path.join(top, name)
                key = os.path.relpath(path, self.path("x"))
                if os.path.islink(path):
                    found[key] = "-> " + os.readlink(path)
                elif os.path.isfile(path):
                    with open(path, "rb") as f:
                        found[key] = f.read()
                else:
                    found[key] = None
        return found

    def mkdir(self, name):
        os.makedirs(self.path(name))
        return self.path(name)

    def test_pid_1_and_the_modules_that_find_the_disk(self):
        self.build("--compress", "none")
        self.assertEqual(self.outputs(), ["os-boot-initrd.img", "os-cmdline", "os-kernel", "os-squashfs.img"])
        found = self.unpack(self.read("os-boot-initrd.img"))
        at = "lib/modules/6.1/"
        self.assertEqual({n: c for n, c in found.items() if c is not None}, {
            "init": WHERRY_INIT["init"], "sbin/modprobe": "-> /init",
            at + "modules.dep": b"".join(line + b"\n" for line in DEP.splitlines() if b"e1000" not in line),
            at + "modules.alias": b"".join(line + b"\n" for line in ALIAS.splitlines() if b"e1000" not in line),
            at + "kernel/drivers/block/virtio_blk.ko": b"drivers/block/virtio_blk" * 50,
            at + "kernel/drivers/virtio/virtio.ko": b"drivers/virtio/virtio" * 50,
            at + "kernel/fs/squashfs/squashfs.ko": b"fs/squashfs/squashfs" * 50})
        self.assertTrue({"dev", "etc", "proc", "run", "sys"} <= set(found))
        self.assertEqual(os.stat(self.path("x")).st_mode & 0o777, 0o755)
        self.assertEqual(os.stat(self.path("x/init")).st_mode & 0o777, 0o755)

    def test_one_configuration_is_both_and_shares_its_pieces(self):
        self.build("-f", "kernel+initrd")
        self.assertEqual(self.outputs(), ["os-boot-initrd.img", "os-cmdline", "os-initrd.img", "os-kernel",
                                          "os-squashfs.img"])
        first = {n: self.read(n) for n in self.outputs()}
        self.assertLess(len(first["os-boot-initrd.img"]), len(first["os-initrd.img"]))
        self.assertIn("root has not changed", self.build("-v", "2").err)
        self.write("os.yml", self.read("os.yml").decode().replace('"hello"', '"other"'))
        self.build("-f", "kernel+initrd")
        changed = [n for n in self.outputs() if self.read(n) != first[n]]
        self.assertEqual(changed, ["os-initrd.img", "os-squashfs.img"])

    def test_the_same_bytes(self):
        self.build()
        first = self.read("os-boot-initrd.img")
        self.build("--name", "one", "--fresh", "--threads", "1")
        self.build("--name", "odd", "--fresh", "--threads", "5", env={"TZ": "Asia/Kathmandu", "LC_ALL": "C"},
                   umask=0o77)
        self.build("--name", "tar", "-f", "tar")
        for name in "one", "odd", "tar":
            self.assertEqual(self.read(name + "-boot-initrd.img"), first, name)

    def test_microcode_comes_first(self):
        self.image("example.test/kernel:1", {"kernel": ocilib.KERNEL, "kernel.tar": modules(), "u": UCODE})
        self.build("--compress", "gzip")
        plain = self.read("os-boot-initrd.img")
        self.write("os.yml", self.read("os.yml").decode().replace("  cmdline", "  ucode: u\n  cmdline"))
        self.build("--compress", "gzip")
        self.assertEqual(self.read("os-boot-initrd.img"), UCODE + plain)

    def test_modules_of_a_merged_usr_and_of_several_kernels(self):
        self.image("example.test/kernel:1", {"kernel": ocilib.KERNEL, "kernel.tar": modules(prefix="usr/")})
        self.image("example.test/init:1", {**WHERRY_INIT, "lib": "-> usr/lib", "usr": None, "usr/lib": None,
                                           "usr/lib/modules": None, "usr/lib/modules/7": None,
                                           "usr/lib/modules/7/modules.dep": b"kernel/erofs.ko:\n",
                                           "usr/lib/modules/7/kernel": None, "usr/lib/modules/7/kernel/erofs.ko": b"e",
                                           "usr/lib/modules/none": None})
        self.build("--compress", "none")
        found = self.unpack(self.read("os-boot-initrd.img"))
        self.assertIn("lib/modules/6.1/kernel/fs/squashfs/squashfs.ko", found)
        self.assertEqual(found["lib/modules/7/kernel/erofs.ko"], b"e")
        self.assertNotIn("lib/modules/none", found)

    def test_what_needs_none(self):
        """A kernel without modules, and an init that is not Wherry's."""
        expected = ["os-cmdline", "os-kernel", "os-squashfs.img"]
        self.image("example.test/init:1", {"init": b"other", "sbin": None, "sbin/init": "-> /init"})
        self.build("--compress", "none")
        self.assertEqual(self.outputs(), expected)
        self.image("example.test/init:1", WHERRY_INIT)
        self.write("os.yml", self.read("os.yml").decode().replace("  cmdline", "  tar: none\n  cmdline"))
        self.assertNotIn("boot-initrd", self.build().err)
        self.assertEqual(self.outputs(), expected)

    def test_a_compression_that_the_kernel_lacks(self):
        self.image("example.test/kernel:1",
                   {"kernel": ocilib.KERNEL, "kernel.tar": modules(), "config": WITHOUT_ZSTD})
        for formats in "kernel+squashfs", "kernel+initrd":
            self.fails(1, "cannot unpack an initrd compressed with zstd: its configuration lacks CONFIG_RD_ZSTD",
                       "build", "--arch", "amd64", "-f", formats, "--compress", "zstd", "os.yml")
        self.build("--compress", "gzip")
        # Without an initrd it does not matter.
        self.write("os.yml", self.read("os.yml").decode().replace("  cmdline", "  tar: none\n  cmdline"))
        self.build("--compress", "zstd")

    def test_a_hostile_index(self):
        needs = b"kernel/fs/squashfs/squashfs.ko:" + b" a.ko" * 1000 + b"\n"
        for dep, says in ((needs, "the kernel module squashfs needs more than"),
                          (b"x" * (5 << 20), "/lib/modules/6.1/modules.dep has more than 4194304 bytes")):
            self.image("example.test/kernel:1",
                       {"kernel": ocilib.KERNEL, "kernel.tar": modules(**{"modules.dep": dep})})
            self.fails(1, says, "build", "--arch", "amd64", "-f", "kernel+squashfs", "os.yml")
            self.assertEqual(self.outputs(), [])
        self.image("example.test/init:1", {**WHERRY_INIT, "erofs.ko": b"erofs"})
        self.image("example.test/kernel:1",
                   {"kernel": ocilib.KERNEL, "kernel.tar": modules(**{"modules.dep": b"../../../../erofs.ko:\n"})})
        self.fails(1, "leads out of", "build", "--arch", "amd64", "-f", "kernel+squashfs", "os.yml")
        missing = modules(**{"modules.dep": b"../../none/erofs.ko: /etc/x\n"})
        self.image("example.test/kernel:1", {"kernel": ocilib.KERNEL, "kernel.tar": missing})
        self.build("--compress", "none")
        self.assertEqual(sorted(n for n in self.unpack(self.read("os-boot-initrd.img")) if n.endswith(".ko")), [])


if __name__ == "__main__":
    main()
