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
import unittest

from harness import WHERRY, Case, main

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ["WHERRY_BUILD_ROOT"]
BASH = """COMP_WORDS=(wherry cache pu); COMP_CWORD=2; COMP_LINE="${COMP_WORDS[*]}"
source "$1/share/bash-completion/completions/$2"; complete -p "$2" >/dev/null; _wherry; echo "${COMPREPLY[@]}" """
ZSH = """fpath=("$1/share/zsh/site-functions" $fpath); autoload -Uz compinit; compinit -D; print "${_comps[$2]}" """
FISH = """set -p fish_complete_path $argv[1]/share/fish/vendor_completions.d; complete -C "$argv[2] cache pu" """


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
        for name in ("kernel", "init", "crun", "sysctl", "dhcp", "getty", "nginx", "sshd", "grub-bios", "rpi-firmware"):
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
        # All of them first, as one may include another.
        for path in found:
            shutil.copy(path, self.dir)
            packages = path.removesuffix(".yml")
            if os.path.isdir(packages):
                shutil.copytree(packages, self.path(os.path.basename(packages)))
        for path in found:
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

    def shell(self, *command):
        env = dict(self.env, PATH=os.path.join(self.prefix, "bin") + ":" + os.environ["PATH"])
        done = subprocess.run([*command, self.prefix, "wherry"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=120, env=env)
        return done.stdout

    def test_bash_completes(self):
        self.assertEqual(self.shell("bash", "-c", BASH, "bash"), "pull push\n")
        self.assertEqual(os.readlink(os.path.join(self.prefix, "share/bash-completion/completions/linuxkit")), "wherry")

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh_completes(self):
        self.assertEqual(self.shell("zsh", "-fc", ZSH, "zsh"), "_wherry\n")

    @unittest.skipUnless(shutil.which("fish"), "fish is not installed")
    def test_fish_completes(self):
        said = self.shell("fish", "--no-config", "-c", FISH)
        self.assertEqual([line.split("\t")[0] for line in said.splitlines()], ["pull", "push"])

    def test_the_page_of_the_language_has_every_key(self):
        schema = json.loads(self.ok("schema", program=self.program).out)
        with open(os.path.join(self.prefix, "share/man/man5/wherry.yml.5"), encoding="utf-8") as f:
            page = f.read().replace("\\&", "").replace("\\", "")
        for definition in [schema, *schema["definitions"].values()]:
            for name in definition["properties"]:
                self.assertIn("fB%s" % name, page)

    def test_zz_ninja_removes_all(self):
        subprocess.run(["ninja", "-C", BUILD, "uninstall"], check=True, stdout=subprocess.DEVNULL, timeout=600)
        self.assertEqual([files for _, _, files in os.walk(self.dest) if files], [])


if __name__ == "__main__":
    main()
