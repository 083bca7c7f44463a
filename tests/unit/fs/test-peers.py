#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random layers as a squashfs: unsquashfs and sqfs2tar must find in it what the tar of the same tree has.

usage: test-peers.py TREE_TOOL FS_TOOL [FIRST_SEED [COUNT]]
"""

import os
import random
import sys
import tempfile

from layers import Facts, compare, random_layer, run, tar_facts

TREE_TOOL, FS_TOOL = sys.argv[1:3]
FIRST = int(sys.argv[3]) if len(sys.argv) > 3 else 1
COUNT = int(sys.argv[4]) if len(sys.argv) > 4 else 6

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


def make(threads, out, layer, **kwargs):
    run(FS_TOOL, "squashfs", str(threads), out, layer, **kwargs)
    with open(out, "rb") as f:
        return f.read()


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
