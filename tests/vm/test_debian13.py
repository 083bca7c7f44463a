# SPDX-License-Identifier: Apache-2.0
"""The README's first command, and the fast tests, on a fresh Debian 13: its own compiler, libraries and QEMU.

Part of the soak, which makes the root by mmdebstrap and keeps it for the next one. What `make demo` builds there from
the same commit is compared with what was built on this machine.
"""
import json
import os
import shutil
import subprocess
import unittest

import images

ROOTS = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "wherry-tests")
SUITE = "trixie"
# pivot_root, and not chroot: a process in a chroot may not make user namespaces, and build steps run in one.
ENTER = """set -e
mount --make-rprivate /
mount --bind "$1" "$1"
mount --rbind /dev "$1/dev"
mount --bind "$2" "$1/mnt"
mount -t proc proc "$1/proc"
mount -t tmpfs tmpfs "$1/run"
cp -L /etc/resolv.conf "$1/etc/resolv.conf"
cd "$1"
pivot_root . media
umount -l /media
cd "$HOME"
shift 2
exec "$@"
"""


@unittest.skipUnless(os.environ.get("WHERRY_SOAK"), "in the soak")
class Debian13(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = os.path.join(ROOTS, SUITE)
        if os.getuid() != 0:
            raise unittest.SkipTest("needs root, to change to another root")
        if os.path.exists(cls.root):
            return
        if not shutil.which("mmdebstrap"):
            raise unittest.SkipTest("mmdebstrap is not there")
        os.makedirs(ROOTS, exist_ok=True)
        making = cls.root + ".new"
        shutil.rmtree(making, ignore_errors=True)
        subprocess.run(["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase",
                        "--include=ca-certificates,git,make",
                        SUITE, making], check=True, timeout=1200)
        for name in os.listdir("/etc/apt/apt.conf.d"):  # how the network is reached
            target = os.path.join(making, "etc/apt/apt.conf.d", name)
            if not os.path.exists(target):
                shutil.copy(os.path.join("/etc/apt/apt.conf.d", name), target)
        os.rename(making, cls.root)

    def inside(self, script, timeout):
        """Run a script in the root, in the clone there; its standard output."""
        env = {k: v for k, v in os.environ.items() if k.lower() in ("http_proxy", "https_proxy", "no_proxy")}
        env.update(HOME="/root", PATH="/usr/sbin:/usr/bin:/sbin:/bin", LANG="C.UTF-8")
        done = subprocess.run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER, "sh",
                               self.root, images.ROOT, "sh", "-ec", script],
                              env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=timeout)
        self.assertEqual(done.returncode, 0, done.stdout[-4000:])
        return done.stdout

    def clone(self):
        """This commit in the root's own clone, which is kept, so that what has not changed is not compiled again."""
        self.inside("git config --global --add safe.directory '*'; [ -d wherry ] || git clone -q /mnt wherry;"
                    "cd wherry; git fetch -q /mnt HEAD; git checkout -q --detach FETCH_HEAD; git clean -qfd", 300)

    def digests(self, text):
        return {e["name"]: e["digest"] for e in map(json.loads, text.splitlines())}

    def test_demo_and_the_fast_tests(self):
        self.clone()
        said = self.inside("cd wherry; make demo", 3600)
        self.assertIn("Welcome to Wherry", said)
        here = self.digests(images.wherry("cache", "ls", "--json"))
        there = self.digests(self.inside("wherry/build/src/cli/wherry cache ls --json", 60))
        # The root's store may have older ones as well.
        tags = [images.tag(name) for name in ("kernel", "init", "crun", "sysctl", "dhcp", "nginx")]
        names = [name for tag in tags for name in here if tag in name]
        self.assertEqual(len(names), len(tags), names)
        self.assertEqual({name: there.get(name) for name in names}, {name: here[name] for name in names})
        said = self.inside("cd wherry; tools/run-tests --suite unit --suite lint", 1800)
        self.assertRegex(said, r"(?m)^\d+ passed, 0 failed")


if __name__ == "__main__":
    unittest.main()
