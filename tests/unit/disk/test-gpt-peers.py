#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Partition tables: sgdisk must make the same ones, and it and sfdisk find no fault in ours.

usage: test-gpt-peers.py GPT_TOOL DIRECTORY_OF_DISKLIB
"""

import os
import subprocess
import sys
import tempfile

sys.path.insert(0, sys.argv[2])
from disklib import sfdisk_fault, sgdisk_fault  # noqa: E402

GPT_TOOL = sys.argv[1]
MIB, SECTOR = 1 << 20, 512
ESP = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
DISKS = [
    (0, []),
    (0, [("one", 512)]),
    (0, [("EFI system", 33 * MIB), ("Würzel 😀", 5 * MIB + 512), ("", MIB)]),
    (100 * MIB + 512, [("a", MIB), ("b", 2 * MIB)]),
    (3 << 40, [("large", 1 << 40)]),
    (0, [(f"p{i}", MIB) for i in range(14)]),
]


def guid(digit):
    return "-".join(digit * n for n in (8, 4, 4, 4, 12))


def run(*args):
    # Partition names are UTF-8 for both programs only in such a locale.
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    return subprocess.run(args, check=True, capture_output=True, text=True, env=environment).stdout


def make_by_peer(path, size, partitions):
    with open(path, "wb") as f:
        f.truncate(size)
    command = ["sgdisk", "--clear", f"--disk-guid={guid('D')}"]
    at = MIB
    for i, (name, length) in enumerate(partitions):
        command += [f"--new={i + 1}:{at // SECTOR}:{(at + length) // SECTOR - 1}", f"--typecode={i + 1}:{ESP}",
                    f"--partition-guid={i + 1}:{guid(f'{i + 1:X}')}", f"--change-name={i + 1}:{name}"]
        at = (at + length + MIB - 1) // MIB * MIB
    run(*command, path)


def tables(path):
    """Both ends of a disk, without the geometry of the protective partition, which means nothing."""
    with open(path, "rb") as f:
        head = bytearray(f.read(34 * SECTOR))
        f.seek(-33 * SECTOR, os.SEEK_END)
        head[446 + 5:446 + 8] = bytes(3)
        return bytes(head), f.read()


def check(ours, theirs, size, partitions):
    with open(ours, "wb") as f:
        subprocess.run([GPT_TOOL, str(size)] + [str(x) for p in partitions for x in p], stdout=f, check=True)
    if os.stat(ours).st_blocks * 512 > 64 << 10:
        sys.exit(f"{partitions}: {os.stat(ours).st_blocks} blocks")
    make_by_peer(theirs, os.path.getsize(ours), partitions)
    if tables(ours) != tables(theirs):
        sys.exit(f"{size}, {partitions}: other tables than sgdisk's")
    for fault in (sgdisk_fault, sfdisk_fault):
        if fault(ours):
            sys.exit(fault(ours))


def check_that_a_part_is_missed(path):
    """Both programs end with 0, and sfdisk says "No errors detected", also when the end of the disk is not there."""
    with open(path, "wb") as f:
        subprocess.run([GPT_TOOL, str(64 * MIB), "only", str(MIB)], stdout=f, check=True)
        f.truncate(63 * MIB)
    for fault in (sgdisk_fault, sfdisk_fault):
        if not fault(path):
            sys.exit(f"{fault.__name__}: nothing, of a disk whose end is missing")


with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
    for disk in DISKS:
        check(os.path.join(directory, "ours"), os.path.join(directory, "theirs"), *disk)
    check_that_a_part_is_missed(os.path.join(directory, "cut"))
print(f"{len(DISKS)} tables are right to sgdisk and sfdisk")
