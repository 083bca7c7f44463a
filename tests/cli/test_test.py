#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test FILE: mistakes in the file, outcomes, time limits and Ctrl-C, with a script in QEMU's place that does what QEMU
and its guest do. vm-formats has real machines.
"""
import json
import os
import signal
import time
import xml.etree.ElementTree as ElementTree

import ocilib
from harness import Case, main

# What it does is on the kernel's command line: words, in order.
QEMU = r"""#!/usr/bin/env python3
import http.server, json, os, re, socket, sys, threading, time
args = sys.argv[1:]
words = args[args.index("-append") + 1].split()
def listen(text):
    s = socket.socket(socket.AF_UNIX)
    s.bind(re.search("(?:unix:|path=)([^,]*)", text).group(1))
    s.listen(1)
    return s
chardevs = [args[i + 1] for i, a in enumerate(args) if a == "-chardev"]
qmp = listen(args[args.index("-qmp") + 1])
console = listen(next(c for c in chardevs if "id=console" in c))
outside = listen(next(c for c in chardevs if "id=outside0" in c))
log = open(re.search("logfile=([^,]*)", " ".join(chardevs)).group(1), "w")
ports = dict((int(b), int(a)) for a, b in re.findall(r"hostfwd=tcp:127.0.0.1:(\d+)-:(\d+)", " ".join(args)))
pidfile = args[args.index("-pidfile") + 1]
pid = os.fork()
if pid:
    with open(pidfile, "w") as f:
        f.write("%d\n" % pid)
    sys.exit(0)
os.setsid()
null = os.open("/dev/null", os.O_RDWR)
for fd in 0, 1, 2:
    os.dup2(null, fd)
clients, state = [], {"web": "starting"}
def end(reason):
    while not clients:
        time.sleep(0.05)
    event = json.dumps({"event": "SHUTDOWN", "data": {"guest": True, "reason": reason}}) + "\r\n"
    for c in clients:
        c.sendall(event.encode())
    log.flush()
    os._exit(0)
def answer_qmp(c):
    c.sendall(b'{"QMP": {}}\r\n')
    while True:
        data = c.recv(4096)
        if b"capabilities" in data:
            clients.append(c)
        if b"quit" in data:
            os._exit(0)
        if b"system_powerdown" in data:
            write("button")
            end("guest-shutdown")
        if not data:
            break
def serve_qmp():
    while True:
        c = qmp.accept()[0]
        try:
            answer_qmp(c)
        except OSError:  # who only looks whether it runs is gone by now
            pass
        if c in clients:
            clients.remove(c)
def serve_console():
    while True:
        c = console.accept()[0]
        data = c.recv(4096)
        write("typed " + data.decode().strip())
def serve_outside():
    while True:
        c = outside.accept()[0]
        while True:
            data = c.recv(4096)
            if not data:
                break
            for line in data.splitlines():
                if line and "mute" not in words:
                    name = json.loads(line)["id"]
                    answer = {"containers": [{"name": n, "state": s} for n, s in state.items()]}
                    lines = {"begin": name}, answer, {"end": name}
                    text = [json.dumps(line, separators=(",", ":")) + "\n" for line in lines]
                    c.sendall(("\n" + "".join(text)).encode())
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/" else 404)
        self.end_headers()
        self.wfile.write(b"first line\nhello there\n")
    def log_message(self, *args):
        pass
def write(text):
    log.write(text + "\n")
    log.flush()
for f in serve_qmp, serve_console, serve_outside:
    threading.Thread(target=f, daemon=True).start()
if 80 in ports:
    http.server.HTTPServer.allow_reuse_address = True
    threading.Thread(target=http.server.HTTPServer(("127.0.0.1", ports[80]), Page).serve_forever, daemon=True).start()
for word in words:
    if word == "panic":
        write("[ 1.0] Kernel panic - not syncing: no reason")
    elif word == "refuse":
        write("BdsDxe: failed to load Boot0001: Access Denied\r\nBdsDxe: No bootable option or device was found.\r")
    elif word == "off":
        end("guest-shutdown")
    elif word == "restart":
        end("guest-reset")
    elif word == "ready":
        state["web"] = "ready"
    elif word == "pause":
        time.sleep(0.5)
    else:
        write("\x1b[1msays " + word + "\x1b[0m\r")
