#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""build --compress: what an initrd is compressed by, and the kernels that could not unpack it."""
import gzip
import os
import subprocess

import ocilib
from harness import Case, WHERRY, main
from test_kernel import bzimage

BUILD = ("build", "--offline", "--arch", "amd64", "--no-sbom")
# What unpacks each. All but gzip's may have zeros after their end, of which xz and zstd would complain.
UNPACKERS = {"gzip": ["gzip", "-dc"], "zstd": ["zstd", "-dcq"], "xz": ["xz", "-dcq"], "lz4": ["lz4", "-dcq"],
             "none": ["cat"]}
BEGINS = {"gzip": b"\x1f\x8b\x08\0\0\0\0\0", "zstd": b"\x28\xb5\x2f\xfd", "xz": b"\xfd7zXZ\0\0\x01",
          "lz4": b"\x02\x21\x4c\x18",
          "none": b"070701"}
WHOLE = "CONFIG_BLK_DEV_INITRD=y\nCONFIG_RD_GZIP=y\n# CONFIG_RD_ZSTD is not set\nCONFIG_RD_XZ=y\n"


def kernel_image(files):
    return {name: text.encode() if isinstance(text, str) else text for name, text in files.items()}


class Compress(Case):
    def setUp(self):
        super().setUp()
        ocilib.standard(self.path("layout"))
        self.ok("-q", "cache", "import", "layout")
        self.write("os.yml", ocilib.OS_YML)

    def initrd(self, *args, **more):
        self.ok("-q", *BUILD, *args, "os.yml", **more)
        with open(self.path("os-initrd.img"), "rb") as f:
            return f.read()

    def test_each_compression(self):
        plain = self.initrd("--compress", "none")
        self.assertEqual(len(plain) % 512, 0)
        for how, level in (("gzip", ":1"), ("zstd", ":1"), ("xz", ":1"), ("lz4", ":12"), ("lz4", ":1")):
            for name in (how, how + level):
                data = self.initrd("--compress", name)
                self.assertTrue(data.startswith(BEGINS[how]), name)
                self.assertEqual(self.initrd("--compress", name, "--fresh"), data)
                if how == "lz4":
                    self.assertTrue(data.endswith(b"\0\0\0\0") and len(data) % 4 == 0)
                elif how == "zstd":
                    data = data.rstrip(b"\0")
                self.write("packed", data)
                done = subprocess.run([*UNPACKERS[how], self.path("packed")], stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE)
                self.assertEqual(done.stdout, plain, name)
                self.assertEqual(done.stderr if how != "lz4" else b"", b"")
        self.assertNotEqual(self.initrd("--compress", "zstd:19"), self.initrd("--compress", "zstd"))
        self.assertEqual(self.initrd("--compress", "zstd:3"), self.initrd())

    def test_linuxkit_has_gzip(self):
        os.symlink(WHERRY, self.path("linuxkit"))
        as_linuxkit = self.initrd(program=self.path("linuxkit"), env={"LINUXKIT_CACHE": self.cache})
        self.assertTrue(as_linuxkit.startswith(BEGINS["gzip"]))
        gzip.decompress(as_linuxkit)  # no zeros after it
        self.assertTrue(self.initrd("--compat").startswith(BEGINS["gzip"]))
        self.assertTrue(self.initrd("--compat", "--compress", "zstd").startswith(BEGINS["zstd"]))

    def test_mistakes(self):
        for how, message in (("bzip2", "--compress does not accept 'bzip2'; did you mean 'gzip'?"),
                             ("gzip:10", "the levels of gzip are 1 to 9"),
                             ("none:1", "none has no levels"), ("zstd:", "the levels of zstd")):
            self.fails(2, message, *BUILD, "--compress", how, "os.yml")

    def test_pieces_are_those_of_one_compression(self):
        kept = lambda *args: self.ok("-v", "2", *BUILD, *args, "os.yml").err.count("has not changed")
        self.assertEqual([kept(), kept("--compress", "gzip"), kept("--compress", "gzip"), kept("--compress", "gzip:9"),
                          kept()],
                         [0, 0, 3, 0, 3])


