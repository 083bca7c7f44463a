# SPDX-License-Identifier: Apache-2.0
"""Stand-ins for GRUB: files that have what GRUB's have where something is changed."""
import os
import struct


def boot_code(lba_at):
    """boot.img or boot_hybrid.img: where it names the block of the core."""
    code = bytearray(b"\x90" * 440)
    code[0:2], code[0x64:0x69] = b"\xeb\x63", b"\xff\xfa\xeb\x05\xf6"
    code[lba_at:lba_at + 8] = struct.pack("<Q", 1)
    return bytes(code)


def core(size=70000):
    data = bytearray(os.urandom(size))
    data[0x1e8:0x200] = bytes(12) + struct.pack("<QHH", 2, (size - 1) // 512, 0x820)
    return bytes(data)


def files():
    disk = core()
    return {"boot.img": boot_code(0x5c), "core-disk.img": disk, "boot_hybrid.img": boot_code(0x1b0),
            "eltorito.img": bytes(2048) + disk}
