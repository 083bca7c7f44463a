#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make install`: what is installed works by itself, with an empty home, in an empty directory, without git."""
import glob
import json
import os
import re
import shutil
import subprocess
import tempfile

from harness import WHERRY, Case, main

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ["WHERRY_BUILD_ROOT"]


class Install(Case):
    @classmethod
    def setUpClass(cls):
        cls.dest = tempfile.mkdtemp(prefix="wherry install ")
        cls.addClassCleanup(shutil.rmtree, cls.dest, ignore_errors=True)
        done = subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", cls.dest],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)
        if done.returncode:
            raise AssertionError(done.stdout)
        programs = glob.glob(os.path.join(glob.escape(cls.dest), "**", "bin", "wherry"), recursive=True)
        cls.prefix = os.path.dirname(os.path.dirname(programs[0]))
        cls.program = programs[0]
        cls.share = os.path.join(cls.prefix, "share", "wherry")
        cls.packages = sorted(os.listdir(os.path.join(cls.share, "pkg")))

    def setUp(self):
        super().setUp()
        self.env["PATH"] = "/nonexistent"

    def test_every_package_is_there_with_its_extra_sources(self):
        """Its tag is that of the clean clone."""
        for name in ("kernel", "init", "crun", "sysctl", "dhcp", "getty", "nginx"):
            self.assertIn(name, self.packages)
        installed = self.ok("pkg", "show-tag", *self.packages, program=self.program).out
        self.assertNotIn("dirty", installed)
        if not os.path.exists(os.path.join(ROOT, ".git")):
            self.skipTest("not in a git repository")
        mine = subprocess.run([WHERRY, "pkg", "show-tag", *(os.path.join(ROOT, "pkg", p) for p in self.packages)],
                              stdout=subprocess.PIPE, text=True, check=True, timeout=60).stdout
        for theirs, ours in zip(installed.splitlines(), mine.splitlines()):
            if "dirty" not in ours:  # somebody is working on it
                self.assertEqual(theirs, ours)

    def test_the_examples_work_where_they_are_copied_to(self):
        found = glob.glob(os.path.join(glob.escape(self.prefix), "share/doc/wherry/examples/*.yml"))
        self.assertEqual(sorted(map(os.path.basename, found)), sorted(
            name for name in os.listdir(os.path.join(ROOT, "examples")) if name.endswith(".yml")))
        for path in found:
            shutil.copy(path, self.dir)
            result = self.ok("build", "--dry-run", os.path.basename(path), program=self.program)
            self.assertEqual(result.err, "")
            self.assertIn("wherry/init:", result.out)
            self.ok("check", path, program=self.program)

    def test_nothing_of_a_build_is_installed(self):
        for path in self.files(self.share):
            self.assertNotRegex(path, r"(\.o|\.pyc|~|\.orig|\.rej)$")
        self.assertNotIn("pkg/meson.build", self.files(self.share))

    def test_the_name_linuxkit_is_there(self):
        linuxkit = os.path.join(self.prefix, "bin/linuxkit")
        self.assertEqual(os.readlink(linuxkit), "wherry")
        self.assertIn("usage: linuxkit ", self.ok("build", "--help", program=linuxkit).out)

    def test_the_manual_has_pages(self):
        pages = glob.glob(os.path.join(glob.escape(self.prefix), "share/man/man*/*"))
        if not pages:
            self.skipTest("scdoc is not installed")
        names = {re.sub(r"\.gz$", "", os.path.basename(page)) for page in pages}
        self.assertLessEqual({"wherry.1", "linuxkit.1", "wherry.yml.5", "wherry-build.yml.5",
                              "wherry-service.8"}, names)

    def test_a_package_without_a_build_step_is_made(self):
        self.write("mine/build.yml", "image: mine\nfiles: [{path: hello, contents: hi}]\n")
        result = self.ok("--json", "pkg", "build", "--arch", "amd64", "mine", program=self.program)
        self.assertEqual(self.ok("cat", json.loads(result.out)["name"], "hello", program=self.program).out, "hi")


if __name__ == "__main__":
    main()
