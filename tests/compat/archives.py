# SPDX-License-Identifier: Apache-2.0
"""Readers of what a build writes: tars, newc cpios and initrds, to the bit.

Python's own readers hide some of what the cases compare.

An entry is a dict: path, type, mode, uid, gid, mtime and, as the type has them, size, sha256, link, devmajor, devminor,
mtime_frac, src, loc, pax; keys that start with _ are for the caller and not compared.
"""
import bz2
import ctypes
import ctypes.util
import hashlib
import lzma
import zlib

BLOCK = 512
TAR_TYPES = {b"0": "file", b"\0": "file", b"7": "file", b"1": "hardlink", b"2": "symlink", b"3": "char", b"4": "block",
             b"5": "dir", b"6": "fifo"}
CPIO_TYPES = {0o10: "file", 0o4: "dir", 0o12: "symlink", 0o2: "char", 0o6: "block", 0o1: "fifo", 0o14: "socket"}
UNCOMPARED_RECORDS = ("atime", "ctime", "uname", "gname", "hdrcharset")
CPIO_MAGIC = (b"070701", b"070702")
CPIO_HEADER = 110
GZIP, ZSTD, ZSTD_SKIPPED, XZ = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18", b"\xfd7zXZ\0"
BZIP2, LZMA = b"BZh", b"\x5d\x00\x00"


def text(raw):
    return raw.decode("utf-8", "backslashreplace")


def normal(path):
    """A path without leading '/', './', doubled or trailing slashes; '..' stays, the root is '.'."""
    return "/".join(part for part in path.split("/") if part not in ("", ".")) or "."


def describe(entry, data):
    entry.update(size=len(data), sha256=hashlib.sha256(data).hexdigest())


# ---------------------------------------------------------------- tar
def number(field):
    """A tar header's number: octal text, or GNU's two's complement with the top bit set."""
    if field and field[0] & 0x80:
        value = int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big")
        return value - (1 << (8 * len(field) - 1)) if field[0] & 0x40 else value
    field = field.split(b"\0")[0].strip()
    return int(field, 8) if field else 0


def records(data):
    """PAX records: 'LENGTH KEY=VALUE\\n', the length counting itself."""
    found = {}
    while data:
        length = int(data[:data.index(b" ")])
        key, value = data[:length][data.index(b" ") + 1:-1].split(b"=", 1)
        found[key.decode("utf-8", "replace")] = value
        data = data[length:]
    return found


def header_name(header):
    name = header[:100].split(b"\0")[0]
    if header[257:263] == b"ustar\0" and header[345:500].strip(b"\0"):
        return header[345:500].split(b"\0")[0] + b"/" + name
    return name


def set_time(entry, header, record):
    entry["mtime"] = number(header[136:148])
    if record is not None:
        seconds, _, fraction = text(record).partition(".")
        entry["mtime"] = int(seconds)
        if fraction.strip("0"):
            entry["mtime_frac"] = fraction.rstrip("0")


def tar_entry(header, pax, name, link, data):
    kind = TAR_TYPES.get(header[156:157], "type-" + text(header[156:157]))
    if kind == "file" and name.endswith(b"/"):
        kind = "dir"
    entry = dict(path=normal(text(name)), type=kind, mode="%04o" % (number(header[100:108]) & 0o7777),
                 uid=int(pax.pop("uid", number(header[108:116]))), gid=int(pax.pop("gid", number(header[116:124]))))
    if data is not None:
        describe(entry, data)
    if kind in ("hardlink", "symlink"):
        entry["link"] = normal(text(link)) if kind == "hardlink" else text(link)
    if kind in ("char", "block"):
        entry.update(devmajor=number(header[329:337]), devminor=number(header[337:345]))
    set_time(entry, header, pax.pop("mtime", None))
    for key in UNCOMPARED_RECORDS:
        pax.pop(key, None)
    for key, short in (("LINUXKIT.source", "src"), ("LINUXKIT.location", "loc")):
        if key in pax:
            entry[short] = text(pax.pop(key))
    if pax:
        entry["pax"] = {key: text(value) for key, value in sorted(pax.items())}
    entry["_data"] = data or b""
    return entry


