#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Completion, in the shells themselves."""
import os
import re
import shutil
import subprocess
import unittest

import ocilib
import terminallib
from harness import Case, WHERRY, main

# Complete; then show what the line has become.
FINISH = "\t\x05 \"]\"\x01echo \"[\" \n"
IMAGES = ["example.test/hello:1", "example.test/init:1", "example.test/kernel:1"]


class Completion(Case):
    def setUp(self):
        super().setUp()
        layout = ocilib.standard(self.path("layout"))
        layout.name("docker.io/library/nginx:1.27", layout.image([{"f": b"x"}]))
        self.ok("-q", "cache", "import", "layout")
        os.makedirs(self.path("bin"))
        os.symlink(WHERRY, self.path("bin", "wherry"))
        self.env["PATH"] = self.path("bin") + ":" + self.env["PATH"]
        self.env["TERM"] = "dumb"
        for name in ("os.yml", "other.yaml", "os-kernel", "os-initrd.img", "notes.txt"):
            self.write("work/" + name, "")
        os.mkdir(self.path("work", "sub.d"))

    def script(self, shell):
        return self.write("completion." + shell, self.ok("completion", shell).out)

    def candidates(self, *words):
        done = self.ok("complete", "--", *words, cwd=self.path("work"))
        return [line.split("\t")[0] for line in done.out.splitlines()]


class Candidates(Completion):
    def test_images(self):
        for verb in (["cache", "rm"], ["cache", "push"], ["cache", "export"], ["cache", "export", "a"],
                     ["cache", "tag"]):
            self.assertEqual(self.candidates(*verb, "example.test/"), IMAGES)
        # What is looked into can be a file as well.
        for verb in "inspect", "ls", "cat":
            self.assertEqual(self.candidates(verb, "example.test/"), IMAGES + [":files"])
        self.assertEqual(self.candidates("cache", "rm", "ng"), ["nginx:1.27"])
        self.assertEqual(self.candidates("cache", "rm", "docker.io/"), ["docker.io/library/nginx:1.27"])
        self.assertEqual(self.candidates("cache", "export", "--name", "nginx"), ["nginx:1.27"])
        self.assertEqual(self.candidates("--cache", self.path("empty"), "cache", "rm", ""), [])
        self.assertEqual(self.candidates("--cache=" + self.path("empty"), "cache", "rm", ""), [])

    def test_outputs(self):
        verbs = ["qemu", "firecracker", "list", "stop", "console", "logs"]
        self.assertEqual(self.candidates("run", ""), verbs + ["os", ":directories"])
        self.assertEqual(self.candidates("run", "o"), ["os", ":directories"])
        self.assertEqual(self.candidates("run", "qemu", ""), ["os", ":directories"])
        self.assertEqual(self.candidates("run", "qemu", "--mem", "512", "o"), ["os", ":directories"])
        self.assertEqual(self.candidates("run", "--cpus", "2", "qemu", "o"), ["os", ":directories"])
        self.assertEqual(self.candidates("run", "--mem", "512", "../work/"), ["../work/os", ":directories"])

    def test_unknown_shell(self):
        self.fails(2, "no completion for the shell 'csh'", "completion", "csh")


class Shells:
    """What a shell offers for a command line that is typed in the directory `work`."""
    shell, check = None, ["-n"]

    def offered(self, line):
        raise NotImplementedError

    def test_script(self):
        subprocess.run([self.shell, *self.check, self.script(self.shell)], check=True, timeout=60)

    def test_verbs_and_options(self):
        self.assertEqual(self.offered("wherry cache im"), ["import"])
        self.assertEqual(self.offered("wherry build --dry"), ["--dry-run"])
        self.assertEqual(self.offered("wherry build -f tar-k"), ["tar-kernel-initrd"])

    def test_a_value_after_an_equals_sign(self):
        self.assertEqual(self.offered("wherry build --format=tar-k"), ["--format=tar-kernel-initrd"])

    def test_images_with_colons(self):
        self.assertEqual(self.offered("wherry inspect ng"), ["nginx:1.27"])
        self.assertEqual(self.offered("wherry inspect nginx:1"), ["nginx:1.27"])
        self.assertEqual(self.offered("wherry cache rm example.test/h"), ["example.test/hello:1"])

    def test_files(self):
        self.assertEqual(self.offered("wherry run o"), ["os"])
        self.assertEqual(self.offered("wherry check ot"), ["other.yaml"])
        self.assertEqual(self.offered("wherry run qemu --disk no"), ["notes.txt"])
        self.assertEqual([w.rstrip("/") for w in self.offered("wherry build --dir s")], ["sub.d"])


@unittest.skipUnless(shutil.which("bash"), "bash is not there")
class Bash(Shells, Completion):
    shell = "bash"

    def offered(self, line):
        """Typed at its prompt: there bash takes the line apart, and puts the answer into it."""
        rc = self.write("rc", "PS1=\nbind 'set bell-style none'\nbind 'set enable-bracketed-paste off'\n"
                        "source '%s'\necho ready\n" % self.script("bash"))
        t = terminallib.Terminal([shutil.which("bash"), "--noprofile", "--rcfile", rc, "-i"], self.env,
                                 self.path("work"), 200)
        t.read(until=rb"ready")
        t.type(line + FINISH)
        seen = t.read(until=rb"(?m)^\[ .* \]\r?$").decode()
        t.type("exit\n")
        t.read()
        t.close()
        whole = re.search(r"(?m)^\[ (.*) \]\r?$", seen).group(1).split()
        return [whole[-1]]

    def test_several(self):
        command = ('source "$1"; COMP_LINE=$2; COMP_WORDS=($2 ""); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _wherry; '
                   'printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(["bash", "-c", command, "-", self.script("bash"), "wherry check "],
                              stdout=subprocess.PIPE, check=True, timeout=60, text=True, env=self.env,
                              cwd=self.path("work"))
        self.assertEqual(sorted(done.stdout.split()), ["os.yml", "other.yaml", "sub.d"])


@unittest.skipUnless(shutil.which("zsh"), "zsh is not there")
class Zsh(Shells, Completion):
    shell = "zsh"

    def offered(self, line):
        rc = self.write("zdot/.zshrc", "PS1=\nunsetopt beep\nunset zle_bracketed_paste\n"
                        "setopt no_prompt_sp\nautoload -U compinit && compinit -u -D\nsource '%s'\necho ready\n"
                        % self.script("zsh"))
        env = {**self.env, "ZDOTDIR": os.path.dirname(rc), "TERM": "xterm"}
        t = terminallib.Terminal([shutil.which("zsh"), "-d", "-i"], env, self.path("work"), 200)
        t.read(until=rb"ready")
        t.type(line + FINISH)
        seen = t.read(until=rb"(?m)^\[ .* \]\r?$").decode()
        t.type("exit\n")
        t.read()
        t.close()
        whole = re.search(r"(?m)^\[ (.*) \]\r?$", seen).group(1).split()
        return [whole[-1]]


@unittest.skipUnless(shutil.which("fish"), "fish is not there")
class Fish(Shells, Completion):
    shell, check = "fish", ["--no-execute"]

    def offered(self, line):
        command = "source '%s'; complete -C '%s'" % (self.script("fish"), line)
        done = subprocess.run(["fish", "--no-config", "-c", command],
                              stdout=subprocess.PIPE, check=True, timeout=60, text=True, env=self.env,
                              cwd=self.path("work"))
        return [line.split("\t")[0] for line in done.stdout.splitlines()]


del Shells

if __name__ == "__main__":
    main()
