#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The shape of errors, JSON, terminals, closed pipes, and what a call costs."""
import fcntl
import os
import pty
import re
import statistics
import subprocess
import time
import unittest

import measurelib
import ocilib
from harness import Case, SANITIZED, WHERRY, main


class Errors(Case):
    def test_message_and_hint(self):
        result = self.fails(1, "not in the store", "cache", "rm", "example.test/none:1")
        self.assertEqual(result.out, "")
        self.assertRegex(result.err, r"^wherry: [a-z].*[^.]\n  hint: .*\n$")

    def test_json(self):
        result = self.fails(1, "", "--json", "cache", "rm", "example.test/none:1")
        error = self.json_lines(result.err)[-1]
        self.assertEqual(error["kind"], "not-found")
        self.assertIn("example.test/none:1", error["error"])
        self.assertIn("hint", error)

    def test_control_characters_are_not_passed_on(self):
        self.fails(1, r"\x1b[2J", "cache", "import", "/no\033[2J")


class Terminal(Case):
    def on_terminal(self, *args, **env):
        """What the program writes to a terminal."""
        ours, theirs = pty.openpty()
        p = self.start(*args, stdout=theirs, env={"TERM": "xterm", **env})
        os.close(theirs)
        p.stderr.close()
        p.wait(60)
        text = os.read(ours, 1 << 16).decode()
        os.close(ours)
        return text

    def stderr_on_terminal(self, *args, **env):
        ours, theirs = pty.openpty()
        pid = os.fork()
        if pid == 0:
            os.dup2(theirs, 2)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.execve(WHERRY, [WHERRY, *args], {**self.env, "TERM": "xterm", **env})
        os.close(theirs)
        text = b""
        while True:
            try:
                part = os.read(ours, 1 << 16)
            except OSError:
                break
            if not part:
                break
            text += part
        os.waitpid(pid, 0)
        os.close(ours)
        return text.decode()

    def test_colour_only_on_a_terminal_that_wants_it(self):
        words = ("cache", "rm", "example.test/none:1")
        self.assertIn("\033[", self.stderr_on_terminal(*words))
        self.assertNotIn("\033[", self.stderr_on_terminal(*words, NO_COLOR="1"))
        self.assertNotIn("\033[", self.stderr_on_terminal(*words, TERM="dumb"))
        self.assertNotIn("\033[", self.run_wherry(*words).err)

    def test_bars_come_and_go(self):
        ocilib.standard(self.path("layout"))
        words = ("cache", "import", self.path("layout"))
        text = self.stderr_on_terminal(*words)
        self.assertIn("1 running, 0 finished", text)
        self.assertTrue(text.endswith("\033[J"), repr(text))
        self.assertNotIn("running", self.stderr_on_terminal(*words, "-q"))
        self.assertNotIn("running", self.stderr_on_terminal(*words, NO_COLOR="1"))

    def test_results_are_never_coloured(self):
        self.assertNotIn("\033[", self.on_terminal("version"))


