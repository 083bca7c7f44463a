#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Disks with random extents in each format: other programs must find them sound, and the right bytes in them.

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
COUNT = int(sys.argv[3]) if len(sys.argv) > 3 else 15

SECTOR, CLUSTER, TABLE, MIB = 512, 64 << 10, 512 << 20, 1 << 20
SIZES = (1, 511, 512, 1000, CLUSTER - 1, CLUSTER, CLUSTER + 1, 3 * CLUSTER, TABLE - 1, TABLE, TABLE + 1,
         5 * TABLE + 777, 33 << 30, (2 << 40) + 3, 12 << 40)


class Format:
    """A format of ours, and what QEMU calls it. limit: bytes of the largest disk; block: what is there or not."""

    def __init__(self, name, qemu, unit=SECTOR, block=CLUSTER, limit=1 << 62, packs=False, checked=True):
        self.name, self.qemu, self.unit, self.block, self.limit = name, qemu, unit, block, limit
        self.packs, self.checked = packs, checked


FORMATS = (
    Format("raw", "raw", block=4096, checked=False),
    Format("qcow2", "qcow2"),
    Format("qcow2+zlib", "qcow2", packs=True),
    Format("qcow2+zstd", "qcow2", packs=True),
    Format("vmdk", "vmdk", unit=CLUSTER, limit=(2 << 40) - (64 << 30)),
    Format("stream-vmdk", "vmdk", unit=CLUSTER, limit=(2 << 40) - (64 << 30), packs=True),
    Format("vhd", "vpc", unit=MIB, block=4096, limit=2040 << 30, checked=False),
    Format("dynamic-vhd", "vpc", unit=MIB, block=2 << 20, limit=2040 << 30, checked=False),
    Format("vhdx", "vhdx", unit=MIB, block=MIB, limit=64 << 40),
)


def up(n, to):
    return (n + to - 1) // to * to


def fail(seed, what):
    sys.exit(f"seed {seed}: {what}")


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


def make_source(r, path):
    """Bytes that compress well, not at all, and zeros."""
    with open(path, "wb") as f:
        f.write(r.randbytes(300000) + b"".join(b"line %d of a text\n" % i for i in range(12000)) + bytes(300000))
    return os.path.getsize(path)


def command(format_name, size, extents):
    return [DISK_TOOL, format_name, str(size)] + [str(x) for at, what, _ in extents for x in (at, what)]


def write(out, format_name, size, extents, piped=False):
    with open(out, "wb") as f:
        if not piped:
            subprocess.run(command(format_name, size, extents), stdout=f, check=True)
            return
        with subprocess.Popen(command(format_name, size, extents), stdout=subprocess.PIPE) as p:
            shutil.copyfileobj(p.stdout, f)
        if p.returncode:
            sys.exit(f"disk-tool {format_name} ends with {p.returncode}")


def qemu_img(*args):
    return subprocess.run(("qemu-img",) + args, check=True, capture_output=True, text=True).stdout


def same_bytes(a, b):
    return subprocess.run(["cmp", a, b], check=False).returncode == 0


def check_map(seed, fmt, path, blocks, whole):
    """What QEMU finds to be there is what an extent reaches into."""
    for part in json.loads(qemu_img("map", "--output=json", "-f", fmt.qemu, path)):
        first, end = part["start"] // fmt.block, up(part["start"] + part["length"], fmt.block) // fmt.block
        inside = sum(first <= b < end for b in blocks)
        last = up(whole, fmt.block) // fmt.block
        if inside != (min(end, last) - first if part["data"] else 0):
            fail(seed, f"{fmt.name}: {part} and blocks {sorted(blocks)[:20]}")


def check_found(seed, fmt, path, whole, blocks):
    info = json.loads(qemu_img("info", "--output=json", "-f", fmt.qemu, path))
    if info["virtual-size"] != up(whole, fmt.unit):
        fail(seed, f"{fmt.name}: {info}")
    if fmt.checked:
        report = json.loads(qemu_img("check", "--output=json", "-f", fmt.qemu, path))
        if report["check-errors"] or report.get("leaks") or report.get("corruptions"):
            fail(seed, f"{fmt.name}: {report}")
        if fmt.name == "qcow2" and report.get("allocated-clusters", 0) != len(blocks):
            fail(seed, f"{report} instead of {len(blocks)} clusters")
        if fmt.qemu == "qcow2" and report["image-end-offset"] != os.path.getsize(path):
            fail(seed, f"{fmt.name}: {report} and {os.path.getsize(path)} bytes")


