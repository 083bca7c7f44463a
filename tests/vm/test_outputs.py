# SPDX-License-Identifier: Apache-2.0
"""What holds for every format that exists, without a machine: the same bytes everywhere, sums that are right, each
piece made once, and the old outputs or the new ones, whatever happens. In the soak more often, and for each by itself.
"""
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import unittest

import images
from elsewhere import digests
from outputs import LIMIT, OS, Group, Outputs, environment

sys.path.insert(0, os.path.join(images.ROOT, "tests", "cli"))
import ocilib  # noqa: E402
from measurelib import cost  # noqa: E402

SOAK = bool(os.environ.get("WHERRY_SOAK"))
MEMORY = 64 << 20
MIB = 1 << 20
LARGE = 2 << 30
FILES = 200_000
BOOTED = ("-kernel", "-initrd.img", "-cmdline")
ON_CD = (".iso", "-kernel", "-boot-initrd.img")
# What each format is made of: endings of the files of other formats, or "root" and "boot", for all files of the tar.
# Of files that several formats have, the first is said to have written them.
PARTS = {
    "tar": ("root", "boot"), "docker": ("root", "boot"), "kernel+squashfs": ("root", "-boot-initrd.img"),
    "kernel+erofs": ("root",), "kernel+iso": ("root",), "iso-bios": ON_CD, "iso-efi": ON_CD,
    "firecracker": ("vmlinux", "-initrd.img"),
}
# What a format adds to any disk, however small: a head and tables of whole MiB, and blocks of 2 MiB.
FIXED = {"vhd": MIB, "dynamic-vhd": 2 * MIB, "vhdx": 5 * MIB}


