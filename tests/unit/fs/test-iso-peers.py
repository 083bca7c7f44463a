#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random layers as an ISO 9660: bsdtar, xorriso, isoinfo and 7z must find in it what the layer has.

usage: test-iso-peers.py FS_TOOL [FIRST_SEED [COUNT]]
"""

import io
import os
import random
import re
import sys
import tarfile

from layers import for_seeds, image_of, run

FS_TOOL = sys.argv[1]
SIZES = (0, 1, 2047, 2048, 2049, 10000, 300000)
NAMES = ("n%d", "N%d", "été %d", "x" * 240 + "%d", "%d.conf", ".hidden%d", "a.b.c%d", "same%%name%d", "UP-%d.TXT")
LETTERS = {tarfile.REGTYPE: "-", tarfile.DIRTYPE: "d", tarfile.SYMTYPE: "l", tarfile.FIFOTYPE: "p"}


def random_layer(r, path):
    """What an ISO 9660 holds, but devices, of which these tools print another number than Linux."""
    directories, files, taken = [""], [], set()
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for number in range(r.choice((3, 60, 400))):
            kind = r.choice("ffffffddlhp")
            base = r.choice(directories)
            name = r.choice(NAMES) % (number // 2)
            info = tarfile.TarInfo(f"{base}/{name}" if base else name)
            if info.name in taken:
                continue
            info.mode = r.choice((0o755, 0o644, 0o4711, 0o1777, 0o600, 0))
            info.uid, info.gid = r.choice((0, 1000, 70000)), r.choice((0, 5, 2097152))
            info.mtime = r.choice((0, 1, 1234567890, 1 << 31, 1 << 32, 5869583999))
            data = b""
            if kind == "f":
                data = r.randbytes(r.choice(SIZES))
                info.size = len(data)
                files.append(info.name)
            elif kind == "d" and len(info.name) < 2000:
                info.type = tarfile.DIRTYPE
                directories.append(info.name)
            elif kind == "h" and files:
                info.type, info.linkname = tarfile.LNKTYPE, r.choice(files)
            elif kind == "p":
                info.type = tarfile.FIFOTYPE
            else:
                info.type, info.linkname = tarfile.SYMTYPE, r.choice(("a", "../b/.", "/usr/é", "t" * 500, "/", "a/b/c"))
            taken.add(info.name)
            tar.addfile(info, io.BytesIO(data))


def facts(data):
    """What each path has; and the names of each file that has contents and several of them."""
    found, links = {}, {}
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for info in tar:
            path = info.name.strip("/").removeprefix("./")
            if path in ("", ".", "boot", "boot/grub"):
                continue
            if info.type == tarfile.LNKTYPE:
                target = info.linkname.removeprefix("./")
                found[path] = found[target]
                links.setdefault(target, {target}).add(path)
                continue
            found[path] = (LETTERS[info.type], info.mode, info.uid, info.gid, int(info.mtime), info.linkname,
                           tar.extractfile(info).read() if info.isfile() else b"")
    # Of files without contents bsdtar does not see that they are one.
    return found, sorted(sorted(names) for target, names in links.items() if found[target][6])


def compare(what, found, expected):
    if found == expected:
        return
    for path in sorted({*found, *expected}):
        if found.get(path) != expected.get(path):
            print(f"{what}: {path!r}:", str(found.get(path))[:300], "instead of", str(expected.get(path))[:300])
    sys.exit(f"{what}: other names or contents")


def mode_of(text):
    bits = sum(1 << (8 - i) for i, c in enumerate(text) if c not in "-ST")
    for place, bit in ((2, 0o4000), (5, 0o2000), (8, 0o1000)):
        if text[place] in "sStT":
            bits |= bit
    return bits


def xorriso_facts(image):
    out = run("xorriso", "-report_about", "SORRY", "-indev", image, "-find", "/", "-exec", "lsdl", "--")
    found = {}
    for line in out.decode("utf-8", "surrogateescape").splitlines():
        m = re.match(r"(.)(.{9}) +\d+ (\d+) +(\d+) +(\d+) .{12} '/(.*?)'(?: -> '(.*)')?$", line)
        if m and m[6] not in ("", "boot", "boot/grub"):
            found[m[6]] = (m[1], mode_of(m[2]), int(m[3]), int(m[4]), int(m[5]), m[7] or "")
    return found


def check(seed, top):
    layer, image = os.path.join(top, "layer"), os.path.join(top, "image.iso")
    random_layer(random.Random(seed), layer)
    image_of(seed, FS_TOOL, "iso9660", layer, image)
    with open(layer, "rb") as f:
        expected = facts(f.read())
    found = facts(run("bsdtar", "--format", "pax", "-cf", "-", "@" + image))
    compare(f"seed {seed}, bsdtar", found[0], expected[0])
    if found[1] != expected[1]:
        sys.exit(f"seed {seed}, bsdtar: other hard links")
    compare(f"seed {seed}, xorriso", xorriso_facts(image),
            {path: (*f[:4], len(f[6]), f[5]) for path, f in expected[0].items()})
    # isoinfo has no more than a kilobyte for a path, and takes an escape for the end of a name.
    listed = run("isoinfo", "-R", "-f", "-i", image).decode("utf-8", "surrogateescape").splitlines()
    short = {path for path in expected[0] if len(os.fsencode(path)) < 900}
    if not {"/" + path for path in short} <= set(listed):
        sys.exit(f"seed {seed}, isoinfo: other names: {sorted(short - {p[1:] for p in listed})[:3]}")
    if b"Everything is Ok" not in run("7z", "t", image):
        sys.exit(f"seed {seed}: 7z is not content")


checked = for_seeds(sys.argv[2:], 5, check)
print(f"{len(checked)} trees are the same to bsdtar, xorriso, isoinfo and 7z")
