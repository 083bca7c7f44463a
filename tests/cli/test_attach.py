#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""attach: a machine's supervisor asked through its ports, with a script in QEMU's place."""
import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import time
import tty

import ocilib
import standqemu
from harness import Case, TIME_LIMIT, main

SUPERVISOR = r"""
class Supervisor(Client):
    exec_id = None
    def line(self, q):
        if "do" not in q:
            if self.exec_id:
                self.frame(q)
            return
        do = q["do"]
        with open("asked", "a") as f:
            f.write(json.dumps(q, sort_keys=True) + "\n")
        if do == "list":
            self.begin(q, {"uptime-ms": 5000, "containers": [
                {"name": "web\x1b[31m", "kind": "service", "state": "ready", "pid": 7, "ms": 1000, "restarts": 0}]})
        elif do == "logs":
            self.begin(q, {"time": "T", "source": "web", "msg": "\x1b]0;x\x07hi"})
            if q["follow"]:
                return
        elif do == "stop":
            self.begin(q, {"error": "there is no container \x1b[2J" + q["name"]})
        elif do == "boot":
            self.begin(q, b"x" * (2 << 20))
        elif do == "exec":
            self.begin(q)
            self.exec_id, self.q, self.got = q["id"], q, b""
            if q["argv"][0] == "flood":
                self.say(frame(b"out", b"\x1b[2Jraw\n") + frame(b"err", b"\x1b[2Jbad\n"))
                self.exit(3)
            return
        self.end(q)
    def frame(self, q):
        if "size" in q:
            self.say(frame(b"out", b"SIZE " + q["size"].encode() + b"\r\n"))
        elif "in" in q:
            data = base64.b64decode(q["in"])
            self.got += data
            if data == b"\x03":
                self.say(frame(b"out", b"INTERRUPT\r\n"))
                self.exit(130)
                return
            if data:
                # Each byte is told twice: a hostile guest may say so.
                self.say(b'{"taken":"%d"}\n' % (2 * len(data)))
            self.say(frame(b"out", data.upper()))
            if not data:
                self.say(frame(b"err", b"%d bytes\n" % len(self.got)))
                self.exit(7)
    def exit(self, code):
        self.say(b'{"exit":%d}\n' % code)
        self.end(self.q)
        self.exec_id = None
    def hangup(self):
        with open("asked", "a") as f:
            f.write("gone\n")
"""


