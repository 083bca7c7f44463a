# SPDX-License-Identifier: Apache-2.0
"""Disks with the root of an OS on them, made from one tree by the usual tools; no root is needed."""
import os
import subprocess

import images

UUID = "01234567-89ab-4def-8011-1213141516ff"


def tool(*args, **kwargs):
    done = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, **kwargs)
    if done.returncode:
        raise AssertionError("%s: exit code %d\n%s" % (" ".join(args), done.returncode, done.stdout))


def boot_text(kernel="kernel"):
    """An OS that only finds a disk and continues there, whatever file system that has."""
    return 'kernel:\n  image: %s\n  cmdline: "%s"\ninit: [%s]\n' % (
        images.tag(kernel), images.CMDLINE, images.tag("init"))


def finder(full, out):
    """The kernel of an OS and the initrd that finds its root, without that, as an OS of its own."""
    os.makedirs(out)
    for suffix, name in ("-kernel",) * 2, ("-cmdline",) * 2, ("-boot-initrd.img", "-initrd.img"):
        os.symlink(full + suffix, os.path.join(out, "os" + name))
    return os.path.join(out, "os")


def tree(text, out, formats="tar"):
    """The root of the OS as a directory, and what it was built as beside it: os.tar, and what other formats have."""
    root = os.path.join(out, "root")
    path = images.build(text, out, "--format", formats) + ".tar"
    os.makedirs(root)
    tool("tar", "--extract", "--file", path, "--directory", root, "--exclude", "./boot", "--exclude", "boot",
         "--no-same-owner")
    return root


def erofs(root, disk):
    tool("mkfs.erofs", "-U", UUID, "--force-uid=0", "--force-gid=0", disk, root)


def ext4(root, disk):
    """Anybody may write to its root: PID 1 changes that where it can."""
    tool("mkfs.ext4", "-q", "-L", "the root", "-U", UUID, "-d", root, disk, "256M")
    tool("debugfs", "-w", "-R", "set_inode_field / mode 040777", disk)


def iso9660(root, disk):
    tool("xorriso", "-as", "mkisofs", "-quiet", "-R", "-uid", "0", "-gid", "0", "-V", "ISO_ROOT", "-o", disk, root)


def gpt(partition, disk):
    """The file as the second partition of a disk."""
    size = (os.path.getsize(partition) + 1048575) // 1048576
    with open(disk, "wb") as f:
        f.truncate((size + 4) * 1048576)
    tool("sfdisk", "--quiet", disk, input="label: gpt\nsize=1MiB, name=other\nsize=%dMiB, name=wherry-root, uuid=%s\n"
         % (size, UUID))
    with open(partition, "rb") as f, open(disk, "r+b") as g:
        g.seek(2 * 1048576)
        g.write(f.read())
