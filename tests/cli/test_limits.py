#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The largest files, the longest names and the most files that the roots hold, as other programs read them."""
import hashlib
import os
import subprocess
import tarfile
import unittest

import measurelib
import ocilib
from harness import Case, SANITIZED, WHERRY, main

SOAK = bool(os.environ.get("WHERRY_SOAK"))
MIB = 1 << 20
LARGE = 2 << 30
MANY, MEMORY_MAX = 200000, 208 * MIB
ROOTS = {"kernel+initrd": "os-initrd.img", "kernel+squashfs": "os-squashfs.img", "kernel+erofs": "os-erofs.img",
         "kernel+iso": "os.iso", "tar": "os.tar"}


def hash_of(file, size):
    """Of the next bytes of a stream."""
    digest = hashlib.sha256()
    while size > 0:
        data = file.read(min(size, MIB))
        if not data:
            raise EOFError("%d bytes are missing" % size)
        digest.update(data)
        size -= len(data)
    return digest.hexdigest()


def tar_files(stream):
    """{path: (size, hash)} of the regular files of a tar."""
    with tarfile.open(fileobj=stream, mode="r|") as tar:
        return {m.name.removeprefix("./"): (m.size, hash_of(tar.extractfile(m), m.size)) for m in tar if m.isreg()}


def cpio_files(stream):
    """The same of archives laid end to end (newc)."""
    found = {}
    while True:
        first = stream.read(1)
        if not first:
            return found
        if first == b"\0":
            continue
        head = first + stream.read(109)
        mode, size, name_size = (int(head[at:at + 8], 16) for at in (14, 54, 94))
        name = stream.read(name_size + -(110 + name_size) % 4)[:name_size - 1].decode()
        digest = hash_of(stream, size)
        stream.read(-size % 4)
        if mode & 0o170000 == 0o100000:
            found[name] = (size, digest)


def directory_files(top):
    found = {}
    for directory, _, names in os.walk(top):
        for name in names:
            path = os.path.join(directory, name)
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb") as f:
                    size = os.fstat(f.fileno()).st_size
                    found[os.path.relpath(path, top)] = (size, hash_of(f, size))
    return found


class Limits(Case):
    def setUp(self):
        super().setUp()
        self.layout = ocilib.standard(self.path("layout"))

    def piped(self, read, *command):
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=self.dir) as p:
            return read(p.stdout)

    def read(self, form):
        """All regular files of a root, read by another program."""
        image = self.path(ROOTS[form])
        if form == "kernel+initrd":
            return self.piped(cpio_files, "zstd", "-dcq", image)
        if form == "kernel+squashfs":
            return self.piped(tar_files, "sqfs2tar", image)
        if form == "kernel+iso":
            return self.piped(tar_files, "bsdtar", "-cf", "-", "@" + image)
        if form == "tar":
            with open(image, "rb") as f:
                return tar_files(f)
        top = self.path("erofs")
        subprocess.run(["fsck.erofs", "--extract=" + top, "--overwrite", image], check=True, stdout=subprocess.PIPE)
        return directory_files(top)

    def build(self, form, *args):
        self.ok("-q", "build", "--offline", "--arch", "amd64", "--no-sbom", "-f", form, *args, "os.yml")

    def with_root(self, files):
        """An OS whose root has these files."""
        self.layout.name("example.test/init:1", self.layout.image([files]))
        self.ok("-q", "cache", "import", "layout")
        self.write("os.yml", "kernel: {image: 'example.test/kernel:1', cmdline: x}\ninit: ['example.test/init:1']\n")

    def test_long_names(self):
        """255 bytes, of letters and of characters of three bytes each; an ISO is refused before anything is made."""
        names = ["n" * 255, "d/" + "\u2603" * 85]
        self.with_root({"d": None, **{name: name.encode() for name in names}})
        for form in ROOTS:
            if form == "kernel+iso":
                self.fails(1, "of names on an ISO 9660, Linux shows at most 253 bytes", "build", "--offline", "--arch",
                           "amd64", "--dir", "new", "-f", form, "os.yml")
                self.assertFalse(os.path.exists(self.path("new")))
                continue
            self.build(form)
            found = self.read(form)
            for name in names:
                self.assertEqual(found.get(name), (len(name.encode()), hashlib.sha256(name.encode()).hexdigest()), form)

    @unittest.skipUnless(SOAK, "takes minutes")
    def test_a_large_file(self):
        """2 GiB, whose ends are no zeros."""
        with open(self.path("large"), "wb") as f:
            f.write(os.urandom(3 * MIB + 1))
            f.truncate(LARGE - 5)
            f.seek(0, os.SEEK_END)
            f.write(b"end\n\n")
        with open(self.path("large"), "rb") as f:
            expected = (LARGE, hash_of(f, LARGE))
        self.with_root({"x": b"x"})
        with open(self.path("os.yml"), "a", encoding="utf-8") as f:
            f.write("files: [{path: large, source: large}]\n")
        for form in ROOTS:
            self.build(form)
            self.assertEqual(self.read(form).get("large"), expected, form)

    @unittest.skipUnless(SOAK and not SANITIZED, "takes minutes, and is measured")
    def test_many_small_files(self):
        files = {"d%d" % i: None for i in range(MANY // 500)}
        files.update(("d%d/file%d" % (i // 500, i), b"%d" % i) for i in range(MANY))
        self.with_root(files)
        for form in ROOTS:
            done = measurelib.cost([WHERRY, "-q", "build", "--offline", "--arch", "amd64", "--no-sbom", "-f", form,
                                    "os.yml"], cwd=self.dir, env=self.env)
            self.assertEqual(done.code, 0, done.err)
            print("%s: %.1f MiB" % (form, done.memory / MIB), flush=True)
            self.assertLess(done.memory, MEMORY_MAX, form)
            found = self.read(form)
            self.assertEqual(len([n for n in found if "/file" in n]), MANY, form)
            for i in 0, 4711, MANY - 1:
                text = b"%d" % i
                self.assertEqual(found["d%d/file%d" % (i // 500, i)], (len(text), hashlib.sha256(text).hexdigest()))


if __name__ == "__main__":
    main()
