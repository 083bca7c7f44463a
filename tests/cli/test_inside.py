#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ls, cat, inspect and diff of what build wrote, of YAML and of images: the same OS in every format, other
programs' files, broken ones."""
import hashlib
import io
import json
import os
import random
import re
import shutil
import subprocess
import tarfile

import grublib
import ocilib
import pelib
import terminallib
from harness import WHERRY, Case, main
from test_root_images import CAPABILITY, XATTR, layer

KERNEL = pelib.program(sections=((".text", b"Linux version 6.1-test \n" + b"k" * 5000),))
STUB = "usr/lib/systemd/boot/efi/linuxx64.efi.stub"
# (--format and other options, what is looked into)
OUTPUTS = [
    ("kernel+initrd", (), "os"),
    ("kernel+initrd", ("--compress", "gzip"), "os"),
    ("kernel+initrd", ("--compress", "xz"), "os"),
    ("kernel+initrd", ("--compress", "lz4"), "os"),
    ("kernel+initrd", ("--compress", "none"), "os"),
    ("docker", (), "os.docker"),
    ("oci", (), "os-oci.tar"),
    ("tar-kernel-initrd", (), "os-initrd.tar"),
    ("pxe", (), "os-pxe"),
    ("uki", (), "os.efi"),
    ("kernel+squashfs", (), "os"),
    ("kernel+erofs", (), "os"),
    ("kernel+iso", (), "os"),
    ("iso-bios", (), "os.iso"),
    ("iso", ("--root", "initrd"), "os.iso"),
    ("raw-bios", (), "os-bios.img"),
    ("qcow2-bios", (), "os.qcow2"),
    ("raw", (), "os.img"),
    ("raw", ("--root", "erofs"), "os.img"),
    ("qcow2", ("--root", "squashfs", "--disk-compress", "zstd"), "os.qcow2"),
    ("vmdk", (), "os.vmdk"),
    ("vhd", (), "os.vhd"),
    ("dynamic-vhd", (), "os.vhd"),
    ("vhdx", (), "os.vhdx"),
    ("ova", (), "os.ova"),
]