class Attach(Case):
    def setUp(self):
        super().setUp()
        self.write("os-kernel", ocilib.KERNEL)
        self.write("os-initrd.img", "")
        self.write("os-cmdline", "console=ttyS0")
        self.qemu = self.write("qemu", standqemu.script(SUPERVISOR), 0o755)
        self.env["XDG_STATE_HOME"] = self.path("xdg")
        self.addCleanup(self.end_all)

    def end_all(self):
        for m in self.list():
            os.kill(m["process"], signal.SIGKILL)

    def list(self):
        return self.json_lines(self.ok("run", "list", "--json").out)

    def run_detached(self):
        self.ok("run", "--detached", "--qemu", self.qemu, "--accel", "tcg", "os")

    def run_in_front(self):
        p = self.start("run", "--qemu", self.qemu, "--accel", "tcg", "os", stdin=subprocess.DEVNULL)
        self.wait_for(lambda: os.path.exists(self.path("up")))
        return p

    def wait_for(self, reached):
        for _ in range(20 * TIME_LIMIT):
            if reached():
                return
            time.sleep(0.05)
        self.fail("it did not happen")

    def asked(self):
        with open(self.path("asked"), encoding="utf-8") as f:
            return f.read()

    def test_the_verbs(self):
        self.run_detached()
        self.write("os-state/console.log", "")
        shown = self.ok("attach", "os").out
        self.assertRegex(shown, r"(?s)NAME.*web.*ready")
        self.assertEqual(self.ok("attach", "os", "list").out, shown)
        self.assertIn('"pid": 7', self.ok("attach", "os", "list", "--json").out)
        self.assertIn('"pid": 7', self.ok("--json", "attach", "os").out)
        self.assertEqual(self.ok("attach", self.path("os-state"), "logs").out, "T web: \x1b]0;x\x07hi\n")
        result = self.fails(1, "there is no container", "attach", "os", "stop", "db")
        self.assertNotIn("\x1b", result.err)
        # Its only line is too long to be one.
        self.fails(1, "the supervisor closed the connection", "attach", "os", "boot")
        self.fails(2, "unknown verb 'lst'; did you mean 'list'?", "attach", "os", "lst")
        self.fails(2, "unknown option '--x'", "attach", "os", "logs", "--x")
        self.assertIn("usage: wherry attach os logs [OPTION...]", self.ok("attach", "os", "logs", "--help").out)
        self.fails(1, "no machine other runs\n", "attach", "other")
        self.assertEqual(self.asked().count('"do": "list"'), 4)

    def test_a_program(self):
        self.run_detached()
        much = os.urandom(1 << 20)
        p = self.start("attach", "os", "exec", "web", "cat", "-x", "--json", stdin=subprocess.PIPE)
        out, err = p.communicate(much, timeout=TIME_LIMIT)
        self.assertEqual((p.returncode, err), (7, b"1048576 bytes\n"))
        self.assertEqual(out, much.upper())
        self.assertIn('"argv": ["cat", "-x", "--json"], "do": "exec"', self.asked())
        self.assertIn('"terminal": false', self.asked())
        self.assertEqual(self.ok("attach", "os", "list").out[:4], "NAME")

    def on_a_terminal(self, *args):
        """The process on a terminal of 30 x 100, and the terminal's other end."""
        controller, terminal = pty.openpty()
        self.addCleanup(os.close, controller)
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        before = termios.tcgetattr(terminal)
        p = self.start("attach", "os", *args, stdin=terminal, stdout=terminal, stderr=terminal,
                       preexec_fn=lambda: (os.setsid(), fcntl.ioctl(0, termios.TIOCSCTTY, 0)))
        return p, controller, terminal, before

    def read_until(self, fd, wanted):
        got = b""
        while wanted not in got:
            got += os.read(fd, 4096)
        return got

    def test_a_program_on_a_terminal(self):
        self.run_detached()
        p, controller, terminal, before = self.on_a_terminal("exec", "web", "sh")
        try:
            self.read_until(controller, b"SIZE 30x100\r\n")
            os.write(controller, b"ab")
            self.read_until(controller, b"AB")
            fcntl.ioctl(controller, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 50, 0, 0))
            self.read_until(controller, b"SIZE 40x50\r\n")
            # A byte for the program, and no signal.
            os.write(controller, b"\x03")
            self.read_until(controller, b"INTERRUPT\r\n")
            self.assertEqual(p.wait(timeout=TIME_LIMIT), 130)
            self.assertEqual(termios.tcgetattr(terminal)[:4], before[:4])
            self.assertIn('"terminal": true', self.asked())
        finally:
            os.close(terminal)

    def test_what_a_terminal_gets_raw(self):
        """Only the output of a program that has the terminal."""
        self.run_detached()
        for args, raw in ((("exec", "web", "flood"), True), (("logs",), False), (("list",), False)):
            p, controller, terminal, _ = self.on_a_terminal(*args)
            tty.setraw(terminal)
            self.assertEqual(p.wait(timeout=TIME_LIMIT), 3 if raw else 0)
            os.close(terminal)
            got = b""
            while True:
                try:
                    more = os.read(controller, 4096)
                except OSError:
                    break
                got += more
            self.assertEqual(got.count(b"\x1b"), 1 if raw else 0, got)
            self.assertIn({"exec": b"\\x1b[2Jbad", "logs": b"\\x1b]0;x\\x07hi", "list": b"web\\x1b[31m"}[args[0]], got)

    def test_three_at_a_time(self):
        self.run_detached()
        others = [self.start("attach", "os", "logs", "-f") for _ in range(3)]
        for p in others:
            self.assertIn(b"hi", p.stdout.readline())
        self.fails(1, "3 others are connected to os, which is all it takes\n", "attach", "os", "list")
        others[0].send_signal(signal.SIGINT)
        self.assertEqual((others[0].wait(timeout=TIME_LIMIT), others[0].communicate()[1]),
                         (130, b"wherry: interrupted\n"))
        self.wait_for(lambda: "gone" in self.asked())
        self.ok("attach", "os", "list")
        # One that is killed has no lock any more.
        others[1].kill()
        others[1].communicate()
        self.ok("attach", "os", "list")
        os.kill(self.list()[0]["process"], signal.SIGKILL)
        self.assertEqual((others[2].communicate(timeout=TIME_LIMIT)[1], others[2].returncode),
                         (b"wherry: os has ended\n", 1))

    def test_a_machine_in_the_foreground(self):
        p = self.run_in_front()
        machine, = self.list()
        self.assertEqual((machine["name"], machine["process"], machine["foreground"]), ("os", p.pid, True))
        self.assertEqual(os.stat(machine["state"]).st_mode & 0o777, 0o700)
        self.assertTrue(self.ok("run", "list").out.endswith(" (in the foreground)\n"))
        self.assertIn("web", self.ok("attach", "os").out)
        self.fails(1, "os runs in the foreground: its console is a terminal of its own\n", "run", "console", "os")
        self.fails(1, "os runs in the foreground: its console is a terminal of its own\n", "run", "logs", "os")
        self.assertEqual(self.ok("run", "stop", "os").out, "stopped os\n")
        self.assertEqual(p.wait(timeout=TIME_LIMIT), 0)
        p.communicate()
        self.assertEqual(os.listdir(self.path("xdg/wherry/machines")), [])

    def test_two_in_the_foreground(self):
        p = self.run_in_front()
        os.unlink(self.path("up"))
        q = self.run_in_front()
        self.fails(1, "several machines are called os\n", "attach", "os")
        self.assertIn("web", self.ok("attach", str(q.pid)).out)
        # What a killed one leaves is removed by the next who looks.
        q.kill()
        q.communicate()
        self.assertEqual([m["process"] for m in self.list()], [p.pid])
        self.assertEqual(os.listdir(self.path("xdg/wherry/machines")), [str(p.pid)])
        self.ok("run", "stop", "os")
        p.communicate(timeout=TIME_LIMIT)

    def test_a_machine_without_a_place(self):
        """Then nobody finds it, and it runs as well."""
        self.env["XDG_STATE_HOME"] = self.path("x" * 100)
        p = self.run_in_front()
        self.fails(1, "no machine os runs\n", "attach", "os")
        with open(self.path("up"), encoding="ascii") as f:
            os.kill(int(f.read()), signal.SIGKILL)
        p.communicate(timeout=TIME_LIMIT)

    def test_a_directory_of_others_is_refused(self):
        self.run_detached()
        os.chmod(self.path("os-state"), 0o777)
        self.fails(1, "everybody can write to the state directory", "attach", str(self.list()[0]["process"]))

    def test_completion(self):
        self.run_detached()
        def words(*typed):
            return [line.split("\t")[0] for line in self.ok("complete", "--", "attach", *typed).out.splitlines()]
        self.assertEqual(words("o"), ["os"])
        self.assertEqual(words("os", "l"), ["list", "logs"])
        self.assertEqual(words("os", "logs", "--f"), ["--follow"])
        self.assertEqual(words("os", "logs", "--j"), ["--json"])


if __name__ == "__main__":
    main()
