# SPDX-License-Identifier: Apache-2.0
"""Programs for UEFI (PE32+): made, taken apart, and what their signatures and measurements are of. Also keys."""
import hashlib
import struct
import subprocess

AMD64, ARM64 = 0x8664, 0xaa64
SBAT = b"sbat,1,SBAT Version,sbat,1,https://example.test\nstub,1,Test,stub,1,https://example.test\n"
ALIGN, PAGE, HEADERS = 512, 4096, 1024
OPTIONAL_SIZE, SECTION_SIZE, CHECKSUM, DIRECTORY = 240, 40, 64, 144


def up(n, to):
    return (n + to - 1) // to * to


def program(machine=AMD64, sections=((".text", b"\xf4" * 100), (".sbat", SBAT)), base=0):
    """A program with these sections, as far as headers go."""
    head, body, at, rva = b"", b"", HEADERS, PAGE
    for name, data in sections:
        padded = data.ljust(up(len(data), ALIGN), b"\0")
        head += struct.pack("<8sIIII12xI", name.encode(), len(data), rva, len(padded), at, 0x60000020)
        body, at, rva = body + padded, at + len(padded), up(rva + len(data), PAGE)
    optional = struct.pack("<H2xI8xIIQII16xIIIH38xI", 0x20b, len(body), PAGE, PAGE, base, PAGE, ALIGN, rva, HEADERS, 0,
                           10, 16)
    start = struct.pack("<2s58xI", b"MZ", 64) + struct.pack("<4sHHIIIHH", b"PE", machine, len(sections), 0, 0, 0,
                                                            OPTIONAL_SIZE, 0x22e)
    return (start + optional.ljust(OPTIONAL_SIZE, b"\0") + head).ljust(HEADERS, b"\0") + body


def optional_at(data):
    return struct.unpack_from("<I", data, 0x3c)[0] + 24


def certificates(data):
    """(offset, size) of the table of certificates; (0, 0): there is none."""
    return struct.unpack_from("<II", data, optional_at(data) + DIRECTORY)


def sections(data):
    """{name: (where it is in the file, its size)}, in order."""
    at = optional_at(data)
    n, size = struct.unpack_from("<H", data, at - 18)[0], struct.unpack_from("<H", data, at - 4)[0]
    found = {}
    for i in range(n):
        name, length, _, _, place = struct.unpack_from("<8sIIII", data, at + size + i * SECTION_SIZE)
        found[name.rstrip(b"\0").decode()] = (place, length)
    return found


def section(data, name):
    at, size = sections(data)[name]
    return data[at:at + size]


def unsigned(data):
    """The program as it was before it was signed."""
    at, _ = certificates(data)
    directory = optional_at(data) + DIRECTORY
    return data[:directory] + bytes(8) + data[directory + 8:at or len(data)]


def digest(data):
    """What a signature is of: all but the checksum, the place of the certificates, and these."""
    at, optional = certificates(data)[0] or len(data), optional_at(data)
    parts = data[:optional + CHECKSUM], data[optional + CHECKSUM + 4:optional + DIRECTORY], \
        data[optional + DIRECTORY + 8:at]
    return hashlib.sha256(b"".join(parts)).digest()


def flipped(data, at):
    """The same with one bit turned round."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


# What systemd's stub measures into PCR 11, in this order, of the sections that there are.
MEASURED = {"252": (".linux", ".osrel", ".cmdline", ".initrd"),
            "257": (".linux", ".osrel", ".cmdline", ".initrd", ".uname", ".sbat")}


def pcr11(data, version):
    """PCR 11 (SHA-256) after a stub of this version of systemd: names with their final zeros, and contents."""
    pcr = bytes(32)
    for name in MEASURED[version]:
        if name in sections(data):
            for part in name.encode() + b"\0", section(data, name):
                pcr = hashlib.sha256(pcr + hashlib.sha256(part).digest()).digest()
    return pcr.hex()


def openssl(directory, *args):
    subprocess.run(["openssl", *args], cwd=directory, check=True, timeout=300, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_key(directory, name, *args, kind="rsa:2048"):
    """NAME.key and a certificate of its own, NAME.crt."""
    openssl(directory, "req", "-x509", "-newkey", kind, "-noenc", "-days", "30", "-subj", "/CN=" + name, "-keyout",
            name + ".key", "-out", name + ".crt", *args)
