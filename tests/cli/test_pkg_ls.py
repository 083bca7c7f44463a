#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pkg ls: which packages there are, what they do and what they need."""
import importlib.machinery
import importlib.util
import os

import terminallib
from harness import ROOT, WHERRY, Case, main

FULL = """# Serves `a. b`: on port 80.
# It wants much.
image: full
arches: [amd64]
config:
  command: [/bin/x]
  capabilities: [CAP_SYS_ADMIN, CAP_SYSLOG]
  binds: ["/etc:/hostroot/etc:ro,rslave", "/var:/var", "/var:/other"]
  devices: [{path: /dev/kmsg, type: c}, {path: all, type: b}]
  pid: host
files: [{path: x, contents: x}]
"""


def check_components_doc():
    """tools/check-components-doc as a module."""
    path = os.path.join(ROOT, "tools", "check-components-doc")
    loader = importlib.machinery.SourceFileLoader("check_components_doc", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("check_components_doc", loader))
    loader.exec_module(module)
    return module


class PkgLs(Case):
    def package(self, name, text):
        self.write(name + "/build.yml", text)

    def ls(self, *args):
        """By name, of the clone's packages and those of the directory `more`."""
        lines = self.json_lines(self.ok("pkg", "ls", "--json", "--pkg-path", "more", *args).out)
        return {line["name"]: line for line in lines}

    def test_each_component_is_there_with_what_its_comment_begins_with(self):
        describe = check_components_doc().describe
        there, packages = self.ls(), os.path.join(ROOT, "pkg")
        self.assertEqual(sorted(there), sorted(name for name in os.listdir(packages) if os.path.exists(
            os.path.join(packages, name, "build.yml"))))
        for name, line in there.items():
            with open(os.path.join(packages, name, "build.yml"), encoding="utf-8") as f:
                self.assertEqual(line["does"], describe(f.read()))

    def test_what_one_needs(self):
        self.package("more/full", FULL)
        self.assertEqual(self.ls("full")["full"], {
            "name": "full", "directory": "more/full", "does": "Serves `a. b`", "runs": True, "arches": ["amd64"],
            "capabilities": ["CAP_SYS_ADMIN", "CAP_SYSLOG"],
            "binds": ["/etc:/hostroot/etc:ro,rslave", "/var:/var", "/var:/other"],
            "devices": ["/dev/kmsg", "all"], "network": True, "processes": True})
        self.assertEqual(self.ok("pkg", "ls", "--pkg-path", "more", "full").out,
                         "full\tServes `a. b`\tSYS_ADMIN, SYSLOG, /etc:ro, /var, /dev/kmsg, devices, network, "
                         "processes\n")
        less = FULL.replace("much", "less").replace("pid: host", "net: none")
        self.package("more/less", less.replace("CAP_SYS_ADMIN, CAP_SYSLOG", "all"))
        self.package("more/files", "image: files\nfiles: [{path: x, contents: x}]\n")
        self.assertEqual(self.ok("pkg", "ls", "--pkg-path", "more", "it wants less").out.split("\t")[2],
                         "all capabilities, /etc:ro, /var, /dev/kmsg, devices\n")
        self.assertEqual(self.ls("files")["files"]["does"], "")
        self.assertIn("files\t\tfiles only\n", self.ok("pkg", "ls", "--pkg-path", "more").out)

    def test_words_choose(self):
        self.assertIn("redis", self.ls("REDIS"))
        # LinuxKit's name for it, and two words.
        self.assertEqual(list(self.ls("cadvisor")), ["netdata"])
        self.assertEqual(list(self.ls("ntp", "chrony.conf")), ["chrony"])
        result = self.fails(1, "no package has 'nosuchword' and the other words in its name or comment", "pkg", "ls",
                            "nosuchword", "ntp")
        self.assertIn("hint: `wherry pkg ls` without words", result.err)

    def test_the_first_of_a_name_counts_as_for_builds(self):
        self.package("more/redis", "# Mine.\nimage: x\nfiles: [{path: x, contents: x}]\n")
        self.assertEqual(self.ls("redis")["redis"]["directory"], "more/redis")
        self.package("pkg/redis", "# Nearer.\nimage: x\nfiles: [{path: x, contents: x}]\n")
        self.assertEqual(self.ls("redis")["redis"]["does"], "Nearer")

    def test_one_with_mistakes_is_left_out_with_a_warning(self):
        self.package("more/wrong", "image: [x]\n")
        os.makedirs(self.path("more/pipe"))
        os.mkfifo(self.path("more/pipe/build.yml"))
        result = self.ok("pkg", "ls", "--pkg-path", "more")
        self.assertIn("more/wrong is left out: ", result.err)
        self.assertIn("more/pipe is left out: ", result.err)
        self.assertNotIn("wrong", result.out)

    def test_a_comment_cannot_act_on_a_terminal(self):
        self.package("more/evil", "# \x1b[2Jx\u202ey\nimage: x\nfiles: [{path: x, contents: x}]\n")
        for args in ([], ["--json"]):
            out = self.run_wherry("pkg", "ls", "--pkg-path", "more", "evil", *args).out
            self.assertNotRegex(out, "[\x1b\u202e]")

    def test_a_table_that_fits_the_terminal(self):
        for columns in (60, 80, 200):
            data, code = terminallib.run([WHERRY, "pkg", "ls", "--pkg-path", "more"], self.env, self.dir, columns)
            self.assertEqual(code, 0)
            self.assertRegex(data, rb"^NAME +WHAT IT DOES +NEEDS\n")
            self.assertLessEqual(max(map(len, data.decode().splitlines())), columns)


if __name__ == "__main__":
    main()
