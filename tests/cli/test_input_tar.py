#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""build --input-tar: what is taken from an earlier tar is what would be made anew, to the byte, and needs no images."""
import io
import os
import tarfile

import ocilib
from harness import Case, main

OS = """\
kernel: {image: 'example.test/kernel:1', cmdline: one}
init: ['example.test/init:1', 'example.test/more:1']
onboot:
  - {name: once, image: 'example.test/hello:1', command: [/bin/hello]}
services:
  - {name: first, image: 'example.test/links:1'}
  - {name: second, image: 'example.test/links:1', readonly: true, uid: first}
  - {name: third, image: 'example.test/hello:1', readonly: true}
volumes:
  - {name: empty}
  - {name: data, image: 'example.test/hello:1'}
files:
  - {path: etc/motd, contents: hidden}
  - {path: etc/os.yml, metadata: yaml}
"""
APK = {"lib": None, "lib/apk": None, "lib/apk/db": None}

# What may change, and whether the images of the rest are needed.
CHANGES = {
    "nothing": ("", ""),
    "the command line": ("cmdline: one", "cmdline: two"),
    "the modules": ("cmdline: one", "cmdline: one, tar: none"),
    "an entry": ("command: [/bin/hello]", "command: [/bin/true]"),
    "who has an image's files": ("{name: first, image: 'example.test/links:1'}",
                                 "{name: first, image: 'example.test/links:1', readonly: true}"),
    "who is first": ("services:\n", "services:\n  - {name: zeroth, image: 'example.test/links:1'}\n"),
    "ids": ("onboot:\n", "onboot:\n  - {name: before, image: 'example.test/hello:1', command: [/bin/x]}\n"),
    "one more at the end": ("volumes:\n", "  - {name: fourth, image: 'example.test/links:1'}\nvolumes:\n"),
    "a name given twice": ("onboot:\n", "onshutdown: [{name: first, image: 'example.test/hello:1'}]\nonboot:\n"),
    "a volume": ("{name: data, image: 'example.test/hello:1'}", "{name: data, image: 'example.test/links:1'}"),
    "a volume's place": ("  - {name: empty}\n", ""),
    "fewer init images": (", 'example.test/more:1'", ""),
    "another order of init images": ("['example.test/init:1', 'example.test/more:1']",
                                     "['example.test/more:1', 'example.test/init:1']"),
    "a file that hid an image's": ("  - {path: etc/motd, contents: hidden}\n", ""),
}


