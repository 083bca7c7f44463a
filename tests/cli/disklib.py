# SPDX-License-Identifier: Apache-2.0
"""What other programs say of a disk. Some of them end with 0 whatever they find, so what they say is read."""
import json
import os
import re
import subprocess

ENVIRONMENT = dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin:/sbin", LC_ALL="C.UTF-8")
SECTOR = 512
# What sgdisk says of an ISO that is a disk too, and of partitions that no disk of 4096-byte sectors would have.
HARMLESS = re.compile(r"(?s)Warning: The 0xEE protective partition.*?experts' menu\.|"
                      r"Caution: Partition \d+ doesn't.*?tools\.")


def tool(*args, **more):
    """Its output; it must end with 0."""
    done = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=ENVIRONMENT, timeout=600,
                          check=False, **more)
    said = done.stdout.decode(errors="replace")
    if done.returncode:
        raise AssertionError("%s: exit code %d\n%s" % (" ".join(args), done.returncode, said))
    return said


def sgdisk_fault(path):
    """What `sgdisk --verify` complains of; "" if it is nothing."""
    said = HARMLESS.sub("", tool("sgdisk", "--verify", path))
    return "" if "No problems found" in said and not re.search("(?i)caution|warning|problem:", said) else said


def sfdisk_fault(path):
    """The same of `sfdisk --verify`."""
    said = tool("sfdisk", "--verify", path)
    return "" if "No errors detected" in said and not re.search("(?i)mismatch|error:|backup", said) else said


def partitions(path):
    """(bytes before it, bytes, type) of each."""
    table = json.loads(tool("sfdisk", "--json", path))["partitiontable"]
    return [(p["start"] * SECTOR, p["size"] * SECTOR, p["type"]) for p in table["partitions"]]
