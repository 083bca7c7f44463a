# SPDX-License-Identifier: Apache-2.0
"""Disks that boot, without booting them (vm-formats does that): other programs find them sound, the same build gives
the same bytes anywhere, and what can't be is refused before there is a file. As an unprivileged user.
"""
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import images

sys.path.insert(0, os.path.join(images.ROOT, "tests", "cli"))
from disklib import sfdisk_fault, sgdisk_fault, tool  # noqa: E402

MIB = 1 << 20
FORMATS = "raw-efi,qcow2-efi,kernel+initrd,uki"


def digest(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def data_bytes(path):
    """How many bytes of a file are not in holes."""
    total, at = 0, 0
    with open(path, "rb") as f:
        size = os.fstat(f.fileno()).st_size
        while at < size:
            try:
                at = os.lseek(f.fileno(), at, os.SEEK_DATA)
            except OSError:
                break
            end = os.lseek(f.fileno(), at, os.SEEK_HOLE)
            total, at = total + end - at, end
    return total


def copy_images(to):
    """The tests' store without what its builds have left: links, where that is possible."""
    def link(a, b):
        try:
            os.link(a, b)
        except OSError:
            shutil.copy2(a, b)

    def others(directory, names):
        return [name for name in names if name.endswith("lock") or directory == images.CACHE
                and name not in ("blobs", "index.json", "oci-layout")]

    shutil.copytree(images.CACHE, to, ignore=others, copy_function=link)


class Disks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="wherry-disks-", dir="/var/tmp")
        cls.addClassCleanup(shutil.rmtree, cls.dir, True)
        for name in ("kernel", "init", "crun", "getty", "efi-stub"):
            images.make_package(name)
        with open(os.path.join(cls.dir, "blob"), "wb") as f:
            f.write(random.Random(1).randbytes(40 * MIB))
        cls.small = os.path.join(cls.dir, "small.yml")
        cls.large = os.path.join(cls.dir, "large.yml")
        text = images.base(services=images.shell("idle", "sleep 1000"))
        for path, more in (cls.small, ""), (cls.large, "files:\n  - {path: blob, source: blob}\n"):
            with open(path, "w", encoding="utf-8") as f:
                f.write(text + more)
        cls.out = os.path.join(cls.dir, "out")
        for path in cls.small, cls.large:
            images.wherry("build", "--format", FORMATS, "--dir", cls.out, path)

    def path(self, name):
        return os.path.join(self.out, name)

    def build(self, out, *args, **more):
        env = dict(os.environ, WHERRY_CACHE=images.CACHE, XDG_STATE_HOME=os.path.join(images.WORK, "state"))
        return subprocess.run([images.WHERRY, "build", "--dir", out, *args], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, env=env, timeout=600, check=False, **more)

    def test_what_others_find(self):
        for name, bits in ("small", 16), ("large", 32):
            raw, qcow2, esp = (self.path(name + s) for s in ("-efi.img", "-efi.qcow2", "-esp"))
            self.assertEqual(sgdisk_fault(raw), "")
            self.assertEqual(sfdisk_fault(raw), "")
            table = json.loads(tool("sfdisk", "--json", raw))["partitiontable"]
            part, = table["partitions"]
            self.assertEqual(part["type"], "C12A7328-F81F-11D2-BA4B-00A0C93EC93B")
            self.assertEqual(part["start"], 2048)
            with open(raw, "rb") as f, open(esp, "wb") as g:
                f.seek(part["start"] * 512)
                g.write(f.read(part["size"] * 512))
            tool("fsck.vfat", "-n", esp)
            self.assertIn('disk type="FAT%d ' % bits, tool("minfo", "-i", esp, "::"))
            self.assertEqual(tool("mdir", "-b", "-/", "-i", esp, "::").split(),
                             ["::/EFI/", "::/EFI/BOOT/", "::/EFI/BOOT/BOOTX64.EFI"])
            with open(esp, "rb") as f:
                boot_sector = f.read(512)
            self.assertEqual(int.from_bytes(boot_sector[28:32], "little"), 2048)
            uki = self.path(name + "-copied")
            tool("mcopy", "-n", "-i", esp, "::/EFI/BOOT/BOOTX64.EFI", uki)
            self.assertEqual(digest(uki), digest(self.path(name + ".efi")))
            tool("qemu-img", "check", qcow2)
            tool("qemu-img", "compare", raw, qcow2)

    def test_sizes(self):
        """No larger than what is in them, and a little."""
        for name in "small", "large":
            parts = sum(os.path.getsize(self.path(name + s)) for s in ("-kernel", "-initrd.img"))
            for suffix in "-efi.img", "-efi.qcow2":
                self.assertLess(os.path.getsize(self.path(name + suffix)), parts * 1.05 + 2 * MIB, name + suffix)

    def test_a_given_size(self):
        out = os.path.join(self.dir, "sized")
        done = self.build(out, "--size", "3G", "--format", "raw-efi,qcow2-efi", self.small)
        self.assertEqual(done.returncode, 0, done.stderr)
        raw, least = os.path.join(out, "small-efi.img"), self.path("small-efi.img")
        self.assertEqual(os.path.getsize(raw), 3 << 30)
        # What is more is a hole, as is what was one before.
        self.assertLess(data_bytes(raw), os.path.getsize(least) + MIB)
        self.assertLess(data_bytes(least), os.path.getsize(least) - 900 * 1024)
        self.assertEqual(sgdisk_fault(raw), "")
        self.assertEqual(sfdisk_fault(raw), "")
        tool("qemu-img", "compare", raw, os.path.join(out, "small-efi.qcow2"))
        info = json.loads(tool("qemu-img", "info", "--output=json", os.path.join(out, "small-efi.qcow2")))
        self.assertEqual(info["virtual-size"], 3 << 30)

    def test_a_size_that_is_too_small(self):
        out = os.path.join(self.dir, "none")
        done = self.build(out, "--size", "8M", "--format", "raw-efi", self.small)
        self.assertEqual(done.returncode, 1, done.stderr)
        least = (os.path.getsize(self.path("small-efi.img")) + MIB - 1) // MIB
        self.assertIn("a disk of 8 MiB is too small for small-efi.img", done.stderr)
        self.assertIn("it needs --size %dM, or more" % least, done.stderr)
        self.assertFalse(os.path.exists(out))
        done = self.build(out, "--size", "%dM" % least, "--format", "raw-efi", self.small)
        self.assertEqual((done.returncode, os.path.getsize(os.path.join(out, "small-efi.img"))), (0, least * MIB))

    def test_the_same_bytes_elsewhere(self):
        """Another user, directory, time zone, umask and number of threads; all made anew, or nothing."""
        wanted = {name: digest(self.path(name)) for name in ("large-efi.img", "large-efi.qcow2")}
        with tempfile.TemporaryDirectory(prefix="wherry disks ", dir="/var/tmp") as top:
            cache = os.path.join(top, "cache")
            copy_images(cache)
            if os.getuid() == 0:
                subprocess.run(["find", top, "(", "-type", "d", "-o", "-links", "1", ")", "-exec", "chown",
                                "65534:65534", "{}", "+"], check=True)
                os.chmod(self.dir, 0o755)
            for number, options in enumerate((["--threads", "1"], ["--threads", "7"], ["--fresh"])):
                out = os.path.join(top, "out %d" % number)
                command = ["sh", "-c", 'umask 077; exec "$@"', "sh", images.WHERRY, "build", "--format",
                           "raw-efi,qcow2-efi", "--dir", out, *options, self.large]
                if os.getuid() == 0:
                    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] + command
                env = dict(os.environ, TZ="Pacific/Apia", LC_ALL="C", HOME=top, WHERRY_CACHE=cache,
                           WHERRY_PKG_PATH=os.path.join(images.ROOT, "pkg"), GIT_CONFIG_COUNT="1",
                           GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*")
                subprocess.run(command, env=env, cwd=top, check=True, timeout=900, stdout=subprocess.DEVNULL)
                self.assertEqual({name: digest(os.path.join(out, name)) for name in wanted}, wanted, options)

    def test_another_os_has_other_identifiers(self):
        ids = [json.loads(tool("sfdisk", "--json", self.path(name + "-efi.img")))["partitiontable"]
               for name in ("small", "large")]
        self.assertNotEqual(ids[0]["id"], ids[1]["id"])
        self.assertNotEqual(ids[0]["partitions"][0]["uuid"], ids[1]["partitions"][0]["uuid"])

    def check_old_outputs(self, out, done):
        self.assertNotEqual(done, 0)
        self.assertEqual(sorted(os.listdir(out)), ["large-efi.img", "large-efi.qcow2"])
        for name in os.listdir(out):
            self.assertEqual(os.path.getsize(os.path.join(out, name)), 3)

    def old_outputs(self):
        out = tempfile.mkdtemp(dir=self.dir)
        for suffix in "-efi.img", "-efi.qcow2":
            with open(os.path.join(out, "large" + suffix), "w", encoding="ascii") as f:
                f.write("old")
        return out

    def test_a_full_disk_half_way(self):
        """Stands for it: a file can't become larger than half of the disk."""
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (20 * MIB, 20 * MIB))

        out = self.old_outputs()
        done = self.build(out, "--format", "raw-efi,qcow2-efi", self.large, preexec_fn=limit)
        self.assertIn("File too large", done.stderr)
        self.check_old_outputs(out, done.returncode)

    def test_an_interruption(self):
        """At any moment: the old files, or the new ones, and nothing else."""
        out = self.old_outputs()
        r, interrupted = random.Random(2), 0
        env = dict(os.environ, WHERRY_CACHE=images.CACHE, XDG_STATE_HOME=os.path.join(images.WORK, "state"))
        for _ in range(8):
            with subprocess.Popen([images.WHERRY, "build", "--format", "raw-efi,qcow2-efi", "--dir", out, self.large],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env) as process:
                time.sleep(r.uniform(0.02, 0.5))
                process.send_signal(signal.SIGINT)
                code = process.wait(timeout=120)
            if code == 0:
                self.assertEqual(digest(os.path.join(out, "large-efi.img")), digest(self.path("large-efi.img")))
                out = self.old_outputs()
            else:
                interrupted += 1
                self.check_old_outputs(out, code)
        self.assertGreater(interrupted, 0)


if __name__ == "__main__":
    unittest.main()
