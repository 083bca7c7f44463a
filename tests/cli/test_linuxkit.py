#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command line under the name linuxkit: every verb and flag of LinuxKit 1.8 (linuxkit/flags.txt), its environment,
its names of images, and what hints say to somebody who calls the program by that name."""
import os
import subprocess

from harness import Case, WHERRY, main

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "linuxkit")
RESULTS = ("same", "nothing", "refused")


def table():
    """The rows of flags.txt: verb, flag or None, value or None, result."""
    with open(os.path.join(DATA, "flags.txt"), encoding="utf-8") as f:
        lines = [line.rstrip() for line in f if line.strip() and not line.startswith("#")]
    for line in lines:
        verb, words = line[:20].strip(), line[20:].split()
        result = words.pop()
        assert result in RESULTS, line
        flag = None if words[0] == "-" else words[0]
        yield verb, flag, words[1] if len(words) > 1 else None, result


class LinuxKit(Case):
    def setUp(self):
        super().setUp()
        self.link = self.path("linuxkit")
        os.symlink(WHERRY, self.link)

    def linuxkit(self, *args, **more):
        return self.run_wherry(*args, program=self.link, **more)

    def git(self, *args, where="."):
        subprocess.run(["git", "-C", self.path(where), "-c", "user.name=t", "-c", "user.email=t@example.test", *args],
                       check=True, timeout=60, env={**self.env, "GIT_CONFIG_NOSYSTEM": "1"})

    def package(self, name="pkg/one", yml="image: one\nfiles: [{path: x, contents: x}]\n"):
        """A package in a repository; its directory."""
        self.write(name + "/build.yml", yml)
        if not os.path.exists(self.path("pkg/.git")):
            self.git("init", "-q", where="pkg")
        self.git("add", ".", where="pkg")
        self.git("commit", "-qm", "x", where="pkg")
        return name


class Flags(LinuxKit):
    def check_refused(self, what, result):
        self.assertEqual(result.code, 2, result)
        self.assertRegex(result.err, r"^wherry: (option )?'?%s'? is not supported(: .*)?\n  hint: " % what)

    def check(self, verb, flag, value, expected, words):
        result = self.linuxkit(*words)
        where = "%s: %s" % (" ".join(words), result)
        self.assertNotIn("unknown", result.err, where)
        self.assertNotIn("Sanitizer", result.err, where)
        if expected == "refused":
            self.check_refused(flag or verb.split()[0] + "( %s)?" % verb.split()[-1], result)
        else:
            self.assertNotIn("not supported", result.err, where)

    def test_every_flag(self):
        verbs = {verb for verb, *_ in table()}
        everywhere = [v for v in verbs if v.startswith("pkg ") and v not in ("pkg *", "pkg builder")]
        for verb, flag, value, expected in table():
            option = [flag] + ([value] if value else []) if flag else []
            if verb == "global":
                self.check(verb, flag, value, expected, [*option, "cache", "ls"])
                self.check(verb, flag, value, expected, ["cache", "ls", *option])
            elif verb == "pkg *":
                for one in everywhere:
                    self.check(one, flag, value, expected, ["pkg", *option, one.split()[1], "nothing-here", "x:1"])
                    self.check(one, flag, value, expected, [*one.split(), *option, "nothing-here", "x:1"])
            elif flag:
                self.check(verb, flag, value, expected, [*verb.split(), *option, "nothing-here", "nothing-there"])
            else:
                self.check(verb, flag, value, expected, [*verb.split(), "--help"] if expected == "same" else
                           verb.split() + ["x"])

    def test_one_dash(self):
        for words in (["build", "-format", "tar", "-name", "x", "os.yml"], ["pkg", "-org", "me", "show-tag", "x"],
                      ["pkg", "push", "-nobuild", "-release", "v1", "x"]):
            self.assertNotIn("option", self.linuxkit(*words).err)

    def test_options_before_the_verb(self):
        one = self.package()
        for words in (["pkg", "--org", "me", "show-tag", one], ["pkg", "--org=me", "show-tag", one],
                      ["pkg", "--network", "--org", "me", "show-tag", one], ["--quiet", "pkg", "-org", "me", "show-tag",
                                                                             one]):
            self.assertRegex(self.linuxkit(*words).out, r"^me/one:[0-9a-f]{40}\n$")
        self.fails(2, "wherry: unknown option '--orgg'", "pkg", "--orgg", "me", "show-tag", one)
        self.fails(2, "wherry: option --org needs a value", "pkg", "show-tag", one, "--org")
        self.assertIn("Verbs:", self.fails(2, "pkg show-tag", "pkg", "--org", "me").err)

    def test_what_excludes_each_other(self):
        for a, b in (("network", "nonetwork"), ("disable-cache", "enable-cache"), ("nobuild", "force"),
                     ("pull", "force")):
            self.fails(2, "--%s and --%s are mutually exclusive" % (a, b), "pkg", "build", "--" + a, "--" + b, "x")

    def test_version(self):
        self.assertRegex(self.ok("version", "--short").out, r"^\d+\.\d+\.\d+\n$")
        self.assertRegex(self.ok("version", "--commit").out, r"^[0-9a-f]*\n$")
        self.assertRegex(self.linuxkit("version").out, r"^linuxkit version \d+\.\d+\.\d+ \(Wherry\)\n")


class Packages(LinuxKit):
    def tag(self, *args, program=None, **more):
        result = self.run_wherry("pkg", "show-tag", *args, program=program or self.link, **more)
        self.assertEqual(result.code, 0, result)
        return result.out.strip()

    def test_the_organisation(self):
        one, two = self.package(), self.package("pkg/two", "image: two\norg: them\nfiles: [{path: x, contents: x}]\n")
        self.assertRegex(self.tag(one), "^linuxkit/one:")
        self.assertRegex(self.tag(one, "--canonical"), "^docker.io/linuxkit/one:")
        self.assertRegex(self.tag(one, program=WHERRY), "^wherry/one:")
        self.assertRegex(self.tag(two), "^them/two:")
        self.assertRegex(self.tag(two, "--org", "us"), "^us/two:")
        self.assertRegex(self.tag(two, env={"LINUXKIT_PKG_ORG": "env"}), "^env/two:")
        self.assertRegex(self.tag(two, "--org", "us", env={"LINUXKIT_PKG_ORG": "env"}), "^us/two:")
        self.assertRegex(self.tag(two, env={"WHERRY_PKG_ORG": "own", "LINUXKIT_PKG_ORG": "env"}), "^own/two:")

    def test_the_organisation_in_a_file(self):
        self.package()
        self.write("os.yml", 'init: ["@pkg:pkg/one"]\n')
        build = ("build", "--dry-run", "os.yml")
        self.assertIn("docker.io/linuxkit/one:", self.linuxkit(*build).out)
        self.assertIn("wherry/one:", self.ok(*build).out)
        # LinuxKit asks its environment for an organisation only in the verbs of pkg.
        self.assertIn("linuxkit/one:", self.linuxkit(*build, env={"LINUXKIT_PKG_ORG": "me"}).out)
        self.assertIn("me/one:", self.ok(*build, env={"LINUXKIT_PKG_ORG": "me"}).out)

    def test_digits_of_changes(self):
        """LinuxKit's: the SHA-256 of the bytes of the tracked files, then of the new ones; no names, no links."""
        one = self.package()
        self.write("pkg/one/tracked", "1\n")
        self.package()
        self.write("pkg/one/a-new", "3\n")
        self.write("pkg/one/tracked", "2\n")
        os.symlink("tracked", self.path("pkg/one/link"))
        self.write("pkg/one/caf\N{LATIN SMALL LETTER E WITH ACUTE}", "left out, as git quotes its name\n")
        expected = subprocess.run("cat build.yml tracked a-new | sha256sum | cut -c1-7", shell=True, check=True,
                                  cwd=self.path(one), stdout=subprocess.PIPE, text=True, timeout=60).stdout.strip()
        self.assertTrue(self.tag(one).endswith("-dirty-" + expected), self.tag(one))
        os.rename(self.path("pkg/one/a-new"), self.path("pkg/one/b-new"))
        self.assertTrue(self.tag(one).endswith("-dirty-" + expected))
        own = self.tag(one, program=WHERRY)
        os.rename(self.path("pkg/one/b-new"), self.path("pkg/one/a-new"))
        self.assertNotEqual(own, self.tag(one, program=WHERRY))

    def test_flags_of_buildkit(self):
        one = self.package()
        build = ("pkg", "build", "--builders", "linux/arm64=ctx", "--builder-image", "x", "--progress", "plain",
                 "--sbom-scanner=false", "--precache-images", "--ignore-cached")
        self.assertRegex(self.linuxkit(*build, one).out, "^linuxkit/one:")
        for flag, why in (("--build-arg-file", "it is for a Dockerfile"), ("--dockerfile", "it is for a Dockerfile"),
                          ("--ssh", "it is for a Dockerfile"), ("--sbom-scanner", "no build of a package heeds it")):
            # It would matter only if there were something to build.
            self.assertIn("was in the cache", self.linuxkit("pkg", "build", flag, "x", one).out)
            result = self.linuxkit("pkg", "build", "--force", flag, "x", one)
            self.assertIn("option %s is not supported: %s" % (flag, why), result.err)
            self.assertEqual(result.code, 1)

    def test_skipped_platforms(self):
        one = self.package()
        self.assertEqual(self.linuxkit("pkg", "build", "--skip-platforms", "linux/amd64,linux/arm64", one).out, "")
        self.assertIn("one:", self.linuxkit("pkg", "build", "--skip-platforms", "linux/s390x", one).out)
        self.fails(2, "unknown architecture", "pkg", "build", "--skip-platforms", "linux/nosuch", one)

    def test_a_dockerfile_whose_image_is_in_the_cache(self):
        one = self.package("pkg/docker", "image: docker\nconfig: {command: [x]}\n")
        self.write("pkg/docker/Dockerfile", "FROM scratch\n")
        name = self.tag("pkg/docker", "--hash", "abc")
        for builder in ("buildah", "podman", "docker", "buildctl"):
            self.write("bin/" + builder, "#!/bin/sh\nexit 1\n", 0o755)
        self.env["PATH"] = self.path("bin") + ":" + self.env["PATH"]
        result = self.linuxkit("pkg", "build", "--hash", "abc", one)
        self.assertEqual(result.code, 1)
        self.assertIn("has to be built from a Dockerfile: none of the builders can be used ", result.err)
        self.assertIn(", and its image can't be pulled: ", result.err)
        # An image of that name will do, however it was made.
        self.linuxkit("pkg", "build", "--org", "linuxkit", "--hash", "one", self.package())
        exported = self.linuxkit("cache", "export", "--format", "oci", "--name", name, "--outfile", "x.tar",
                                 "linuxkit/one:one")
        self.assertEqual(exported.code, 0, exported)
        self.linuxkit("cache", "import", "x.tar")
        for more in ([], ["--pull"], ["--build-arg-file", "args"], ["--platforms", "linux/amd64"]):
            result = self.linuxkit("pkg", "build", "--hash", "abc", *more, one)
            self.assertEqual(result.code, 0, result)
            self.assertIn("was in the cache", result.out)


