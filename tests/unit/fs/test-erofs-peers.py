#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random layers as an EROFS: it must have what the tar of the same tree has, and be sound to fsck.erofs.

usage: test-erofs-peers.py TREE_TOOL FS_TOOL CLI_TESTS [FIRST_SEED [COUNT]]

Where this may mount (as root), the kernel must find the same in it.
"""

import os
import stat
import subprocess
import sys

from layers import Facts, compare, for_layers, run, tar_facts

TREE_TOOL, FS_TOOL = sys.argv[1:3]
sys.path.insert(0, sys.argv[3])

import erofslib  # noqa: E402

LETTERS = {stat.S_IFREG: "R", stat.S_IFDIR: "D", stat.S_IFLNK: "S", stat.S_IFCHR: "C", stat.S_IFBLK: "B",
           stat.S_IFIFO: "I"}
ALL_TIMES = {"oldest": -2**40, "newest": 2**40}


def add_groups(facts, groups):
    for group in groups:
        facts.links[group[0]] = set(group)


def image_facts(image):
    facts = Facts()
    for path, i in image.paths.items():
        kind = LETTERS[stat.S_IFMT(i.mode)]
        content = i.content() if kind in "RS" else b""
        target = content.decode() if kind == "S" else ""
        xattrs = sorted(("SCHILY.xattr." + name, value.decode()) for name, value in i.xattrs().items())
        facts[path] = (kind, i.mode & 0o7777, i.uid, i.gid, i.mtime, target, image.device(i),
                       content if kind == "R" else b"", xattrs)
    add_groups(facts, image.groups())
    return facts


def mounted_facts(top):
    facts, inodes = Facts(), {}
    for directory, names, files in os.walk(top):
        for path in [directory] * (directory == top) + [os.path.join(directory, name) for name in names + files]:
            st = os.lstat(path)
            kind = LETTERS[stat.S_IFMT(st.st_mode)]
            content = b""
            if kind == "R":
                with open(path, "rb") as f:
                    content = f.read()
            xattrs = sorted(("SCHILY.xattr." + name, os.getxattr(path, name, follow_symlinks=False).decode())
                            for name in os.listxattr(path, follow_symlinks=False))
            name = "" if path == top else os.path.relpath(path, top)
            facts[name] = (kind, st.st_mode & 0o7777, st.st_uid, st.st_gid, int(st.st_mtime),
                           os.readlink(path) if kind == "S" else "",
                           (os.major(st.st_rdev), os.minor(st.st_rdev)) if kind in "CB" else None, content, xattrs)
            if kind != "D":
                inodes.setdefault(st.st_ino, []).append(name)
    add_groups(facts, [sorted(group) for group in inodes.values() if len(group) > 1])
    return facts


def mount(image, top):
    """False: this can't."""
    command = ["mount", "-t", "erofs", "-o", "loop,ro", image, top]
    return os.geteuid() == 0 and subprocess.run(command, check=False, capture_output=True).returncode == 0


def compare_image(seed, tar, image, _, top):
    """True when the kernel was asked, too."""
    mounted = os.path.join(top, "mounted")
    expected = tar_facts(tar, True, **ALL_TIMES)
    compare(f"seed {seed}", image_facts(erofslib.Image(image)), expected)
    run("fsck.erofs", "--extract", image)
    os.makedirs(mounted, exist_ok=True)
    if not mount(image, mounted):
        return False
    try:
        compare(f"seed {seed}, the kernel", mounted_facts(mounted), expected)
    finally:
        run("umount", mounted)
    return True


asked = for_layers(TREE_TOOL, FS_TOOL, "erofs", sys.argv[4:], compare_image)
print(f"{len(asked)} trees are right, and {sum(asked)} of them the kernel has mounted")
