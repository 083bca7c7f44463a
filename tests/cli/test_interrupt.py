#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C and kill at random moments: no partial output, nothing left over, and the store stays good."""
import os
import random
import re
import shutil
import signal
import subprocess
import time

import ocilib
from harness import Case, main

OUTPUTS = ["os-cmdline", "os-initrd.img", "os-kernel"]
ROUNDS = 200 if os.environ.get("WHERRY_SOAK") else 12


class Interrupt(Case):
    def setUp(self):
        super().setUp()
        self.random = random.Random(1)
        layout = ocilib.standard(self.path("layout"))
        bytes_of = self.random.randbytes
        layout.name("example.test/large:1", layout.image(
            [{"f%d" % i: bytes_of(1 << 20) for i in range(8)}, {"g%d" % i: bytes_of(1000) for i in range(500)}]))
        self.write("os.yml", ocilib.OS_YML.replace("example.test/hello:1", "example.test/large:1"))
        os.mkdir(self.path("out"))
        os.mkdir(self.path("tmp"))
        self.env["TMPDIR"] = self.path("tmp")

    def stopped(self, number, within, *args):
        """Run it and send a signal after a random time; the exit code and what it said."""
        p = self.start(*args)
        time.sleep(self.random.uniform(0, within))
        p.send_signal(number)
        err = p.communicate(timeout=120)[1].decode()
        return p.returncode, err

    def time_of(self, *args):
        started = time.monotonic()
        self.ok(*args)
        return (time.monotonic() - started) * 1.1

    def clean_outputs(self):
        for name in self.files("out"):
            os.unlink(self.path("out", name))

    def test_build(self):
        words = ("build", "-q", "--arch", "amd64", "--dir", "out", "os.yml")
        self.ok("-q", "cache", "import", "layout")
        within = self.time_of(*words)
        whole = {name: self.digest("out", name) for name in OUTPUTS}
        for i in range(ROUNDS):
            self.clean_outputs()
            number = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)[i % 3]
            code, err = self.stopped(number, within, *words)
            self.assertIn(code, (0, 128 + number, -signal.SIGKILL, -number), err)
            if code == 128 + number:
                self.assertEqual(err, "wherry: interrupted\n")
                self.assertEqual(self.files("out"), [])
            for name in self.files("out"):
                # Of a kill -9 in the moment of renaming.
                if number == signal.SIGKILL and re.fullmatch(r"\.wherry-\d+-\d+", name):
                    continue
                self.assertEqual(self.digest("out", name), whole[name])
            self.assertEqual(self.files("tmp"), [])
        self.ok(*words)
        self.assertEqual({name: self.digest("out", name) for name in OUTPUTS}, whole)

    def test_build_of_directories(self):
        """They are made when all that goes there is complete: none is left empty, even by kill -9."""
        words = ("build", "-q", "--arch", "amd64", "-f", "pxe,firecracker", "--dir", "new/out", "os.yml")
        whole = ["os-firecracker/initrd.img", "os-firecracker/vm.json", "os-firecracker/vmlinux", "os-pxe/boot.ipxe",
                 "os-pxe/initrd.img", "os-pxe/kernel"]
        self.ok("-q", "cache", "import", "layout")
        within, empty = self.time_of(*words, "--fresh"), 0
        for i in range(ROUNDS):
            shutil.rmtree(self.path("new"), ignore_errors=True)
            number = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)[i % 3]
            p = self.start(*words, "--fresh")
            time.sleep(self.random.uniform(0, within))
            for _ in range(1 + i % 2):
                p.send_signal(number)
            err = p.communicate(timeout=120)[1].decode()
            self.assertIn(p.returncode, (0, 128 + number, -number), err)
            found = [name for name in self.files("new/out") if not re.search(r"/\.wherry-\d+-\d+$", name)]
            if p.returncode == 0:
                self.assertEqual(found, whole)
            elif number != signal.SIGKILL and not i % 2:
                self.assertFalse(os.path.exists(self.path("new")))
            empty += not found and os.path.exists(self.path("new/out/os-pxe"))
            self.assertEqual(self.files("tmp"), [])
        # In the moment of renaming.
        self.assertLessEqual(empty, ROUNDS // 10)

    def test_import(self):
        within = self.time_of("-q", "cache", "import", "layout")
        for i in range(ROUNDS):
            self.ok("cache", "clean")
            number = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)[i % 3]
            code, err = self.stopped(number, within, "-q", "cache", "import", "layout")
            self.assertIn(code, (0, 128 + number, -signal.SIGKILL, -number), err)
            # All images or none, and what is named is whole.
            listed = self.ok("cache", "ls").out.splitlines()
            self.assertIn(len(listed), (0, 4))
            for line in listed:
                self.ok("cache", "export", line.split()[0], "-o", "x.tar")
        self.ok("-q", "cache", "import", "layout")
        self.ok("build", "-q", "--arch", "amd64", "--dir", "out", "os.yml")

    def test_second_signal_ends_at_once(self):
        """Where the orderly way is stuck: it waits for stdin."""
        p = self.start("build", "-", stdin=-1)
        self.wait_for_handler(p.pid, signal.SIGINT)
        self.end(p, signal.SIGINT)

    def test_ignored_signals_stay_ignored(self):
        """Those of nohup and of a job in the background; the others end it."""
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            other = signal.SIGTERM if number != signal.SIGTERM else signal.SIGINT
            p = self.start("build", "-", stdin=-1, preexec_fn=lambda n=number: signal.signal(n, signal.SIG_IGN))
            self.wait_for_handler(p.pid, other)
            p.send_signal(number)
            with self.assertRaises(subprocess.TimeoutExpired):
                p.wait(0.2)
            self.end(p, other)

    def end(self, p, number):
        """One signal is enough while it waits, a second one in the moment before."""
        for _ in range(2):
            p.send_signal(number)
            try:
                p.wait(1)
                break
            except subprocess.TimeoutExpired:
                pass
        self.assertEqual(p.wait(60), 128 + number)
        p.communicate()

    def wait_for_handler(self, pid, number):
        for _ in range(1200):
            with open("/proc/%d/status" % pid, encoding="utf-8") as f:
                caught = int(re.search(r"^SigCgt:\s*(\w+)", f.read(), re.M).group(1), 16)
            if caught & 1 << (number - 1):
                return
            time.sleep(0.05)
        self.fail("no handler for signal %d" % number)

    def digest(self, *names):
        with open(self.path(*names), "rb") as f:
            return hash(f.read())


if __name__ == "__main__":
    main()
