# SPDX-License-Identifier: Apache-2.0
"""The same input gives the same bytes: another directory, user, time, locale, umask and number of processors."""
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import unittest

import images

# Compiling crun twice takes a minute: in the soak only.
PACKAGES = ["kernel", "init", "sysctl", "dhcp", "getty", "nginx", "grub-bios"]
if os.environ.get("WHERRY_SOAK"):
    PACKAGES.append("crun")


def digests(directory):
    result = {}
    for name in sorted(os.listdir(directory)):
        with open(os.path.join(directory, name), "rb") as f:
            result[name] = hashlib.sha256(f.read()).hexdigest()
    return result


class Reproducible(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="wherry-repro-")
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
        if "crun" not in PACKAGES:
            saved = os.path.join(self.dir, "crun.tar")
            images.wherry("cache", "export", "--outfile", saved, "--format", "oci", images.tag("crun"))
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