time.sleep(300)
"""
FILE = "os: [os.yml]\nrun: {qemu: ./qemu}\ntimeout: 60s\n"


def children(parent):
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % name, encoding="utf-8", errors="replace") as f:
                fields = f.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(name))
    return found


class Test(Case):
    def setUp(self):
        super().setUp()
        ocilib.standard(self.path("layout"))
        self.ok("-q", "cache", "import", "layout")
        self.write("qemu", QEMU, 0o755)
        self.env["XDG_STATE_HOME"] = self.path("xdg")
        os.mkdir(self.path("tmp"))
        self.env["TMPDIR"] = self.path("tmp")

    def os_yml(self, words):
        self.write("os.yml", ocilib.OS_YML.replace("console=ttyS0", words))

    def outcome(self, words, expect, more="", args=(), code=0):
        self.os_yml(words)
        self.write("t.yml", FILE + more + "expect:\n" + "".join("  - %s\n" % line for line in expect))
        done = self.run_wherry("test", "--json", *args, "t.yml")
        self.assertEqual(done.code, code, done)
        self.assertEqual(self.machines(), [])
        cells = self.json_lines(done.out)
        return cells[0] if len(cells) == 1 else cells

    def machines(self):
        return self.ok("run", "list").out.splitlines()

    def passes(self, words, *expect, **more):
        cell = self.outcome(words, expect, **more)
        self.assertEqual(cell["result"], "passed", cell)
        self.assertEqual(self.files("tmp"), [])

    def fails_as(self, why, line, words, *expect, **more):
        cell = self.outcome(words, expect, code=1, **more)
        self.assertEqual(cell["result"], "failed")
        self.assertRegex(cell["why"], why)
        self.assertEqual(cell.get("line"), line, cell)
        self.assertTrue(os.path.exists(cell["log"]))
        return cell

    def test_what_is_met(self):
        self.passes("one two pause ready three", "console: '^says one$'", "console: three", "services: {web: ready}",
                    "http: {port: 80, body: '^hello'}", "http: {port: 80, path: /x, status: 404}",
                    "tcp: {port: 80, send: \"GET / HTTP/1.0\\n\\n\", banner: hello}", "send: \"abc\\n\"",
                    "console: '^typed abc$'", "power-button: true", "exit: poweroff")
        self.passes("one off", "exit: poweroff")
        self.passes("one restart", "console: one", "exit: reboot")
        self.passes("panic", "exit: panic")
        self.passes("refuse", "console: 'Access Denied$'")

    def test_what_is_not_met(self):
        up = "console: says"
        cell = self.fails_as("no line of the console matches 'two'", 6, "two one", "console: one",
                             "{console: two, within: 1s}")
        self.assertEqual(cell["console"], "says no_timer_check\nsays console=ttyS0\nsays two\nsays one\n")
        self.fails_as("web is starting, not ready", 6, "one", up, "{services: {web: ready}, within: 1s}")
        self.fails_as("there is no db among: web", 6, "one", up, "{services: {db: ready}, within: 1s}")
        self.fails_as("the supervisor does not answer", 6, "mute", up, "{services: {db: ready}, within: 1s}")
        self.fails_as("the status of /x is 404, not 200", 6, "one", up, "{http: {port: 80, path: /x}, within: 2s}")
        self.fails_as("no line of / matches 'bye'", 6, "one", up, "{http: {port: 80, body: bye}, within: 2s}")
        self.fails_as("port 81 does not answer", 6, "one", up, "{http: {port: 81}, within: 1s}")
        self.fails_as("port 81 says nothing", 6, "one", up, "{tcp: {port: 81, banner: x}, within: 1s}")
        self.fails_as("the machine restarted before console: two", 5, "one restart", "console: two")
        self.fails_as("the machine switched itself off", 5, "one off", "exit: reboot")
        self.fails_as("the machine does not end: 'poweroff'", 5, "one", "{exit: poweroff, within: 1s}")
        self.fails_as("the kernel panics", 5, "one pause panic", "console: two")
        self.fails_as("the firmware starts nothing of what it finds", 5, "refuse", "console: two")
        self.fails_as("a line that 'th.ee' matches: says three", 6, "three", "console: one",
                      more="never: [th.ee]\n")
        self.fails_as("no line of the console matches 'two'", 5, "one", "{console: two, within: 1s}",
                      args=("--dir", "kept"))
        self.assertTrue(os.path.exists(self.path("kept", "0-kernel+initrd", "os-kernel")))

    def test_a_matrix_with_what_is_not_here(self):
        self.os_yml("one")
        self.write("t.yml", FILE + "matrix:\n  - {format: [kernel+initrd, kernel+squashfs], root: [initrd]}\n"
                   "  - {format: [kernel+initrd], arch: [riscv64], run: {mem: 2G}}\nexpect: [{console: one}]\n")
        listed = self.ok("test", "--dry-run", "t.yml").out.splitlines()
        self.assertEqual([line.split()[:2] for line in listed[1:]],
                         [["kernel+initrd", "initrd"], ["kernel+squashfs", "initrd"], ["kernel+initrd", "-"]])
        done = self.run_wherry("test", "--jobs", "2", "--junit", "j.xml", "t.yml")
        self.assertEqual(done.code, 1)
        self.assertRegex(done.out, r"(?m)^kernel\+initrd +initrd +direct +amd64 +\S+ s +passed$")
        self.assertRegex(done.out, r"(?m)^kernel\+squashfs +initrd .*failed$")
        self.assertRegex(done.err, "wherry: 2 of 3 failed|wherry: 1 of 3 failed")
        tree = ElementTree.parse(self.path("j.xml")).getroot()
        self.assertEqual(tree.get("tests"), "3")
        self.assertEqual([case.get("name").split()[0] for case in tree.iter("testcase")],
                         ["kernel+initrd", "kernel+squashfs", "kernel+initrd"])

    def test_what_is_skipped(self):
        self.os_yml("one")
        self.write("t.yml", "os: [os.yml]\nmatrix: [{arch: [s390x]}]\nexpect: [{console: one}]\n")
        done = self.ok("test", "--json", "t.yml")
        cell = json.loads(done.out)
        self.assertEqual(cell["result"], "skipped")
        self.assertTrue(cell["why"])
        self.fails(1, "1 of 1 were skipped", "test", "--strict", "t.yml")

    def test_architectures(self):
        """The kernel's name of one is the same, and what is none is a mistake of the file."""
        for text, name in ("aarch64", "arm64"), ("riscv64", "riscv64"), ("x86_64", "amd64"):
            self.write("t.yml", "os: [os.yml]\nmatrix: [{arch: [%s]}]\nexpect: [{console: one}]\n" % text)
            listed = self.ok("test", "--dry-run", "t.yml").out.splitlines()
            self.assertEqual(listed[1].split()[3], name)
        for text, wrong in ("mips", "unknown architecture 'mips'"), ("linux/arm64/v8", "is more than an architecture"):
            self.write("t.yml", "os: [os.yml]\nmatrix: [{arch: [%s]}]\nexpect: [{console: one}]\n" % text)
            self.fails(1, "t.yml:2:18: ", "test", "--dry-run", "t.yml")
            self.fails(1, wrong, "test", "t.yml")

    def test_mistakes(self):
        self.os_yml("one")
        self.write("t.yml", "os: [os.yml]\nbuild: {sise: 1G, dir: x, compress: zip}\nrun: {mem: lots}\n"
                   "expect: [{exit: panic}]\n")
        err = self.run_wherry("test", "t.yml").err
        self.assertIn("t.yml:2:9: 'sise' is not an option of `wherry build`; did you mean 'size'?", err)
        self.assertIn("t.yml:2:19: the option 'dir' is for the test to choose", err)
        self.assertIn("t.yml:2:37: option --compress does not accept 'zip'", err)
        self.assertIn("t.yml:3:12: option --mem needs a size", err)
        self.write("t.yml", "os: [os.yml]\nmatrix: [{format: [tra]}]\nexpect: [{exit: panic}]\n")
        self.fails(1, "t.yml:2:20: option --format does not accept 'tra'", "test", "t.yml")
        # All at once: of the file, of options, and of the matrix; what can't be run is one.
        self.write("t.yml", "os: [os.yml]\n"
                   "matrix: [{format: [tra, tar, raw], arch: [vax]}, {root: [x], run: {mem: a}}]\n"
                   "expect: [{exit: soon}]\nbuild: {name: [[a]]}\n")
        for more in [], ["--dry-run"]:
            err = self.fails(1, "`wherry run` boots no machine of format tar", "test", *more, "t.yml").err
            self.assertEqual([line.split(": ")[0] for line in err.splitlines() if line[0] != " "],
                             ["t.yml:2:20", "t.yml:2:25", "t.yml:2:43", "t.yml:2:58", "t.yml:2:73", "t.yml:3:17",
                              "t.yml:4:9", "t.yml:4:16"])
        # Those of the OS's own files end it, at their place.
        self.write("os.yml", "services: [{name: a}]\n")
        self.write("t.yml", FILE + "expect: [{exit: panic}]\n")
        self.fails(1, "os.yml:1:12: services[0] has no 'image'", "test", "t.yml")
        self.assertEqual(self.files("tmp"), [])

    def wait_for(self, is_so):
        end = time.monotonic() + 60
        while not is_so() and time.monotonic() < end:
            time.sleep(0.1)
        self.assertTrue(is_so())

    def start_two(self):
        self.os_yml("one")
        self.write("t.yml", FILE + "matrix: [{format: [kernel+initrd, kernel+initrd]}]\nexpect: [{console: two}]\n")
        process = self.start("test", "--jobs", "2", "t.yml")
        self.wait_for(lambda: len(self.machines()) == 2)
        return process

    def test_ctrl_c_ends_the_machines(self):
        process = self.start_two()
        process.send_signal(signal.SIGINT)
        err = process.communicate(timeout=60)[1].decode()
        self.assertEqual((process.returncode, err.splitlines()[-1]), (130, "wherry: interrupted"))
        self.assertEqual(self.machines(), [])
        self.assertEqual(self.files("tmp"), [])

    def test_kill_ends_the_machines(self):
        process = self.start_two()
        # What guards a machine is a process as well.
        self.wait_for(lambda: len(children(process.pid)) == 2)
        process.kill()
        process.communicate(timeout=60)
        self.wait_for(lambda: not self.machines())


if __name__ == "__main__":
    main()
