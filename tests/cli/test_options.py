#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The ways to write verbs and options, and what is said about wrong ones."""
import os

from harness import Case, WHERRY, main


class Verbs(Case):
    def test_no_verb_shows_help_on_stderr(self):
        result = self.run_wherry()
        self.assertEqual((result.code, result.out), (2, ""), result)
        self.assertIn("Verbs:", result.err)

    def test_a_group_alone_shows_its_verbs(self):
        result = self.run_wherry("cache")
        self.assertEqual((result.code, result.out), (2, ""), result)
        self.assertIn("cache import", result.err)
        self.assertNotIn("run qemu", result.err)

    def test_unknown_verb(self):
        self.fails(2, "wherry: unknown verb 'verison'; did you mean 'version'?\n", "verison")
        self.fails(2, "wherry: unknown verb 'cache lss'; did you mean 'cache ls'?\n", "cache", "lss")
        self.fails(2, "wherry: unknown verb 'xyzzy'\n", "xyzzy")
        self.fails(2, "wherry: unknown verb 'pull'; did you mean 'cache pull'?\n", "pull", "nginx")

    def test_words_of_docker(self):
        for word, answer in (("images", "wherry cache ls"), ("rmi", "wherry cache rm IMAGE"), ("ps", "service list"),
                             ("logs", "service logs NAME"), ("exec", "service exec NAME COMMAND"),
                             ("image", "wherry help cache")):
            result = self.fails(2, "wherry: unknown verb '%s'\n  hint: " % word, word, "x")
            self.assertIn(answer, result.err)

    def test_verbs_of_linuxkit_that_are_not_there(self):
        self.fails(2, "wherry: 'pkg builder' is not supported\n  hint: there is no BuildKit", "pkg", "builder", "du")

    def test_platforms_of_linuxkit_are_refused_by_name(self):
        """Also after options of `run`, and before options that only they have."""
        for platform in ("aws", "azure", "equinixmetal", "gcp", "hyperkit", "hyperv", "openstack", "packet", "scaleway",
                         "vbox", "vcenter", "virtualization", "vmware"):
            for words in (["run", platform, "--project", "p", "x"], ["run", "--cpus", "2", platform, "x"]):
                self.fails(2, "wherry: 'run %s' is not supported\n  hint: run the outputs " % platform, *words)
        self.fails(1, "there is no ./gcp-kernel", "run", "./gcp")
        self.fails(1, "there is no gcp-kernel", "run", "qemu", "gcp")
        self.fails(1, "there is no gcp-kernel", "run", "--", "gcp")
        result = self.fails(2, "wherry: 'push' is not supported\n  hint: ", "push", "aws", "x")
        self.assertIn("wherry pkg push", result.err)

    def test_wrong_number_of_operands(self):
        self.fails(2, "wherry: version takes no operands, but 'x' was given\n", "version", "x")
        self.fails(2, "wherry: cache rm needs IMAGE...\n  hint: usage: wherry cache rm", "cache", "rm")
        self.fails(2, "takes only PATH, but 'b' was given as well", "run", "qemu", "a", "b")


