#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""build --format kernel+squashfs: the image has what the tar has, and the same bytes however it is made."""
import io
import os
import subprocess
import tarfile

import ocilib
from harness import Case, main

XATTR = "SCHILY.xattr."
CAPABILITY = "\x01\x00\x00\x02\x00\x04" + "\0" * 14


def layer():
    """Links, owners, attributes and a device, beside what an init has."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, kind, fields, data in (
                ("init", tarfile.REGTYPE, {"mode": 0o755}, b"#!/bin/sh\n"),
                ("opt", tarfile.DIRTYPE, {"mode": 0o1770, "gid": 70000, "mtime": 7}, b""),
                ("opt/ping", tarfile.REGTYPE, {"mode": 0o755, "uid": 3, "pax_headers": {
                    XATTR + "security.capability": CAPABILITY, XATTR + "user.x": "y"}}, b"ping" * 100),
                ("opt/again", tarfile.LNKTYPE, {"linkname": "opt/ping"}, b""),
                ("opt/zeros", tarfile.REGTYPE, {}, bytes(1 << 20)),
                ("opt/copy", tarfile.REGTYPE, {}, os.urandom(100000)),
                ("opt/link", tarfile.SYMTYPE, {"linkname": "../opt/ping"}, b""),
                ("opt/null", tarfile.CHRTYPE, {"devmajor": 1, "devminor": 3, "mode": 0o666}, b"")):
            info = tarfile.TarInfo(name)
            info.type, info.size = kind, len(data)
            for field, value in fields.items():
                setattr(info, field, value)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def facts(tar):
    """What each name is, but for boot/; of hard links which names are one file."""
    found, links = {}, {}
    for m in tar:
        name = m.name.removeprefix("./").strip("/")
        if name.startswith("boot/"):
            continue
        target = m.linkname.removeprefix("./") if m.islnk() else name
        links.setdefault(target, set()).add(name)
        if not m.islnk():
            found[name] = (m.type, m.mode, m.uid, m.gid, int(m.mtime), m.linkname, m.devmajor, m.devminor,
                           tar.extractfile(m).read() if m.isreg() else None,
                           {k: v for k, v in m.pax_headers.items() if k.startswith(XATTR)})
    found.pop(".", found.pop("", None))
    return found, sorted(sorted(names) for names in links.values() if len(names) > 1)


class Squashfs(Case):
    def setUp(self):
        super().setUp()
        self.layout = ocilib.standard(self.path("layout"))
        self.layout.name("example.test/init:1", self.layout.image([layer()]))
        self.write("os.yml", ocilib.OS_YML)
        self.ok("-q", "cache", "import", "layout")

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    def build(self, *args, **more):
        return self.ok("build", "--arch", "amd64", "-f", "kernel+squashfs", *args, "os.yml", **more)

    def test_the_image_has_what_the_tar_has(self):
        self.build("-f", "tar,kernel+initrd")
        self.assertEqual(sorted(n for n in os.listdir(self.dir) if n.startswith("os-")),
                         ["os-cmdline", "os-initrd.img", "os-kernel", "os-squashfs.img"])
        self.assertEqual(self.read("os-kernel"), ocilib.KERNEL)
        self.assertEqual(self.read("os-cmdline"), b"console=ttyS0")
        got = subprocess.run(["sqfs2tar", self.path("os-squashfs.img")], check=True, stdout=subprocess.PIPE).stdout
        with tarfile.open(fileobj=io.BytesIO(got)) as a, tarfile.open(self.path("os.tar")) as b:
            found, expected = facts(a), facts(b)
        self.maxDiff = None
        self.assertEqual(found, expected)
        self.assertEqual(found[1], [["opt/again", "opt/ping"]])
        self.assertEqual(found[0]["opt/again"][9][XATTR + "security.capability"], CAPABILITY)
        # Another implementation finds it sound, too, and the root's mode.
        listed = subprocess.run(["unsquashfs", "-lln", self.path("os-squashfs.img")], check=True,
                                stdout=subprocess.PIPE, text=True).stdout
        self.assertRegex(listed, r"(?m)^drwxr-xr-x 0/0 +\d+ 2017-04-18 16:30 squashfs-root$")
        self.assertIn("squashfs-root/boot\n", listed)
        self.assertLess(os.path.getsize(self.path("os-squashfs.img")), 200000)

    def test_the_same_bytes(self):
        self.build()
        first = self.read("os-squashfs.img")
        self.assertIn("os has not changed", self.build("--name", "kept", "-v", "2").err)
        self.build("--name", "one", "--fresh", "--threads", "1")
        self.build("--name", "odd", "--fresh", "--threads", "5", env={"TZ": "Asia/Kathmandu", "LC_ALL": "C"},
                   umask=0o77)
        for name in ("kept", "one", "odd"):
            self.assertEqual(self.read(name + "-squashfs.img"), first, name)

    def test_a_change_of_one_file_is_a_new_image(self):
        self.build()
        first = self.read("os-squashfs.img")
        self.write("os.yml", ocilib.OS_YML.replace('"hello"', '"other"'))
        self.build()
        self.assertNotEqual(self.read("os-squashfs.img"), first)
        motd = subprocess.run(["unsquashfs", "-cat", self.path("os-squashfs.img"), "etc/motd"], check=True,
                              stdout=subprocess.PIPE).stdout
        self.assertEqual(motd, b"other")

    def test_what_it_cannot_hold(self):
        self.write("os.yml", ocilib.OS_YML)
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
            info = tarfile.TarInfo("acl")
            info.pax_headers[XATTR + "system.other"] = "x"
            tar.addfile(info)
        self.layout.name("example.test/init:1", self.layout.image([out.getvalue()]))
        self.ok("-q", "cache", "import", "layout")
        warning = ("warning: of extended attributes, a squashfs holds only user.*, trusted.* and security.*: "
                   "acl is without the others\n")
        self.assertIn(warning, self.build().err)
        # The second build takes the image from the cache, and knows it still.
        again = self.build("-v", "2").err
        self.assertIn("os has not changed", again)
        self.assertIn(warning, again)


if __name__ == "__main__":
    main()
