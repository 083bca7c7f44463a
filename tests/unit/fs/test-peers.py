#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random layers as a squashfs: unsquashfs and sqfs2tar must find in it what the tar of the same tree has.

usage: test-peers.py TREE_TOOL FS_TOOL [FIRST_SEED [COUNT]]
"""

import io
import os
import random
import subprocess
import sys
import tarfile
import tempfile

TREE_TOOL, FS_TOOL = sys.argv[1:3]
FIRST = int(sys.argv[3]) if len(sys.argv) > 3 else 1
COUNT = int(sys.argv[4]) if len(sys.argv) > 4 else 6

BLOCK = 128 << 10
SIZES = (0, 1, 5, 4096, BLOCK // 4, BLOCK // 2, 3 * BLOCK // 4, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 300000)
TYPES = {
    tarfile.REGTYPE: "R", tarfile.DIRTYPE: "D", tarfile.SYMTYPE: "S",
    tarfile.CHRTYPE: "C", tarfile.BLKTYPE: "B", tarfile.FIFOTYPE: "I",
}
CAPABILITY = "\x01\x00\x00\x02\x00\x04" + "\x00" * 14


def random_data(r, known):
    if known and r.random() < 0.3:
        return r.choice(known)
    size = r.choice(SIZES)
    kind = r.random()
    data = bytes(size) if kind < 0.2 else (b"wherry " * (size // 7 + 1))[:size] if kind < 0.5 else r.randbytes(size)
    if r.random() < 0.2:
        data += bytes(r.choice((1, BLOCK, BLOCK + 17)))
    known.append(data)
    return data


def random_layer(r, path):
    """All kinds of names; some data comes several times."""
    directories, files, known = [""], [], []
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for number in range(r.choice((1, 40, 400))):
            kind = r.choice("fffffffddllcbph")
            base = r.choice(directories)
            name = r.choice(("n%d", "été %d", "x" * 240 + "%d", "%d.conf")) % number
            info = tarfile.TarInfo(f"{base}/{name}" if base else name)
            info.mode = r.choice((0o755, 0o644, 0o4711, 0o1777, 0o600, 0))
            info.uid, info.gid = r.choice((0, 1000, 70000, 4294967294)), r.choice((0, 5, 2097152))
            info.mtime = r.choice((0, 1, 1234567890, 1 << 31, (1 << 32) - 1, 1 << 33, -5))
            data = b""
            if kind == "f":
                data = random_data(r, known)
                info.size = len(data)
                files.append(info.name)
                if r.random() < 0.2:
                    info.pax_headers["SCHILY.xattr.security.capability"] = CAPABILITY
                if r.random() < 0.1:
                    info.pax_headers["SCHILY.xattr.user.wherry"] = "v" * r.choice((1, 300))
            elif kind == "d":
                info.type = tarfile.DIRTYPE
                directories.append(info.name)
            elif kind == "l":
                info.type, info.linkname = tarfile.SYMTYPE, r.choice(("a", "../b", "/usr/é", "t" * 500))
            elif kind == "h":
                if not files:
                    continue
                info.type, info.linkname = tarfile.LNKTYPE, r.choice(files)
            elif kind == "p":
                info.type = tarfile.FIFOTYPE
            else:
                info.type = tarfile.CHRTYPE if kind == "c" else tarfile.BLKTYPE
                info.devmajor, info.devminor = r.choice(((1, 3), (259, 70000), (8, 255)))
            tar.addfile(info, io.BytesIO(data))


class Facts(dict):
    """What each path has: its facts; and which paths are one file."""

    def __init__(self):
        super().__init__()
        self.links = {}

    def link(self, path, target):
        self[path] = self[target]
        self.links.setdefault(target, {target}).add(path)

    def groups(self):
        return sorted(sorted(group) for group in self.links.values())


def tar_facts(data, xattrs):
    facts = Facts()
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for info in tar:
            path = info.name.strip("/").removeprefix("./")
            path = "" if path == "." else path
            if info.type == tarfile.LNKTYPE:
                facts.link(path, info.linkname.removeprefix("./"))
                continue
            device = (info.devmajor, info.devminor) if info.type in (tarfile.CHRTYPE, tarfile.BLKTYPE) else None
            found = sorted((k, v) for k, v in info.pax_headers.items() if k.startswith("SCHILY.xattr."))
            facts[path] = (TYPES[info.type], info.mode, info.uid, info.gid, min(max(int(info.mtime), 0), 2**32 - 1),
                           info.linkname, device, tar.extractfile(info).read() if info.isfile() else b"",
                           found if xattrs else None)
    return facts


def device_as_shown(major, minor):
    """unsquashfs before 4.6 takes the number apart as it was in Linux 2.4."""
    number = (minor & 0xff) | major << 8 | (minor & ~0xff) << 12
    return (number >> 8, number & 0xff)


def pseudo_facts(text):
    """What `unsquashfs -pf` writes: a line for each name, and behind them the bytes of all files."""
    head, _, data = text.partition(b"#\n# START OF DATA - DO NOT MODIFY\n#\n")
    facts = Facts()
    for line in head.decode("utf-8", "surrogateescape").splitlines():
        # A space of a name has a backslash before it.
        path, kind, *rest = [part.replace("\0", " ") for part in line.replace("\\ ", "\0").split(" ")]
        path = "" if path == "/" else path
        if kind == "x":  # an attribute, since 4.6
            continue
        if kind == "L":
            facts.link(path, rest[0])
            continue
        mtime, mode, uid, gid = int(rest[0]), int(rest[1], 8), int(rest[2]) % 2**32, int(rest[3]) % 2**32
        target, device, content = "", None, b""
        if kind == "S":
            target = rest[4]
        elif kind in "BC":
            device = (int(rest[4]), int(rest[5]))
        elif kind == "R":
            content = data[int(rest[5]):int(rest[5]) + int(rest[4])]
        facts[path] = (kind, mode, uid, gid, mtime, target, device, content, None)
    return facts


def run(*args, **kwargs):
    return subprocess.run(args, check=True, capture_output=True, **kwargs).stdout


def make(threads, out, layer, **kwargs):
    run(FS_TOOL, "squashfs", str(threads), out, layer, **kwargs)
    with open(out, "rb") as f:
        return f.read()


def compare(what, found, expected):
    if found == expected and found.groups() == expected.groups():
        return
    different = [p for p in sorted({*found, *expected}) if found.get(p) != expected.get(p)]
    for path in different[:3]:
        print(f"{what}: {path!r}:", str(found.get(path))[:500], "instead of", str(expected.get(path))[:500])
    sys.exit(f"{what}: {len(different)} of {len(expected)} names differ, or hard links do")


def check(seed, top):
    layer, tar, image, pseudo = (os.path.join(top, name) for name in ("layer", "tar", "image", "pseudo"))
    random_layer(random.Random(seed), layer)
    run(TREE_TOOL, "tar", "none", tar, layer)
    with open(tar, "rb") as f:
        as_tar = f.read()

    first = make(1, image, layer)
    odd = dict(os.environ, TZ="Asia/Kathmandu", LC_ALL="C")
    if make(3, image, layer, env=odd, umask=0o077) != first:
        sys.exit(f"seed {seed}: other bytes with other threads, time zone and umask")
    if len(first) % 4096:
        sys.exit(f"seed {seed}: {len(first)} bytes are not whole blocks of a disk")

    found = tar_facts(run("sqfs2tar", "--root-becomes", ".", image), True)
    compare(f"seed {seed}, sqfs2tar", found, tar_facts(as_tar, True))
    expected = tar_facts(as_tar, False)
    if os.path.exists(pseudo):
        os.unlink(pseudo)
    run("unsquashfs", "-pf", pseudo, image)
    with open(pseudo, "rb") as f:
        found = pseudo_facts(f.read())
    for path, facts in expected.items():
        if facts[6] and path in found and found[path][6] == device_as_shown(*facts[6]):
            found[path] = found[path][:6] + (facts[6],) + found[path][7:]
    compare(f"seed {seed}, unsquashfs", found, expected)


with tempfile.TemporaryDirectory() as directory:
    for s in range(FIRST, FIRST + COUNT):
        check(s, directory)
print(f"{COUNT} trees are the same to unsquashfs and sqfs2tar")
