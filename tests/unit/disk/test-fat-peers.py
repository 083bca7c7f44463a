#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""FATs with random files: fsck.vfat must find nothing, mtools the same names and bytes.

usage: test-fat-peers.py FAT_TOOL [FIRST_SEED [COUNT]]
"""

import os
import random
import re
import subprocess
import sys
import tempfile

FAT_TOOL = sys.argv[1]
FIRST = int(sys.argv[2]) if len(sys.argv) > 2 else 1
COUNT = int(sys.argv[3]) if len(sys.argv) > 3 else 12
MIB = 1 << 20

# What there is to be, besides random files: the sum of sizes, and the type that it makes.
KINDS = [(0, 16), (2 * MIB, 16), (31 * MIB, 16), (40 * MIB, 32), (150 * MIB, 32), (300 * MIB, 32)]
NAMES = ["KERNEL", "grub.cfg", "BOOTX64.EFI", "a", "lower.TXT", "Two Words.txt", ".hidden", "no-extension-at-all",
         "many.dots.in.a.name", "plus+comma,[brackets].x", "Grüße.txt", "日本語のファイル", "smile ☺.efi", "a.longer",
         "exactly13char", "x" * 255, "ü" * 127, "trailing.tar.gz", "UPPER.lower", "~tilde~1", "longname1.txt",
         "longname2.txt", "LONGNA~1.TXT", "longname3.txt", "'quoted'"]
ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8", "MTOOLS_SKIP_CHECK": "0"}


def run(*args, **options):
    done = subprocess.run(args, capture_output=True, check=False, env=ENVIRONMENT, **options)
    if done.returncode:
        sys.exit(f"{args} ends with {done.returncode}: {done.stdout} {done.stderr}")
    return done.stdout


def random_files(r, total, top):
    """Paths and sizes; total is the least that they are together."""
    dirs = ["", "EFI/", "EFI/BOOT/", "loader/entries and more/"]
    names = {}
    for name in r.sample(NAMES, r.randrange(len(NAMES))):
        path = r.choice(dirs) + name
        names[path.lower()] = path
    for i in range(r.choice((0, 3, 60))):
        path = r.choice(dirs) + f"numbered file {i}.cfg"
        names[path] = path
    paths = sorted(names.values())
    r.shuffle(paths)
    files = [(path, r.choice((0, 1, 511, 512, 513, 4096, 70000))) for path in paths]
    files.append(("big.img", max(0, total - sum(size for _, size in files))))
    for i, (_, size) in enumerate(files):
        with open(os.path.join(top, f"source{i}"), "wb") as f:
            f.write(r.randbytes(min(size, MIB)))
            f.seek(max(0, size - MIB))
            f.write(r.randbytes(min(size, MIB)))
    return files


def check_bytes(image, files, places, top):
    """As mtools copies them, and at the place where each was said to be."""
    copies = os.path.join(top, "copies")
    os.mkdir(copies)
    run("mcopy", "-i", image, "-s", "-n", "::/", copies)
    with open(image, "rb") as f:
        for i, (path, size) in enumerate(files):
            f.seek(places[i])
            with open(os.path.join(top, f"source{i}"), "rb") as s, open(os.path.join(copies, path), "rb") as c:
                wanted = s.read()
                if c.read() != wanted or f.read(size) != wanted:
                    sys.exit(f"{path}: other bytes")


def check(seed, top):
    r = random.Random(seed)
    total, bits = KINDS[seed % len(KINDS)]
    image = os.path.join(top, "image")
    files = random_files(r, total, top)
    size = 20 << 30 if total > 200 * MIB else total + (40 if bits == 32 else 1) * MIB if total > 20 * MIB else 12 * MIB
    size = r.choice((0, 0, size + r.randrange(500) * 512))
    command = [FAT_TOOL, str(size), r.choice(("", "BOOT", "ELEVEN CHAR"))]
    command += [x for i, (path, _) in enumerate(files) for x in (path, os.path.join(top, f"source{i}"))]
    with open(image, "wb") as f:
        made = subprocess.run(command, stdout=f, stderr=subprocess.PIPE, check=False, text=True)
    if made.returncode:
        sys.exit(f"seed {seed}: {made.stderr}")

    # It says what it would mend, and ends with 1 then.
    said = run("fsck.vfat", "-n", "-v", image).decode()
    found = re.search(r"(\d+) files, (\d+)/(\d+) clusters", said)
    wanted = len(files) + len({"/".join(p.split("/")[:i]) for p, _ in files for i in range(1, p.count("/") + 1)})
    if not found or int(found[1]) - wanted not in (0, 1):  # FAT16's root is one, too
        sys.exit(f"seed {seed}: {said}, and not the root and {wanted} more")
    kind = run("minfo", "-i", image, "::").decode()
    if f'disk type="FAT{bits} ' not in kind:
        sys.exit(f"seed {seed}: not a FAT{bits}: {kind}")
    clusters = int(found[3])
    if not (4085 + 16 <= clusters <= 65524 - 16 if bits == 16 else clusters >= 65525 + 16):
        sys.exit(f"seed {seed}: {clusters} clusters in a FAT{bits}")

    listed = run("mdir", "-i", image, "-/", "-b", "::").decode().splitlines()
    names = sorted(line[3:] for line in listed if not line.endswith("/"))
    if names != sorted(path for path, _ in files):
        sys.exit(f"seed {seed}: {names}")
    check_bytes(image, files, [int(line) for line in made.stderr.split()], top)
    if not size:
        least = sum(size for _, size in files)
        if os.path.getsize(image) > max(least * 1.03 + MIB, 2.5 * MIB):
            sys.exit(f"seed {seed}: {os.path.getsize(image)} bytes for {least}")
    elif os.path.getsize(image) != size:
        sys.exit(f"seed {seed}: {os.path.getsize(image)} bytes instead of {size}")


for s in range(FIRST, FIRST + COUNT):
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        check(s, directory)
print(f"{COUNT} FATs are right to fsck.vfat and mtools")
