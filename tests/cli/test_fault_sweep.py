#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make calls of the C library fail, one at a time: a sample of them, all in the soak; see tools/fault-sweep."""
import errno
import importlib.machinery
import importlib.util
import os
import subprocess
import sys
import unittest

import ocilib
from harness import Case, SANITIZED, WHERRY, main

SOAK = bool(os.environ.get("WHERRY_SOAK"))
SAMPLE = 10  # of each command
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOOL = os.path.join(ROOT, "tools", "fault-sweep")
BUILD = os.path.dirname(os.path.dirname(os.path.dirname(WHERRY)))
LIBRARY = os.path.join(BUILD, "tools", "libfault-inject.so")


def load():
    loader = importlib.machinery.SourceFileLoader("fault_sweep", TOOL)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("fault_sweep", loader))
    loader.exec_module(module)
    return module


@unittest.skipIf(SANITIZED or not os.path.exists(LIBRARY), "a sanitizer must be loaded first")
class Sweep(Case):
    def test_sweep(self):
        args = [] if SOAK else ["--sample", str(SAMPLE)]
        done = subprocess.run([sys.executable, TOOL, "--build", BUILD, *args], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        print(done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_a_fault_is_met(self):
        tool = load()
        world = tool.World(WHERRY, LIBRARY)
        self.addCleanup(world.close)
        lock = tool.Sweep(world, next(c for c in tool.COMMANDS if c.name == "lock"))
        fault = tool.Fault("lock", "fsync", 1, errno.EIO, False)
        self.assertIn(fault, list(lock.faults(["fsync"])))
        met, code, problems, said = lock.one(fault)
        self.assertEqual((met, code, problems), (True, 1, []))
        self.assertIn("Input/output error", said)
        self.assertFalse(lock.one(fault._replace(call=1000))[0])


class Judge(Case):
    """What the sweep would say of what must not be."""

    def setUp(self):
        super().setUp()
        self.tool = load()

    def words(self, problems):
        return [what for what, _ in problems]

    def test_outputs(self):
        old, new = {"k": "1", "i": "1"}, {"k": "2", "i": "2"}
        for now, done, wanted in ((old, False, []), (new, False, []), (new, True, []), (old, True, ["wrong bytes"]),
                                  ({"k": "2", "i": "1"}, False, ["incomplete output sets"]),
                                  ({"k": "2"}, False, ["incomplete output sets"]),
                                  ({}, True, ["incomplete output sets"]),
                                  ({"k": "2", "i": "3"}, True, ["incomplete output sets"])):
            self.assertEqual(self.words(self.tool.judge_outputs(old, new, now, done)), wanted, now)

    def test_names(self):
        for now, done, wanted in (({"a": "1"}, False, []), ({"a": "1", "b": "1"}, True, []),
                                  ({}, False, ["lost blobs"]),
                                  ({"a": "1"}, True, ["wrong bytes"]), ({"a": "2"}, False, ["lost blobs"])):
            self.assertEqual(self.words(self.tool.judge_names({"a": "1"}, {"a": "1", "b": "1"}, now, done)), wanted,
                             now)

    def test_blobs(self):
        layout = ocilib.standard(self.path("layout"))
        store = self.tool.Store(self.path("layout"))
        names = store.names()
        needed = {top: store.reach(top) for top in names.values()}
        # A manifest, its configuration and its layer; an index with two of two layers.
        self.assertEqual(sorted(len(blobs) for blobs in needed.values()), [3, 3, 8])
        self.assertEqual(self.tool.judge_blobs(store, names, needed), [])
        for blob in sorted(needed[names["example.test/init:1"]]):
            path = layout.blob_path(blob)
            with open(path, "rb") as f:
                data = f.read()
            for wrong in data[:-1] + bytes([data[-1] ^ 1]), None:
                os.unlink(path)
                if wrong is not None:
                    self.write(os.path.relpath(path, self.dir), wrong)
                    self.assertEqual(self.words(self.tool.judge_blobs(store, names, needed)), ["lost blobs"])
                    continue
                self.assertEqual(self.words(self.tool.judge_blobs(store, names, needed)), ["lost blobs"])
            self.write(os.path.relpath(path, self.dir), data)


if __name__ == "__main__":
    main()
