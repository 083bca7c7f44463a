#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random layers must give the same tree when merged by tree-tool and by the model in this file.

The layers are written by Python's tarfile; the output of tree-tool is read by tarfile, GNU tar and GNU cpio.
usage: test-peers.py TREE_TOOL [FIRST_SEED [COUNT]]
"""

import gzip
import io
import os
import random
import shutil
import stat
import subprocess
import sys
import tarfile
import tempfile

TOOL = sys.argv[1]
FIRST = int(sys.argv[2]) if len(sys.argv) > 2 else 1
COUNT = int(sys.argv[3]) if len(sys.argv) > 3 else 25

NAMES = ["a", "b", "c", "usr", "été", "n" * 70, "m" * 150, "x.y", "b-", "b0"]
TYPES = {
    tarfile.REGTYPE: "f", tarfile.DIRTYPE: "d", tarfile.SYMTYPE: "l",
    tarfile.CHRTYPE: "c", tarfile.BLKTYPE: "b", tarfile.FIFOTYPE: "p",
}
STAT_TYPES = {
    stat.S_IFREG: "f", stat.S_IFDIR: "d", stat.S_IFLNK: "l",
    stat.S_IFCHR: "c", stat.S_IFBLK: "b", stat.S_IFIFO: "p",
}


class Node:
    """A file of any type; hard links are one Node under several paths."""

    def __init__(self, kind, mode=0o755, uid=0, gid=0, mtime=0, target="", device=(0, 0), data=b"", xattrs=()):
        self.kind, self.mode, self.uid, self.gid, self.mtime = kind, mode, uid, gid, mtime
        self.target, self.device, self.data, self.xattrs = target, device, data, dict(xattrs)

    def facts(self):
        return (self.kind, self.mode, self.uid, self.gid, self.mtime, self.target, self.device,
                self.data, sorted(self.xattrs.items()))


def parent(path):
    return path.rpartition("/")[0]


class Refused(Exception):
    pass


class Model:
    def __init__(self):
        self.nodes = {"": Node("d")}
        self.layer, self.layer_of = 0, {}

    def below(self, path):
        start = path + "/" if path else ""
        return [p for p in self.nodes if p != path and p.startswith(start)]

    def remove(self, path):
        for p in self.below(path):
            del self.nodes[p]
        self.nodes.pop(path, None)

    def own(self, path):
        return path in self.nodes and self.layer_of.get(path) == self.layer

    def follow(self, path):
        """Resolve symlinks of the current layer in the path; one at its end isn't followed."""
        done, rest, symlinks = [], path.split("/"), 0
        while rest:
            part = rest.pop(0)
            if part == "..":
                done = done[:-1]
                continue
            if part in ("", "."):
                continue
            here = "/".join(done + [part])
            more = any(p for p in rest)
            if more and self.own(here) and self.nodes[here].kind == "l":
                symlinks += 1
                if symlinks > 40:
                    raise Refused
                target = self.nodes[here].target
                done = [] if target.startswith("/") else done
                rest = target.split("/") + rest
                continue
            if more and symlinks and self.own(here) and self.nodes[here].kind != "d":
                raise Refused
            done.append(part)
        if not done or any(len(os.fsencode(p)) > 255 for p in done):
            raise Refused
        return "/".join(done)

    def put(self, path, node):
        parts = path.split("/")
        for i in range(1, len(parts)):
            directory = "/".join(parts[:i])
            if directory not in self.nodes or self.nodes[directory].kind != "d":
                self.nodes[directory] = Node("d")
                self.layer_of[directory] = self.layer
        if node.kind != "d":
            for p in self.below(path):
                del self.nodes[p]
        self.nodes[path] = node
        self.layer_of[path] = self.layer

    def describe(self):
        groups = {}
        for p in sorted(self.nodes):
            groups.setdefault(id(self.nodes[p]), []).append(p)
        return {p: (n.facts(), groups[id(n)]) for p, n in self.nodes.items()}


def random_path(r, model):
    below = "dl" if r.random() < 0.3 else "d"
    directories = [p for p, n in model.nodes.items() if n.kind in below and p.count("/") < 6]
    if r.random() < 0.3:
        existing = [p for p in model.nodes if p]
        if existing:
            return r.choice(existing)
    base = r.choice(directories)
    extra = "/".join(r.choice(NAMES) for _ in range(r.choice((1, 1, 1, 2, 3))))
    return base + "/" + extra if base else extra


def random_node(r):
    kind = r.choice("fffffdddllcbp")
    node = Node(kind,
                mode=r.choice((0o755, 0o644, 0o4711, 0o1777, 0o600, 0)),
                uid=r.choice((0, 0, 1000, 70000, 3000000, 4294967294)),
                gid=r.choice((0, 5, 2097151, 2097152)),
                mtime=r.choice((0, 1, 1234567890, 8589934591, 1 << 31)))
    if kind == "l":
        node.target = r.choice(("a", "../b", "/usr", "/a/b", "b/../c", "/../x.y/", "é", "t" * 99, "t" * 100, "t" * 101,
                                "t" * 500))
        node.mode = 0o777
    if kind in "cb":
        node.device = (r.randrange(4096), r.randrange(1 << 20))
    if kind == "f":
        node.data = bytes([r.randrange(256)]) * r.choice((0, 1, 511, 512, 513, 4096, 70000))
    if r.random() < 0.15 and kind in "fd":
        node.xattrs = {"user." + r.choice("abc"): r.choice(("v", "x=y\n", "w" * 300)) for _ in range(2)}
    return node


