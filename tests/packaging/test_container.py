# SPDX-License-Identifier: Apache-2.0
"""The container image of the tool: docs/install.md is typed, with podman."""
import os
import shutil
import tempfile
import unittest

import images
from installed import commands, run

import engine  # found by installed

@unittest.skipUnless(engine.available(), "needs root and podman")
class Container(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="wherry-container-")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        programs = engine.install(self.dir)
        os.symlink(images.WHERRY, os.path.join(programs, "wherry"))
        self.env = dict(os.environ, WHERRY_CACHE=images.CACHE, PATH=programs + ":" + os.environ["PATH"])

    def test_the_page(self):
        clone = os.path.join(self.dir, "clone")
        run("git", "clone", "-q", images.ROOT, clone)
        said = run("bash", "-exc", commands("The container image"), cwd=clone, env=self.env)
        self.assertRegex(said, r"(?m)^wherry \d")


if __name__ == "__main__":
    unittest.main()
