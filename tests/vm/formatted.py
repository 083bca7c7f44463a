# SPDX-License-Identifier: Apache-2.0
"""Disks that the component format has, or has not, touched, looked at from outside by the usual tools."""
import hashlib
import json
import shutil
import subprocess
import tempfile

AT = 1 << 20


def disks(*paths):
    """Arguments of `run qemu`: /dev/vda and so on."""
    return [word for path in paths for word in ("--disk", "file=%s,format=raw" % path)]


def digest(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def output(*args, codes=(0,)):
    done = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
    if done.returncode not in codes:
        raise AssertionError("%s: exit code %d\n%s%s" % (" ".join(args), done.returncode, done.stdout, done.stderr))
    return done.stdout


def partition(path):
    """(first sector, sectors, type) of the only partition."""
    only, = json.loads(output("sfdisk", "--json", path))["partitiontable"]["partitions"]
    return only["start"], only["size"], only["type"]


def cut_growth(path, before, after, with_super=False):
    """An ext4 of `before` MiB that a power cut has caught while it grew to `after`: all of that is in its journal, and
    nothing in its place, or the superblock alone."""
    block, end = 1024, before << 10
    with tempfile.TemporaryDirectory() as directory:
        grown, blocks, commands = (directory + "/" + name for name in ("grown", "blocks", "commands"))
        output("mkfs.ext4", "-q", "-b", str(block), path, "%dM" % before)
        shutil.copy(path, grown)
        for disk in path, grown:
            output("truncate", "-s", "%dM" % after, disk)
        output("resize2fs", grown)
        numbers = []
        with open(path, "r+b") as f, open(grown, "rb") as g, open(blocks, "wb") as journal:
            for n in range(after << 10):
                content = g.read(block)
                if f.read(block) == content:
                    continue
                # Behind the old end nobody looks before the new superblock is there.
                if n >= end:
                    f.seek(n * block)
                    f.write(content)
                else:
                    journal.write(content)
                    numbers.append(str(n))
        with open(commands, "w", encoding="ascii") as f:
            f.write("jo\njw -b %s %s\njc\n" % (",".join(numbers), blocks))
        output("debugfs", "-w", "-f", commands, path)
        if with_super:
            shutil.copy(path, grown)
            output("e2fsck", "-p", "-E", "journal_only", grown, codes=(0, 1))
            output("debugfs", "-w", "-R", "feature needs_recovery", grown)
            with open(path, "r+b") as f, open(grown, "rb") as g:
                g.seek(block)
                f.seek(block)
                f.write(g.read(block))
        if "needs_recovery" not in output("dumpe2fs", "-h", path):
            raise AssertionError("there is nothing in the journal of %s" % path)


def cat(path, name, at=AT):
    """A file of the ext4 in the partition, as the next boot would find it; None: what the superblock says."""
    with tempfile.NamedTemporaryFile() as copy, open(path, "rb") as f:
        f.seek(at)
        shutil.copyfileobj(f, copy)
        copy.flush()
        # Replays the journal, and fails when that does not mend it.
        output("e2fsck", "-p", copy.name, codes=(0, 1))
        return output("debugfs", "-R", "cat " + name if name else "stats -h", copy.name)
