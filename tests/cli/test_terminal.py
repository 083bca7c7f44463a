#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is different on a terminal: tables, colours, counts."""
import concurrent.futures
import os
import random
import re

import memoryregistry
import ocilib
import terminallib
from harness import Case, WHERRY, main

CONTROL = re.compile("\033\\[[0-9;]*[A-Za-z]")


class OnTerminal(Case):
    def shown(self, *args, code=0, columns=80, **env):
        data, got = terminallib.run([WHERRY, *args], {**self.env, **env}, self.dir, columns)
        self.assertEqual(got, code, data)
        return data.decode()


class Listing(OnTerminal):
    def setUp(self):
        super().setUp()
        layout = ocilib.standard(self.path("layout"))
        self.long = "docker.io/somebody/with-a-name:" + "0123456789" * 4
        layout.name(self.long, layout.image([{"f": b"x"}]))
        self.ok("-q", "cache", "import", "layout")

    def test_a_table_that_fits(self):
        for columns in (60, 80, 120):
            for line in self.shown("cache", "du", columns=columns).splitlines():
                self.assertLessEqual(len(line), columns, line)
            lines = self.shown("cache", "ls", columns=columns).splitlines()
            self.assertRegex(lines[0], r"^IMAGE +DIGEST +PLATFORM +SIZE$")
            self.assertEqual(len({len(line) for line in lines}), 1, lines)
            self.assertLessEqual(len(lines[0]), columns)
            self.assertRegex("\n".join(lines),
                             r"(?m)^example\.test/hello:1 +[0-9a-f]{12}  linux/amd64 \+1 +[\d.]+ KiB$")
        self.assertIn("\nsomebody/with-a-name:01234567..", self.shown("cache", "ls", columns=70).replace("\r", ""))

    def test_in_full(self):
        lines = self.shown("cache", "ls", "--no-trunc").splitlines()
        self.assertTrue(any(re.match(r"%s +sha256:[0-9a-f]{64}  " % self.long, line) for line in lines), lines)

    def test_a_pipe_has_what_it_always_had(self):
        for line in self.ok("cache", "ls").out.splitlines():
            self.assertRegex(line, r"^\S+ sha256:[0-9a-f]{64} \S+ [\d.]+ K?i?B$")

    def test_json_is_the_same(self):
        shown = self.shown("cache", "ls", "--json").replace("\r", "")
        self.assertEqual(shown, self.ok("cache", "ls", "--json").out)


class Progress(OnTerminal):
    """Pulls from a slow registry: what is drawn fits, and nothing of it is left at the end."""

    def setUp(self):
        super().setUp()
        self.registry = memoryregistry.Registry()
        self.addCleanup(self.registry.stop)
        self.registry.pieces = 6
        layout = ocilib.Layout(self.path("layout"))
        noise = random.Random(1)
        self.images = []
        for name in ("a", "with/a/long/name/that/does/not/fit", "c"):
            layers = [{"f%d" % i: noise.randbytes(100_000)} for i in range(4)]
            image = layout.image(layers, config={"Cmd": [name]})
            self.registry.fill(name, "1", layout, image)
            self.images.append("%s/%s:1" % (self.registry.host, name))

    def start_pull(self, columns, rows=24):
        cache = self.path("cache-%d-%d" % (columns, rows))
        return terminallib.Terminal([WHERRY, "--cache", cache, "cache", "pull", *self.images], self.env, self.dir,
                                    columns, rows)

    def follow(self, t, resize=()):
        """The screen at the end, and all that was written; the cursor must never have been misplaced."""
        screen = terminallib.Screen(t.columns, t.rows)
        for size in resize:
            screen.feed(t.read(until=rb"running"))
            screen.feed(t.resize(size, t.rows))
            screen.resize(size)
        screen.feed(t.read(300))
        self.assertEqual(t.close(), 0, t.data[-2000:])
        self.assertEqual([line for line in screen.lines if line and "sha256:" not in line], [])
        return screen, t.data.decode()

    def pull_at_once(self, sizes):
        """One for each size, all at the same time."""
        started = [self.start_pull(*size) for size in sizes]
        with concurrent.futures.ThreadPoolExecutor(len(started)) as pool:
            return list(pool.map(self.follow, started))

    def test_at_all_widths(self):
        widths = (20, 21, 24, 30, 39, 40, 50, 52, 53, 54, 55, 60, 79, 80, 81, 100, 200)
        for columns, (_, data) in zip(widths, self.pull_at_once([(n,) for n in widths])):
            self.assertTrue("running" in data, data[-2000:])
            for part in data.split("\033[J")[:-1]:
                for line in part.split("\n"):
                    if "sha256:" not in line:
                        self.assertLess(len(CONTROL.sub("", line).rstrip("\r")), columns, repr(line))

    def test_on_a_low_terminal(self):
        self.pull_at_once([(60, rows) for rows in (4, 6, 10)])

    def follow_resized(self, columns, sizes):
        """The size can change after the program has asked for it and before it writes, which nobody can see: so a
        cursor is misplaced when it is so each time."""
        for rows in (40, 41):
            try:
                return self.follow(self.start_pull(columns, rows), sizes)
            except terminallib.Misplaced:
                pass
        return self.follow(self.start_pull(columns, 42), sizes)

    def test_resized(self):
        for columns, sizes in ((100, (30, 90)), (30, (80, 20)), (200, (25,))):
            self.follow_resized(columns, sizes)

    def test_names_speed_and_what_is_left(self):
        self.registry.pieces = 20
        _, data = self.follow(self.start_pull(120))
        self.assertTrue(" of %s" % self.images[0] in data, data[-2000:])
        speed = r"[\d.]+ \w+/s, \d+ (s|min) left"
        self.assertRegex(data[-20000:], r"pull 3 images +\[=* *\] [\d.]+ \w+ of 1\.1 MiB, " + speed)


