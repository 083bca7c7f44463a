#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random layers as a squashfs: unsquashfs and sqfs2tar must find in it what the tar of the same tree has.

usage: test-peers.py TREE_TOOL FS_TOOL [FIRST_SEED [COUNT]]
"""

import os
import sys

from layers import Facts, compare, for_layers, run, tar_facts

TREE_TOOL, FS_TOOL = sys.argv[1:3]


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


def compare_image(seed, tar, image, data, top):
    pseudo = os.path.join(top, "pseudo")
    if len(data) % 4096:
        sys.exit(f"seed {seed}: {len(data)} bytes are not whole blocks of a disk")

    found = tar_facts(run("sqfs2tar", "--root-becomes", ".", image), True)
    compare(f"seed {seed}, sqfs2tar", found, tar_facts(tar, True))
    expected = tar_facts(tar, False)
    if os.path.exists(pseudo):
        os.unlink(pseudo)
    run("unsquashfs", "-pf", pseudo, image)
    with open(pseudo, "rb") as f:
        found = pseudo_facts(f.read())
    for path, facts in expected.items():
        if facts[6] and path in found and found[path][6] == device_as_shown(*facts[6]):
            found[path] = found[path][:6] + (facts[6],) + found[path][7:]
    compare(f"seed {seed}, unsquashfs", found, expected)


checked = for_layers(TREE_TOOL, FS_TOOL, "squashfs", sys.argv[3:], compare_image)
print(f"{len(checked)} trees are the same to unsquashfs and sqfs2tar")
