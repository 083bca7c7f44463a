#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""build --decompress-kernel: kernels that the programs of a kernel's own build have packed."""
import bz2
import functools
import gzip
import lzma
import os
import random
import struct
import subprocess

import ocilib
from harness import Case, WHERRY, main

# The compressors about as Linux' scripts call them (scripts/Makefile.lib), with the largest window; all but gzip's are
# followed by the size.
PACKERS = {
    "gzip": ["gzip", "-n", "-9"],
    "xz": ["xz", "--check=crc32", "--x86", "--lzma2=dict=32MiB"],
    "zstd": ["zstd", "-q", "-3", "--long=27"],
    "lz4": ["lz4", "-q", "-l", "-9"],
}


@functools.lru_cache
def kernel():
    """Some MiB that look like a program, and come out the same at each run."""
    random.seed(1)
    words = [random.randbytes(random.randrange(2, 9)) for _ in range(400)]
    return b"\x7fELF" + b"".join(random.choice(words) for _ in range(50000)) + bytes(9 << 20)


@functools.lru_cache
def pack(how, plain, sized=True):
    packed = subprocess.run(PACKERS[how], input=plain, stdout=subprocess.PIPE, check=True).stdout
    return packed + struct.pack("<I", len(plain)) if sized and how != "gzip" else packed


def bzimage(payload, version=0x20f, sectors=3, length=None):
    """Documentation/arch/x86/boot.rst"""
    head = bytearray(512 * (sectors + 1))
    head[0x1f1] = sectors
    head[0x1fe:0x206] = b"\x55\xaa\xeb\x66HdrS"
    struct.pack_into("<H", head, 0x206, version)
    struct.pack_into("<II", head, 0x248, 0x100, len(payload) if length is None else length)
    return bytes(head) + b"unpacker".ljust(0x100) + payload + b"behind it"


def zboot(how, payload):
    """drivers/firmware/efi/libstub/zboot-header.S"""
    size = len(payload) - (0 if how == "gzip" else 4)
    head = struct.pack("<2s2x4sII8x32s", b"MZ", b"zimg", 0x200, size, how.encode())
    return head.ljust(0x200, b"\0") + payload


