# SPDX-License-Identifier: Apache-2.0
"""Roots of Debian, made by mmdebstrap for a soak and kept for the next, and scripts that run in one."""
import os
import shutil
import subprocess
import unittest

import images

ROOTS = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "wherry-tests")
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


def bootstrap(*args):
    subprocess.run(["mmdebstrap", "--quiet", "--mode=root", *args], check=True, timeout=1800)


class Root:
    """A directory; `make(path)` makes it when it is not there, completely or not at all."""

    def __init__(self, name, make):
        self.path = os.path.join(ROOTS, name)
        if os.getuid() != 0:
            raise unittest.SkipTest("needs root, to change to another root")
        if os.path.exists(self.path):
            return
        if not shutil.which("mmdebstrap"):
            raise unittest.SkipTest("mmdebstrap is not there")
        os.makedirs(ROOTS, exist_ok=True)
        making = self.path + ".new"
        shutil.rmtree(making, ignore_errors=True)
        make(making)
        for name in os.listdir("/etc/apt/apt.conf.d"):  # how the network is reached
            target = os.path.join(making, "etc/apt/apt.conf.d", name)
            if not os.path.exists(target):
                shutil.copy(os.path.join("/etc/apt/apt.conf.d", name), target)
        os.rename(making, self.path)

    def run(self, script, timeout):
        """Run a script with the sources in /mnt; what it writes to stdout. Fails with what it said."""
        env = {k: v for k, v in os.environ.items() if k.lower() in ("http_proxy", "https_proxy", "no_proxy")}
        env.update(HOME="/root", PATH="/usr/sbin:/usr/bin:/sbin:/bin", LANG="C.UTF-8")
        done = subprocess.run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER, "sh",
                               self.path, images.ROOT, "sh", "-ec", script],
                              env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=timeout)
        if done.returncode:
            raise AssertionError((done.stdout + done.stderr)[-4000:])
        return done.stdout
