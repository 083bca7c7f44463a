# SPDX-License-Identifier: Apache-2.0
"""Random layers, what is in the tar of the same tree, and the loop of the tests that compare images with it."""
import io
import os
import random
import subprocess
import sys
import tarfile
import tempfile

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
    if kind > 0.9:  # some of it can be compressed, some can't
        data = b"".join(r.randbytes(r.choice((100, 70000))) + b"text " * r.choice((10, 40000)) for _ in range(4))
        known.append(data)
        return data
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


def tar_facts(data, xattrs, oldest=0, newest=2**32 - 1):
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
            facts[path] = (TYPES[info.type], info.mode, info.uid, info.gid, min(max(int(info.mtime), oldest), newest),
                           info.linkname, device, tar.extractfile(info).read() if info.isfile() else b"",
                           found if xattrs else None)
    return facts


def run(*args, **kwargs):
    done = subprocess.run(args, check=False, capture_output=True, timeout=300, **kwargs)
    if done.returncode:
        sys.exit("%s: exit code %d\n%s" % (" ".join(args), done.returncode, done.stderr.decode("utf-8", "replace")))
    return done.stdout


def compare(what, found, expected):
    if found == expected and found.groups() == expected.groups():
        return
    different = [p for p in sorted({*found, *expected}) if found.get(p) != expected.get(p)]
    for path in different[:3]:
        print(f"{what}: {path!r}:", str(found.get(path))[:500], "instead of", str(expected.get(path))[:500])
    sys.exit(f"{what}: {len(different)} of {len(expected)} names differ, or hard links do")


def image_of(seed, fs_tool, form, layer, image):
    """Written twice with all else changed, it must have the same bytes, which are returned."""
    def make(threads, **kwargs):
        run(fs_tool, form, threads, image, layer, **kwargs)
        with open(image, "rb") as f:
            return f.read()

    first = make("1")
    odd = dict(os.environ, TZ="Asia/Kathmandu", LC_ALL="C")
    if make("3", env=odd, umask=0o077) != first:
        sys.exit(f"seed {seed}: other bytes with other threads, time zone and umask")
    return first


def for_seeds(arguments, default_count, check):
    """
    Call check(seed, directory) for each, and return what it does.
    arguments: [FIRST_SEED [COUNT]]
    """
    first = int(arguments[0]) if arguments else 1
    count = int(arguments[1]) if len(arguments) > 1 else default_count
    with tempfile.TemporaryDirectory() as directory:
        return [check(seed, directory) for seed in range(first, first + count)]


def for_layers(tree_tool, fs_tool, form, arguments, compare_image):
    """
    Make random layers, the tar and the image of each, and call compare_image(seed, tar, image, bytes, directory): the
    bytes of the tar, the path of the image and its bytes. Returns what it does.
    """
    def check(seed, top):
        layer, tar, image = (os.path.join(top, name) for name in ("layer", "tar", "image"))
        random_layer(random.Random(seed), layer)
        run(tree_tool, "tar", "none", tar, layer)
        with open(tar, "rb") as f:
            as_tar = f.read()
        return compare_image(seed, as_tar, image, image_of(seed, fs_tool, form, layer, image), top)

    return for_seeds(arguments, 6, check)