class Options(Case):
    def test_all_habits_mean_the_same(self):
        for option in (["--cache", "X"], ["--cache=X"], ["-cache", "X"], ["-cache=X"]):
            for words in (option + ["cache", "ls"], ["cache"] + option + ["ls"], ["cache", "ls"] + option):
                self.ok(*words, env={"WHERRY_CACHE": "/proc/no"})
                self.assertTrue(os.path.isdir(self.path("X")), words)
                os.rename(self.path("X"), self.path("old" + str(len(os.listdir(self.dir)))))

    def test_options_between_operands(self):
        self.fails(1, "/nix", "cache", "import", "/nix", "--timeout", "3", "/other")

    def test_two_dashes_end_options(self):
        self.fails(1, "--name", "cache", "import", "--", "--name")

    def test_unknown_option(self):
        result = self.fails(2, "wherry: unknown option '--nmae'; did you mean '--name'?\n", "cache", "import", "--nmae")
        self.assertIn("\n  hint: 'wherry help cache import' lists the options\n", result.err)
        self.fails(2, "wherry: unknown option '-quite'; did you mean '--quiet'?\n", "version", "-quite")
        self.fails(2, "wherry: unknown option '-x'\n", "version", "-x")
        self.fails(2, "wherry: unknown option '--out'\n", "build", "x", "--out")
        self.fails(2, "wherry: unknown option '-of'; did you mean '-o'?\n", "build", "x", "-of")
        self.fails(2, "wherry: unknown option '--env'; did you mean '--env-file'?\n", "build", "x", "--env", "y")

    def test_letters_in_one_argument(self):
        self.fails(1, "is not in the store", "ls", "-lR", "x")
        self.assertNotIn("hint", self.fails(1, "", "-qv0", "check", "no.yml").out)
        self.fails(2, "wherry: unknown option '-x' in '-lx'\n", "ls", "-lx", "image")
        self.fails(2, "wherry: unknown option '-lR'\n", "cache", "ls", "-lR")
        # Nothing that was meant as a long name becomes a value.
        self.fails(2, "wherry: unknown option '-formt'; did you mean '--format'?\n", "build", "-formt", "tar", "x")
        self.fails(1, "can't open x", "build", "-ftar", "x")

    def test_wrong_values(self):
        self.fails(2, "wherry: option --mem needs a size like 512M or 2G, not 'much'\n", "run", "qemu", "x", "--mem",
                   "much")
        self.fails(2, "wherry: option --cpus needs a number, not '2G'\n", "run", "qemu", "x", "--cpus", "2G")
        self.fails(2, "wherry: option --size needs a size like 512M or 2G, not 'big'\n", "build", "--size", "big", "x")
        for words in (["inspect", "--platform"], ["build", "--arch"], ["pkg", "build", "--platforms"]):
            self.fails(2, "unknown architecture 'amd65' in the platform 'linux/amd65'; did you mean 'amd64'?\n", *words,
                       "linux/amd65", "x")
        self.fails(2, "wherry: option --accel does not accept 'kmv'; did you mean 'kvm'?\n", "run", "qemu", "x",
                   "--accel", "kmv")
        self.fails(2, "wherry: option --cache needs a value: DIR\n", "cache", "ls", "--cache")

    def test_verbose_with_and_without_number(self):
        for option in (["-v"], ["-v", "2"], ["-v=3"], ["-v0"], ["--verbose", "0"], ["--verbose=1"]):
            self.assertIn("wherry ", self.ok("version", *option).out)
            self.assertIn("wherry ", self.ok(*option, "version").out)


class CacheDirectory(Case):
    def directory_of(self, program=WHERRY, **env):
        """Where the store is made with this environment."""
        env = {"WHERRY_CACHE": "", **env}
        self.ok("cache", "ls", program=program, env=env)
        found = [os.path.dirname(f) for f in self.files() if os.path.basename(f) == "oci-layout"]
        self.assertEqual(len(found), 1, self.files())
        return found[0]

    def test_default(self):
        self.assertEqual(self.directory_of(), ".cache/wherry")

    def test_xdg(self):
        self.assertEqual(self.directory_of(XDG_CACHE_HOME=self.path("xdg")), "xdg/wherry")

    def test_environment(self):
        self.assertEqual(self.directory_of(WHERRY_CACHE=self.path("a"), LINUXKIT_CACHE=self.path("b")), "a")

    def test_environment_of_linuxkit(self):
        self.assertEqual(self.directory_of(LINUXKIT_CACHE=self.path("b"), XDG_CACHE_HOME=self.path("xdg")), "b")

    def test_called_linuxkit(self):
        link = self.path("linuxkit")
        os.symlink(WHERRY, link)
        self.assertEqual(self.directory_of(program=link, XDG_CACHE_HOME=self.path("xdg")), ".linuxkit/cache")

    def test_no_home(self):
        result = self.fails(1, "HOME is not set", "cache", "ls", env={"WHERRY_CACHE": "", "HOME": ""})
        self.assertIn("hint: name one with --cache DIR", result.err)


if __name__ == "__main__":
    main()