class Cache(LinuxKit):
    def test_one_that_linuxkit_has_just_made(self):
        """`linuxkit cache ls` makes a layout without a directory for blobs."""
        self.write("c/oci-layout", '{"imageLayoutVersion": "1.0.0"}')
        self.write("c/index.json", '{"schemaVersion": 2, "manifests": []}')
        one = self.package()
        self.assertEqual(self.linuxkit("cache", "ls", "--cache", "c").code, 0)
        os.rmdir(self.path("c/blobs/sha256"))
        os.rmdir(self.path("c/blobs"))
        result = self.linuxkit("pkg", "build", "--cache", "c", one)
        self.assertEqual(result.code, 0, result)
        self.assertIn("linuxkit/one:", self.linuxkit("cache", "ls", "--cache", "c").out)


class Hints(LinuxKit):
    def test_the_name(self):
        self.package()
        self.write("os.yml", 'init: ["@pkg:pkg/one"]\nkernel: {image: "a:1"}\n')
        result = self.linuxkit("build", "--cache", "my cache", "--arch", "arm64", "--docker=false", "os.yml")
        self.assertIn("hint: make it with: linuxkit pkg build --cache 'my cache' --arch arm64 pkg/one\n", result.err)
        result = self.linuxkit("cache", "rm", "nosuch:1")
        self.assertIn("'linuxkit cache ls' lists the images", result.err)
        result = self.linuxkit("ls", "--cache", "c", "nosuch:1")
        self.assertIn("linuxkit cache pull --cache c ", result.err)
        result = self.linuxkit("cache", "rm")
        self.assertIn("usage: linuxkit cache rm [OPTION...] IMAGE...", result.err)
        self.assertIn("'linuxkit help cache import'", self.linuxkit("cache", "import", "--nmae").err)

    def test_an_os_without_a_kernel(self):
        """To build it again would change nothing."""
        self.package()
        self.write("os.yml", 'files: [{path: x, contents: x}]\n')
        self.assertEqual(self.linuxkit("build", "os.yml").code, 0)
        self.assertIn("hint: os-initrd.img is there, so the file that it was built from has no kernel",
                      self.linuxkit("run", "os").err)
        self.assertIn("hint: make it with: linuxkit build --format kernel+initrd other.yml",
                      self.linuxkit("run", "other").err)

    def test_json(self):
        error = self.json_lines(self.linuxkit("--json", "--cache", "c", "cat", "nosuch:1", "/x").err)[-1]
        self.assertIn("linuxkit cache pull --cache c ", error["hint"])

    def test_what_is_called_wherry_has_its_name(self):
        result = self.fails(1, "not in the store", "ls", "nosuch:1")
        self.assertIn("hint: fetch it with: wherry cache pull docker.io", result.err)

    def test_help(self):
        text = self.linuxkit("--help").out
        self.assertIn("usage: linuxkit [OPTION...] VERB", text)
        self.assertIn("~/.linuxkit/cache", text)
        self.assertNotIn("~/.cache/wherry", text)
        self.assertIn("'linuxkit help VERB' describes", text)
        self.assertIn("usage: linuxkit cache ls [OPTION...]", self.linuxkit("help", "cache", "ls").out)
        self.assertIn("    linuxkit cache pull nginx", self.linuxkit("cache", "pull", "-h").out)
        self.assertIn("~/.cache/wherry", self.ok("--help").out)

    def test_wrong_login(self):
        """What is being done is no way out."""
        self.assertNotIn("log in with", self.linuxkit("login", "localhost:9", "--username", "a", "--password-stdin",
                                                      stdin=b"x").err)


if __name__ == "__main__":
    main()
