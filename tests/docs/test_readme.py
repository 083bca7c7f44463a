#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The README's first chapter, typed as it is in an empty home directory, with nothing but what `make install` installs.

The component images come from the cache of these tests; in the soak they are made anew, in an empty one.
"""
import os
import subprocess
import tempfile
import unittest

import images
import pages
import terminal

CHAPTER = "Your own, in ten minutes"
PASSED_ON = ("http_proxy", "https_proxy", "no_proxy", "WHERRY_DEBIAN_MIRROR", "WHERRY_DEBIAN_SECURITY_MIRROR")
SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def install(root):
    """`make install` below this directory; where the programs are."""
    build = os.path.dirname(os.path.dirname(os.path.dirname(images.WHERRY)))
    subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", root], check=True,
                   stdout=subprocess.DEVNULL, timeout=120)
    listed = subprocess.run(["find", root, "-name", "wherry", "-path", "*/bin/*"], check=True, stdout=subprocess.PIPE,
                            text=True, timeout=60)
    return os.path.dirname(listed.stdout.strip())


def environment(programs):
    env = {name: value for name, value in os.environ.items() if name in PASSED_ON or name.lower() in PASSED_ON}
    env.update(PATH=programs + ":" + SYSTEM_PATH, LANG="C.UTF-8")
    if not os.environ.get("WHERRY_SOAK"):
        env["WHERRY_CACHE"] = images.CACHE
    return env


class Readme(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory(prefix="wherry-readme-")
        self.addCleanup(self.dir.cleanup)
        self.home = os.path.join(self.dir.name, "home")
        os.mkdir(self.home)
        network = terminal.Network(self.dir.name)
        self.addCleanup(network.close)
        programs = install(os.path.join(self.dir.name, "root"))
        self.terminal = terminal.Terminal(self.home, environment(programs), network)
        self.addCleanup(self.terminal.close)

    def test_the_first_chapter(self):
        steps = dict(pages.sections(pages.read("README.md")))[CHAPTER]
        self.assertGreater(len(steps), 10)
        for step in steps:
            self.terminal.do(step)
        self.terminal.leave()


if __name__ == "__main__":
    unittest.main()
