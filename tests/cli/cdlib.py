# SPDX-License-Identifier: Apache-2.0
"""A CD of 2 MiB: all that firmware looks for, and no files."""
import struct

SECTOR = 2048


def image(sectors=1024):
    """ECMA-119, 8.4; "El Torito" 1.0, 2.0 to 2.2: a volume, a boot record, and a catalogue for a BIOS."""
    cd = bytearray(sectors * SECTOR)
    cd[16 * SECTOR:16 * SECTOR + 7] = b"\x01CD001\x01"
    struct.pack_into("<I", cd, 16 * SECTOR + 80, sectors)
    cd[17 * SECTOR:17 * SECTOR + 30] = b"\0CD001\x01EL TORITO SPECIFICATION"
    struct.pack_into("<I", cd, 17 * SECTOR + 71, 19)
    cd[19 * SECTOR:19 * SECTOR + 33] = b"\x01".ljust(30, b"\0") + b"\x55\xaa\x88"
    return bytes(cd)
