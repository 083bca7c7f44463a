# SPDX-License-Identifier: Apache-2.0
"""The same commands elsewhere: another directory, user, time zone, locale, umask and number of processors."""
import hashlib
import os
import shutil
import subprocess
import tempfile
import unittest

import images


def digests(directory):
    """Of all files, by their paths below the directory."""
    result = {}
    for place, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(place, name)
            with open(path, "rb") as f:
                result[os.path.relpath(path, directory)] = hashlib.file_digest(f, "sha256").hexdigest() \
                    if hasattr(hashlib, "file_digest") else hashlib.sha256(f.read()).hexdigest()
    return result


class Elsewhere(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="wherry-repro-", dir=os.environ.get("TMPDIR", "/var/tmp"))
        self.addCleanup(shutil.rmtree, self.dir, True)

    def other(self, *args):
        """The same command elsewhere: another locale, time zone, umask, one processor, and (as root) another user."""
        env = dict(os.environ, LC_ALL="C.UTF-8", TZ="Asia/Kathmandu", HOME=self.dir, WHERRY_CACHE=self.cache,
                   WHERRY_PKG_PATH=os.path.join(self.clone, "pkg"))
        command = ["taskset", "-c", "0", "sh", "-c", "umask 077; exec \"$@\"", "sh", images.WHERRY, *args]
        if os.getuid() == 0:
            command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] + command
        done = subprocess.run(command, env=env, cwd=self.clone, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=1800)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def move(self):
        """A copy of the sources in a directory with a space in its name, owned by the user that builds there."""
        self.clone = os.path.join(self.dir, "a clone")
        self.cache = os.path.join(self.dir, "other cache")
        os.chmod(self.dir, 0o755)
        subprocess.run(["git", "clone", "-q", images.ROOT, self.clone], check=True)
        dirty = subprocess.run(["git", "-C", images.ROOT, "status", "--porcelain", "pkg", "guest", "src", "examples"],
                               check=True, text=True, stdout=subprocess.PIPE).stdout
        if dirty:
            self.skipTest("what the packages are made of has changes that are not committed")
        os.mkdir(self.cache)
        if os.getuid() == 0:
            subprocess.run(["chown", "-R", "65534:65534", self.dir], check=True)
