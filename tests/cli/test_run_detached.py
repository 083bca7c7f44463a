#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run --detached, list, stop, console and logs, with a script in QEMU's place that does what QEMU does."""
import json
import os
import pty
import shutil
import signal
import stat
import time

import ocilib
from harness import Case, TIME_LIMIT, main

# It answers the console with capitals, ends at the second power-down (the first one is missed), or when told to quit.
QEMU = """#!/usr/bin/env python3
import os, re, select, socket, sys
args = sys.argv[1:]
if os.path.exists("broken"):
    sys.exit("qemu: no such machine")
chardev = args[args.index("-chardev") + 1]
def listen(text):
    s = socket.socket(socket.AF_UNIX)
    s.bind(re.search("(?:unix:|path=)([^,]*)", text).group(1))
    s.listen(1)
    return s
control, console = listen(args[args.index("-qmp") + 1]), listen(chardev)
log = open(re.search("logfile=([^,]*)", chardev).group(1), "w")
log.write("booted\\n")
log.flush()
pid = os.fork()
if pid:
    with open(args[args.index("-pidfile") + 1], "w") as f:
        f.write("%d\\n" % pid)
    sys.exit(0)
os.setsid()
null = os.open("/dev/null", os.O_RDWR)
for fd in 0, 1, 2:
    os.dup2(null, fd)
open_ones, pressed, ended = [control, console], 0, False
while not ended:
    for s in select.select(open_ones, [], [], 120)[0] or sys.exit(9):
        if s in (control, console):
            c = s.accept()[0]
            open_ones.append(c)
            continue
        try:
            data = s.recv(4096)
        except OSError: # whoever left had not read all
            data = b""
        if not data:
            open_ones.remove(s)
        elif s.getsockname() == console.getsockname():
            log.write(data.decode())
            log.flush()
            try:
                s.sendall(data.upper())
            except OSError:
                pass
        else:
            pressed += min(data.count(b"system_powerdown"), data.count(b'"send-key"'))
            ended = ended or b"quit" in data or pressed == 2 and not os.path.exists("stubborn")
for s in control, console:
    os.unlink(s.getsockname())
os.unlink(args[args.index("-pidfile") + 1])
"""