class Kernels(Case):
    """The kernel's own configuration is looked at, and its version."""

    def setUp(self):
        super().setUp()
        self.layout = ocilib.Layout(self.path("layout"))
        self.write("os.yml", "kernel: {image: 'example.test/kernel:1'}\n")

    def kernel(self, files):
        files = {"kernel": b"kernel", "kernel.tar": ocilib.layer({"lib": None, "lib/x": b"x"}), **kernel_image(files)}
        self.layout.name("example.test/kernel:1", self.layout.image([files]))
        self.ok("-q", "cache", "import", "layout")

    def check(self, files, why, instead, how="zstd"):
        self.kernel(files)
        for _ in range(2):
            result = self.fails(1, "os.yml:1:17: the kernel of image example.test/kernel:1 cannot unpack an initrd "
                                "compressed with %s: %s" % (how, why), *BUILD, "--compress", how, "os.yml")
            self.assertIn("--compress " + instead, result.err)
        self.assertFalse(os.path.exists(self.path("os-initrd.img")))
        self.ok(*BUILD, "--compress", instead, "os.yml")
        self.ok(*BUILD, "--compress", "none", "-f", "tar", "os.yml")
        os.unlink(self.path("os-initrd.img"))

    def fine(self, files, how="zstd"):
        self.kernel(files)
        self.ok(*BUILD, "--compress", how, "os.yml")
        os.unlink(self.path("os-initrd.img"))

    def test_a_configuration_beside_the_kernel(self):
        lacks = "its configuration lacks CONFIG_RD_ZSTD"
        for name in ("config", "kernel_config", "boot/config-6.1.0", "lib/modules/6.1.0/config"):
            directories = {"/".join(name.split("/")[:i]): None for i in range(1, name.count("/") + 1)}
            self.check({**directories, name: WHOLE}, lacks, "gzip")
            self.fine({**directories, name: WHOLE + "CONFIG_RD_ZSTD=y\n"})
        self.check({"config": WHOLE.replace("GZIP", "ZSTD")}, "its configuration lacks CONFIG_RD_GZIP", "zstd", "gzip")
        self.check({"config": WHOLE}, "its configuration lacks CONFIG_RD_LZ4", "gzip", "lz4")
        self.fine({"config": WHOLE}, "xz")
        # No whole configuration: it says nothing.
        self.fine({"config": "CONFIG_RD_GZIP=y\n"})
        self.fine({"config": "CONFIG_BLK_DEV_INITRD=y\nCONFIG_RD_ZSTD=y\n"})
        self.fine({})

    def test_a_kernel_without_initrds(self):
        self.kernel({"config": "# CONFIG_BLK_DEV_INITRD is not set\nCONFIG_RD_ZSTD=y\n"})
        for how in "none", "gzip", "zstd":
            self.fails(1, "os.yml:1:17: the kernel of image example.test/kernel:1 cannot unpack any initrd: "
                       "its configuration lacks CONFIG_BLK_DEV_INITRD", *BUILD, "--compress", how, "os.yml")
        self.ok(*BUILD, "-f", "tar", "os.yml")
        self.ok(*BUILD, "--compat", "os.yml")

    def test_a_configuration_with_the_modules(self):
        modules = {"boot": None, "boot/config-6.1.0": WHOLE.encode()}
        self.check({"kernel.tar": ocilib.layer(modules)}, "its configuration lacks CONFIG_RD_ZSTD", "gzip")
        # What was wrong is not kept.
        self.fails(1, "lacks CONFIG_RD_ZSTD", *BUILD, "os.yml")

    def test_a_configuration_in_the_kernel(self):
        def kernel(text):
            inside = b"\x7fELF" + bytes(300000) + b"IKCFG_ST" + gzip.compress(text.encode()) + b"IKCFG_ED" + bytes(5000)
            return bzimage(gzip.compress(inside))

        self.check({"kernel": kernel(WHOLE)}, "its configuration lacks CONFIG_RD_ZSTD", "gzip")
        self.fine({"kernel": kernel(WHOLE + "CONFIG_RD_ZSTD=y\n")})
        self.fine({"kernel": bzimage(gzip.compress(b"IKCFG_ST\x1f\x8b is cut"))})

    def test_the_version(self):
        banner = lambda version: bytes(262144 - 20) + b"Linux version %s (gcc) #1 SMP\n" % version + bytes(100)
        old = "it is Linux 5.4, and that came with 5.9"
        self.check({"kernel": banner(b"5.4.28-linuxkit")}, old, "gzip")
        self.check({"kernel": bzimage(gzip.compress(banner(b"5.4.28-linuxkit")))}, old, "gzip")
        self.check({"kernel": banner(b"3.10.0")}, "it is Linux 3.10, and that came with 3.11", "gzip", "lz4")
        self.fine({"kernel": banner(b"5.10.1")})
        self.fine({"kernel": banner(b"5.4.28")}, "lz4")
        # Somebody has brought it back.
        self.fine({"kernel": banner(b"5.4.28"), "config": WHOLE + "CONFIG_RD_ZSTD=y\n"})


if __name__ == "__main__":
    main()
