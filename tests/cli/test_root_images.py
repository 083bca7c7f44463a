#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kernel+squashfs, kernel+erofs: the image has what the tar has, and the same bytes however it is made."""
import io
import os
import stat
import subprocess
import tarfile

import erofslib
import ocilib
from harness import Case, main

XATTR = "SCHILY.xattr."
LONG = b"What all have. " * 26213
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
                # Longer than what is compressed at a time, with an end that is stored once.
                ("zz/1", tarfile.REGTYPE, {}, LONG),
                ("zz/2", tarfile.REGTYPE, {}, LONG),
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


class Images:
    """For each format of images: FORMAT, HELD, and how to read one."""

    def setUp(self):
        super().setUp()
        self.image = "os-%s.img" % self.FORMAT
        self.layout = ocilib.standard(self.path("layout"))
        self.layout.name("example.test/init:1", self.layout.image([layer()]))
        self.write("os.yml", ocilib.OS_YML)
        self.ok("-q", "cache", "import", "layout")

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    def build(self, *args, **more):
        return self.ok("build", "--arch", "amd64", "-f", "kernel+" + self.FORMAT, *args, "os.yml", **more)

    def test_the_image_has_what_the_tar_has(self):
        self.build("-f", "tar,kernel+initrd")
        self.assertEqual(sorted(n for n in os.listdir(self.dir) if n.startswith("os-")),
                         sorted(["os-cmdline", "os-initrd.img", "os-kernel", self.image]))
        self.assertEqual(self.read("os-kernel"), ocilib.KERNEL)
        self.assertEqual(self.read("os-cmdline"), b"console=ttyS0")
        found = self.facts()
        with tarfile.open(self.path("os.tar")) as tar:
            expected = facts(tar)
        self.maxDiff = None
        self.assertEqual(found, expected)
        self.assertEqual(found[1], [["opt/again", "opt/ping"]])
        self.assertEqual(found[0]["opt/again"][9][XATTR + "security.capability"], CAPABILITY)
        self.assertLess(os.path.getsize(self.path(self.image)), 220000)

    def test_the_same_bytes(self):
        self.build()
        first = self.read(self.image)
        self.assertIn("root has not changed", self.build("--name", "kept", "-v", "2").err)
        self.build("--name", "one", "--fresh", "--threads", "1")
        self.build("--name", "odd", "--fresh", "--threads", "5", env={"TZ": "Asia/Kathmandu", "LC_ALL": "C"},
                   umask=0o77)
        for name in ("kept", "one", "odd"):
            self.assertEqual(self.read("%s-%s.img" % (name, self.FORMAT)), first, name)

    def test_a_change_of_one_file_is_a_new_image(self):
        self.build()
        first = self.read(self.image)
        self.write("os.yml", ocilib.OS_YML.replace('"hello"', '"other"'))
        self.build()
        self.assertNotEqual(self.read(self.image), first)
        self.assertEqual(self.facts()[0]["etc/motd"][8], b"other")
        # What is kept of the other parts gives the same as all made anew.
        self.build("--name", "fresh", "--fresh")
        self.assertEqual(self.read("fresh-%s.img" % self.FORMAT), self.read(self.image))

    def test_what_it_cannot_hold(self):
        self.write("os.yml", ocilib.OS_YML)
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
            info = tarfile.TarInfo("acl")
            info.pax_headers[XATTR + "system.other"] = "x"
            tar.addfile(info)
        self.layout.name("example.test/init:1", self.layout.image([out.getvalue()]))
        self.ok("-q", "cache", "import", "layout")
        warning = "warning: of extended attributes, %s: acl is without the others\n" % self.HELD
        self.assertIn(warning, self.build().err)
        # The second build takes the parts from the cache, and knows it still.
        again = self.build("-v", "2").err
        self.assertIn("root has not changed", again)
        self.assertIn(warning, again)


class Squashfs(Images, Case):
    FORMAT = "squashfs"
    HELD = "a squashfs holds only user.*, trusted.* and security.*"

    def facts(self):
        got = subprocess.run(["sqfs2tar", self.path(self.image)], check=True, stdout=subprocess.PIPE).stdout
        with tarfile.open(fileobj=io.BytesIO(got)) as tar:
            return facts(tar)

    def test_another_reader(self):
        """It finds the image sound, too, and the root's mode."""
        self.build()
        listed = subprocess.run(["unsquashfs", "-lln", self.path(self.image)], check=True, stdout=subprocess.PIPE,
                                text=True).stdout
        self.assertRegex(listed, r"(?m)^drwxr-xr-x 0/0 +\d+ 2017-04-18 16:30 squashfs-root$")
        self.assertIn("squashfs-root/boot\n", listed)
        shown = subprocess.run(["unsquashfs", "-s", self.path(self.image)], check=True, stdout=subprocess.PIPE,
                               text=True).stdout
        self.assertIn("Compression zstd", shown)
        self.assertIn("Block size 131072", shown)
        # All names but second ones, and the root.
        self.assertIn("Number of inodes %d\n" % (len(self.facts()[0]) + 1), shown)


class Erofs(Images, Case):
    FORMAT = "erofs"
    HELD = "an erofs holds only user.*, trusted.*, security.* and POSIX ACLs"

    def facts(self):
        kinds = {stat.S_IFREG: tarfile.REGTYPE, stat.S_IFDIR: tarfile.DIRTYPE, stat.S_IFLNK: tarfile.SYMTYPE,
                 stat.S_IFCHR: tarfile.CHRTYPE, stat.S_IFBLK: tarfile.BLKTYPE, stat.S_IFIFO: tarfile.FIFOTYPE}
        image, found = erofslib.Image(self.path(self.image)), {}
        for path, i in image.paths.items():
            if not path:
                continue
            kind = kinds[stat.S_IFMT(i.mode)]
            major, minor = image.device(i) or (0, 0)
            content = i.content() if kind in (tarfile.REGTYPE, tarfile.SYMTYPE) else None
            found[path] = (kind, i.mode & 0o7777, i.uid, i.gid, i.mtime,
                           content.decode() if kind == tarfile.SYMTYPE else "", major, minor,
                           content if kind == tarfile.REGTYPE else None,
                           {XATTR + name: value.decode() for name, value in i.xattrs().items()})
        for group in image.groups():
            for path in group[1:]:
                del found[path]
        return found, image.groups()

    def test_other_readers(self):
        self.build()
        subprocess.run(["fsck.erofs", "--extract", self.path(self.image)], check=True)
        shown = subprocess.run(["dump.erofs", "-s", self.path(self.image)], check=True, stdout=subprocess.PIPE,
                               text=True).stdout
        for line in ("Filesystem inode count: +%d" % erofslib.Image(self.path(self.image)).inos,
                     "Filesystem features: +sb_csum mtime 0padding big_pcluster",
                     "Filesystem UUID: +[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"):
            self.assertRegex(shown, line)
        motd = subprocess.run(["dump.erofs", "--path=/etc/motd", self.path(self.image)], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        self.assertIn("Size: 5 ", motd)


if __name__ == "__main__":
    main()
