# SPDX-License-Identifier: Apache-2.0
"""What tests of examples have in common: each is built and booted, and its size and its time are held against
examples/README.md.

    class Disks(examples.Examples):
        def test_swap(self):
            with self.boot("swap") as vm:
                vm.wait_for(r"wherry: ready")

What was measured is a file in the build directory: `tools/check-examples-doc --write` makes the table of it.
"""
import glob
import json
import os
import re
import sys
import tempfile
import unittest

import boot
import images

MIB = 1 << 20
MEASURED = os.path.join(images.WORK, "examples")
# What a row of the table has of an example, and how far its size may be from the one built now: Debian's updates.
ROW = re.compile(r"^\| \[([\w-]+)\].*\| (\d+) MiB \| [\d.]+ s \|$", re.M)
TOLERANCE = 0.1


def rows():
    """Examples of the table, and their sizes in MiB."""
    with open(os.path.join(images.ROOT, "examples", "README.md"), encoding="utf-8") as f:
        return {name: int(size) for name, size in ROW.findall(f.read())}


def note(case, name, path, vm):
    """Keep the size of all outputs, and the CPU time until all services were there."""
    if images.ARCH != "amd64" or vm.ready_after is None:
        return
    size = sum(os.path.getsize(part) for part in glob.glob(path + "-*")) / MIB
    os.makedirs(MEASURED, exist_ok=True)
    with open(os.path.join(MEASURED, name + ".json"), "w", encoding="utf-8") as f:
        json.dump({"mib": round(size), "ready": vm.ready_after}, f)
    there = rows().get(name)
    print("example %s: %d MiB, ready after %.1f s" % (name, size, vm.ready_after), file=sys.stderr)
    if there is None or abs(there - size) > max(1, there * TOLERANCE):
        case.fail("examples/README.md says %s MiB of %s, which has %d: tools/check-examples-doc --write"
                  % (there, name, size))


class Examples(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory(prefix="wherry-examples-")
        self.addCleanup(self.dir.cleanup)

    def build(self, name, *args):
        """The path that `run qemu` takes."""
        return images.build(os.path.join(images.ROOT, "examples", name + ".yml"), self.dir.name, *args)

    def boot(self, name, build=(), machine=boot.Boot, **kwargs):
        """A machine with the example; build: more options of `wherry build`, with which nothing is noted, unless the
        example's own comments say to build it so."""
        path = self.build(name, *build)
        with open(os.path.join(images.ROOT, "examples", name + ".yml"), encoding="utf-8") as f:
            as_it_says = "wherry build %s" % "".join(word + " " for word in build) in f.read()
        # Cleanups are the other way round.
        if as_it_says or not build:
            self.addCleanup(lambda: note(self, name, path, vm))
        vm = machine(path, **kwargs)
        self.addCleanup(vm.close)
        return vm
