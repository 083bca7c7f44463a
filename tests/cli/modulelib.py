# SPDX-License-Identifier: Apache-2.0
"""Kernel modules as far as depmod reads them: ELF files with a section .modinfo, and perhaps no more."""
import struct


def modinfo(**values):
    """The texts of .modinfo; a value may be a list of several."""
    texts = []
    for key, value in values.items():
        texts += ["%s=%s" % (key, v) for v in (value if isinstance(value, list) else [value])]
    return b"".join(text.encode() + b"\0" for text in texts)


def module(wide=True, big=False, info=None, **values):
    """A module of 32 or 64 bits (wide), least or most significant byte first (big)."""
    order = ">" if big else "<"
    text = modinfo(**values) if info is None else info
    names = b"\0.modinfo\0.shstrtab\0"
    header, section = (64, 64) if wide else (52, 40)
    at_text, at_names = header, header + len(text)
    at_sections = (at_names + len(names) + 7) // 8 * 8

    def make_section(name, offset, size):
        if wide:
            return struct.pack(order + "IIQQQQIIQQ", name, 1, 0, 0, offset, size, 0, 0, 1, 0)
        return struct.pack(order + "10I", name, 1, 0, 0, offset, size, 0, 0, 1, 0)

    ident = b"\x7fELF" + bytes([2 if wide else 1, 2 if big else 1, 1]) + bytes(9)
    words = "QQQ" if wide else "III"
    ehdr = ident + struct.pack(order + "HHI" + words + "IHHHHHH", 1, 62, 1, 0, 0, at_sections, 0, header, 0, 0,
                               section, 3, 2)
    data = (ehdr + text + names).ljust(at_sections, b"\0")
    return data + make_section(0, 0, 0) + make_section(1, at_text, len(text)) + make_section(10, at_names, len(names))
