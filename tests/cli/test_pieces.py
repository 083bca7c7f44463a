#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What builds leave in the cache, so that the next one encodes only what has changed: never seen in the outputs."""
import os
import time

import ocilib
from harness import Case, main

BUILD = ("build", "--offline", "--arch", "amd64", "--dir", "out")
DAY = 24 * 3600


class Pieces(Case):
    def setUp(self):
        super().setUp()
        self.layout = ocilib.standard(self.path("layout"))
        self.ok("cache", "import", "layout")
        os.mkdir(self.path("out"))
        self.write("motd", "hello\n")
        self.text = ocilib.OS_YML + "  - {path: etc/from-here, source: motd}\n  - {path: etc/x, contents: x}\n"
        self.write("os.yml", self.text)

    def build(self, *args, text=None):
        """The outputs, and which parts were taken as they were."""
        if text:
            self.write("os.yml", text)
        said = self.ok("-v", "2", *BUILD, *args, "os.yml").err
        outputs = {}
        for name in self.files("out"):
            with open(self.path("out", name), "rb") as f:
                outputs[name] = f.read()
        return outputs, {line.split(" has not changed")[0].split()[-1] for line in said.splitlines()
                         if "has not changed" in line}

    def pieces(self):
        return self.files("cache", "pieces") if os.path.exists(self.path("cache", "pieces")) else []

    def test_what_has_not_changed_is_taken(self):
        first, taken = self.build("--no-sbom")
        self.assertEqual(taken, set())
        again, taken = self.build("--no-sbom")
        self.assertEqual(taken, {"boot", "root", "services/hello"})
        self.assertEqual(again, first)
        fresh, taken = self.build("--no-sbom", "--fresh")
        self.assertEqual((fresh, taken), (first, set()))

    def test_each_change_is_seen(self):
        """With what is kept, the outputs are those of a build from nothing; only what a change concerns is encoded."""
        other = ocilib.Layout(self.path("other"))
        other.name("example.test/hello:1", other.image([{"bin": None, "bin/hello": b"another"}],
                                                       config={"Entrypoint": ["/bin/hello"]}))
        boot, root, hello = {"boot"}, {"root"}, {"services/hello"}
        changes = [
            ("the command line", lambda: self.text.replace("ttyS0", "ttyS1"), root | hello),
            ("a file's contents", lambda: self.text.replace("contents: x", "contents: y"), boot | hello),
            ("a file's mode", lambda: self.text.replace("contents: x", "contents: x, mode: \"0644\""), boot | hello),
            ("a file on this machine", lambda: self.write("motd", "good bye\n") and self.text, boot | hello),
            ("nothing", lambda: self.text, boot | root | hello),
            ("an entry", lambda: self.text.replace("services:\n",
                                                   "services:\n  - {name: two, image: example.test/hello:1}\n"),
             boot | root),
            ("an image", lambda: self.ok("cache", "import", "other") and self.text, boot | root),
        ]
        self.build("--no-sbom")
        for what, change, kept in changes:
            with self.subTest(what):
                outputs, taken = self.build("--no-sbom", text=change())
                self.assertEqual(taken, kept)
                self.assertEqual(outputs, self.build("--no-sbom", "--fresh")[0])

    def test_one_format_leaves_what_another_one_needs(self):
        first, _ = self.build("-f", "tar-kernel-initrd")
        self.assertTrue(self.pieces())
        _, taken = self.build("-f", "kernel+initrd")
        self.assertEqual(taken, {"boot", "root", "services/hello", "sbom"})
        # A tar is made as fast as it is copied, so that only three lists of each image are kept: of its programs, its
        # packages, and these packages' files.
        self.ok("cache", "clean")
        self.ok("cache", "import", "layout")
        self.build("-f", "tar")
        self.assertEqual(len(self.pieces()), 9)
        _, taken = self.build()
        self.assertEqual(taken, set())

    def test_what_the_kernel_lacks_is_reported_each_time(self):
        self.write("bad.yml", self.text.replace("  cmdline", "  binary: vmlinuz\n  cmdline"))
        for _ in range(2):
            self.fails(1, "has no file 'vmlinuz'", *BUILD, "bad.yml")
        self.assertEqual(self.files("out"), [])

    def test_damaged_pieces_are_made_again(self):
        first, _ = self.build()
        for name in self.pieces():
            path = self.path("cache", "pieces", name)
            size = os.path.getsize(path)
            with open(path, "r+b") as f:
                f.seek(size // 2)
                byte = f.read(1)[0]
                f.seek(size // 2)
                f.write(bytes([byte ^ 1]))
        found = self.fails(1, "are damaged or missing", "cache", "verify", "--json").out
        found = self.json_lines(found)[:-1]
        self.assertEqual([p["piece"] for p in found], ["sha256:" + n for n in sorted(self.pieces())])
        again, taken = self.build()
        self.assertEqual((again, taken), (first, set()))
        self.ok("cache", "verify")
        # Cut short, or something else altogether.
        first_name, second_name = self.pieces()[:2]
        os.truncate(self.path("cache", "pieces", first_name), 5)
        os.unlink(self.path("cache", "pieces", second_name))
        os.symlink("/etc/passwd", self.path("cache", "pieces", second_name))
        self.assertEqual(self.build()[0], first)
        os.truncate(self.path("cache", "pieces", self.pieces()[0]), 5)
        self.ok("cache", "verify", "--repair")
        self.ok("cache", "verify")

    def test_pieces_of_another_user_are_not_taken(self):
        """A store that was filled elsewhere, as a CI system restores it: same bytes, all made here."""
        first, _ = self.build()
        names = set(self.pieces())
        self.assertEqual(os.stat(self.path(".local/state/wherry/pieces.key")).st_mode & 0o777, 0o600)
        self.env["XDG_STATE_HOME"] = self.path("state")
        again, taken = self.build()
        self.assertEqual((again, taken), (first, set()))
        self.assertTrue(names < set(self.pieces()))
        found = self.json_lines(self.fails(1, "are damaged or missing", "cache", "verify", "--json").out)
        self.assertEqual({p["piece"] for p in found[:-1]}, {"sha256:" + name for name in names})
        self.ok("cache", "verify", "--repair")
        self.assertFalse(names & set(self.pieces()))
        self.assertEqual(self.build()[1], {"boot", "root", "services/hello", "sbom"})

    def test_without_a_home(self):
        del self.env["HOME"]
        first, _ = self.build()
        self.assertEqual(self.pieces(), [])
        self.env["HOME"] = "/dev/null"
        self.assertEqual(self.build(), (first, set()))
        self.assertEqual(self.pieces(), [])
        self.ok("cache", "verify")

    def test_what_else_lies_in_the_directory_stays(self):
        self.build()
        self.write("cache/pieces/letter.txt", "old")
        os.utime(self.path("cache/pieces/letter.txt"), (1, 1))
        self.ok("cache", "gc", "--pieces-days", "0", "--pieces-size", "1K")
        self.ok("cache", "clean")
        self.assertEqual(self.pieces(), ["letter.txt"])
        # A link leads to what is not the store's.
        os.unlink(self.path("cache/pieces/letter.txt"))
        os.rmdir(self.path("cache/pieces"))
        os.mkdir(self.path("elsewhere"))
        self.write("elsewhere/" + "0" * 64, "mine")
        os.utime(self.path("elsewhere", "0" * 64), (1, 1))
        os.symlink("../elsewhere", self.path("cache/pieces"))
        self.ok("cache", "import", "layout")
        self.build()
        self.fails(1, "pieces is a symbolic link", "cache", "gc", "--pieces-days", "1")
        self.assertEqual(self.files("elsewhere"), ["0" * 64])

    def test_pieces_go_by_age_and_size(self):
        self.build()
        names = self.pieces()
        age = lambda name, days: os.utime(self.path("cache", "pieces", name), (time.time() - days * DAY,) * 2)
        for i, name in enumerate(names):
            age(name, 40 if i == 0 else 29.5 - i)
        # Half-written ones of processes that were killed.
        self.write("cache/pieces/" + "0" * 64 + ".17-0", b"half")
        self.write("cache/pieces/" + "1" * 64 + ".18-0", b"half")
        os.utime(self.path("cache", "pieces", "0" * 64 + ".17-0"), (1, 1))
        removed = self.json_lines(self.ok("cache", "gc", "--json").out)[0]
        self.assertEqual(removed["pieces"], 2)
        self.assertEqual(set(self.pieces()), set(names[1:]) | {"1" * 64 + ".18-0"})
        self.assertIn("1 piece,", self.ok("cache", "gc", "--pieces-days", "28").out)
        self.assertNotIn(names[1], self.pieces())
        whole = sum(os.path.getsize(self.path("cache", "pieces", n)) for n in self.pieces())
        self.assertEqual(self.json_lines(self.ok("cache", "du", "--json").out)[-1]["pieces"], whole)
        self.ok("cache", "gc", "--pieces-size", "1K")
        left = sum(os.path.getsize(self.path("cache", "pieces", n)) for n in self.pieces())
        self.assertTrue(0 < left <= 1024 < whole)

    def test_a_use_makes_them_young(self):
        self.build()
        for name in self.pieces():
            os.utime(self.path("cache", "pieces", name), (1000, 1000))
        # Each build that leaves something removes what is too old; this one leaves nothing.
        self.build()
        self.assertGreater(len(self.pieces()), 3)
        self.ok("cache", "gc")
        self.assertGreater(len(self.pieces()), 3)
        for name in self.pieces():
            os.utime(self.path("cache", "pieces", name), (1000, 1000))
        before = self.pieces()
        self.build(text=self.text.replace("ttyS0", "ttyS1"))
        after = self.pieces()
        gone = set(before) - set(after)
        self.assertTrue(gone and not gone & {n for n in after})
        self.ok("cache", "clean")
        self.assertEqual(self.pieces(), [])

    def test_files_that_can_be_read_only_once(self):
        read, write = os.pipe()
        os.write(write, b"from a pipe\n")
        os.close(write)
        self.write("os.yml", self.text.replace("source: motd", "source: /dev/fd/%d" % read))
        self.ok(*BUILD, "os.yml", pass_fds=[read])
        os.close(read)
        with open(self.path("out", "os-initrd.img"), "rb") as f:
            self.assertGreater(len(f.read()), 100)


if __name__ == "__main__":
    main()
