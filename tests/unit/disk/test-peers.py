#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Disks with random extents: qemu-img must find each raw and qcow2 file sound, and the right bytes in it.

usage: test-peers.py DISK_TOOL [FIRST_SEED [COUNT]]
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

DISK_TOOL = sys.argv[1]
FIRST = int(sys.argv[2]) if len(sys.argv) > 2 else 1
COUNT = int(sys.argv[3]) if len(sys.argv) > 3 else 8

SECTOR, CLUSTER, TABLE = 512, 64 << 10, 512 << 20
SIZES = (1, 511, 512, 1000, CLUSTER - 1, CLUSTER, CLUSTER + 1, 3 * CLUSTER, TABLE - 1, TABLE, TABLE + 1,
         5 * TABLE + 777, 33 << 30, 2 << 40, (2 << 40) + 3)


def up(n, to):
    return (n + to - 1) // to * to


def random_extents(r, size, source, source_size):
    """What disk-tool is to put where: (at, text or file part, bytes)."""
    extents, used = [], []
    for _ in range(r.choice((0, 1, 3, 12))):
        length = min(r.choice((1, 10, SECTOR, 5000, CLUSTER, CLUSTER + 1, 300000)), size)
        edges = (0, size - length, CLUSTER, CLUSTER - 1, TABLE - 1, TABLE, TABLE - CLUSTER // 2, size // 2)
        at = min(max(0, r.choice(edges + (r.randrange(size),))), size - length)
        if any(at < end and begin < at + length for begin, end in used):
            continue
        used.append((at, at + length))
        if length < 20:
            text = "".join(r.choice("abcdef") for _ in range(length))
            extents.append((at, text, text.encode()))
        else:
            offset = r.randrange(source_size - length)
            with open(source, "rb") as f:
                f.seek(offset)
                extents.append((at, f"{source}:{offset}:{length}", f.read(length)))
    r.shuffle(extents)
    return extents


def write(out, format_name, size, extents, piped):
    command = [DISK_TOOL, format_name, str(size)] + [str(x) for at, what, _ in extents for x in (at, what)]
    with open(out, "wb") as f:
        if not piped:
            subprocess.run(command, stdout=f, check=True)
            return
        with subprocess.Popen(command, stdout=subprocess.PIPE) as p:
            shutil.copyfileobj(p.stdout, f)
        if p.returncode:
            sys.exit(f"{' '.join(command)} ends with {p.returncode}")


def qemu_img(*args):
    return subprocess.run(("qemu-img",) + args, check=True, capture_output=True, text=True).stdout


def same_bytes(a, b):
    return subprocess.run(["cmp", a, b], check=False).returncode == 0


def check(seed, top):
    r = random.Random(seed)
    source, model, raw, qcow2, again = (os.path.join(top, n) for n in ("source", "model", "raw", "qcow2", "again"))
    with open(source, "wb") as f:
        f.write(r.randbytes(400000))
    size = SIZES[seed % len(SIZES)]
    extents = random_extents(r, size, source, 400000)
    whole = up(size, SECTOR)

    with open(model, "wb") as f:
        f.truncate(whole)
        for at, _, data in extents:
            f.seek(at)
            f.write(data)
    write(raw, "raw", size, extents, piped=False)
    write(qcow2, "qcow2", size, extents, piped=False)
    for path in (raw, qcow2):
        taken = os.stat(path).st_blocks * 512
        if taken > sum(up(len(data), 4096) + 8192 for _, _, data in extents) + (len(extents) + 6) * CLUSTER:
            sys.exit(f"seed {seed}: {path} takes {taken} bytes")
    write(again, "qcow2", size, extents, piped=True)
    if not same_bytes(qcow2, again):
        sys.exit(f"seed {seed}: other bytes to a pipe")

    if os.path.getsize(raw) != whole:
        sys.exit(f"seed {seed}: the raw disk has {os.path.getsize(raw)} bytes and not {whole}")
    qemu_img("compare", "-f", "raw", "-F", "raw", raw, model)
    qemu_img("compare", "-f", "raw", "-F", "qcow2", model, qcow2)
    report = json.loads(qemu_img("check", "--output=json", "-f", "qcow2", qcow2))
    clusters = {c for at, _, data in extents for c in range(at // CLUSTER, (at + len(data) - 1) // CLUSTER + 1)}
    wanted = {"image-end-offset": os.path.getsize(qcow2), "check-errors": 0, "allocated-clusters": len(clusters)}
    found = {key: report.get(key, 0) for key in wanted}
    if found != wanted or report.get("leaks") or report.get("corruptions"):
        sys.exit(f"seed {seed}: {report} instead of {wanted}")
    info = json.loads(qemu_img("info", "--output=json", "-f", "qcow2", qcow2))
    if info["virtual-size"] != whole or info["format-specific"]["data"]["compat"] != "1.1":
        sys.exit(f"seed {seed}: {info}")
    for part in json.loads(qemu_img("map", "--output=json", "-f", "qcow2", qcow2)):
        first, end = part["start"] // CLUSTER, up(part["start"] + part["length"], CLUSTER) // CLUSTER
        inside = sum(first <= c < end for c in clusters)
        if inside != (end - first if part["data"] else 0):
            sys.exit(f"seed {seed}: {part} and clusters {sorted(clusters)[:20]}")


with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
    for s in range(FIRST, FIRST + COUNT):
        check(s, directory)
print(f"{COUNT} disks are right to qemu-img")