def with_xattrs(pax_headers):
    """A layer with an init and a program that has them."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, headers in (("init", {}), ("ping", pax_headers)):
            info = tarfile.TarInfo(name)
            info.mode, info.size, info.pax_headers = 0o755, 10, headers
            tar.addfile(info, io.BytesIO(b"#!/bin/sh\n"))
    return out.getvalue()


class Inside(Case):
    def setUp(self):
        super().setUp()
        layout = ocilib.standard(self.path("layout"))
        layout.name("example.test/init:1", layout.image([layer()]))
        self.take(layout)
        self.write("os.yml", ocilib.OS_YML)
        self.component("efi-stub", {STUB: pelib.program(base=0x14df90000)})
        self.component("grub-bios", {"grub/" + name: data for name, data in grublib.files().items()})

    def take(self, layout):
        layout.name("example.test/kernel:1", layout.image(
            [{"kernel": KERNEL, "kernel.tar": ocilib.layer({"lib": None})}]))
        self.ok("-q", "cache", "import", "layout")

    def component(self, name, files):
        text = "image: %s\nfiles:\n" % name
        for number, (path, data) in enumerate(files.items()):
            self.write("pkg/%s/%d" % (name, number), data)
            text += "  - {path: /%s, source: %d}\n" % (path, number)
        self.write("pkg/%s/build.yml" % name, text)

    def build(self, name, *args):
        self.ok("-q", "build", "--arch", "amd64", "--format", name, *args, "os.yml")

    def listing(self, what):
        """{path: (type, mode, uid, gid, size, target)} of all that is not in boot/."""
        args = ("--arch", "amd64") if what.endswith(".yml") else ()
        return {e["name"]: (e["type"], e["mode"], e["uid"], e["gid"], e.get("size"), e.get("target"),
                            e.get("major"), e.get("minor"))
                for e in self.json_lines(self.ok("-q", "--json", "ls", "-R", *args, what).out)
                if not e["name"].startswith("boot/")}

    def test_the_same_os_in_every_format(self):
        self.build("tar")
        wanted = self.listing("os.tar")
        self.assertIn("opt/ping", wanted)
        self.assertIn("containers/services/hello/config.json", wanted)
        self.assertEqual(wanted["opt/null"][6:], (1, 3))
        contents = {name: self.ok("cat", "os.tar", name).out for name in ("opt/again", "zz/2", "etc/motd")}
        # Of the YAML before anything else is built, with the name of the SBOM that a build gives it.
        yaml = self.listing("os.yml")
        self.assertEqual({k: v for k, v in yaml.items() if k}, wanted)
        for path, data in contents.items():
            self.assertEqual(self.ok("-q", "cat", "--arch", "amd64", "os.yml", path).out, data, path)
        for name, args, what in OUTPUTS:
            with self.subTest(name, args=args):
                self.build(name, *args)
                found = self.listing(what)
                for path in "boot", "Dockerfile":  # a directory that some have, and docker's own
                    found.pop(path, None)
                found.pop("", None)
                self.assertEqual(found, {k: v for k, v in wanted.items() if k != "boot"})
                for path, data in contents.items():
                    self.assertEqual(self.ok("-q", "cat", what, path).out, data, path)
                if not name.startswith("iso-bios"):
                    self.assertEqual(self.ok("-q", "cat", what, "boot/kernel").out, KERNEL.decode(errors="replace"))
                for file in self.files():
                    if file.startswith("os") and file not in ("os.yml", "os.tar"):
                        path = self.path(file)
                        shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)

    def test_a_disk_in_a_compressed_tar(self):
        """Of a GiB, nearly all of which is zeros: it must have some bytes, to be no bomb."""
        layout = ocilib.standard(self.path("layout"))
        layout.name("example.test/init:1", layout.image([{"init": b"#!/bin/sh\n", "big": os.urandom(6 << 20)}]))
        self.take(layout)
        self.build("gcp")
        self.assertEqual(self.listing("os.img.tar.gz")["big"][4], 6 << 20)

    def test_what_it_consists_of(self):
        self.build("qcow2", "--root", "squashfs")
        self.assertIn('"squashfs"', self.ok("--json", "inspect", "os.qcow2").out)
        self.build("qcow2")
        lines = self.ok("inspect", "os.qcow2").out.splitlines()
        self.assertEqual(lines[0].split(), ["NAME", "KIND", "SIZE"])
        items = json.loads(self.ok("--json", "inspect", "os.qcow2").out)
        self.assertEqual(items["output"], "os.qcow2")
        kinds = [(i["depth"], i["kind"]) for i in items["items"]]
        self.assertEqual(len(kinds), len(lines) - 1)
        for wanted in ((0, "image of a disk"), (1, "disk with partitions"), (2, "FAT"), (3, "unified kernel image"),
                       (4, "kernel"), (4, "initrd"), (5, "zstd"), (4, "kernel command line")):
            self.assertIn(wanted, kinds)

    def diff(self, code, *args):
        """{path: (change, what differs)}, and the rest."""
        r = self.run_wherry("-q", "--json", "diff", "--arch", "amd64", *args)
        self.assertEqual(r.code, code, r)
        found = json.loads(r.out)
        self.assertEqual(found["differ"], code == 1)
        return {f["path"]: (f["change"], f.get("differs")) for f in found["files"]}, found

    def test_diff(self):
        self.build("kernel+initrd")
        self.build("tar")
        for pair in (("os", "os.tar"), ("os.tar", "os.yml"), ("os.yml", "os.yml"), ("os.yml", "os")):
            self.assertEqual(self.diff(0, *pair)[0], {})
        r = self.run_wherry("diff", "--arch", "amd64", "os", "os.yml")
        self.assertEqual((r.code, r.out), (0, ""))
        self.write("new.yml", ocilib.OS_YML.replace('contents: "hello"', 'contents: "HELLO"\n    mode: "0640"') +
                   "  - path: etc/more\n    contents: more\n")
        expected = {"etc/motd": ("changed", ["mode", "content"]), "etc/more": ("added", None)}
        for old in "os", "os.yml", "os.tar":
            found, everything = self.diff(1, old, "new.yml")
            self.assertEqual({k: v for k, v in found.items() if not k.startswith("etc/os-release")}, expected)
            self.assertEqual(everything["sizeTo"] - everything["sizeFrom"], 4)
        self.assertEqual(self.diff(1, "new.yml", "os")[0]["etc/more"], ("removed", None))
        lines = self.run_wherry("diff", "--arch", "amd64", "os", "new.yml").out.splitlines()
        self.assertIn("+ etc/more, 4 B", lines)
        self.assertIn("~ etc/motd, mode 0600 -> 0640, content", lines)

    def test_diff_of_images(self):
        """A layer that both have, one more, other configurations, packages."""
        layout = ocilib.standard(self.path("layout"))
        base = {"etc": None, "etc/a": b"same", "etc/b": b"12345"}
        for name, layers, config, packages in (
                ("old", [base], {"Cmd": ["x"], "User": "a"}, [("libc6", "1"), ("zlib", "2")]),
                ("new", [base, {"etc/b": b"54321", "etc/a": b"same"}], {"Cmd": ["x"], "User": "b"}, [("libc6", "2")])):
            label = json.dumps([{"name": n, "version": v} for n, v in packages])
            layout.name("example.test/%s:1" % name, layout.image(
                layers, config=config, labels={"dev.wherry.packages": label}))
        self.take(layout)
        found, everything = self.diff(1, "example.test/old:1", "example.test/new:1")
        self.assertEqual(found, {"etc/b": ("changed", ["content"])})
        self.assertEqual(everything["packages"], {"removed": ["libc6 1", "zlib 2"], "added": ["libc6 2"]})
        self.assertEqual(everything["configuration"], {"removed": ["user a"], "added": ["user b"]})
        self.assertEqual(self.diff(0, "example.test/old:1", "example.test/old:1")[0], {})
        self.fails(1, "is not in the store", "diff", "example.test/old:1", "example.test/nothing:1")
        self.fails(2, "", "diff", "example.test/old:1")

    def test_diff_of_xattrs(self):
        """What a program may do is in an attribute of its file, which images, YAML and tars have."""
        for version, others in (("1", {}), ("2", {XATTR + "security.capability": CAPABILITY}),
                                ("3", {XATTR + "security.capability": "x", XATTR + "user.x": "y"})):
            layout = ocilib.standard(self.path("layout"))
            layout.name("example.test/init:1", layout.image([with_xattrs(others)]))
            self.take(layout)
            self.build("tar")
            os.rename(self.path("os.tar"), self.path(version + ".tar"))
        def changed(a, b):
            # The layer's digest is in these two.
            found = self.diff(1, a, b)[0]
            return {k: v for k, v in found.items() if k not in ("etc/os-release", "sbom.spdx.json")}
        for a, b, text in (("1", "2", "+security.capability"), ("2", "1", "-security.capability"),
                           ("2", "3", "~security.capability, xattr +user.x")):
            self.assertEqual(changed(a + ".tar", b + ".tar"), {"ping": ("changed", ["xattrs"])})
            out = self.run_wherry("diff", a + ".tar", b + ".tar").out
            self.assertIn("~ ping, xattr %s\n" % text, out)
        # Of YAML, they are in what is kept of its parts.
        self.assertEqual(changed("1.tar", "os.yml"), {"ping": ("changed", ["xattrs"])})
        self.assertEqual(self.diff(0, "3.tar", "os.yml")[0], {})
        # An initrd holds none.
        self.build("kernel+initrd")
        self.assertEqual(self.diff(0, "os", "os.yml")[0], {})

    def check_pieces(self, parts):
        """Where their bytes are in the outputs."""
        files = {"initrd": "os-initrd.img", "kernel": "os-kernel", "cmdline": "os-cmdline"}
        data = {}
        for encoding, name in files.items():
            with open(self.path(name), "rb") as f:
                data[encoding] = f.read()
        at = dict.fromkeys(data, 0)
        for piece in [piece for part in parts.values() for piece in part["pieces"]]:
            begin = at[piece["encoding"]]
            at[piece["encoding"]] += piece["size"]
            self.assertEqual(hashlib.sha256(data[piece["encoding"]][begin:begin + piece["size"]]).hexdigest(),
                             piece["sha256"], piece)
        # Behind the archives there may be zeros.
        rest = data.pop("initrd")[at.pop("initrd"):]
        self.assertEqual((at, rest.strip(b"\0")), ({encoding: len(text) for encoding, text in data.items()}, b""))
        self.assertEqual(sum(piece["size"] for piece in parts["services/hello"]["pieces"]),
                         parts["services/hello"]["packed"])

    def test_parts_of_a_build(self):
        """How large each part is, in the OS and packed, and whether it was made."""
        def parts():
            lines = self.json_lines(self.ok("-q", "--json", "build", "--arch", "amd64", "os.yml").out)
            return {line.pop("part"): line for line in lines if "part" in line}
        first, again = parts(), parts()
        self.assertEqual(list(first), list(again))
        listed = [(name, entry[4]) for name, entry in self.listing("os").items()
                  if name.startswith("containers/services/hello/") and entry[0] != "directory"]
        hello = first["services/hello"]
        self.assertEqual((hello["files"], hello["size"]), (len(listed), sum(size or 0 for _, size in listed)))
        for name, part in again.items():
            self.assertEqual({**first[name], "unchanged": part["unchanged"]}, part)
            if name in ("boot", "root", "services/hello", "sbom"):  # what is quickly made is not kept
                self.assertEqual((first[name]["unchanged"], part["unchanged"]), (False, True), name)
        # The pieces are the initrd.
        initrd = os.path.getsize(self.path("os-initrd.img"))
        packed = sum(p.get("packed", 0) for n, p in first.items() if n != "boot")
        self.assertLessEqual(abs(initrd - packed), 512)
        self.check_pieces(first)
        data, code = terminallib.run([WHERRY, "build", "--arch", "amd64", "os.yml"], self.env, self.dir)
        self.assertEqual(code, 0, data)
        table = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", data.decode())
        self.assertRegex(table, r"PART +SIZE +PACKED\s")
        self.assertRegex(table, r"services/hello +[\d.]+ KiB +[\d.]+ (B|KiB) +unchanged")

    def test_what_is_meant(self):
        """A file; else an image in the cache; else the outputs that are called so."""
        self.build("kernel+initrd")
        self.assertIn("init\n", self.ok("ls", "os").out)
        self.assertEqual(self.ok("ls", "os-initrd.img", "/opt/link").out, "/opt/link\n")
        self.assertIn("bin\n", self.ok("ls", "example.test/hello:1").out)
        self.write("text", "no output")
        for verb in "ls", "inspect":
            self.fails(1, "text is no output that is known here", verb, "text")
        self.fails(1, "is not in the store", "ls", "nothing")
        self.fails(1, "os has no /nothing", "ls", "os", "/nothing")
        self.fails(1, "/opt in os is a directory, not a regular file", "cat", "os", "/opt")

    def test_paths_that_are_no_files(self):
        """Each says what it is, and a pipe without a writer is not waited for."""
        os.mkfifo(self.path("pipe"))
        os.symlink("pipe", self.path("to-pipe"))
        os.symlink("loop", self.path("loop"))
        os.symlink("nowhere", self.path("dangling"))
        os.mkdir(self.path("dir"))
        for name, message in (("pipe", "pipe is neither a regular file nor a disk"),
                              ("to-pipe", "to-pipe is neither a regular file nor a disk"),
                              ("/dev/zero", "/dev/zero is neither"),
                              ("loop", "can't open loop: Too many levels of symbolic links"),
                              ("dangling", "can't open dangling: No such file"),
                              ("dir", "dir is a directory without outputs that are known here")):
            for args in (["ls", name], ["ls", name, "/etc"], ["inspect", name], ["cat", name, "/etc/passwd"],
                         ["diff", name, name]):
                self.fails(1, message, *args)
        # An image has its name all the same.
        os.mkdir(self.path("example.test"))
        os.mkdir(self.path("example.test/hello:1"))
        self.assertIn("bin\n", self.ok("ls", "example.test/hello:1").out)
        self.write("os-initrd.img", "")
        for name in "pipe", "to-pipe":
            self.fails(1, name + " is neither", "run", name)
            os.symlink(name, self.path("os-kernel"))
            self.fails(1, "os-kernel is neither", "run", "os")
            self.fails(1, "os-kernel is neither", "ls", "os")
            os.remove(self.path("os-kernel"))

    def test_other_programs_initrds(self):
        """Hard links whose last name has the bytes; archives end to end, of which the later one counts."""
        os.makedirs(self.path("a/d"))
        self.write("a/d/one", "bytes of the first\n")
        os.link(self.path("a/d/one"), self.path("a/d/two"))
        os.symlink("d", self.path("a/l"))
        os.makedirs(self.path("b/l"))
        self.write("b/l/one", "newer\n")
        out = b""
        for directory, names, tool in (("a", "d\nd/one\nd/two\nl\n", "cat"), ("b", "l/one\n", "gzip")):
            cpio = subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], input=names.encode(),
                                  cwd=self.path(directory), stdout=subprocess.PIPE, check=True, timeout=60).stdout
            out += subprocess.run([tool], input=cpio, stdout=subprocess.PIPE, check=True, timeout=60).stdout
            out += b"\0" * (-len(out) % 512)
        with open(self.path("x.img"), "wb") as f:
            f.write(out)
        self.assertEqual(self.ok("ls", "-R", "x.img").out, "d\nd/one\nd/two\nl\n")
        self.assertEqual(self.ok("cat", "x.img", "d/one", "d/two").out, "newer\nbytes of the first\n")
        kinds = [i["kind"] for i in json.loads(self.ok("--json", "inspect", "x.img").out)["items"]]
        self.assertEqual(kinds, ["initrd", "not compressed", "gzip"])

    def test_broken(self):
        """Every byte may be wrong, and the end missing: an error or an answer, and never a crash."""
        for name in ("kernel+squashfs", "kernel+erofs", "kernel+initrd", "iso-bios", "qcow2", "vmdk"):
            self.build(name)
        seed = random.Random(1)
        for name in ("os-squashfs.img", "os-erofs.img", "os-initrd.img", "os.iso", "os.qcow2", "os.vmdk"):
            with open(self.path(name), "rb") as f:
                data = f.read()
            for turn in range(12):
                broken = bytearray(data)
                # Mostly in the headers, which come first.
                for _ in range(turn):
                    broken[seed.randrange(min(len(data), seed.choice((512, 65536, len(data)))))] = seed.randrange(256)
                with open(self.path("broken"), "wb") as f:
                    f.write(broken[:seed.randrange(len(data)) if turn % 3 == 0 else len(data)])
                for args in (("ls", "-R", "broken"), ("cat", "broken", "/opt/copy"), ("inspect", "broken"),
                             ("diff", name, "broken"), ("diff", "broken", "broken")):
                    r = self.run_wherry("-q", *args)
                    self.assertIn(r.code, (0, 1), (name, turn, args, r))


if __name__ == "__main__":
    main()
