# SPDX-License-Identifier: Apache-2.0
"""The README's first command, and the fast tests, on a fresh Debian 13: its own compiler, libraries and QEMU.

Part of the soak, which makes the root by mmdebstrap and keeps it for the next one. What `make demo` builds there from
the same commit is compared with what was built on this machine.
"""
import json
import os
import unittest

import debianroot
import images

SUITE = "trixie"


@unittest.skipUnless(os.environ.get("WHERRY_SOAK"), "in the soak")
class Debian13(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = debianroot.Root(SUITE, lambda path: debianroot.bootstrap(
            "--variant=minbase", "--include=ca-certificates,git,make", SUITE, path))

    def clone(self):
        """This commit in the root's own clone, which is kept, so that what has not changed is not compiled again."""
        self.root.run("git config --global --add safe.directory '*'; [ -d wherry ] || git clone -q /mnt wherry;"
                      "cd wherry; git fetch -q /mnt HEAD; git checkout -q --detach FETCH_HEAD; git clean -qfd", 300)

    def digests(self, text):
        return {e["name"]: e["digest"] for e in map(json.loads, text.splitlines())}

    def test_demo_and_the_fast_tests(self):
        self.clone()
        said = self.root.run("cd wherry; make demo 2>&1", 3600)
        self.assertIn("Welcome to Wherry", said)
        here = self.digests(images.wherry("cache", "ls", "--json"))
        there = self.digests(self.root.run("wherry/build/src/cli/wherry cache ls --json", 60))
        # The root's store may have older ones as well.
        tags = [images.tag(name) for name in ("kernel", "init", "crun", "sysctl", "dhcp", "nginx")]
        names = [name for tag in tags for name in here if tag in name]
        self.assertEqual(len(names), len(tags), names)
        self.assertEqual({name: there.get(name) for name in names}, {name: here[name] for name in names})
        said = self.root.run("cd wherry; tools/run-tests --suite unit --suite lint 2>&1", 1800)
        self.assertRegex(said, r"(?m)^\d+ passed, 0 failed")


if __name__ == "__main__":
    unittest.main()
