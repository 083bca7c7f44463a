#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""metadata create: the ISO 9660, as other programs read it."""
import os
import subprocess

from harness import Case, main


class Metadata(Case):
    def test_other_programs_read_it(self):
        text = '{"key": "wert über alles"}\n' + "x" * 5000
        self.ok("metadata", "create", "m.iso", text)
        listed = subprocess.run(["bsdtar", "tvf", "m.iso"], cwd=self.dir, stdout=subprocess.PIPE, text=True, check=True,
                                timeout=60).stdout
        self.assertRegex(listed, r"(?m)^-rw-r--r-- .* config$")
        got = subprocess.run(["bsdtar", "xOf", "m.iso", "config"], cwd=self.dir, stdout=subprocess.PIPE, check=True,
                             timeout=60).stdout
        self.assertEqual(got.decode(), text)
        checked = subprocess.run(["xorriso", "-indev", "m.iso", "-check_media", "--", "-find", "/", "-exec", "lsdl"],
                                 cwd=self.dir, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True,
                                 timeout=60).stdout
        self.assertIn("'/config'", checked)
        self.assertIn("Volume id    : 'CONFIG'", checked)
        self.assertNotIn("SORRY", checked)

    def test_the_same_bytes(self):
        for name in "a.iso", "b.iso":
            self.ok("metadata", "create", name, "data")
        with open(self.path("a.iso"), "rb") as a, open(self.path("b.iso"), "rb") as b:
            self.assertEqual(a.read(), b.read())

    def test_what_goes_wrong(self):
        self.fails(2, "metadata create needs FILE DATA", "metadata", "create", "x.iso")
        result = self.fails(1, "write the metadata to none/x.iso", "metadata", "create", "none/x.iso", "x")
        self.assertFalse(os.path.exists(self.path("none")), result)


if __name__ == "__main__":
    main()
