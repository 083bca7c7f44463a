#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ls and diff of large initrds: what is known is not unpacked again, and what two outputs share is not compared."""
import os
import random
import shutil
import subprocess
import time
import unittest

import measurelib
import ocilib
from buildcase import BuildCase
from harness import SANITIZED, WHERRY, main

MIB = 1 << 20
RUNS_MAX = 20
SHARE_OF_UNPACKING = 0.5  # what ls may take of the time that zstdcat alone takes
SHARE_OF_BUILDING = 0.3


def text(size):
    """Words that compress as programs do, to about a third."""
    source = random.Random(1)
    words = [bytes(source.choices(range(97, 123), k=source.randrange(3, 10))) for _ in range(4096)]
    out = b" ".join(source.choices(words, k=size // 6))
    return out[:size]


class LookAgain(BuildCase):
    FORMAT = "kernel+initrd"

    def pieces(self):
        return {name: os.stat(self.path("cache", "pieces", name)).st_mtime_ns for name in self.files("cache", "pieces")}

    def compressed(self, name, files, links=(), level="-3"):
        """An initrd of one frame: of these files, and links to the first one, which come before it."""
        top = self.path(name + ".d")
        for path, data in files.items():
            self.write(os.path.join(top, path), data)
        first = next(iter(files))
        for link in links:
            os.link(os.path.join(top, first), os.path.join(top, link))
        names = "\n".join([*links, *files]).encode()
        cpio = subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], input=names, cwd=top, stdout=subprocess.PIPE,
                              check=True, timeout=60).stdout
        return subprocess.run(["zstd", "-q", "--no-check", level], input=cpio, stdout=subprocess.PIPE, check=True,
                              timeout=60).stdout

    def differing(self, a, b):
        r = self.run_wherry("-q", "diff", a, b)
        self.assertEqual(r.code, 1 if r.out else 0, r)
        return [line for line in r.out.splitlines() if not line.startswith("size ")]

    def test_kept_names(self):
        """They are what unpacking finds, are kept once, and made again when they are damaged or another user's."""
        layout = ocilib.standard(self.path("layout"))
        files = {"file%d" % i: b"x" * i for i in range(100)}
        layout.name("example.test/listed:1", layout.image([{"random": os.urandom(2 * MIB), **files}],
                                                          config={"Cmd": ["/x"]}))
        self.ok("-q", "cache", "import", "layout")
        self.write("os.yml", ocilib.OS_YML.replace("test/hello", "test/listed"))
        self.build()
        before = self.pieces()
        listing = ["-q", "--json", "ls", "-R", "os-initrd.img"]
        wanted = self.ok(*listing).out
        self.assertIn('"containers/services/hello/lower/file99"', wanted)
        made = set(self.pieces()) - set(before)
        self.assertEqual(len(made), 1)
        kept = self.path("cache", "pieces", made.pop())
        os.utime(kept, (10 ** 9, 10 ** 9))
        self.assertEqual(self.ok(*listing).out, wanted)
        self.assertGreater(os.stat(kept).st_mtime, 10 ** 9)  # it was used
        for damage in ("cut", "changed"):
            with open(kept, "r+b") as f:
                data = f.read()
                f.seek(0)
                f.write(data.replace(b"file99", b"fileXX"))
                f.truncate(len(data) // 2 if damage == "cut" else len(data))
            self.assertEqual(self.ok(*listing).out, wanted, damage)
            with open(kept, "rb") as f:
                self.assertEqual(f.read()[:1000], data[:1000])
        # Nothing is made where there is no cache, and what another user has kept is not used.
        self.assertEqual(self.ok("--cache", "none", *listing).out, wanted)
        self.assertFalse(os.path.exists(self.path("none")))
        os.utime(kept, (10 ** 9, 10 ** 9))
        self.assertEqual(self.ok(*listing, env={"XDG_STATE_HOME": self.path("other")}).out, wanted)
        self.assertEqual(os.stat(kept).st_mtime, 10 ** 9)

    def test_a_file_that_changes_while_it_is_read(self):
        """What it is changed to is not kept as what it was: another file may still be that."""
        rest, frames = os.urandom(48 * MIB), {}
        for name in "good", "evil":
            archive = self.compressed(name, {name: b"1", "rest": rest}, level="-1")
            frames[name] = archive
        self.assertEqual(*map(len, frames.values()))
        end = max(i for i in range(MIB) if frames["good"][i] != frames["evil"][i]) + 1
        self.write("official.img", frames["good"])
        wanted = self.ok("-q", "--cache", "none", "ls", "official.img").out
        for wait in (0.02, 0.04, 0.06, 0.08, 0.12, 0.2):
            self.write("file.img", frames["good"])
            listing = self.start("-q", "ls", "file.img")
            time.sleep(wait)
            with open(self.path("file.img"), "r+b") as f:
                f.write(frames["evil"][:end])
            listing.communicate(timeout=120)
            self.assertEqual(self.ok("-q", "ls", "official.img").out, wanted)
            for name in self.pieces():
                os.unlink(self.path("cache", "pieces", name))

    def test_diff_of_archives(self):
        """The same archives in another order are another OS; of files in both, the bytes count."""
        a, b = os.urandom(MIB + 7), os.urandom(MIB + 9)
        one = self.compressed("one", {"f": b"1234", "a": a, "g": b"same"}, ["link"])
        two = self.compressed("two", {"f": b"5678", "b": b})
        third = self.compressed("third", {"f": b"1234", "a": a, "g": b"SAME"}, ["link"])
        self.write("12.img", one + two)
        self.write("21.img", two + one)
        self.write("32.img", third + two)
        self.write("1.gz.img", subprocess.run(["gzip"], input=subprocess.run(
            ["zstd", "-dq"], input=one, stdout=subprocess.PIPE, check=True).stdout, stdout=subprocess.PIPE,
            check=True).stdout + two)
        for turn in "first", "again":
            with self.subTest(turn):
                self.assertEqual(self.differing("12.img", "12.img"), [])
                self.assertEqual(self.differing("12.img", "21.img"), ["~ f, content"])
                self.assertEqual(self.differing("12.img", "32.img"), ["~ g, content"])
                self.assertEqual(self.differing("32.img", "21.img"), ["~ f, content", "~ g, content"])
                self.assertEqual(self.differing("12.img", "1.gz.img"), [])
                self.assertEqual(self.differing("1.gz.img", "32.img"), ["~ g, content"])

    # ---- how long it takes ----

    def large(self):
        """Two versions of an OS, of which one large image is the same."""
        layout = ocilib.standard(self.path("layout"))
        data = text(4 * MIB)
        layout.name("example.test/large:1", layout.image([{"file%d" % i: data[i:] + data[:i] for i in range(16)}],
                                                         config={"Cmd": ["/x"]}, compress=False))
        self.ok("-q", "cache", "import", "layout")
        for version in "1", "2":
            self.write("os.yml", ocilib.OS_YML.replace('"hello"', '"hello %s"' % version) +
                       "onboot: [{name: large, image: 'example.test/large:1'}]\n")
            self.build("--name", "os" + version)

    def best(self, rows):
        """The least seconds of CPU time of each command, which run in turn; an exit code of 1 is diff's."""
        least = {}
        for name, command in rows.items():
            done = measurelib.cost(command, cwd=self.dir, env=self.env)
            self.assertIn(done.code, (0, 1), done)
            least[name] = done.cpu
        return least

    def holds(self, what, peer, share, rows):
        """Machines are busy at times: it holds as soon as one of many runs shows it."""
        least = self.best(rows)
        for _ in range(RUNS_MAX):
            if least[what] <= share * least[peer]:
                break
            least = {name: min(least[name], seconds) for name, seconds in self.best(rows).items()}
        print("%s: %.3f s, %s: %.3f s" % (what, least[what], peer, least[peer]))
        self.assertLessEqual(least[what], share * least[peer])

    @unittest.skipIf(SANITIZED, "with sanitizers everything takes more")
    def test_time(self):
        self.large()
        ls = [WHERRY, "-q", "ls", "-R", "os1-initrd.img"]
        self.ok(*ls[1:])
        self.holds("ls", "zstdcat", SHARE_OF_UNPACKING, {"ls": ls, "zstdcat": ["zstdcat", "os1-initrd.img"]})
        build = [WHERRY, "-q", *self.command("--name", "os3", "--fresh")]
        self.holds("diff", "build", SHARE_OF_BUILDING, {"diff": [WHERRY, "-q", "diff", "os1", "os2"], "build": build})
        # The first time, when both are unpacked.
        shutil.rmtree(self.path("cache", "pieces"))
        first = self.best({"diff": [WHERRY, "-q", "diff", "os1", "os2"], "build": build})
        print("first diff: %(diff).3f s, build: %(build).3f s" % first)


if __name__ == "__main__":
    main()