class Kernel(Case):
    def setUp(self):
        super().setUp()
        self.layout = ocilib.Layout(self.path("layout"))
        self.write("os.yml", "kernel: {image: 'example.test/kernel:1', tar: none}\n")

    def give(self, binary):
        self.layout.name("example.test/kernel:1", self.layout.image([{"kernel": binary}], compress=False))
        self.ok("-q", "cache", "import", "layout")

    def unpacked(self, binary, *args, **more):
        self.give(binary)
        self.ok("build", "--arch", "amd64", "--decompress-kernel", *args, "os.yml", **more)
        with open(self.path("os-kernel"), "rb") as f:
            return f.read()

    def refused(self, message, binary, **more):
        self.give(binary)
        self.fails(1, message, "build", "--arch", "amd64", "--decompress-kernel", "os.yml", **more)
        self.assertFalse(os.path.exists(self.path("os-kernel")))

    def test_bzimages(self):
        plain = kernel()
        for how in PACKERS:
            with self.subTest(how):
                self.assertEqual(self.unpacked(bzimage(pack(how, plain))), plain)

    def test_zboot_images(self):
        plain = kernel()
        for how in PACKERS:
            with self.subTest(how):
                self.assertEqual(self.unpacked(zboot(how, pack(how, plain))), plain)

    def test_whole_files(self):
        plain = kernel()
        for how in PACKERS:
            with self.subTest(how):
                self.assertEqual(self.unpacked(pack(how, plain, sized=False)), plain)

    def test_an_unpacked_payload(self):
        self.assertEqual(self.unpacked(bzimage(b"\x7fELF and so on")), b"\x7fELF and so on")

    def test_a_plain_kernel_stays(self):
        for plain in (b"\x7fELF plain", b"MZ" + bytes(100), b"", b"x" * 5000):
            with self.subTest(plain[:9]):
                self.assertEqual(self.unpacked(plain), plain)

    def test_a_plain_kernel_is_refused_like_linuxkit_does(self):
        os.symlink(WHERRY, self.path("linuxkit"))
        self.refused("is not a compressed kernel", b"x" * 5000, program=self.path("linuxkit"),
                     env={"LINUXKIT_CACHE": self.cache})

    def test_without_the_option_it_stays_packed(self):
        packed = bzimage(pack("gzip", b"plain"))
        self.give(packed)
        self.ok("build", "--arch", "amd64", "os.yml")
        with open(self.path("os-kernel"), "rb") as f:
            self.assertEqual(f.read(), packed)

    def test_the_size_that_it_says_is_checked(self):
        right = pack("xz", b"x" * 1000)
        for wrong in (999, 1001):
            self.refused("does not have the size that it claims", bzimage(right[:-4] + struct.pack("<I", wrong)))

    def test_payloads_outside_of_the_file(self):
        for length in (0, 5, 1 << 20, 0xffffffff):
            self.refused("not inside the file", bzimage(pack("gzip", b"x" * 100), length=length))

    def test_old_boot_protocols(self):
        self.refused("boot protocol 2.07", bzimage(pack("gzip", b"x"), version=0x207))

    def test_other_packings(self):
        for name, magic in (("bzip2", b"BZh91AY"), ("lzma", b"]\0\0\0\x02"), ("lzo", b"\x89LZO\0\r\n"),
                            ("something unknown", b"what")):
            self.refused("compressed with %s\n" % name, bzimage(magic + bytes(100)))

    def test_broken_streams(self):
        for how in PACKERS:
            with self.subTest(how):
                packed = bytearray(pack(how, b"some text " * 100))
                if how == "lz4":  # it has no checksum
                    del packed[len(packed) // 2:-4]
                else:
                    packed[len(packed) // 2] ^= 0x55
                self.refused("kernel image example.test/kernel:1: kernel", bzimage(bytes(packed)))

    def test_a_zstd_window_that_is_too_wide(self):
        packed = subprocess.run(["zstd", "-q", "--long=28"], input=b"kernel", stdout=subprocess.PIPE, check=True).stdout
        self.refused("a window of more than 128 MiB\n  hint: compress it with: zstd --long=27\n", packed)

    def modules_are_refused(self, packed, message):
        self.layout.name("example.test/kernel:1", self.layout.image([{"kernel": b"k", "kernel.tar": packed}]))
        self.ok("-q", "cache", "import", "layout")
        self.write("os.yml", "kernel: {image: 'example.test/kernel:1'}\n")
        self.fails(1, message, "build", "--arch", "amd64", "--o", "os.tar", "os.yml")

    def test_a_modules_tar_that_cannot_be_read_says_why(self):
        modules = ocilib.layer({"lib": None, "lib/a.ko": b"module"})
        way_out = "\n  hint: supported: gzip, xz, zstd and lz4\n"
        start = "os.yml:1:17: kernel image example.test/kernel:1: kernel.tar"
        for how, packed in ("bzip2", bz2.compress(modules)), ("lzma", lzma.compress(modules, lzma.FORMAT_ALONE)):
            self.modules_are_refused(packed, "%s: the archive is compressed with %s%s" % (start, how, way_out))
        for nothing in b"", gzip.compress(b"", mtime=0):
            self.modules_are_refused(nothing,
                                     start + " is empty\n  hint: write `tar: none` for a kernel without modules\n")
        wide = subprocess.run(["zstd", "-q", "--long=28"], input=modules, stdout=subprocess.PIPE, check=True).stdout
        self.modules_are_refused(wide, start + ": the archive: the zstd stream needs a window of more than 128 MiB")

    def test_the_modules_tar_may_be_compressed(self):
        modules = ocilib.layer({"lib": None, "lib/a.ko": b"module"})
        for how, command in {**PACKERS, "lz4 frames": ["lz4", "-q", "-9"]}.items():
            with self.subTest(how):
                packed = subprocess.run(command, input=modules, stdout=subprocess.PIPE, check=True).stdout
                self.layout.name("example.test/kernel:1",
                                 self.layout.image([{"kernel": b"k", "kernel.tar": packed}]))
                self.ok("-q", "cache", "import", "layout")
                self.write("os.yml", "kernel: {image: 'example.test/kernel:1'}\n")
                self.ok("build", "--arch", "amd64", "--o", "os.tar", "os.yml")
                names = subprocess.run(["tar", "tf", self.path("os.tar")], stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, check=True).stdout
                self.assertIn(b"lib/a.ko\n", names)

    def test_gzip_with_a_name_in_it(self):
        self.write("vmlinux", b"plain kernel")
        subprocess.run(["gzip", self.path("vmlinux")], check=True)
        with open(self.path("vmlinux.gz"), "rb") as f:
            packed = f.read()
        self.assertEqual(gzip.decompress(packed), b"plain kernel")
        self.assertEqual(self.unpacked(packed), b"plain kernel")


if __name__ == "__main__":
    main()
