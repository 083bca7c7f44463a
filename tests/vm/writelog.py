# SPDX-License-Identifier: Apache-2.0
"""All that a machine writes to its disk, in the order in which it does, and the disk as a power cut would leave it.

QEMU's filter blklogwrites writes the log, in the form that Linux's Documentation/admin-guide/device-mapper/log-writes
describes. A cut keeps what was there at the last flush before it; of what was written since then, each sector is there
or not, as the disk's own cache would have it."""
import os
import shutil
import struct

import boot

SECTOR = 512
FLUSH, FUA, DISCARD = 1, 2, 4
HEAD = struct.Struct("<QQQQ")  # of an entry: where, how much (sectors), flags, bytes of a mark's name
# In place of QEMU: the same with the filter in front of a disk's file. Zeros are written as what they are: the filter
# finds out late where in its log those go that are only named.
WRAPPER = """#!/usr/bin/env python3
import os, sys
disk, log, real = {disk!r}, {log!r}, {real!r}
end = ",file=" + disk
words = [word[:-len(end)] + ",file.driver=blklogwrites,file.file.driver=file,file.file.filename=" + disk
         + ",file.log.driver=file,file.log.filename=" + log if word.endswith(end) else word for word in sys.argv]
if words == sys.argv:
    sys.exit("no disk " + disk)
for property in "write-zeroes", "discard":
    words += ["-global", "virtio-blk-device.%s=off" % property]
os.execv(real, [real] + words[1:])
"""


class Recorded(boot.Boot):
    """A machine that keeps a log of what it writes to a disk, which --disk names; the log is the disk's name.log."""
    QEMU = "qemu-system-x86_64"

    def __init__(self, path, disk, directory, **kwargs):
        self.log_path = disk + ".log"
        self.wrappers = os.path.join(directory, "wrappers")
        os.makedirs(self.wrappers, exist_ok=True)
        wrapper = os.path.join(self.wrappers, self.QEMU)
        with open(wrapper, "w", encoding="utf-8") as f:
            f.write(WRAPPER.format(disk=disk, log=self.log_path, real=shutil.which(self.QEMU)))
        os.chmod(wrapper, 0o755)
        with open(self.log_path, "wb"):
            pass
        super().__init__(path, **kwargs)

    def command(self, path, args, accel):
        return ["env", "PATH=%s:%s" % (self.wrappers, os.environ["PATH"])] + super().command(path, args, accel)

    def log_size(self):
        return os.path.getsize(self.log_path)


class WriteLog:
    """The entries of a log; a moment is the number of entries before it."""

    def __init__(self, path):
        self.entries = []  # (place on the disk, its bytes; None: a flush, whether it is there at once, end in the log)
        with open(path, "rb") as f:
            log = f.read()
        at = SECTOR
        while at + SECTOR <= len(log):
            sector, count, flags, _ = HEAD.unpack_from(log, at)
            at += SECTOR
            size = 0 if flags & (FLUSH | DISCARD) else count * SECTOR
            data = bytes(count * SECTOR) if flags & DISCARD else log[at:at + size]
            at += size
            if at > len(log):
                break
            self.entries.append((sector * SECTOR, None if flags & FLUSH else data, bool(flags & FUA), at))

    def moment(self, log_size):
        """How many entries a log of that size had."""
        return sum(1 for entry in self.entries if entry[3] <= log_size)

    def flushes(self, begin, end):
        """The flushes between two moments."""
        return [i for i in range(begin, end) if self.entries[i][1] is None]

    def cut(self, moment, disk, random):
        """Write to the file what the disk has after a power cut; how many writes were at its mercy. random: None keeps
        all."""
        flushed = max(self.flushes(0, moment), default=0)
        with open(disk, "r+b") as f:
            for i, (at, data, at_once, _) in enumerate(self.entries[:moment]):
                if data is None:
                    continue
                kept = 1 if i < flushed or at_once or random is None else random.choice((0, 0.5, 1))
                if kept == 1:
                    f.seek(at)
                    f.write(data)
                for n in range(0, len(data), SECTOR) if kept == 0.5 else ():
                    if random.random() < kept:
                        f.seek(at + n)
                        f.write(data[n:n + SECTOR])
        return sum(1 for entry in self.entries[flushed:moment] if entry[1] is not None)