class EveryFormat(Outputs):
    def apart(self):
        """What is built at once: in the soak each format by itself."""
        for group in self.groups:
            yield from [[name] for name in group.names] if SOAK else [group.names]

    def test_the_same_bytes_elsewhere(self):
        """By another user, all made anew by three threads, and in the soak once more by one."""
        self.move()
        # Another user's store, with the same images and none of the pieces.
        names = [json.loads(line)["name"] for line in images.wherry("cache", "ls", "--json").splitlines()]
        saved = os.path.join(self.dir, "images.tar")
        images.wherry("cache", "export", "--format", "oci", "--outfile", saved, *dict.fromkeys(names))
        os.chmod(saved, 0o644)
        self.other("cache", "import", saved)
        for number, group in enumerate(self.groups):
            first = digests(group.out)
            self.assertTrue(first)
            for options in [["--threads", "3", "--fresh"]] + [["--threads", "1"]] * SOAK:
                there = os.path.join(self.cache, "out-%d%s" % (number, options[-1]))
                self.other("build", *options, "--dir", there, "--format", ",".join(group.names), OS)
                self.assertEqual(digests(there), first, options)
                shutil.rmtree(there)

    def test_sizes_and_sums_are_right(self):
        for group in self.groups:
            self.assertLessEqual({output["format"] for output in group.outputs}, set(group.names))
            for output in group.outputs:
                if os.path.isdir(output["path"]):
                    continue
                with open(output["path"], "rb") as f:
                    data = f.read()
                self.assertEqual((output["size"], output["sha256"]), (len(data), hashlib.sha256(data).hexdigest()),
                                 output)

    def test_nothing_is_much_larger_than_its_parts(self):
        """At most 5 % and 2 MiB. LinuxKit's disk for UEFI has 1 MiB of slack in its FAT, and 4 MiB around it."""
        first = self.groups[0]
        sizes = {os.path.basename(o["path"]): o["size"] for o in first.outputs}
        with tarfile.open(os.path.join(first.out, "formats-os.tar")) as tar:
            for member in tar:
                part = "boot" if member.name.startswith("boot/") else "root"
                sizes[part] = sizes.get(part, 0) + member.size
        sizes = {name.replace("formats-os", ""): size for name, size in sizes.items()}
        for name in (name for group in self.groups for name in group.names):
            made = sum(o["size"] for group in self.groups for o in group.outputs if o["format"] == name)
            parts = sum(sizes[part] for part in PARTS.get(name, BOOTED))
            print("%s: %d bytes of %d" % (name, made, parts), file=sys.stderr)
            self.assertLessEqual(made, parts * 1.05 + 2 * MIB + FIXED.get(name, 0), name)
        self.assertLessEqual(sizes["-efi.img"], -(-sum(sizes[part] for part in BOOTED) // MIB) * MIB + 5 * MIB)

    def test_each_piece_is_made_once(self):
        """However many formats have it: nothing twice, and in the soak, just what each makes alone."""
        for number, group in enumerate(self.groups):
            together = group.pieces()
            self.assertEqual(together, sorted(set(together)), group.names)
            if SOAK:
                alone = [Group([name], None, self.build(self.out("alone-%d-%s" % (number, name)), [name], "--fresh",
                                                        "--json")).pieces() for name in group.names]
                self.assertEqual(set(together), set().union(*alone), group.names)

    def test_memory(self):
        for number, names in enumerate(self.apart()):
            done = self.cost(self.out(str(number)), names, OS)
            self.assertEqual(done.code, 0, done.err)
            self.assertLess(done.memory, MEMORY, names)

    def cost(self, out, names, os_yml):
        return cost([images.WHERRY, "build", "-q", "--fresh", "--threads", "2", "--dir", out, "--format",
                     ",".join(names), os_yml], env=environment(), cwd=images.ROOT)

    def olds(self, group, out):
        """What an earlier build may have left, with other content: what is there afterwards must be all of one."""
        for name in digests(group.out):
            path = os.path.join(out, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as f:
                f.write("old")
        return digests(out)

    @unittest.skipUnless(os.getuid() == 0, "only root can mount a small file system")
    def test_a_full_disk(self):
        """Room for a part of it, and for no more."""
        script = ("mount -t tmpfs -o size=4M none \"$1\" && echo old > \"$1/old\" && cd \"$2\"; shift 2;"
                  "\"$@\"; code=$?; ls -A \"$WHERRY_TEST_OUT\"; exit $code")
        for number, names in enumerate(self.apart()):
            out = self.out("full-%d" % number)
            done = subprocess.run(["unshare", "--mount", "sh", "-c", script, "sh", out, images.ROOT, images.WHERRY,
                                   "build", "-q", "--dir", out, "--format", ",".join(names), OS],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=LIMIT,
                                  env=environment(WHERRY_TEST_OUT=out), check=False)
            self.assertEqual(done.returncode, 1, "%s: %s" % (names, done.stderr))
            self.assertIn("No space left on device", done.stderr, names)
            self.assertEqual(done.stdout.split(), ["old"], names)

    def test_interrupted(self):
        chance = random.Random(1)
        for number, group in enumerate(self.groups):
            out = self.out("interrupted-%d" % number)
            old = self.olds(group, out)
            for _ in range(20 if SOAK else 2):
                with subprocess.Popen([images.WHERRY, "build", "-q", "--fresh", "--dir", out, "--format",
                                       ",".join(group.names), OS], env=environment(), cwd=images.ROOT,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
                    time.sleep(chance.uniform(0, group.seconds * 0.8))
                    process.send_signal(signal.SIGINT)
                    says = process.communicate(timeout=LIMIT)[1].decode()
                if process.returncode == 130:
                    self.assertEqual(says, "wherry: interrupted\n")
                    self.assertEqual(digests(out), old, group.names)
                else:
                    self.assertEqual(process.returncode, 0, says)
                    old = digests(out)

    @unittest.skipUnless(SOAK, "minutes, and gigabytes")
    def test_large(self):
        """A file of 2 GiB, and 200,000 small ones: right, or refused before anything is written."""
        os.mkdir(os.path.join(self.dir, "os"))
        with open(os.path.join(self.dir, "os", "large"), "wb") as f:
            f.truncate(LARGE)
            f.seek(LARGE // 2)
            f.write(b"in the middle")
        layout = ocilib.Layout(os.path.join(self.dir, "layout"))
        layout.name("example.test/many:1", layout.image([{"d%d/f%d" % (i % 500, i): b"%d" % i for i in range(FILES)}]))
        images.wherry("cache", "import", os.path.join(self.dir, "layout"))
        text = images.base(services=images.shell("many", "true", image="example.test/many:1"))
        for name, more in (("large", "files:\n  - {path: large, source: large}\n"), ("many", "")):
            path = os.path.join(self.dir, "os", name + ".yml")
            with open(path, "w", encoding="utf-8") as f:
                f.write(text if name == "many" else images.base() + more)
            for each in (each for group in self.groups for each in group.names):
                out = self.out("%s-%s" % (name, each))
                done = self.cost(out, [each], path)
                print("%s %s: exit code %d, %d MiB, %d s %s" % (name, each, done.code, done.memory >> 20, done.seconds,
                                                                 done.err), file=sys.stderr)
                with self.subTest(os=name, format=each):
                    self.assertTrue(done.code == 0 or done.code == 1 and not os.listdir(out), done.err)
                    self.assertLess(done.memory, MEMORY * (4 if name == "many" else 1))
                subprocess.run(["rm", "-r", out], check=True)


if __name__ == "__main__":
    unittest.main()
