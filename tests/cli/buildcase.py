# SPDX-License-Identifier: Apache-2.0
"""What tests of a format start from: the images of a small OS in the cache, os.yml, and build() for the format."""
import os

import ocilib
from harness import Case


class BuildCase(Case):
    FORMAT = ""

    def setUp(self):
        super().setUp()
        self.layout = ocilib.standard(self.path("layout"))
        self.write("os.yml", ocilib.OS_YML)
        self.ok("-q", "cache", "import", "layout")

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    def command(self, *args):
        return ("build", "--arch", "amd64", "-f", self.FORMAT, *args, "os.yml")

    def build(self, *args, **more):
        return self.ok(*self.command(*args), **more)

    def check_same_bytes(self, directory):
        """A second build, under other circumstances, writes what the first one did."""
        self.build()
        first = {n: self.read(directory + "/" + n) for n in self.files(directory)}
        self.build("--fresh", "--threads", "1", umask=0o77)
        self.assertEqual({n: self.read(directory + "/" + n) for n in self.files(directory)}, first)

    def check_needs_a_kernel(self):
        """It says so with the place and the way out, and nothing is left."""
        self.write("os.yml", "init: ['example.test/init:1']\n")
        result = self.fails(1, "os.yml:1:1: format %s needs a kernel, and the configuration has none\n" % self.FORMAT,
                            *self.command("--dir", "new/out"))
        self.assertIn("\n  hint: add `kernel:`; formats that need none: tar, docker", result.err)
        self.assertFalse(os.path.exists(self.path("new")))
