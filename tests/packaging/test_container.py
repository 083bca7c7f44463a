# SPDX-License-Identifier: Apache-2.0
"""The container image of the tool: docs/install.md is typed, with podman."""
import os
import shutil
import tempfile
import unittest

import images
from installed import commands, run

# podman itself runs in a namespace where no control groups are seen, so that it does not matter which version this
# machine has, and it may not raise limits.
PODMAN = """#!/bin/sh
verb=$1
shift
[ "$verb" = run ] && set -- --cgroups=disabled --network=host --ulimit=nofile=1024:1024 --ulimit=nproc=1024:1024 "$@"
exec unshare --mount sh -c 'mount -t tmpfs none /sys/fs/cgroup && exec "$@"' sh \\
	/usr/bin/podman --root "$STORAGE/root" --runroot "$STORAGE/run" --storage-driver vfs "$verb" "$@"
"""


@unittest.skipUnless(os.getuid() == 0 and os.path.exists("/usr/bin/podman"), "needs root and podman")
class Container(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="wherry-container-")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        os.mkdir(os.path.join(self.dir, "bin"))
        with open(os.path.join(self.dir, "bin", "podman"), "w", encoding="ascii") as f:
            os.fchmod(f.fileno(), 0o755)
            f.write(PODMAN)
        os.symlink(images.WHERRY, os.path.join(self.dir, "bin", "wherry"))
        self.env = dict(os.environ, STORAGE=self.dir, WHERRY_CACHE=images.CACHE,
                        PATH=os.path.join(self.dir, "bin") + ":" + os.environ["PATH"])

    def test_the_page(self):
        clone = os.path.join(self.dir, "clone")
        run("git", "clone", "-q", images.ROOT, clone)
        said = run("bash", "-exc", commands("The container image"), cwd=clone, env=self.env)
        self.assertRegex(said, r"(?m)^wherry \d")


if __name__ == "__main__":
    unittest.main()