def tar_info(r, path, node, link=None):
    info = tarfile.TarInfo(r.choice(("", "./", "/")) + path)
    info.mode, info.uid, info.gid, info.mtime = node.mode, node.uid, node.gid, node.mtime
    info.type = next(t for t, k in TYPES.items() if k == node.kind)
    info.linkname = node.target
    info.devmajor, info.devminor = node.device
    info.pax_headers = {"SCHILY.xattr." + k: v for k, v in node.xattrs.items()}
    info.size = len(node.data) if link is None else 0
    if link is not None:
        info.type, info.linkname, info.pax_headers = tarfile.LNKTYPE, link, {}
    return info


def whiteout(path):
    info = tarfile.TarInfo(path)
    info.mode = 0o600
    return info


def random_layer(r, model, out):
    """Write a layer and apply it to the model; whiteouts come anywhere in between."""
    entries = []
    model.layer += 1
    lower = [p for p in model.nodes if p]
    for _ in range(r.choice((0, 0, 1, 2, 4)) if lower else 0):
        path = r.choice(lower)
        if r.random() < 0.3:
            if path in model.nodes and model.nodes[path].kind == "d":
                for p in model.below(path):
                    del model.nodes[p]
                entries.append((whiteout(path + "/.wh..wh..opq"), b""))
        else:
            model.remove(path)
            entries.append((whiteout(os.path.join(parent(path), ".wh." + os.path.basename(path))), b""))
    adds, symlinks = [], set()
    for _ in range(r.randrange(25)):
        files = [p for p, n in model.nodes.items() if n.kind != "d"]
        path = random_path(r, model)
        try:
            real = model.follow(path)
        except Refused:
            continue
        if files and r.random() < 0.2:
            to = r.choice(files)
            node = model.nodes[to]
            adds.append((tar_info(r, path, node, link=to), b""))
        else:
            node = random_node(r)
            adds.append((tar_info(r, path, node), node.data))
        model.put(real, node)
        if node.kind == "l":
            symlinks.add(real)
    # Additions keep their order, since hard links need their files.
    # A whiteout below a symlink of its own layer would follow that symlink, so it goes first.
    links = {p for p, n in model.nodes.items() if n.kind == "l"} | symlinks
    merged = adds
    for entry in entries:
        through = any(entry[0].name.startswith(p + "/") for p in links)
        merged.insert(0 if through else r.randrange(len(merged) + 1), entry)
    needs_pax = any(i.pax_headers for i, _ in merged)
    form = tarfile.PAX_FORMAT if needs_pax else r.choice((tarfile.PAX_FORMAT, tarfile.GNU_FORMAT))
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=form) as t:
        for info, data in merged:
            t.addfile(info, io.BytesIO(data))
    data = raw.getvalue()
    packed = r.choice(("none", "gzip", "zstd"))
    if packed == "gzip":
        data = gzip.compress(data, 1)
    if packed == "zstd" and shutil.which("zstd"):
        data = subprocess.run(["zstd", "-q", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout
    with open(out, "wb") as f:
        f.write(data)


def model_of_tar(path):
    model = Model()
    with tarfile.open(path) as t:
        for info in t:
            name = info.name.strip("/")
            name = "" if name == "." else name
            if info.type == tarfile.LNKTYPE:
                model.nodes[name] = model.nodes[info.linkname]
                continue
            xattrs = {k[13:]: v for k, v in info.pax_headers.items() if k.startswith("SCHILY.xattr.")}
            device = (info.devmajor, info.devminor) if info.type in (tarfile.CHRTYPE, tarfile.BLKTYPE) else (0, 0)
            model.nodes[name] = Node(TYPES[info.type], info.mode, info.uid, info.gid, info.mtime, info.linkname, device,
                                     t.extractfile(info).read() if info.isfile() else b"", xattrs)
    return model


def model_of_directory(root):
    model, seen = Model(), {}
    for directory, dirs, files in os.walk(os.fsencode(root)):
        for name in [b""] + dirs + files:
            full = os.path.join(directory, name) if name else directory
            st = os.lstat(full)
            path = os.fsdecode(os.path.relpath(full, os.fsencode(root)))
            kind = STAT_TYPES[stat.S_IFMT(st.st_mode)]
            if kind != "d" and st.st_ino in seen:
                model.nodes[path] = seen[st.st_ino]
                continue
            node = Node(kind, stat.S_IMODE(st.st_mode), st.st_uid, st.st_gid, int(st.st_mtime))
            if kind == "l":
                node.target = os.fsdecode(os.readlink(full))
            if kind in "cb":
                node.device = (os.major(st.st_rdev), os.minor(st.st_rdev))
            if kind == "f":
                with open(full, "rb") as f:
                    node.data = f.read()
            seen[st.st_ino] = node
            model.nodes["" if path == "." else path] = node
    return model


def compare(what, is_, should, ignore=()):
    """ignore: the indexes of the facts that a format or tool does not preserve."""
    a, b = is_.describe(), should.describe()

    def reduced(described):
        facts, group = described
        facts = tuple(None if i in ignore else x for i, x in enumerate(facts))
        if facts[0] == "d":
            facts = facts[:4] + (None,) + facts[5:] if "directory times" in ignore else facts
        if facts[0] == "l" and "symlinks alone" in ignore:
            facts, group = facts[:4] + (None,) + facts[5:], None
        return facts, group

    assert sorted(a) == sorted(b), f"{what}: {sorted(set(a) ^ set(b))}"
    for path in a:
        assert reduced(a[path]) == reduced(b[path]), f"{what}: {path!r}:\n{reduced(a[path])}\n{reduced(b[path])}"


def clamp_times(model):
    copies = {}
    result = Model()
    for path, n in model.nodes.items():
        if id(n) not in copies:
            copies[id(n)] = Node(n.kind, n.mode, n.uid, n.gid, min(n.mtime, 0xffffffff), n.target, n.device, n.data)
        result.nodes[path] = copies[id(n)]
    return result


def tool(temp, form, out, layers):
    out = os.path.join(temp, out)
    subprocess.run([TOOL, form, "none", out] + layers, check=True, timeout=60, env={"TMPDIR": temp})
    return out


XATTRS = 8


def run(seed, temp):
    r = random.Random(seed)
    model, layers = Model(), []
    for i in range(r.randrange(1, 5)):
        layers.append(os.path.join(temp, f"layer{i}"))
        random_layer(r, model, layers[-1])
    tar = tool(temp, "tar", "out.tar", layers)
    compare("tar by tarfile", model_of_tar(tar), model)
    with open(tar, "rb") as a, open(tool(temp, "tar", "again.tar", [tar]), "rb") as b:
        assert a.read() == b.read(), "the tar differs after being read and written again"
    cpio = tool(temp, "cpio", "out.cpio", layers)
    if os.geteuid() != 0:
        return
    root = os.path.join(temp, "root")
    # bsdtar does not set the time of the directory that it unpacks into.
    # GNU tar with -P creates symlinks at once instead of when it sets the times of directories.
    for program, how, ignore in ("tar", "-xPpf", (XATTRS,)), ("bsdtar", "-xpf", (XATTRS, "directory times")):
        if not shutil.which(program):
            continue
        os.mkdir(root)
        subprocess.run([program, how, tar, "--numeric-owner", "-C", root], check=True,
                       stderr=subprocess.DEVNULL, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})
        compare("tar by " + program, model_of_directory(root), model, ignore)
        shutil.rmtree(root)
    for program in ("cpio", "bsdcpio"):
        if not shutil.which(program):
            continue
        os.mkdir(root)
        with open(cpio, "rb") as f:
            subprocess.run([program, "-idm", "--quiet"], stdin=f, cwd=root, check=True,
                           env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})
        compare("cpio by " + program, model_of_directory(root), clamp_times(model),
                (XATTRS, "directory times", "symlinks alone"))
        shutil.rmtree(root)


