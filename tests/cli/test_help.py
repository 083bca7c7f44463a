#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Help and version."""
import re

from harness import Case, main


class Help(Case):
    def verbs(self):
        lines = re.search(r"^Verbs:\n((?:  .*\n)+)", self.ok("help").out, re.M).group(1).splitlines()
        names = [re.match(r"  ([a-z][a-z -]*?)(?:  |$)", line) for line in lines]
        return [name.group(1).split() for name in names if name]

    def test_every_verb_has_help_that_fits(self):
        verbs = self.verbs()
        self.assertGreater(len(verbs), 8)
        for words in [[]] + verbs:
            by_verb, by_option = self.ok("help", *words), self.ok(*words, "--help")
            self.assertEqual(by_verb.out, by_option.out)
            self.assertEqual(by_verb.err, "")
            self.assertTrue(by_verb.out.startswith("usage: wherry "), by_verb)
            for line in by_verb.out.splitlines():
                self.assertLessEqual(len(line), 80, line)
                self.assertEqual(line, line.rstrip())

    def test_help_of_a_verb_is_about_that_verb(self):
        text = self.ok("help", "cache", "rm").out
        self.assertIn("--published-only", text)
        self.assertNotIn("--cert-file", text)
        self.assertIn("`wherry help`", text)
        self.assertIn("--cert-file", self.ok("help").out)

    def test_help_of_a_group(self):
        self.assertEqual(self.ok("help", "cache").out, self.ok("cache", "--help").out)

    def test_help_wins_over_missing_operands(self):
        self.ok("cache", "rm", "-h")

    def test_help_for_an_unknown_verb(self):
        self.fails(2, "did you mean 'version'?", "help", "verison")


    def test_for_programs(self):
        objects = self.json_lines(self.ok("help", "--json").out)
        self.assertIn("cache", [o["name"] for o in objects.pop(0)["options"]])
        by_verb = {o["verb"]: o for o in objects}
        self.assertEqual([list(v) for v in map(str.split, by_verb)], self.verbs())
        build = self.json_lines(self.ok("build", "--help", "--json").out)
        self.assertEqual(build, [by_verb["build"]])
        formats = next(o for o in build[0]["options"] if o["name"] == "format")
        self.assertEqual((formats["letter"], formats["repeatable"], formats["value"]), ("f", True, "FORMAT"))
        self.assertIn("kernel+initrd", formats["choices"])
        self.assertEqual([o["verb"] for o in self.json_lines(self.ok("help", "--json", "pkg").out)],
                         [v for v in by_verb if v.startswith("pkg ")])


class Version(Case):
    def test_version(self):
        self.assertRegex(self.ok("version").out, r"^wherry \d+\.\d+\.\d+\n$")

    def test_as_an_option(self):
        for words in (("--version",), ("-V",), ("-version",), ("version", "-V")):
            self.assertEqual(self.ok(*words).out, self.ok("version").out)
        self.assertEqual(self.ok("-V", "--json").out, self.ok("version", "--json").out)
        self.fails(2, "--version is not an option of the verb 'cache ls'\n  hint: show it with: wherry version\n",
                   "cache", "ls", "--version")

    def test_json(self):
        version = self.json_lines(self.ok("version", "--json").out)[0]["version"]
        self.assertEqual(self.ok("version").out, "wherry %s\n" % version)


if __name__ == "__main__":
    main()