class Clean(OnTerminal):
    def setUp(self):
        super().setUp()
        ocilib.standard(self.path("layout"))
        self.ok("-q", "cache", "import", "layout")

    def answer(self, text, *options):
        t = terminallib.Terminal([WHERRY, "cache", "clean", *options], self.env, self.dir)
        t.read(until=rb"Remove all 3 images, and what builds have kept \([\d.]+ KiB\), from .*/cache\? \[y/N\] ")
        t.type(text)
        t.read()
        return t.close(), len(self.ok("cache", "ls").out.splitlines())

    def test_it_asks(self):
        for text in ("n\n", "\n", "yep\n", "\x04"):
            self.assertEqual(self.answer(text), (1, 3), text)
        self.assertEqual(self.answer("\x03"), (130, 3))
        self.assertEqual(self.answer("y\n"), (0, 0))

    def test_it_does_not_ask_who_said_yes(self):
        for option in "--yes", "-y":
            self.ok("-q", "cache", "import", "layout")
            self.assertRegex(self.shown("cache", "clean", option), r"^removed 3 images; [\d.]+ KiB freed\r?\n$")

    def test_as_linuxkit_it_never_asks(self):
        os.symlink(WHERRY, self.path("linuxkit"))
        data, code = terminallib.run([self.path("linuxkit"), "cache", "clean"], self.env, self.dir)
        self.assertEqual(code, 0, data)
        self.assertEqual(self.ok("cache", "ls").out, "")


class Checks(OnTerminal):
    def test_the_end_of_a_check(self):
        self.write("good.yml", ocilib.OS_YML)
        self.write("bad.yml", "kernel: 1\ninit: 2\nunknown: 3\n")
        self.assertIn("good.yml: no mistakes", self.shown("check", "good.yml"))
        self.assertIn("2 files: no mistakes", self.shown("check", "--each", "good.yml", "good.yml"))
        self.assertNotIn("no mistakes", self.shown("check", "-q", "good.yml"))
        self.assertTrue(self.shown("check", "bad.yml", code=1).endswith("\n3 mistakes\n"))
        self.assertEqual(self.ok("check", "good.yml").out, "")
        self.assertNotIn("3 mistakes", self.fails(1, "", "check", "bad.yml").err)

    def test_json(self):
        self.write("good.yml", ocilib.OS_YML)
        self.write("bad.yml", "kernel: 1\ninit: 2\nunknown: 3\n")
        self.assertEqual(self.json_lines(self.ok("check", "--json", "good.yml").out),
                         [{"checked": ["good.yml"], "mistakes": 0, "warnings": 0}])
        self.assertEqual(self.json_lines(self.fails(1, "", "check", "--json", "bad.yml").out),
                         [{"checked": ["bad.yml"], "mistakes": 3, "warnings": 0}])

    def test_colours(self):
        red, yellow = "\033[1;31m", "\033[1;33m"
        self.write("bad.yml", "unknown: 3\n")
        self.write("warns.yml", ocilib.OS_YML + "trust: {}\n")
        self.assertIn(red + "bad.yml:1:1: \033[0m", self.shown("check", "bad.yml", code=1))
        self.assertIn("warning: \033[0m", self.shown("check", "warns.yml"))
        self.assertIn(yellow, self.shown("check", "warns.yml"))
        for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            self.assertNotIn("\033[", self.shown("check", "bad.yml", code=1, **env))


class LastLine(Case):
    """tools/last-line, which `make` uses."""
    TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "last-line")
    COMMAND = ["sh", "-c", "echo first; echo 0123456789 >&2; exit 3"]

    def test_on_a_terminal(self):
        data, code = terminallib.run([self.TOOL, "log", *self.COMMAND], self.env, self.dir, 8)
        self.assertEqual(code, 3)
        self.assertEqual(data.replace(b"\r\n", b"\n"), b"\r\x1b[Kfirst\r\x1b[K0123456\r\x1b[K")
        with open(self.path("log"), encoding="utf-8") as f:
            self.assertEqual(f.read(), "first\n0123456789\n")

    def test_elsewhere(self):
        result = self.run_wherry("log", *self.COMMAND, program=self.TOOL)
        self.assertEqual((result.code, result.out, result.err), (3, "", ""))
        with open(self.path("log"), encoding="utf-8") as f:
            self.assertEqual(f.read(), "first\n0123456789\n")


if __name__ == "__main__":
    main()
