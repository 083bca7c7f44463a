# SPDX-License-Identifier: Apache-2.0
"""The same input gives the same bytes: another folder, user, time, locale, umask and number of processors."""
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import unittest

import images

# Compiling crun twice takes a minute: in the soak only.
PACKAGES = ["kernel", "init", "sysctl", "dhcp", "getty", "nginx"] + (["crun"] if os.environ.get("WHERRY_SOAK") else [])


def digests(folder):
    result = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as f:
            result[name] = hashlib.sha256(f.read()).hexdigest()
    return result


class Reproducible(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="wherry-repro-")
        self.addCleanup(shutil.rmtree, self.dir, True)

    def other(self, *args):
        """The same command elsewhere: another locale, time zone, umask, one processor, and (as root) another user."""
        env = dict(os.environ, LC_ALL="C.UTF-8", TZ="Asia/Kathmandu", HOME=self.dir, WHERRY_CACHE=self.cache)
        command = ["taskset", "-c", "0", "sh", "-c", "umask 077; exec \"$@\"", "sh", images.WHERRY, *args]
        if os.getuid() == 0:
            command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] + command
        done = subprocess.run(command, env=env, cwd=self.clone, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=1800)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def move(self):
        """A copy of the sources in a folder with a space in its name, owned by whoever builds there."""
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
        listed = images.wherry("cache", "ls", "--json")
        out = os.path.join(self.dir, "out")
        os.mkdir(out)
        images.build(os.path.join(images.ROOT, "examples", "nginx.yml"), out)
        images.build(os.path.join(images.ROOT, "examples", "nginx.yml"), out, "--format", "tar")
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


# In a root of Debian 13: its compiler, depmod, apt, git and libraries are others.
ON_DEBIAN_13 = r"""
set -e
mount --bind "$1" "$2/work"
mount -t proc proc "$2/proc"
mount --rbind /dev "$2/dev"
cp /etc/resolv.conf "$2/etc/"
exec chroot "$2" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root WHERRY_CACHE=/cache sh -euc '
for name; do wherry pkg build "/work/pkg/$name" >&2; done
wherry cache ls --json' sh $3
"""
DEBIAN_13_NEEDS = "ca-certificates,debian-archive-keyring,git,gpgv,libcurl4t64,libisal2"


@unittest.skipUnless(os.environ.get("WHERRY_SOAK") and os.getuid() == 0 and shutil.which("mmdebstrap"),
                     "in the soak, as root, with mmdebstrap")
class OnDebian13(unittest.TestCase):
    def test_component_images_have_the_same_digests(self):
        top = tempfile.mkdtemp(prefix="wherry-debian-13-", dir="/var/tmp")
        self.addCleanup(shutil.rmtree, top, True)
        root = os.path.join(top, "root")
        subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", "--include=" + DEBIAN_13_NEEDS, "trixie", root],
                       check=True, timeout=1800)
        for name in ("work", "cache"):
            os.mkdir(os.path.join(root, name))
        shutil.copy(images.WHERRY, os.path.join(root, "usr/bin/wherry"))
        # Where the mirrors are in a network of its own kind, and what it trusts there.
        shutil.copy("/etc/ssl/certs/ca-certificates.crt", os.path.join(root, "etc/ssl/certs"))
        done = subprocess.run(["unshare", "--mount", "sh", "-c", ON_DEBIAN_13, "sh", images.ROOT, root, " ".join(PACKAGES)],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=3600)
        self.assertEqual(done.returncode, 0, done.stderr)

        def by_name(text):
            return {e["name"]: e["digest"] for e in map(json.loads, text.splitlines())}
        here, there = by_name(images.wherry("cache", "ls", "--json")), by_name(done.stdout)
        self.assertEqual(there, {name: here.get(name) for name in there})
        self.assertEqual(len(there), len(PACKAGES))


if __name__ == "__main__":
    unittest.main()