class Pipes(Case):
    def test_reader_has_gone(self):
        ours, theirs = os.pipe()
        os.close(ours)
        p = self.start("help", stdout=theirs)
        os.close(theirs)
        self.assertEqual(p.stderr.read(), b"")
        p.stderr.close()
        self.assertEqual(p.wait(60), 1)

    def test_full_disk(self):
        with open("/dev/full", "wb") as full:
            self.fails(1, "wherry: can't write to stdout: No space left on device\n", "help", stdout=full)
            ocilib.standard(self.path("layout"))
            self.ok("-q", "cache", "import", "layout")
            self.write("os.yml", ocilib.OS_YML)
            for words in (("build", "-q", "--arch", "amd64", "-o", "-", "os.yml"),
                          ("cache", "export", "example.test/hello:1")):
                self.fails(1, "wherry: can't write stdout: No space left on device\n", *words, stdout=full)

    def closed(self, *fds):
        return {"stdin": None, "stdout": None, "preexec_fn": lambda: [os.close(fd) for fd in fds]}

    def test_closed_stdout(self):
        """A result that can't be shown is an error, and none ends in /dev/null."""
        ocilib.standard(self.path("layout"))
        self.ok("-q", "cache", "import", "layout")
        self.write("os.yml", ocilib.OS_YML)
        for words in (("build", "-q", "--arch", "amd64", "-o", "-", "os.yml"), ("cache", "ls"), ("version",),
                      ("cache", "export", "example.test/hello:1"), ("cat", "example.test/hello:1", "/etc/motd")):
            self.fails(1, "wherry: can't write to stdout: it is closed\n", *words, **self.closed(1))
            self.fails(1, "wherry: can't write to stdout: it is closed\n", *words, **self.closed(0, 1))
        # What shows nothing needs none, and no other file takes its place.
        self.ok("build", "-q", "--arch", "amd64", "os.yml", **self.closed(0, 1))
        self.assertGreater(os.path.getsize(self.path("os-kernel")), 0)

    def test_closed_stdin(self):
        self.fails(1, "can't read stdin", "check", "-", **self.closed(0))
        self.assertEqual(self.ok("cache", "ls", stdin=None, preexec_fn=lambda: os.close(0)).out, "")

    def test_closed_stderr(self):
        p = self.start("cache", "rm", "example.test/none:1", preexec_fn=lambda: os.close(2))
        self.assertEqual(p.communicate(timeout=60), (b"", b""))
        self.assertEqual(p.returncode, 1)

    def test_stdout_that_does_not_wait(self):
        """The pipe is full after 4 KiB, and O_NONBLOCK: node.js and ssh hand such ones on."""
        ours, theirs = os.pipe()
        fcntl.fcntl(theirs, fcntl.F_SETPIPE_SZ, 4096)
        os.set_blocking(theirs, False)
        p = self.start("schema", stdout=theirs)
        os.close(theirs)
        text = b""
        with open(ours, "rb", buffering=0) as pipe:
            while part := pipe.read(1000):
                text += part
        self.assertEqual((p.communicate(timeout=60)[1], p.returncode), (b"", 0))
        self.assertGreater(len(text), 3 * 4096)
        self.assertEqual(text.decode(), self.ok("schema").out)

    def test_stdin_that_does_not_wait(self):
        ours, theirs = os.pipe()
        os.set_blocking(ours, False)
        p = self.start("check", "-", stdin=ours, stdout=None)
        os.close(ours)
        with self.assertRaises(subprocess.TimeoutExpired):
            p.wait(0.3)
        os.write(theirs, b"files: 1\n")
        os.close(theirs)
        self.assertIn("stdin:1", p.communicate(timeout=60)[1].decode())


@unittest.skipIf(SANITIZED, "a sanitizer makes it slow and large")
class Cost(Case):
    """Scripts and shells' completions call the program often: it must start quickly."""

    def seconds(self, *args):
        null = os.open(os.devnull, os.O_WRONLY)
        start = time.perf_counter()
        pid = os.posix_spawn(args[0], args, self.env, file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)])
        status = os.waitpid(pid, 0)[1]
        taken = time.perf_counter() - start
        os.close(null)
        self.assertEqual(status, 0)
        return taken

    def ratio(self, *args):
        true, ours = [], []
        for _ in range(100):
            true.append(self.seconds("/bin/true"))
            ours.append(self.seconds(WHERRY, *args))
        # What the machine's other work took is in the upper half.
        return statistics.quantiles(ours, n=4)[0] / statistics.quantiles(true, n=4)[0]

    def test_time(self):
        """The targets are 2 and 3, which `make bench` shows; others use the machine as well."""
        self.write("os.yml", measurelib.services(measurelib.REAL_SERVICES))
        for limit, args in (4, ["version"]), (6, ["-q", "check", self.path("os.yml")]):
            best = min(self.ratio(*args) for _ in range(3))
            self.assertLess(best, limit, "%s takes %.1f times what /bin/true takes" % (args, best))

    def test_memory(self):
        """The peak is read while it waits to write to a pipe that is full."""
        ours, theirs = os.pipe()
        fcntl.fcntl(theirs, fcntl.F_SETPIPE_SZ, 4096)
        os.write(theirs, b"x" * 4096)
        p = self.start("version", stdout=theirs)
        os.close(theirs)
        try:
            for _ in range(600):
                with open("/proc/%d/wchan" % p.pid, encoding="utf-8") as f:
                    waiting = "pipe" in f.read()
                with open("/proc/%d/status" % p.pid, encoding="utf-8") as f:
                    status = f.read()
                if waiting or re.search(r"^Name:\s+wherry\n(?:.*\n)*?State:\s+S", status, re.M):
                    break
                time.sleep(0.05)
            peak = int(re.search(r"^VmHWM:\s+(\d+) kB", status, re.M).group(1))
        finally:
            os.read(ours, 8192)
            os.close(ours)
            p.stderr.close()
            p.wait(60)
        self.assertLess(peak, 8 * 1024, "wherry version uses %d KiB" % peak)


if __name__ == "__main__":
    main()
