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


def cat(path, name, at=AT):
    """A file of the ext4 in the partition, as the next boot would find it; None: what the superblock says."""
    with tempfile.NamedTemporaryFile() as copy, open(path, "rb") as f:
        f.seek(at)
        shutil.copyfileobj(f, copy)
        copy.flush()
        # Replays the journal, and fails when that does not mend it.
        output("e2fsck", "-p", copy.name, codes=(0, 1))
        return output("debugfs", "-R", "cat " + name if name else "stats -h", copy.name)
