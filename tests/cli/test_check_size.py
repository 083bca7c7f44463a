#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What checking large files takes: the processor's time and memory, as the kernel counts them.

A machine that is busy with other things takes longer for the same: the best of a few runs counts.
"""
import unittest

import measurelib
from harness import Case, SANITIZED, WHERRY, main

REFERENCES_MAX = 2
MEMORY_MAX = 64 << 20
RUNS_MAX = 20


@unittest.skipIf(SANITIZED, "with sanitizers everything takes more")
class CheckSize(Case):
    def costs_little(self, text, code):
        self.write("os.yml", text)
        seconds = REFERENCES_MAX * measurelib.reference()
        best, memory = seconds + 1, 0
        for _ in range(RUNS_MAX):
            done = measurelib.cost([WHERRY, "-q", "check", "os.yml"], cwd=self.dir, env=self.env)
            self.assertEqual(done.code, code, done.err[-2000:])
            best, memory = min(best, done.cpu), max(memory, done.memory)
            if best < seconds:
                break
        print("%s: %.3f of %.3f s, %.1f MiB for %.1f MB" % (self.id().rsplit(".", 1)[1], best, seconds,
                                                            memory / (1 << 20), len(text) / 1e6))
        self.assertLess(best, seconds)
        self.assertLess(memory, MEMORY_MAX)

    def test_five_thousand_services(self):
        self.costs_little(measurelib.services(5000), 0)

    def test_five_thousand_services_with_mistakes(self):
        self.costs_little(measurelib.services(5000).replace("env:", "evn:").replace("uid: s", "uid: x"), 1)

    def test_five_thousand_services_of_one_name(self):
        self.costs_little("services:\n" + "  - {name: a, image: i}\n" * 5000, 1)

    def test_five_thousand_files(self):
        self.costs_little("files:\n" + "".join("  - {path: a/%d, contents: x}\n" % (i % 2500) for i in range(5000)), 0)

    def test_many_unknown_keys(self):
        self.costs_little("".join("key%d: 1\n" % i for i in range(50000)), 1)

    def test_one_long_key(self):
        self.costs_little("k" * (1 << 20) + ": 1\n", 1)

    def test_one_long_name_that_nothing_has(self):
        text = measurelib.services(2000) + "  - {name: x, image: i, uid: %s}\n" % ("y" * 30)
        self.costs_little(text, 1)


if __name__ == "__main__":
    main()
