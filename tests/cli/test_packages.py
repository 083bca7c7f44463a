#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Component packages by their names: in a YAML file, and for the verbs about packages."""
import os
import shutil
import subprocess

from harness import Case, WHERRY, main


class Packages(Case):
    def package(self, directory, image):
        self.write(os.path.join(directory, "build.yml"), "image: %s\nfiles: [{path: x, contents: '%s'}]\n"
                   % (image, directory))

    def commit(self):
        for args in (["init", "-q"], ["add", "."],
                     ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-q", "-m", "x"]):
            subprocess.run(["git", *args], cwd=self.dir, env=self.env, check=True)

    def image(self, *args, **more):
        """The image that "@pkg:tool" stands for, without its hash."""
        out = self.ok("build", "--dry-run", "os/os.yml", *args, **more).out
        return out.split("wherry/")[1].split(":")[0]

    def test_the_order_in_which_a_name_is_looked_for(self):
        self.write("os/os.yml", "init: ['@pkg:tool']\n")
        for directory, image in (("os/tool", "beside"), ("os/pkg/tool", "below"), ("one/tool", "option1"),
                                 ("two/tool", "option2"), ("env/tool", "environment"), ("tool", "here")):
            self.package(directory, image)
        self.commit()
        args = ("--pkg-path", "nothing", "--pkg-path", "one", "--pkg-path", "two")
        env = {"WHERRY_PKG_PATH": "nothing::%s" % self.path("env")}
        for directory, image in (("os/tool", "beside"), ("os/pkg/tool", "below"), ("one/tool", "option1"),
                                 ("two/tool", "option2"), ("env/tool", "environment")):
            self.assertEqual(self.image(*args, env=env), image)
            # A directory without a build.yml is not a package.
            os.remove(self.path(directory, "build.yml"))
        # Each once, by whatever name it came first.
        self.fails(1, "os/os.yml:1:8: there is no package 'tool' in os/, os/pkg, nothing, one, two, "
                   + self.path("env") + ", ", "check", "os/os.yml", "--pkg-path", self.path("os"), *args,
                   "--pkg-path", self.path("one"), env=env)

    def test_a_path_is_only_looked_for_beside_the_file(self):
        self.package("os/pkg/tool", "below")
        self.commit()
        for word, message in (("./tool", "can't find the directory os/./tool"), ("x/tool", "os/x/tool"),
                              ("../tool", "os/../tool")):
            self.write("os/os.yml", "init: ['@pkg:%s']\n" % word)
            self.fails(1, message, "check", "--pkg-path", "os/pkg", "os/os.yml")

    def test_a_name_that_is_nowhere(self):
        self.package("pkg/kernel", "kernel")
        os.mkdir(self.path("empty"))
        self.write("os.yml", "init:\n  - '@pkg:kernal'\n  - '@pkg:empty'\n")
        result = self.fails(1, "os.yml:2:5: there is no package 'kernal' in ., pkg, ", "check", "os.yml")
        self.assertIn("; did you mean 'kernel'?\n  hint: name the directory that has it with --pkg-path", result.err)
        self.assertIn("  hint: a package is a directory with a build.yml, and empty has none\n", result.err)

    def test_verbs_about_packages_take_names(self):
        self.package("pkg/tool", "below")
        self.package("other/more", "more")
        self.commit()
        self.assertRegex(self.ok("pkg", "show-tag", "tool").out, r"^wherry/below:[0-9a-f]{40}\n$")
        self.assertRegex(self.ok("pkg", "show-tag", "--pkg-path", "other", "more", "pkg/tool").out,
                         r"^wherry/more:.*\nwherry/below:")
        self.fails(1, "there is no package 'more'", "pkg", "build", "more")
        # What is there is taken as it is.
        self.write("tool", "")
        self.fails(1, "tool: Not a directory", "pkg", "show-tag", "tool")

    def installation(self, prefix):
        """The program below prefix, and a package that needs what is installed beside it."""
        share = os.path.join(prefix, "share/wherry")
        self.write(os.path.join(share, "pkg/tool/build.yml"),
                   "image: tool\nextra-sources: ['../../common:common', '../../top:top']\n"
                   "files: [{path: x, source: common/x}, {path: top, source: top}]\n")
        self.write(os.path.join(share, "common/x"), "1", 0o755)
        self.write(os.path.join(share, "top"), "2")
        self.write(os.path.join(prefix, "bin/wherry"), "")
        return shutil.copy(WHERRY, self.path(prefix, "bin/wherry"))

    def test_an_installation_brings_its_own(self):
        """Wherever the program is moved to; and without git."""
        program = self.installation("opt")
        self.write("os/os.yml", "init: ['@pkg:tool']\n")
        env = {"PATH": "/nonexistent"}
        tag = self.ok("pkg", "show-tag", "tool", program=program, env=env).out
        self.assertRegex(tag, r"^wherry/tool:[0-9a-f]{40}\n$")
        self.assertIn(tag.strip(), self.ok("build", "--dry-run", "os/os.yml", program=program, env=env).out)
        os.rename(self.path("opt"), self.path("elsewhere"))
        link = self.path("link")
        os.symlink("elsewhere/bin/wherry", link)
        self.assertEqual(self.ok("pkg", "show-tag", "tool", program=link, env=env).out, tag)
        digest = self.ok("pkg", "build", "--arch", "amd64", "tool", program=link, env=env).out
        # A repository above, such as a home directory's, does not have it.
        subprocess.run(["git", "init", "-q"], cwd=self.dir, env=self.env, check=True)
        self.assertEqual(self.ok("pkg", "show-tag", "tool", program=link).out, tag)
        # The clean clone has the same name, and the same image.
        os.rename(self.path("elsewhere/share/wherry"), self.path("clone"))
        self.dir = self.path("clone")
        self.commit()
        self.assertEqual(self.ok("pkg", "show-tag", "tool").out, tag)
        self.assertEqual(self.ok("pkg", "build", "--force", "--arch", "amd64", "tool").out, digest)

    def test_a_component_of_the_network_that_is_missing_is_told_once(self):
        program = self.installation("opt")
        self.write("os.yml", "network: {interfaces: [{name: eth0, dhcp: true}, {name: eth1, dhcp: true}]}\n")
        result = self.fails(1, "os.yml:1:10: there is no package 'dhcp' in ", "check", "os.yml", program=program)
        self.assertEqual(result.err.count("'dhcp'"), 1, result.err)

    def test_a_directory_without_git_has_the_hash_that_git_would_give(self):
        self.write("pkg/tool/build.yml", "image: tool\nfiles: [{path: x, source: run}, {path: d, source: d}]\n")
        self.write("pkg/tool/run", "#!/bin/sh\n", 0o755)
        self.write("pkg/tool/d/e", "")
        os.symlink("e", self.path("pkg/tool/d/link"))
        os.mkdir(self.path("pkg/tool/d/empty"))
        env = {"PATH": "/nonexistent"}
        tag = self.ok("pkg", "show-tag", "tool", env=env).out.strip()
        self.ok("pkg", "build", "--arch", "amd64", "pkg/tool", env=env)
        self.assertEqual(self.ok("ls", "-R", "--arch", "amd64", tag).out.split(), ["d", "d/e", "d/link", "x"])
        self.assertRegex(self.ok("pkg", "show-tag", "--force-dirty", "tool", env=env).out, tag + "-dirty-[0-9a-f]{7}")
        self.fails(2, "pkg/tool has no commits", "pkg", "show-tag", "--hash-commit", "HEAD", "tool", env=env)
        self.commit()
        self.assertEqual(self.ok("pkg", "show-tag", "tool").out.strip(), tag)

    def test_extra_sources_without_git_are_only_those_of_the_installation(self):
        program = self.installation("opt")
        yml = "image: tool\nextra-sources: ['%s:x']\n"
        self.write("mine/tool/build.yml", yml % "../../opt")
        self.fails(1, "mine/tool has extra sources, and is not in a git repository", "pkg", "show-tag", "mine/tool",
                   program=program)
        self.write("opt/share/wherry/pkg/tool/build.yml", yml % "../../../../../mine")
        self.fails(1, "the extra source %s is not in %s" % (self.path("mine"), self.path("opt/share/wherry")), "pkg",
                   "show-tag", "tool", program=program)


if __name__ == "__main__":
    main()
