# SPDX-License-Identifier: Apache-2.0
"""Boot an output in QEMU and talk to it: what every test of a running OS uses.

    with Boot("out/nginx", publish=["0:80"]) as vm:
        vm.wait_for(r"ready \\(\\d+ services?\\)")
        page = vm.http_get("/")
        vm.power_off()

Everything that waits has a limit in seconds. WHERRY names the program; WHERRY_TEST_ACCEL is kvm or tcg (the default).
"""
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request

WHERRY = os.environ.get("WHERRY", "wherry")
ACCEL = os.environ.get("WHERRY_TEST_ACCEL", "tcg")
# QEMU's clock drifts on a loaded machine, so limits are generous: they are for hangs, not for speed.
LIMIT = float(os.environ.get("WHERRY_TEST_LIMIT", "300"))


# What shells and firmware send to terminals, and carriage returns.
CONTROL = re.compile("\r|\x1b\\[[0-9;?]*[A-Za-z]")
CUT_OFF = re.compile("\x1b(\\[[0-9;?]*)?$")


# A line of the supervisor.
READY = re.compile(r"^\[[ \d.]+\] wherry: ready", re.M)


class BootError(AssertionError):
    pass


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def cpu_seconds(pid):
    """Of a process and of those that it has started."""
    with open("/proc/%d/stat" % pid, encoding="ascii") as f:
        user, system = f.read().rsplit(")", 1)[1].split()[11:13]
    with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as f:
        children = f.read().split()
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK") + sum(cpu_seconds(int(child)) for child in children)


class Boot:
    """A running machine. publish: guest ports, reachable at port(guest_port). ready_after: the CPU time in seconds
    until all services were there, or None. raw: what the console sent, with what a terminal acts on."""

    def __init__(self, path, publish=(), args=(), accel=None, append=None):
        self.dir = tempfile.mkdtemp(prefix="wherry-vm-")
        self.control = os.path.join(self.dir, "qmp")
        self.ports = {guest: free_port() for guest in publish}
        self.text = ""
        self.raw = b""
        self.lock = threading.Condition()
        self.seen = 0
        self.ready_after = None
        if append is not None:
            path = self._with_cmdline(path, append)
        self.started = time.monotonic()
        self.process = subprocess.Popen(self.command(path, list(args), accel or ACCEL), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def command(self, path, args, accel):
        command = [WHERRY, "run", "qemu", "--accel", accel, "--control", self.control]
        for guest, host in self.ports.items():
            command += ["--publish", "127.0.0.1:%d:%d" % (host, guest)]
        return command + args + [path]

    def _with_cmdline(self, path, append):
        """The same kernel, initrd and root with more on the kernel's command line."""
        copy = os.path.join(self.dir, "os")
        for suffix in ("-kernel", "-initrd.img", "-boot-initrd.img", "-squashfs.img", "-erofs.img", ".iso"):
            if os.path.exists(path + suffix):
                os.symlink(os.path.abspath(path + suffix), copy + suffix)
        with open(path + "-cmdline") as f, open(copy + "-cmdline", "w") as g:
            g.write(f.read().rstrip("\n") + " " + append)
        return copy

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def _read(self):
        rest = ""
        while True:
            chunk = os.read(self.process.stdout.fileno(), 65536)
            text = rest + chunk.decode("utf-8", "replace")
            # The other half comes with the next chunk.
            cut = CUT_OFF.search(text)
            rest = cut.group(0) if cut and chunk else ""
            with self.lock:
                self.raw += chunk
                self.text += CONTROL.sub("", text[:len(text) - len(rest)])
                if self.ready_after is None and READY.search(self.text):
                    self.ready_after = cpu_seconds(self.process.pid)
                self.lock.notify_all()
            if not chunk:
                return

    def console(self):
        with self.lock:
            return self.text

    def wait_for_anywhere(self, pattern, limit=LIMIT):
        """Wait until the console shows the pattern, anywhere."""
        self.seen = 0
        return self.wait_for(pattern, limit)

    def wait_for(self, pattern, limit=LIMIT):
        """Wait until the console shows the pattern, after the place of the last match."""
        end = time.monotonic() + limit
        regex = re.compile(pattern, re.M)
        with self.lock:
            while True:
                match = regex.search(self.text, self.seen)
                if match:
                    self.seen = match.end()
                    return match
                left = end - time.monotonic()
                if left <= 0 or (not self.reader.is_alive() and self.process.poll() is not None):
                    why = "in %g s" % limit if left <= 0 else "before the machine ended"
                    raise BootError("no %r %s; the console's end:\n%s"
                                    % (pattern, why, self.text[-4000:]))
                self.lock.wait(min(left, 1))

    def send(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def port(self, guest):
        return self.ports[guest]

    def http_get(self, path="/", port=80, limit=LIMIT):
        """The page, as soon as the guest answers."""
        url = "http://127.0.0.1:%d%s" % (self.port(port), path)
        end = time.monotonic() + limit
        while True:
            try:
                with urllib.request.urlopen(url, timeout=10) as answer:
                    return answer.read().decode()
            except OSError as problem:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise BootError("%s: %s; the console's end:\n%s"
                                    % (url, problem, self.console()[-4000:]))
                time.sleep(0.1)

    def qmp(self, command, **arguments):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(30)
            s.connect(self.control)
            f = s.makefile("rw")
            f.readline()
            for message in ({"execute": "qmp_capabilities"}, {"execute": command, "arguments": arguments}):
                f.write(json.dumps(message) + "\n")
                f.flush()
                while True:
                    line = f.readline()
                    if not line:
                        return {}
                    answer = json.loads(line)
                    if "return" in answer or "error" in answer:
                        break
            return answer

    def power_off(self, limit=LIMIT):
        """Press the power button and wait for the end."""
        self.qmp("system_powerdown")
        # Some machines have only a power key.
        self.qmp("send-key", keys=[{"type": "qcode", "data": "power"}])
        return self.wait_end(limit)

    def wait_end(self, limit=LIMIT):
        try:
            code = self.process.wait(limit)
        except subprocess.TimeoutExpired:
            raise BootError("the machine did not end in %g s; the console's end:\n%s"
                            % (limit, self.console()[-4000:]))
        self.reader.join(10)
        return code

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.reader.join(10)
        self.process.stdin.close()
        self.process.stdout.close()
        shutil.rmtree(self.dir, ignore_errors=True)
