# SPDX-License-Identifier: Apache-2.0
"""Podman as a user has it, with a storage of its own.

It runs in a namespace where no control groups are seen, so that it does not matter which version this machine has, and
it may not raise limits. The steps of a build run in a chroot, without control groups.
"""
import os
import shutil
import subprocess
import tempfile

PROGRAM = "/usr/bin/podman"
SCRIPT = """#!/bin/sh
export BUILDAH_ISOLATION=chroot
verb=$1
shift
[ "$verb" = run ] && set -- --cgroups=disabled --network=host --ulimit=nofile=1024:1024 --ulimit=nproc=1024:1024 "$@"
exec unshare --mount sh -c 'mount -t tmpfs none /sys/fs/cgroup && exec "$@"' sh \\
	%s --root '%s/root' --runroot '%s/run' --storage-driver vfs "$verb" "$@"
"""
BUSYBOX = "docker.io/library/busybox:latest"


def available():
    return os.getuid() == 0 and os.path.exists(PROGRAM)


def install(directory):
    """A directory for PATH, with a podman whose storage is beside it."""
    programs = os.path.join(directory, "bin")
    os.makedirs(programs)
    with open(os.path.join(programs, "podman"), "w", encoding="ascii") as f:
        os.fchmod(f.fileno(), 0o755)
        f.write(SCRIPT % (PROGRAM, directory, directory))
    return programs


def add_busybox(programs):
    """The image of that name, out of this machine's busybox: what others would pull."""
    with tempfile.TemporaryDirectory() as root:
        os.mkdir(os.path.join(root, "bin"))
        shutil.copy(shutil.which("busybox"), os.path.join(root, "bin", "busybox"))
        for name in ("sh", "cat", "httpd"):
            os.symlink("busybox", os.path.join(root, "bin", name))
        tar = os.path.join(root, "image.tar")
        subprocess.run(["tar", "-cf", tar, "-C", root, "bin"], check=True, timeout=60)
        subprocess.run([os.path.join(programs, "podman"), "import", tar, BUSYBOX], check=True, timeout=120,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
