#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each kind of malformed input, bad/NAME.yml, with exactly the lines that it is answered with, bad/NAME.expect.

    WHERRY=build/src/cli/wherry tests/cli/test_bad_yaml.py --write     write the missing answers, for you to review
    WHERRY=build/src/cli/wherry tests/cli/test_bad_yaml.py --rewrite   write all of them
"""
import glob
import os
import re
import sys

from harness import Case, main

BAD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bad")
KINDS_MIN = 100
LINE = re.compile(r"^(  hint: .+|[\w.-]+\.yml:\d+:\d+: .+|wherry: and \d+ more mistakes)$")


def names():
    return sorted(os.path.basename(path)[:-len(".yml")] for path in glob.glob(os.path.join(BAD, "*.yml")))


def expected(name):
    with open(os.path.join(BAD, name + ".expect"), encoding="utf-8") as f:
        return f.read()


class BadYaml(Case):
    def answer(self, name):
        return self.run_wherry("-q", "check", name + ".yml", cwd=BAD)

    def test_there_are_many_kinds(self):
        self.assertGreaterEqual(len(names()), KINDS_MIN)
        answers = [re.sub(r"^.*?\.yml:\d+:\d+: ", "", expected(name)) for name in names()]
        self.assertGreaterEqual(len(set(answers)), KINDS_MIN)

    def test_no_answer_without_a_question(self):
        answers = sorted(os.path.basename(path)[:-len(".expect")] for path in glob.glob(os.path.join(BAD, "*.expect")))
        self.assertEqual(answers, names())

    def test_every_mistake_has_its_place(self):
        for name in names():
            for line in expected(name).splitlines():
                self.assertRegex(line, LINE, name)


def add_test(name):
    def test(self):
        result = self.answer(name)
        self.assertEqual(result.err, expected(name))
        self.assertEqual((result.code, result.out), (1, ""))

    setattr(BadYaml, "test_" + name.replace("-", "_"), test)


def write(again):
    case = BadYaml("answer")
    case.setUp()
    for name in names():
        path = os.path.join(BAD, name + ".expect")
        if again or not os.path.exists(path):
            with open(path, "w", encoding="utf-8") as f:
                f.write(case.answer(name).err)
            print(path)
    case.doCleanups()


for bad in names():
    add_test(bad)

if __name__ == "__main__":
    if sys.argv[1:] in (["--write"], ["--rewrite"]):
        write(sys.argv[1] == "--rewrite")
    else:
        main()
