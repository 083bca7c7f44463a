# SPDX-License-Identifier: Apache-2.0
"""A reader of EROFS, written from the kernel's description of the format: fsck.erofs shows no owners or attributes."""
import os
import stat
import struct

BLOCK = 4096
FLAT, FULL, INLINE = 0, 1, 2
PREFIXES = {1: "user.", 2: "system.posix_acl_access", 3: "system.posix_acl_default", 4: "trusted.", 6: "security."}


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc


def lz4(data, size):
    """The first bytes of a block of LZ4, which ends with the data."""
    out, at = bytearray(), 0
    while len(out) < size:
        token = data[at]
        at += 1
        literals, match = token >> 4, token & 15
        while literals >= 15 and data[at] == 255:
            literals, at = literals + 255, at + 1
        if literals >= 15:
            literals, at = literals + data[at], at + 1
        out += data[at:at + literals]
        at += literals
        if at >= len(data):
            break
        distance, at = data[at] | data[at + 1] << 8, at + 2
        while match >= 15 and data[at] == 255:
            match, at = match + 255, at + 1
        if match >= 15:
            match, at = match + data[at], at + 1
        match += 4
        if not 0 < distance <= len(out):
            raise ValueError("a match before the beginning")
        period = bytes(out[-distance:])
        out += (period * (match // distance + 1))[:match]
    return bytes(out[:size])


class Inode:
    """One inode of an image."""

    def __init__(self, image, nid):
        self.image, self.nid, self.at = image, nid, nid * 32
        data = image.data
        layout, icount, self.mode = struct.unpack_from("<HHH", data, self.at)
        self.layout = layout >> 1
        if layout & 1:
            self.size, self.u, _, self.uid, self.gid, self.mtime, self.nsec, self.nlink = struct.unpack_from(
                "<QIIIIqII", data, self.at + 8)
        else:
            self.nlink, self.size = struct.unpack_from("<HI", data, self.at + 6)
            self.u, _, self.uid, self.gid = struct.unpack_from("<IIHH", data, self.at + 16)
            self.mtime, self.nsec = image.time, 0
        self.xattrs_at = self.at + (64 if layout & 1 else 32)
        self.xattrs_size = 12 + (icount - 1) * 4 if icount else 0

    def xattrs(self):
        found, at, end = {}, self.xattrs_at + 12, self.xattrs_at + self.xattrs_size
        while at < end:
            length, index, size = struct.unpack_from("<BBH", self.image.data, at)
            name = self.image.data[at + 4:at + 4 + length].decode()
            found[PREFIXES[index] + name] = self.image.data[at + 4 + length:at + 4 + length + size]
            at += (4 + length + size + 3) // 4 * 4
        return found

    def runs(self):
        """Of a compressed file: where each run begins, its first block, how many it has, and whether it is plain."""
        header = (self.xattrs_at + self.xattrs_size + 7) // 8 * 8
        n = (self.size + BLOCK - 1) // BLOCK
        lines = [struct.unpack_from("<HHI", self.image.data, header + 16 + 8 * i) for i in range(n)]
        found = []
        for i, (kind, offset, value) in enumerate(lines):
            if kind == 2:
                continue
            count = 1
            if i + 1 < n and lines[i + 1][0] == 2:
                if not lines[i + 1][2] & 0x800:
                    raise ValueError("a run without a size")
                count = lines[i + 1][2] & 0x7ff
            for j in range(i + 1, n):
                if lines[j][0] != 2:
                    break
                back, on = lines[j][2] & 0xffff, lines[j][2] >> 16
                if j > i + 1 and back != j - i:
                    raise ValueError("a wrong distance back")
                if lines[min(j + on, n - 1)][0] == 2 and j + on < n:
                    raise ValueError("a wrong distance to the next run")
            found.append((i * BLOCK + offset, value, count, kind == 0))
        return found

    def unpacked(self):
        out, runs = bytearray(), self.runs()
        ends = [run[0] for run in runs[1:]] + [self.size]
        for (begin, block, count, plain), end in zip(runs, ends):
            if begin != len(out):
                raise ValueError("a run begins at %d instead of %d" % (begin, len(out)))
            data = self.image.data[block * BLOCK:(block + count) * BLOCK]
            if end > begin:
                out += data[:end - begin] if plain else lz4(data.lstrip(b"\0"), end - begin)
        return bytes(out)

    def content(self):
        if self.layout == FULL:
            return self.unpacked()
        tail = self.size % BLOCK if self.layout == INLINE else 0
        full = self.size - tail
        data = self.image.data[self.u * BLOCK:self.u * BLOCK + full] if full else b""
        at = self.xattrs_at + self.xattrs_size
        if tail and at // BLOCK != (at + tail - 1) // BLOCK:
            raise ValueError("the tail of inode %d crosses the end of a block" % self.nid)
        return data + self.image.data[at:at + tail]

    def names(self):
        data, found = self.content(), []
        for begin in range(0, len(data), BLOCK):
            block = data[begin:begin + BLOCK]
            n = struct.unpack_from("<H", block, 8)[0] // 12
            entries = [struct.unpack_from("<QHB", block, i * 12) for i in range(n)]
            for i, (nid, at, kind) in enumerate(entries):
                end = entries[i + 1][1] if i + 1 < n else len(block)
                found.append((block[at:end].split(b"\0")[0], nid, kind))
        if [name for name, _, _ in found] != sorted(name for name, _, _ in found):
            raise ValueError("the names of inode %d are not sorted" % self.nid)
        return found


class Image:
    """facts: what each path has; groups: which paths are one file."""

    def __init__(self, path):
        with open(path, "rb") as f:
            self.data = f.read()
        magic, checksum = struct.unpack_from("<II", self.data, 1024)
        block = bytearray(self.data[1024:BLOCK])
        block[4:8] = bytes(4)
        if magic != 0xe0f5e1e2 or crc32c(block) != checksum:
            raise ValueError("the superblock is not right")
        self.root, self.inos, self.time = struct.unpack_from("<HQQ", self.data, 1024 + 14)
        self.blocks = struct.unpack_from("<I", self.data, 1024 + 36)[0]
        self.uuid = self.data[1024 + 48:1024 + 64]
        self.inodes = {}
        self.paths = {}
        self.walk(self.root, self.root, "")
        if len(self.inodes) != self.inos or self.blocks * BLOCK != len(self.data):
            raise ValueError("the superblock's numbers are not right")

    def walk(self, nid, parent, path):
        inode = self.inodes.setdefault(nid, Inode(self, nid))
        self.paths[path] = inode
        if not stat.S_ISDIR(inode.mode):
            return
        names = inode.names()
        if {n: i for n, i, _ in names if n in (b".", b"..")} != {b".": nid, b"..": parent}:
            raise ValueError("%s has a wrong . or .." % path)
        for name, child, _ in names:
            if name not in (b".", b".."):
                text = os.fsdecode(name)
                self.walk(child, nid, path + "/" + text if path else text)

    def groups(self):
        found = {}
        for path, inode in self.paths.items():
            if not stat.S_ISDIR(inode.mode):
                found.setdefault(inode.nid, []).append(path)
        return sorted(sorted(paths) for paths in found.values() if len(paths) > 1)

    @staticmethod
    def device(inode):
        if stat.S_ISCHR(inode.mode) or stat.S_ISBLK(inode.mode):
            return (inode.u >> 8 & 0xfff, inode.u & 0xff | inode.u >> 12 & ~0xff)
        return None