def read_tar(raw):
    """The entries in the order of the archive."""
    at, pax, everywhere, long_name, long_link = 0, {}, {}, None, None
    while at + BLOCK <= len(raw):
        header = raw[at:at + BLOCK]
        if header == b"\0" * BLOCK:
            return
        if number(header[148:156]) != sum(header[:148]) + 32 * 8 + sum(header[156:]):
            raise ValueError("bad tar checksum at %d" % at)
        kind, size = header[156:157], number(header[124:136])
        body = raw[at + BLOCK:at + BLOCK + size]
        if kind in b"xgLK" and kind:
            if kind == b"x":
                pax.update(records(body))
            elif kind == b"g":
                everywhere.update(records(body))
                yield dict(path="(pax global header)", type="global",
                           pax={key: text(value) for key, value in sorted(everywhere.items())})
            elif kind == b"L":
                long_name = body.rstrip(b"\0")
            else:
                long_link = body.rstrip(b"\0")
            at += BLOCK + -(-size // BLOCK) * BLOCK
            continue
        mine = dict(everywhere, **pax)
        name = mine.pop("path", long_name or header_name(header))
        link = mine.pop("linkpath", long_link or header[157:257].split(b"\0")[0])
        size = int(mine.pop("size", size))
        has_data = TAR_TYPES.get(kind, "file") == "file" and not name.endswith(b"/")
        yield tar_entry(header, mine, name, link, raw[at + BLOCK:at + BLOCK + size] if has_data else None)
        pax, long_name, long_link = {}, None, None
        at += BLOCK + (-(-size // BLOCK) * BLOCK if has_data else 0)


# --------------------------------------------------------------- cpio
def cpio_fields(raw, at):
    if raw[at:at + 6] not in CPIO_MAGIC:
        raise ValueError("bad cpio magic at %d" % at)
    return [int(raw[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in range(13)]


def cpio_entry(fields, name, data, links):
    inode, mode, uid, gid, nlink, mtime, _, major, minor, rmajor, rminor = fields[:11]
    kind = CPIO_TYPES.get(mode >> 12, "type-%o" % (mode >> 12))
    entry = dict(path=normal(text(name)), type=kind, mode="%04o" % (mode & 0o7777), uid=uid, gid=gid)
    if kind == "file" and nlink > 1:
        entry["_group"] = links.setdefault((major, minor, inode), [])
        entry["_group"].append(data)
    if kind == "symlink":
        entry["link"] = text(data)
    if kind in ("char", "block"):
        entry.update(devmajor=rmajor, devminor=rminor)
    entry["mtime"], entry["_data"] = mtime, data
    return entry


def cpio_next(raw, at):
    """(fields, name, data, where the next entry starts)"""
    fields = cpio_fields(raw, at)
    size, name_size = fields[6], fields[11]
    name = raw[at + CPIO_HEADER:at + CPIO_HEADER + name_size - 1]
    start = at + ((CPIO_HEADER + name_size + 3) & ~3)
    return fields, name, raw[start:start + size], start + ((size + 3) & ~3)


def read_cpio(raw):
    """The entries of newc archives laid end to end, each aligned; the names of one inode get its data."""
    at, rows, links = 0, [], {}
    while True:
        while at < len(raw) and raw[at] == 0:
            at += 1
        if at >= len(raw):
            break
        fields, name, data, at = cpio_next(raw, at)
        if name == b"TRAILER!!!":
            links = {}
        else:
            rows.append(cpio_entry(fields, name, data, links))
    for entry in rows:
        if entry["type"] == "file":
            if "_group" in entry:
                entry["_data"] = max(entry["_group"], key=len)
                entry["linked"] = True
            describe(entry, entry["_data"])
        yield entry


# ------------------------------------------------------------- initrd
def unzstd(raw, at):
    """(plain bytes of the frame, where it ends), by libzstd: Python has no zstd of its own before 3.14."""
    lib = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
    for name in ("ZSTD_findFrameCompressedSize", "ZSTD_decompressStream"):
        getattr(lib, name).restype = ctypes.c_size_t
    lib.ZSTD_createDStream.restype = ctypes.c_void_p
    source = ctypes.create_string_buffer(raw[at:], len(raw) - at)
    size = lib.ZSTD_findFrameCompressedSize(source, ctypes.c_size_t(len(raw) - at))
    if lib.ZSTD_isError(ctypes.c_size_t(size)):
        raise ValueError("bad zstd frame at %d" % at)

    class Buffer(ctypes.Structure):
        _fields_ = [("start", ctypes.c_void_p), ("size", ctypes.c_size_t), ("used", ctypes.c_size_t)]

    stream, room, plain = lib.ZSTD_createDStream(), ctypes.create_string_buffer(1 << 20), bytearray()
    into = Buffer(ctypes.addressof(source), size, 0)
    while True:
        out = Buffer(ctypes.addressof(room), len(room), 0)
        left = lib.ZSTD_decompressStream(ctypes.c_void_p(stream), ctypes.byref(out), ctypes.byref(into))
        if lib.ZSTD_isError(ctypes.c_size_t(left)):
            raise ValueError("bad zstd data at %d" % at)
        plain += room.raw[:out.used]
        if left == 0 or (into.used == size and out.used < out.size):
            break
    lib.ZSTD_freeDStream(ctypes.c_void_p(stream))
    return bytes(plain), at + size


def plain_end(raw, at):
    """Where an uncompressed archive ends."""
    name = None
    while name != b"TRAILER!!!":
        _, name, _, at = cpio_next(raw, at)
    return at


def with_object(decoder, raw, at):
    data = decoder.decompress(raw[at:])
    if not decoder.eof:
        raise ValueError("the compressed data at %d are cut off" % at)
    return data, len(raw) - len(decoder.unused_data)


def decompress(raw, at):
    """(plain bytes, end) of the archive that starts here, or None where none does."""
    start = raw[at:at + 6]
    if start in CPIO_MAGIC:
        end = plain_end(raw, at)
        return raw[at:end], end
    if start[:3] == GZIP:
        return with_object(zlib.decompressobj(31), raw, at)
    if start[:4] == ZSTD:
        return unzstd(raw, at)
    if start == XZ or start[:3] == LZMA:
        return with_object(lzma.LZMADecompressor(), raw, at)
    if start[:3] == BZIP2:
        return with_object(bz2.BZ2Decompressor(), raw, at)
    return None


def first_compressed(raw, at):
    found = [i for i in (raw.find(magic, at) for magic in (GZIP, ZSTD, XZ)) if i > 0]
    if not found:
        raise ValueError("unknown bytes at %d of the initrd" % at)
    return min(found)


def split_initrd(raw):
    """(bytes before the first compressed archive, plain bytes of the archives from there on).

    The kernel takes archives laid end to end, each compressed in its own way or not at all, with zero bytes between.
    Microcode comes first, uncompressed.
    """
    at, plain, prefix = 0, [], None
    while at < len(raw):
        if raw[at] == 0:
            at += 1
        elif raw[at:at + 4] == ZSTD_SKIPPED:
            at += 8 + int.from_bytes(raw[at + 4:at + 8], "little")
        else:
            one = decompress(raw, at)
            if one is None and prefix is None:  # microcode of any shape
                at = first_compressed(raw, at + 1)
                continue
            if one is None:
                raise ValueError("unknown bytes at %d of the initrd" % at)
            if prefix is None and raw[at:at + 6] not in CPIO_MAGIC:
                prefix = at
            plain.append((at, one[0]))
            at = one[1]
    if prefix is None:
        prefix = plain[0][0] if plain else 0
    return raw[:prefix], b"".join(data for where, data in plain if where >= prefix)