def every_length(temp):
    """Names and targets up to the longest that Linux can open, in each tar format."""
    def name(length, kind):
        parts = [kind] + ["x" * 99] * (length // 100)
        return ("/".join(parts) + "y" * length)[:length - 1].rstrip("/") + "z"

    lengths = [*range(2, 30), *range(90, 270), *range(505, 520), *range(1018, 1030), 2047, 2048, 2049, 4000, 4093, 4094,
               4095]
    for form in tarfile.GNU_FORMAT, tarfile.PAX_FORMAT:
        layer, model = os.path.join(temp, "lengths"), {}
        with tarfile.open(layer, "w", format=form) as t:
            for length in lengths:
                for kind, type_ in ("f", tarfile.REGTYPE), ("l", tarfile.SYMTYPE):
                    info = tarfile.TarInfo(name(length, kind) if kind == "f" else "%d" % length)
                    info.type, info.linkname = type_, name(length, "t") if kind == "l" else ""
                    t.addfile(info)
                    model[info.name] = info.linkname
        with tarfile.open(tool(temp, "tar", "lengths.tar", [layer])) as t:
            got = {info.name: info.linkname for info in t if not info.isdir()}
        assert got == model, sorted(set(got) ^ set(model))


with tempfile.TemporaryDirectory() as directory:
    every_length(directory)
for number in range(FIRST, FIRST + COUNT):
    with tempfile.TemporaryDirectory() as directory:
        try:
            run(number, directory)
        except BaseException:
            print(f"seed {number} failed", file=sys.stderr)
            raise
print(f"{COUNT} random trees agree" + ("" if os.geteuid() == 0 else " (not extracted: that needs root)"))