class RunDetached(Case):
    def setUp(self):
        super().setUp()
        self.write("os-kernel", ocilib.KERNEL)
        self.write("os-initrd.img", "")
        self.write("os-cmdline", "console=ttyS0")
        self.qemu = self.write("qemu", QEMU, 0o755)
        self.env["XDG_STATE_HOME"] = self.path("xdg")
        self.addCleanup(self.end_all)

    def end_all(self):
        for m in self.list():
            os.kill(m["process"], signal.SIGKILL)

    def run_detached(self, *args, **more):
        return self.ok("run", "--detached", "--qemu", self.qemu, "--accel", "tcg", *args, **more)

    def list(self):
        return self.json_lines(self.ok("run", "list", "--json").out)

    def test_an_artifact(self):
        """Its files and its state are kept in a directory of its name, by which it is found, too."""
        ocilib.standard(self.path("layout"))
        self.ok("cache", "import", "layout")
        self.write("x.yml", ocilib.OS_YML)
        self.ok("build", "--arch", "amd64", "-f", "oci", "x.yml")
        self.ok("cache", "import", "--name", "example.test/me/machine:2", "x-oci.tar")
        self.run_detached("--arch", "amd64", "example.test/me/machine:2")
        self.assertEqual([m["name"] for m in self.list()], ["machine"])
        self.assertEqual([name.split("/")[1] for name in self.files("machine-state") if name.startswith("image-")],
                         ["x-cmdline", "x-initrd.img", "x-kernel"])
        self.assertEqual(self.ok("run", "logs", "example.test/me/machine:2").out, "booted\n")
        self.assertEqual(self.ok("run", "stop", "-t", "0", "example.test/me/machine:2").out, "stopped machine\n")
        self.assertEqual(self.ok("run", "logs", "example.test/me/machine:2").out, "booted\n")
        self.run_detached("--arch", "amd64", "x-oci.tar")
        self.fails(1, "no machine other/x runs", "run", "stop", "other/x")
        self.ok("run", "stop", "-t", "0", "x-oci.tar")
        self.assertEqual(self.list(), [])

    def test_one_life(self):
        said = self.run_detached("os")
        machine, = self.list()
        self.assertEqual((machine["name"], machine["state"]), ("os", os.path.realpath(self.path("os-state"))))
        self.assertEqual(said.err, "wherry run stop os ends it; its console is in os-state\n")
        self.assertEqual(said.out, "%(process)d %(name)s %(state)s\n" % machine)
        for verb in "stop", "console", "logs":
            self.assertEqual(self.ok("complete", "--", "run", verb, "o").out, "os\t%(state)s\n" % machine)
        self.assertEqual(self.ok("run", "list").out, "%(process)d %(name)s %(state)s\n" % machine)
        self.assertEqual(stat.S_IMODE(os.stat(self.path("os-state")).st_mode), 0o700)
        result = self.fails(1, "os runs already\n", "run", "--detached", "--qemu", self.qemu, "--accel", "tcg", "os")
        self.assertIn("hint: end it with: wherry run stop os\n", result.err)
        self.assertEqual(self.ok("run", "logs", "os").out, "booted\n")
        follower = self.start("run", "logs", "-f", "os")
        self.assertEqual(self.ok("run", "stop", "--json", "os").out, '{"stopped":"os","killed":false}\n')
        self.assertEqual((follower.communicate(timeout=TIME_LIMIT)[0], follower.returncode), (b"booted\n", 0))
        self.assertEqual(self.list(), [])
        self.assertEqual(os.listdir(self.path("xdg/wherry/machines")), [])
        # What it has shown is still there, and the next one begins anew.
        self.assertEqual(self.ok("run", "logs", "os").out, "booted\n")
        result = self.fails(1, "wherry: no machine os runs\n", "run", "stop", "os")
        self.assertIn("hint: 'wherry run list' lists them\n", result.err)
        self.run_detached("os")

    def test_a_directory_of_others_is_refused(self):
        os.mkdir(self.path("os-state"))
        self.write("os-state/console.log", "theirs\n")
        self.write("os-state/qemu.pid", "1\n")
        os.chmod(self.path("os-state"), 0o777)
        problem = "wherry: everybody can write to the state directory "
        self.fails(1, problem, "run", "--detached", "--qemu", self.qemu, "--accel", "tcg", "os")
        self.fails(1, problem, "run", "stop", "os")
        if os.geteuid() == 0:
            os.chmod(self.path("os-state"), 0o755)
            os.chown(self.path("os-state"), 65534, 65534)
            self.fails(1, "os-state belongs to another user\n", "run", "--detached", "--qemu", self.qemu, "os")
            self.fails(1, "os-state belongs to another user\n", "run", "stop", "os")
        self.assertEqual(self.list(), [])

    def test_a_machine_that_cannot_be_found_again_ends(self):
        self.write("xdg/wherry", "not a directory\n")
        self.fails(1, "/xdg/wherry", "run", "--detached", "--qemu", self.qemu, "--accel", "tcg", "os")
        for _ in range(600):
            if not os.path.exists(self.path("os-state/control.sock")):
                break
            time.sleep(0.05)
        self.assertEqual(os.listdir(self.path("os-state")), ["console.log"])
        os.unlink(self.path("xdg/wherry"))

    def test_all_ways_to_name_it(self):
        os.makedirs(self.path("elsewhere"))
        for what in ("os", "os-state", self.path("os-state"), "process"):
            for where in (".", "elsewhere") if what in ("os", "process") else (".",):
                self.run_detached("os")
                what_now = str(self.list()[0]["process"]) if what == "process" else what
                self.ok("run", "stop", "-t", "0", what_now, cwd=self.path(where))
        self.run_detached("os")
        self.run_detached("--state", "b/os-state", "os")
        self.fails(1, "several machines are called os\n", "run", "stop", "os", cwd=self.path("elsewhere"))
        self.ok("run", "stop", "os", "-t", "0")
        self.assertEqual([m["state"] for m in self.list()], [os.path.realpath(self.path("b/os-state"))])

    def test_the_plug(self):
        self.write("stubborn", "")
        self.run_detached("os")
        result = self.ok("run", "stop", "--time", "1", "os")
        self.assertEqual(result.out, "stopped os\n")
        self.assertEqual(result.err, "warning: os did not end in 1 s: its plug was pulled\n")

    def test_a_machine_that_was_killed_is_no_more_listed(self):
        self.run_detached("os")
        os.kill(self.list()[0]["process"], signal.SIGKILL)
        for _ in range(600):
            if not self.list():
                break
            time.sleep(0.05)
        self.assertEqual(self.list(), [])
        for name in "console.sock", "control.sock":
            os.unlink(self.path("os-state", name))
        self.run_detached("os")
        shutil.rmtree(self.path("xdg"))
        self.assertEqual(self.list(), [])
        self.ok("run", "stop", "-t", "0", "os")

    def test_the_console(self):
        self.run_detached("os")
        p = self.start("run", "console", "os", stdin=-1)
        p.stdin.write(b"hello\n\x01x")
        p.stdin.flush()
        self.assertEqual(p.stdout.read(8), b"HELLO\n\x01X")
        controller, terminal = pty.openpty()
        try:
            os.write(controller, b"a\x01ab\x01xc")
            q = self.start("run", "console", "os", stdin=terminal)
            out, err = q.communicate(timeout=TIME_LIMIT)
        finally:
            os.close(controller)
            os.close(terminal)
        self.assertEqual((q.returncode, err), (0, b"Ctrl-A X leaves the console; the machine goes on\n"))
        self.assertTrue(out.endswith(b"\r\n"), out)
        for _ in range(600):
            with open(self.path("os-state", "console.log"), encoding="ascii") as f:
                shown = f.read()
            if shown.endswith("b"):
                break
            time.sleep(0.05)
        self.assertEqual(shown, "booted\nhello\n\x01xa\x01b")
        self.ok("run", "stop", "-t", "0", "os")
        p.communicate(timeout=TIME_LIMIT)
        self.assertEqual(p.returncode, 0)

    def test_what_is_not_possible(self):
        for option, name in ((["--gui"], "--gui"), (["--exit-on-panic"], "--exit-on-panic"),
                             (["-p", "[::1]:8080:80"], "an IPv6 address of --publish")):
            self.fails(1, name + " is not possible with --detached", "run", "-d", "--qemu", self.qemu, *option, "os")
        self.fails(1, "the name of the state directory is too long", "run", "-d", "--qemu", self.qemu, "--state",
                   "x" * 100, "os")
        del self.env["XDG_STATE_HOME"], self.env["HOME"]
        self.fails(1, "neither XDG_STATE_HOME nor HOME", "run", "-d", "--qemu", self.qemu, "--accel", "tcg", "os")
        self.env["HOME"] = self.dir
        self.write("broken", "")
        self.fails(1, "qemu: no such machine", "run", "-d", "--qemu", self.qemu, "--accel", "tcg", "os")
        self.fails(1, "no machine nothing runs\n", "run", "logs", "nothing")
        self.assertEqual(json.dumps(self.list()), "[]")


if __name__ == "__main__":
    main()
