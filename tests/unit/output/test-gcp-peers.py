#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Disks as images of Google Cloud: GNU tar, bsdtar and Python must unpack the right disk.raw, with its holes.

usage: test-gcp-peers.py GCP_TOOL
"""

import io
import os
import subprocess
import sys
import tarfile
import tempfile

GCP_TOOL = sys.argv[1]
GIB = 1 << 30


def spread(n, step, first=0):
    return [(first + i * step, f"extent {i}.") for i in range(n)]


# What the disk's size is, its extents, and the size of disk.raw.
DISKS = (
    ("empty", GIB, [], GIB),
    ("nothing at all", 0, [], 0),
    ("one byte", 1, [(0, "x")], GIB),
    ("both ends", GIB, [(0, "begin"), (GIB - 3, "end")], GIB),
    ("no hole at its end", 2 * GIB, [(2 * GIB - 513, "x" * 513)], 2 * GIB),
    ("four and an end", GIB, spread(4, 1 << 20), GIB),
    ("three and an end fit the header", GIB, spread(3, 1 << 20), GIB),
    ("a full block of the map", GIB, spread(24, 1 << 20), GIB),
    ("a second block", GIB, spread(25, 1 << 20), GIB),
    ("many", 3 * GIB + 1, spread(200, 10_000_001, 77), 4 * GIB),
    ("small gaps", GIB, spread(40, 1000) + spread(40, 4608, 1 << 20) + spread(40, 5000, 1 << 21), GIB),
    ("more than 8 GiB", 20 * GIB, [(0, "a"), (8 * GIB - 1, "bb"), (20 * GIB - 1, "c")], 20 * GIB),
)


def same(path, size, extents):
    """Whether a file has these bytes, and holes elsewhere."""
    data = dict(extents)
    with open(path, "rb") as f:
        if f.seek(0, os.SEEK_END) != size:
            return False
        at = 0
        while at < size:
            try:
                at = os.lseek(f.fileno(), at, os.SEEK_DATA)
            except OSError:
                break
            end = os.lseek(f.fileno(), at, os.SEEK_HOLE)
            expected = bytearray(end - at)
            for where in [w for w in data if w < end and w + len(data[w]) > at]:
                for i, c in enumerate(data[where].encode()):
                    if at <= where + i < end:
                        expected[where + i - at] = c
            if os.pread(f.fileno(), end - at, at) != expected:
                return False
            at = end
        return all(os.pread(f.fileno(), len(t), w) == t.encode() for w, t in extents) \
            and os.stat(path).st_blocks * 512 <= (len(extents) + 2) * 65536


def check(name, size, extents, whole, where):
    packed = os.path.join(where, "x.tar.gz")
    command = [GCP_TOOL, str(size)] + [str(x) for e in extents for x in e]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=60).stdout
    again = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=60).stdout
    if done != again or len(done) > 65536:
        sys.exit(f"{name}: {len(done)} bytes, or not the same twice")
    with open(packed, "wb") as f:
        f.write(done)
    with tarfile.open(fileobj=io.BytesIO(done)) as tar:
        members = tar.getmembers()
        if [(m.name, m.size, m.issparse()) for m in members] != [("disk.raw", whole, True)]:
            sys.exit(f"{name}: {members}")
    for program in (["tar", "-xSzf"], ["bsdtar", "-xSf"]):
        raw = os.path.join(where, "disk.raw")
        subprocess.run(program + [packed, "-C", where], check=True, timeout=300)
        if not same(raw, whole, extents):
            sys.exit(f"{name}: {program[0]} unpacks something else")
        os.remove(raw)


with tempfile.TemporaryDirectory(prefix="wherry-gcp-") as directory:
    for row in DISKS:
        check(*row, directory)
print(f"{len(DISKS)} disks")