def check_extents(seed, fmt, extents, path, part):
    """Like a comparison, for a format of which QEMU does not know where it is empty: it would read all of it."""
    for at, _, data in extents:
        first, end = at // SECTOR, up(at + len(data), SECTOR) // SECTOR
        qemu_img("dd", "-f", fmt.qemu, "-O", "raw", f"bs={SECTOR}", f"skip={first}", f"count={end}", f"if={path}",
                 f"of={part}")
        with open(part, "rb") as f:
            if f.read()[at - first * SECTOR:][:len(data)] != data:
                fail(seed, f"{fmt.name}: other bytes at {at}")


def check_by_7z(seed, fmt, path, model, whole):
    """A reader that has nothing to do with QEMU. It knows no zstd in qcow2."""
    if whole > 8 * MIB or fmt.name in ("raw", "qcow2+zstd"):
        return
    kind = {"qcow2": "qcow", "vpc": "vhd"}.get(fmt.qemu, fmt.qemu)
    found = subprocess.run(["7z", "x", "-so", f"-t{kind}", path], check=True, capture_output=True).stdout
    with open(model, "rb") as f:
        expected = f.read()
    if found[:whole] != expected or found[whole:].strip(b"\0"):
        fail(seed, f"{fmt.name}: 7z finds other bytes")


def check_format(seed, fmt, size, extents, model, top):
    path, again, whole = os.path.join(top, "disk"), os.path.join(top, "again"), up(size, SECTOR)
    if up(size, fmt.unit) > fmt.limit:
        refused = subprocess.run(command(fmt.name, size, extents), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                 check=False, text=True)
        if refused.returncode != 1 or "can't have" not in refused.stderr:
            fail(seed, f"{fmt.name} of {size} bytes: {refused}")
        return
    write(path, fmt.name, size, extents)
    blocks = {b for at, _, data in extents for b in range(at // fmt.block, (at + len(data) - 1) // fmt.block + 1)}
    taken, most = os.stat(path).st_blocks * 512, sum(up(len(data), 4096) + 8192 for _, _, data in extents)
    # Tables: a VHD's has no holes, and qcow2 one of 64 KiB for each 512 MiB that have something.
    if taken > most + (len(extents) + 8) * 2 * CLUSTER + (up(size, 2 << 20) >> 19 if fmt.name == "dynamic-vhd" else 0):
        if not (fmt.name == "vmdk" and taken < most + (len(extents) + 8) * 2 * CLUSTER + size // (256 << 10)):
            fail(seed, f"{fmt.name}: the file takes {taken} bytes for {most}")
    # Reading the holes of a large file would take long.
    if os.path.getsize(path) < 64 * MIB:
        write(again, fmt.name + ("@3" if fmt.packs else ""), size, extents, piped=True)
        if not same_bytes(path, again):
            fail(seed, f"{fmt.name}: other bytes to a pipe, or by other threads")
    if fmt.qemu == "raw" and os.path.getsize(path) != whole:
        fail(seed, f"the raw disk has {os.path.getsize(path)} bytes and not {whole}")
    if fmt.name == "vhdx" and whole > 1 << 30:
        check_extents(seed, fmt, extents, path, again)
    else:
        qemu_img("compare", "-f", "raw", "-F", fmt.qemu, model, path)
    check_found(seed, fmt, path, whole, blocks)
    if fmt.name == "vhdx":
        # QEMU's map does not say what is there in one. 3 MiB, and 8 bytes for each block.
        if os.path.getsize(path) != 3 * MIB + up(up(whole, MIB) // MIB * 8 + 1, MIB) + len(blocks) * MIB:
            if whole <= 1 << 40:
                fail(seed, f"vhdx: {os.path.getsize(path)} bytes for {len(blocks)} blocks")
    elif not fmt.packs and fmt.qemu != "raw" and fmt.name != "vhd":
        check_map(seed, fmt, path, blocks, whole)
    check_by_7z(seed, fmt, path, model, whole)


def check(seed, top):
    r = random.Random(seed)
    source, model = os.path.join(top, "source"), os.path.join(top, "model")
    source_size = make_source(r, source)
    size = SIZES[seed % len(SIZES)]
    extents = random_extents(r, size, source, source_size)
    with open(model, "wb") as f:
        f.truncate(up(size, SECTOR))
        for at, _, data in extents:
            f.seek(at)
            f.write(data)
    for fmt in FORMATS:
        check_format(seed, fmt, size, extents, model, top)


with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
    for s in range(FIRST, FIRST + COUNT):
        check(s, directory)
print(f"{COUNT} disks are right to qemu-img and 7z in {len(FORMATS)} formats")
