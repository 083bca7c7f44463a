# SPDX-License-Identifier: Apache-2.0
"""`make install`: the files, that shells complete with them, and that `ninja uninstall` removes them."""
import json
import os
import shutil
import subprocess
import tempfile
import unittest

BUILD = os.environ["WHERRY_BUILD"]
LIMIT = 120
FILES = """bin/wherry
share/bash-completion/completions/linuxkit
share/bash-completion/completions/wherry
share/fish/vendor_completions.d/linuxkit.fish
share/fish/vendor_completions.d/wherry.fish
share/man/man1/wherry.1
share/man/man5/wherry.yml.5
share/man/man8/wherry-service.8
share/zsh/site-functions/_wherry""".splitlines()
BASH = """COMP_WORDS=(wherry cache pu); COMP_CWORD=2
source "$1/share/bash-completion/completions/$2"; complete -p "$2" >/dev/null; _wherry; echo "${COMPREPLY[@]}" """
ZSH = """fpath=("$1/share/zsh/site-functions" $fpath); autoload -Uz compinit; compinit -D; print "${_comps[$2]}" """
FISH = """set -p fish_complete_path $argv[1]/share/fish/vendor_completions.d; complete -C "$argv[2] cache pu" """


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.destdir = tempfile.mkdtemp(prefix="wherry-install-")
        cls.addClassCleanup(shutil.rmtree, cls.destdir, ignore_errors=True)
        cls.run_it(cls, "meson", "install", "--no-rebuild", "--quiet", "-C", BUILD, "--destdir", cls.destdir)
        cls.prefix = cls.destdir + "/usr/local"
        cls.env = dict(os.environ, PATH=cls.prefix + "/bin:" + os.environ["PATH"])

    def run_it(self, *command, **more):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=LIMIT, **more)
        if done.returncode:
            raise AssertionError("%s: %d\n%s%s" % (" ".join(command), done.returncode, done.stdout, done.stderr))
        return done.stdout

    def files(self):
        return [os.path.relpath(os.path.join(where, name), self.prefix)
                for where, _, names in os.walk(self.destdir) for name in names]

    def test_files_are_where_they_are_looked_for(self):
        self.assertEqual(set(FILES) - set(self.files()), set())
        self.assertRegex(self.run_it("wherry", "version", env=self.env), r"^wherry \d")

    def test_bash_completes(self):
        for name in ("wherry", "linuxkit"):
            said = self.run_it("bash", "-c", BASH, "bash", self.prefix, name, env=self.env)
            self.assertEqual(said, "pull push\n")

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh_completes(self):
        for name in ("wherry", "linuxkit"):
            self.assertEqual(self.run_it("zsh", "-fc", ZSH, "zsh", self.prefix, name, env=self.env), "_wherry\n")

    @unittest.skipUnless(shutil.which("fish"), "fish is not installed")
    def test_fish_completes(self):
        said = self.run_it("fish", "--no-config", "-c", FISH, self.prefix, "wherry", env=self.env)
        self.assertEqual([line.split("\t")[0] for line in said.splitlines()], ["pull", "push"])

    def test_the_page_of_the_language_has_every_key(self):
        schema = json.loads(self.run_it("wherry", "schema", env=self.env))
        with open(self.prefix + "/share/man/man5/wherry.yml.5", encoding="utf-8") as f:
            page = f.read().replace("\\&", "").replace("\\", "")
        for definition in [schema, *schema["definitions"].values()]:
            for name in definition["properties"]:
                self.assertIn("fB%s" % name, page)

    def test_zz_ninja_removes_them(self):
        self.run_it("ninja", "-C", BUILD, "uninstall")
        self.assertEqual(self.files(), [])


if __name__ == "__main__":
    unittest.main()