def links():
    """Files whose names are out of order, and a root with a mode of its own."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, kind, link in ((".", tarfile.DIRTYPE, ""), ("z", tarfile.DIRTYPE, ""), ("z/f", tarfile.REGTYPE, ""),
                                 ("a", tarfile.DIRTYPE, ""), ("a/l", tarfile.LNKTYPE, "z/f"),
                                 ("b/c/d", tarfile.REGTYPE, ""),
                                 ("s", tarfile.SYMTYPE, "z")):
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.mode, info.uid, info.mtime = kind, link, 0o750, 7, 1234567890
            tar.addfile(info)
    return out.getvalue()


class InputTar(Case):
    def setUp(self):
        super().setUp()
        layout = ocilib.standard(self.path("layout"))
        layout.name("example.test/links:1", layout.image([links()]))
        layout.name("example.test/more:1", layout.image([
            {"bin": None, "bin/sh": b"another shell", "etc": None, "etc/motd": b"of the image", **APK,
             "lib/apk/db/installed": b"P:more\n"}]))
        layout.name("example.test/init:1", layout.image([
            {"bin": None, "bin/sh": b"shell", "bin/only": b"only", **APK, "lib/apk/db/installed": b"P:init\n"}]))
        self.ok("-q", "cache", "import", "layout")

    def build(self, yml, output, *args, **more):
        self.write("os.yml", yml)
        self.ok("build", "--arch", "amd64", "--o", output, *args, "os.yml", **more)
        with open(self.path(output), "rb") as f:
            return f.read()

    def test_the_same_as_without(self):
        self.build(OS, "old.tar")
        for name, (old, new) in CHANGES.items():
            with self.subTest(name):
                self.assertIn(old, OS)
                yml = OS.replace(old, new, 1) if old else OS
                fresh = self.build(yml, "fresh.tar")
                self.assertEqual(self.build(yml, "taken.tar", "--input-tar", "old.tar"), fresh)

    def test_the_same_initrd(self):
        self.build(OS, "old.tar")
        for args in ([], ["--input-tar", "old.tar"]):
            self.ok("build", "--arch", "amd64", "--name", "with" if args else "without", *args, "os.yml")
        for ending in ("-kernel", "-initrd.img", "-cmdline"):
            with open(self.path("with" + ending), "rb") as a, open(self.path("without" + ending), "rb") as b:
                self.assertEqual(a.read(), b.read(), ending)

    def test_unchanged_parts_need_no_images(self):
        old = self.build(OS, "old.tar", "--no-sbom")
        self.ok("cache", "clean")
        self.assertEqual(self.build(OS, "new.tar", "--no-sbom", "--input-tar", "old.tar"), old)
        result = self.ok("build", "--arch", "amd64", "--o", "new.tar", "--input-tar", "old.tar", "os.yml")
        self.assertIn("image example.test/kernel:1 is not in the store and is left out of the SBOM", result.err)

    def test_changed_parts_need_theirs(self):
        self.build(OS, "old.tar")
        self.ok("cache", "clean")
        self.write("os.yml", OS.replace("[/bin/hello]", "[/bin/true]"))
        result = self.fails(1, "os.yml:4:25: ", "build", "--o", "new.tar", "--input-tar", "old.tar", "os.yml")
        self.assertEqual(result.err.count("example.test/"), result.err.count("example.test/hello:1"), result.err)

    def test_the_content_comes_from_the_tar(self):
        """A tar whose file is another one shows it; that what is not an image's is not taken, too."""
        self.build(OS, "old.tar")
        with tarfile.open(self.path("old.tar")) as old, \
                tarfile.open(self.path("other.tar"), "w", format=tarfile.PAX_FORMAT) as other:
            for member in old:
                content = old.extractfile(member).read() if member.isreg() else b""
                if member.name in ("bin/only", "etc/motd") or member.name.endswith("a/l"):
                    content, member.size = b"from the tar", 12
                    member.pax_headers.pop("size", None)
                other.addfile(member, io.BytesIO(content))
        self.build(OS, "new.tar", "--input-tar", "other.tar")
        with tarfile.open(self.path("new.tar")) as new:
            content = {m.name: new.extractfile(m).read() for m in new if m.isreg()}
        self.assertEqual(content["bin/only"], b"from the tar")
        self.assertEqual(content["containers/services/first/lower/a/l"], b"from the tar")
        self.assertEqual(content["etc/motd"], b"hidden")

    def test_tars_that_say_nothing_are_not_used(self):
        fresh = self.build(OS, "old.tar")
        with tarfile.open(self.path("old.tar")) as old, tarfile.open(self.path("bare.tar"), "w") as bare:
            for member in old:
                member.pax_headers = {}
                bare.addfile(member, old.extractfile(member) if member.isreg() else None)
        self.assertEqual(self.build(OS, "new.tar", "--input-tar", "bare.tar"), fresh)

    def test_without_metadata_it_is_not_used(self):
        self.write("os.yml", ocilib.OS_YML)
        result = self.ok("build", "--arch", "amd64", "--o", "new.tar", "--input-tar", "not there.tar", "os.yml")
        self.assertIn("not there.tar is not used: it needs a file with 'metadata: yaml'", result.err)
        self.build(OS, "old.tar")
        self.write("os.yml", OS.replace("etc/os.yml", "etc/other.yml"))
        result = self.ok("build", "--arch", "amd64", "--o", "new.tar", "--input-tar", "old.tar", "os.yml")
        self.assertIn("old.tar is not used: it has no etc/other.yml", result.err)

    def test_broken_tars(self):
        old = self.build(OS, "old.tar")
        self.write("cut.tar", old[:len(old) // 2])
        self.write("text.tar", b"no tar at all" * 100)
        self.write("packed.tar", b"\x1f\x8b\x08\0" + bytes(2000))
        self.write("edited.tar", old.replace(b"cmdline: one", b"cmdlane: one"))
        for name, message in (("cut.tar", "the tar is broken"), ("text.tar", "the tar is broken"),
                              ("packed.tar", "the tar is broken"), ("not there.tar", "not there.tar"),
                              ("edited.tar", "edited.tar:etc/os.yml:"), ("layout", "layout")):
            with self.subTest(name):
                self.fails(1, message, "build", "--arch", "amd64", "--o", "new.tar", "--input-tar", name, "os.yml")
                self.assertFalse(os.path.exists(self.path("new.tar")), name)

    def test_it_is_not_the_output(self):
        self.build(OS, "old.tar")
        self.fails(2, "cannot be both --input-tar and the output", "build", "--o", "old.tar", "--input-tar", "old.tar",
                   "os.yml")


if __name__ == "__main__":
    main()
