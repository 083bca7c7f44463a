# SPDX-License-Identifier: Apache-2.0
"""The same input gives the same bytes: another directory, user, time, locale, umask and number of processors."""
import json
import os
import unittest

import images
from elsewhere import Elsewhere, digests

# What only compiles more, as pkg/init does, is made twice in the soak only.
PACKAGES = ["kernel", "init", "dhcp", "getty", "nginx", "grub-bios"]
COMPILED = ["crun", "sysctl"]
if os.environ.get("WHERRY_SOAK"):
    PACKAGES, COMPILED = PACKAGES + COMPILED, []


class Reproducible(Elsewhere):
    def test_component_images_and_outputs(self):
        self.move()
        images.make_packages()
        out = os.path.join(self.dir, "out")
        os.mkdir(out)
        images.build(os.path.join(images.ROOT, "examples", "nginx.yml"), out)
        images.build(os.path.join(images.ROOT, "examples", "nginx.yml"), out, "--format", "tar")
        listed = images.wherry("cache", "ls", "--json")
        for name in PACKAGES:
            self.other("pkg", "build", "pkg/" + name)
        if COMPILED:
            saved = os.path.join(self.dir, "compiled.tar")
            images.wherry("cache", "export", "--outfile", saved, "--format", "oci", *map(images.tag, COMPILED))
            os.chmod(saved, 0o644)
            self.other("cache", "import", saved)

        def by_name(text):
            return {e["name"]: e["digest"] for e in map(json.loads, text.splitlines())}
        here, there = by_name(listed), by_name(self.other("cache", "ls", "--json"))
        for name in PACKAGES:
            key = [k for k in here if images.tag(name) in k][0]
            self.assertEqual(here[key], there.get(key), name)
        elsewhere = os.path.join(self.cache, "out")
        os.mkdir(elsewhere, 0o777)
        os.chmod(elsewhere, 0o777)
        self.other("build", "--dir", elsewhere, "examples/nginx.yml")
        self.other("build", "--dir", elsewhere, "--format", "tar", "examples/nginx.yml")
        self.assertEqual(digests(out), digests(elsewhere))


if __name__ == "__main__":
    unittest.main()
