#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""build --format kernel+iso: the ISO has what the tar has, and the same bytes however it is made."""
import io
import os
import re
import subprocess
import tarfile

import ocilib
from harness import Case, main
from test_root_images import CAPABILITY, XATTR, facts

ROOM = 2048  # a CD's sector


def layer(entries):
    """Of (name, type, fields, data)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, kind, fields, data in entries:
            info = tarfile.TarInfo(name)
            info.type, info.size = kind, len(data)
            for field, value in fields.items():
                setattr(info, field, value)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


DEEP = "/".join("d%d" % i for i in range(30))
ENTRIES = [
    ("init", tarfile.REGTYPE, {"mode": 0o755}, b"#!/bin/sh\n"),
    ("opt", tarfile.DIRTYPE, {"mode": 0o1770, "gid": 70000, "mtime": 7}, b""),
    ("opt/ping", tarfile.REGTYPE, {"mode": 0o4755, "uid": 3}, b"ping" * 100),
    ("opt/again", tarfile.LNKTYPE, {"linkname": "opt/ping"}, b""),
    ("opt/Ping", tarfile.REGTYPE, {}, b"another"),
    ("opt/zeros", tarfile.REGTYPE, {}, bytes(1 << 20)),
    ("opt/link", tarfile.SYMTYPE, {"linkname": "../opt/ping"}, b""),
    ("n" * 253, tarfile.REGTYPE, {"mtime": 4294967296}, b"n"),
    (DEEP, tarfile.DIRTYPE, {"mode": 0o711}, b""),
    (DEEP + "/file", tarfile.REGTYPE, {}, b"deep"),
]


class Iso(Case):
    def setUp(self):
        super().setUp()
        self.layout = ocilib.standard(self.path("layout"))
        self.write("os.yml", ocilib.OS_YML)
        self.take(ENTRIES)

    def take(self, entries):
        self.layout.name("example.test/init:1", self.layout.image([layer(entries)]))
        self.ok("-q", "cache", "import", "layout")

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    def build(self, *args, **more):
        return self.ok("build", "--arch", "amd64", "-f", "kernel+iso", *args, "os.yml", **more)

    def test_the_iso_has_what_the_tar_has(self):
        self.build("-f", "tar")
        self.assertEqual(self.read("os-kernel"), ocilib.KERNEL)
        self.assertEqual(self.read("os-cmdline"), b"console=ttyS0")
        got = subprocess.run(["bsdtar", "--format", "pax", "-cf", "-", "@os.iso"], check=True, cwd=self.dir,
                             stdout=subprocess.PIPE, timeout=60).stdout
        with tarfile.open(fileobj=io.BytesIO(got)) as a, tarfile.open(self.path("os.tar")) as b:
            (found, found_links), (expected, links) = facts(a), facts(b)
        # bsdtar has another idea of device numbers than Linux.
        self.assertEqual({k: v[:6] + v[8:] for k, v in found.items()},
                         {k: v[:6] + v[8:] for k, v in expected.items()})
        self.assertEqual(found_links, links)
        # What is larger than the files is their last sectors, and the directories.
        with tarfile.open(self.path("os.tar")) as tar:
            sizes = [m.size for m in tar if m.isreg() and not m.name.startswith("boot/")]
        least = sum((size + ROOM - 1) // ROOM * ROOM for size in sizes)
        self.assertLess(os.path.getsize(self.path("os.iso")), least + (64 << 10) + len(expected) * ROOM)

    def test_other_programs_find_it_sound(self):
        self.build()
        checked = subprocess.run(["xorriso", "-indev", "os.iso", "-check_media", "--"], cwd=self.dir, text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True, timeout=60).stdout
        self.assertNotRegex(checked, "SORRY|FAILURE|WARNING")
        listed = subprocess.run(["isoinfo", "-d", "-i", "os.iso"], cwd=self.dir, text=True, stdout=subprocess.PIPE,
                                check=True, timeout=60).stdout
        self.assertIn("Rock Ridge signatures version 1 found", listed)
        self.assertEqual(int(re.search(r"Volume size is: (\d+)", listed)[1]) * ROOM,
                         os.path.getsize(self.path("os.iso")))
        kind = subprocess.run(["file", "-b", "os.iso"], cwd=self.dir, text=True, stdout=subprocess.PIPE, check=True)
        self.assertEqual(kind.stdout, "ISO 9660 CD-ROM filesystem data 'WHERRY'\n")

    def test_the_same_bytes(self):
        self.build()
        first = self.read("os.iso")
        self.assertIn("os has not changed", self.build("--name", "kept", "-v", "2").err)
        self.build("--name", "one", "--fresh", "--threads", "1")
        self.build("--name", "odd", "--fresh", "--threads", "5", env={"TZ": "Asia/Kathmandu", "LC_ALL": "C"},
                   umask=0o77)
        for name in ("kept", "one", "odd"):
            self.assertEqual(self.read(name + ".iso"), first, name)

    def test_what_it_cannot_hold(self):
        self.take(ENTRIES + [("opt/cap", tarfile.REGTYPE, {"pax_headers": {
            XATTR + "security.capability": CAPABILITY}}, b"x")])
        warning = ("warning: an ISO 9660 cannot hold extended attributes, among them file capabilities: opt/cap is "
                   "without them, and may fail for users other than root\n")
        self.assertIn(warning, self.build().err)
        again = self.build("-v", "2").err
        self.assertIn("os has not changed", again)
        self.assertIn(warning, again)

    def test_what_is_refused(self):
        for name, fields, says in (
                ("n" * 254, {"type": tarfile.REGTYPE}, "n: of names on an ISO 9660, Linux shows at most 253 bytes"),
                ("dev", {"type": tarfile.CHRTYPE, "devmajor": 0, "devminor": 256},
                 "/dev0: an ISO 9660 can't hold the device number 0:256")):
            kind = fields.pop("type")
            self.take(ENTRIES + [(name if kind == tarfile.REGTYPE else "dev0", kind, fields, b"")])
            self.fails(1, says, "build", "--arch", "amd64", "-f", "kernel+iso", "os.yml")
            self.assertFalse(os.path.exists(self.path("os.iso")))


if __name__ == "__main__":
    main()
