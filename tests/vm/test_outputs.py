# SPDX-License-Identifier: Apache-2.0
"""What holds for every format that exists, without a machine: the same bytes everywhere, sums that are right, each
piece made once, and the old outputs or the new ones, whatever happens. A new format is among them by itself.
"""
import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import unittest

import images
from elsewhere import Elsewhere, digests

sys.path.insert(0, os.path.join(images.ROOT, "tests", "cli"))
import ocilib  # noqa: E402

SOAK = bool(os.environ.get("WHERRY_SOAK"))
OS = os.path.join("tests", "vm", "formats-os.yml")
LIMIT = 1800
MEMORY_KIB = 64 << 10
LARGE = 2 << 30
FILES = 200_000


def formats():
    """Their names, as the help has them."""
    done = subprocess.run([images.WHERRY, "help", "--json", "build"], stdout=subprocess.PIPE, check=True, timeout=60)
    for line in done.stdout.splitlines():
        verb = json.loads(line)
        if verb["verb"] == "build":
            return next(o["choices"] for o in verb["options"] if o["name"] == "format")
    raise AssertionError("no verb build")


def environment(**more):
    return dict(os.environ, WHERRY_CACHE=images.CACHE, **more)


def run(*args, **more):
    return subprocess.run([images.WHERRY, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=environment(), timeout=LIMIT, cwd=images.ROOT, check=False, **more)


def groups(out):
    """All formats, in as few groups as can be built together: those that write the same file are not."""
    left, found = formats(), []
    while left:
        group, later = list(left), []
        while True:
            done = run("build", "-q", "--dir", out, "--format", ",".join(group), OS)
            other = re.search(r"format (\S+) is for ", done.stderr)
            if other:
                group.remove(other[1])
                continue
            clash = re.search(r"formats (\S+) and (\S+) both write", done.stderr)
            if not clash:
                break
            group.remove(clash[2])
            later.append(clash[2])
        if done.returncode:
            raise AssertionError(done.stderr)
        found.append(group)
        left = later
    return found


class EveryFormat(Elsewhere):
    @classmethod
    def setUpClass(cls):
        if not SOAK:
            raise unittest.SkipTest("all formats, many times over, are for the soak")
        images.make_packages()
        images.plain()
        out = os.path.join(images.WORK, "every-format")
        cls.groups = groups(out)
        subprocess.run(["rm", "-r", out], check=True)

    def out(self, name):
        path = os.path.join(self.dir, name)
        os.mkdir(path)
        return path

    def build(self, out, group, *args):
        done = run("build", "--dir", out, "--format", ",".join(group), *args, OS)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def test_the_same_bytes_elsewhere(self):
        self.move()
        # Another user's store, with the same images and none of the pieces.
        names = [json.loads(line)["name"] for line in images.wherry("cache", "ls", "--json").splitlines()]
        saved = os.path.join(self.dir, "images.tar")
        images.wherry("cache", "export", "--format", "oci", "--outfile", saved, *dict.fromkeys(names))
        os.chmod(saved, 0o644)
        self.other("cache", "import", saved)
        for number, group in enumerate(self.groups):
            first, again = self.out("first-%d" % number), self.out("again-%d" % number)
            self.build(first, group)
            self.build(again, group, "--fresh", "--threads", "3")
            there = os.path.join(self.cache, "out-%d" % number)
            self.other("build", "--threads", "1", "--dir", there, "--format", ",".join(group), OS)
            self.assertEqual(digests(first), digests(again), group)
            self.assertEqual(digests(first), digests(there), group)
            self.assertTrue(digests(first))

    def test_sizes_and_sums_are_right(self):
        for number, group in enumerate(self.groups):
            done = self.build(self.out(str(number)), group, "--json")
            outputs = [line for line in map(json.loads, done.stdout.splitlines()) if "output" in line]
            self.assertLessEqual({o["format"] for o in outputs}, set(group))
            for output in outputs:
                if os.path.isdir(output["path"]):
                    continue
                with open(output["path"], "rb") as f:
                    data = f.read()
                self.assertEqual((output["size"], output["sha256"]), (len(data), hashlib.sha256(data).hexdigest()),
                                 output)

    def pieces(self, out, group):
        """(name, size) of each that was made, in order."""
        done = self.build(self.out(out), group, "--fresh", "--json")
        events = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
        return sorted((e["name"], e["total"]) for e in events if e.get("progress") == "end" and e["what"] == "part")

    def test_each_piece_is_made_once(self):
        """However many formats have it: together they make what each makes alone, and nothing twice."""
        for number, group in enumerate(self.groups):
            together = self.pieces("together-%d" % number, group)
            self.assertEqual(together, sorted(set(together)), group)
            alone = set().union(*(self.pieces("alone-%d-%s" % (number, name), [name]) for name in group))
            self.assertEqual(set(together), alone, group)

    def test_memory(self):
        for number, group in enumerate(self.groups):
            for name in group:
                self.assertLess(self.memory(self.out("%d-%s" % (number, name)), name, OS), MEMORY_KIB, name)

    def memory(self, out, name, os_yml):
        """KiB that a build took."""
        command = [images.WHERRY, "build", "-q", "--fresh", "--threads", "2", "--dir", out, "--format", name, os_yml]
        with subprocess.Popen(command, env=environment(), cwd=images.ROOT) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0, name)
        return usage.ru_maxrss

    def olds(self, out, group):
        """Outputs of an earlier build, with other content: what is there afterwards must be all of one."""
        self.build(out, group)
        for place, _, names in os.walk(out):
            for name in names:
                with open(os.path.join(place, name), "w", encoding="utf-8") as f:
                    f.write("old")
        return digests(out)

    @unittest.skipUnless(os.getuid() == 0, "only root can mount a small file system")
    def test_a_full_disk(self):
        """Room for a part of it, and for no more."""
        for group in self.groups:
            for name in group:
                script = ("mount -t tmpfs -o size=6M none \"$1\" && echo old > \"$1/old\" && cd \"$2\"; shift 2;"
                          "\"$@\"; code=$?; ls -A \"$WHERRY_TEST_OUT\"; exit $code")
                out = self.out("full-" + name)
                done = subprocess.run(["unshare", "--mount", "sh", "-c", script, "sh", out, images.ROOT, images.WHERRY,
                                       "build", "--dir", out, "--format", name, OS], stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, text=True, env=environment(WHERRY_TEST_OUT=out),
                                      timeout=LIMIT, check=False)
                self.assertEqual(done.returncode, 1, "%s: %s" % (name, done.stderr))
                self.assertIn("No space left on device", done.stderr, name)
                self.assertEqual(done.stdout.split(), ["old"], name)

    def test_interrupted(self):
        chance = random.Random(1)
        for number, group in enumerate(self.groups):
            out = self.out("interrupted-%d" % number)
            old = self.olds(out, group)
            started = time.monotonic()
            self.build(self.out("whole-%d" % number), group, "--fresh")
            took = time.monotonic() - started
            for _ in range(20 if SOAK else 4):
                with subprocess.Popen([images.WHERRY, "build", "-q", "--fresh", "--dir", out, "--format",
                                       ",".join(group), OS], env=environment(), cwd=images.ROOT,
                                      stderr=subprocess.PIPE) as process:
                    time.sleep(chance.uniform(0, took * 0.8))
                    process.send_signal(signal.SIGINT)
                    says = process.communicate(timeout=LIMIT)[1].decode()
                if process.returncode == 130:
                    self.assertEqual(says, "wherry: interrupted\n")
                    self.assertEqual(digests(out), old, group)
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
            for each in formats():
                out = self.out("%s-%s" % (name, each))
                kib = self.memory(out, each, path)
                print("%s %s: %d MiB" % (name, each, kib >> 10), file=sys.stderr)
                self.assertLess(kib, MEMORY_KIB * (4 if name == "many" else 1), each)
                subprocess.run(["rm", "-r", out], check=True)


if __name__ == "__main__":
    unittest.main()
