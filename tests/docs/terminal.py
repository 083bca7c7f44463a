# SPDX-License-Identifier: Apache-2.0
"""Types what a page tells its readers to type: in bash, in a home directory of its own.

`wherry run` gets a terminal of its own, which stays open while the following commands are typed, and is left by
Ctrl-A X before the next machine starts. What only a machine has (`service`, `poweroff`) is typed there. Machines and
`curl` are in a network of their own, where the ports that a page names are free. Everything that waits has a limit.
"""
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

LIMIT = 900
BOOT_LIMIT = 300
FETCH_LIMIT = 60
STATE = "\nstatus=$?\npwd >&9\nenv -0 >&9\nexit $status\n"
# Names that a page takes for granted lead to this machine.
HOLD = """import fcntl, socket, struct, subprocess, sys, time
with socket.socket() as s:
    fcntl.ioctl(s, 0x8914, struct.pack("16sh", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP
subprocess.run(["mount", "--bind", sys.argv[1], "/etc/hosts"], check=True)
print("up", flush=True)
time.sleep(100000)
"""
LEAVE = b"\x01x"
CONSOLE = re.compile("(service|poweroff|reboot)( |$)")
PROMPT = r"# (\x1b\[6n)?\Z"


class Network:
    """A network with nothing but a loopback interface, which has these names."""

    def __init__(self, directory, names=()):
        hosts = os.path.join(directory, "hosts")
        with open(hosts, "w", encoding="ascii") as f:
            f.write("127.0.0.1 localhost %s\n::1 localhost\n" % " ".join(names))
        user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        self.process = subprocess.Popen(["unshare", *user, "--net", "--mount", sys.executable, "-c", HOLD, hosts],
                                        stdout=subprocess.PIPE)
        if self.process.stdout.readline() != b"up\n":
            raise AssertionError("a network namespace can't be made")
        self.enter = ["nsenter", "-t", str(self.process.pid), "--net", "--mount"]
        self.enter += ["--user", "--preserve-credentials"] if user else []

    def command(self, cwd):
        """What comes before a command that is to run in it, in this directory."""
        return [*self.enter, "--wd=" + cwd]

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Machine:
    """What `wherry run` shows on its terminal."""

    def __init__(self, command, cwd, env):
        self.text = ""
        self.process, self.fd = self.start(command, cwd, env)

    @staticmethod
    def start(command, cwd, env):
        ours, theirs = pty.openpty()
        try:
            return subprocess.Popen(command, cwd=cwd, env=env, stdin=theirs, stdout=theirs, stderr=theirs,
                                    start_new_session=True), ours
        finally:
            os.close(theirs)

    def read(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # the other side is closed
            return False
        self.text += data.decode(errors="replace").replace("\r", "")
        return bool(data)

    def wait_for(self, pattern, limit=BOOT_LIMIT):
        end = time.monotonic() + limit
        while not re.search(pattern, self.text, re.M):
            if time.monotonic() > end or not self.read(1):
                raise AssertionError("no %r in:\n%s" % (pattern, self.text))

    def type(self, line):
        """Type a command at the shell's prompt; what it printed, unless it ends the machine."""
        self.wait_for(PROMPT)
        self.text = ""
        os.write(self.fd, line.encode() + b"\n")
        if line == "poweroff":
            self.wait_for("wherry: power off")
            self.end()
        else:
            self.wait_for(PROMPT)
        return self.text

    def leave(self):
        """Ctrl-A X, if it still runs; the exit code."""
        if self.process.poll() is None:
            os.write(self.fd, LEAVE)
        return self.end()

    def end(self, limit=60):
        """Its exit code, once it has ended."""
        end = time.monotonic() + limit
        while self.process.poll() is None and time.monotonic() < end:
            self.read(0.1)
        self.close()
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self.fd >= 0:
            os.close(self.fd)
        self.fd = -1


class Terminal:
    """
    A user at a bash prompt; `env` is all of the environment. Machines and curl are in `network`, and everything is if
    the terminal is `inside`.
    """

    def __init__(self, home, env, network, inside=False):
        self.cwd, self.env = home, dict(env, HOME=home, TERM="dumb")
        self.network, self.inside, self.machine = network, inside, None

    def close(self):
        if self.machine:
            self.machine.close()

    def write(self, name, text):
        path = os.path.join(self.cwd, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)

    def leave(self):
        """Leave the machine that runs, if one does."""
        if self.machine:
            code = self.machine.leave()
            if code != 0:
                raise AssertionError("the machine ended with %d:\n%s" % (code, self.machine.text))
            self.machine = None

    def boot(self, command):
        self.leave()
        self.machine = Machine([*self.network.command(self.cwd), "bash", "-c", command], self.cwd, self.env)
        self.machine.wait_for(r"wherry: ready")

    def run(self, command, limit=LIMIT):
        """What the command printed; it must succeed. Its directory and environment stay."""
        inside = self.inside or command.startswith("curl ")
        enter = self.network.command(self.cwd) if inside else []
        state, said = os.pipe()
        with open(state, "rb") as reader:
            done = subprocess.run([*enter, "bash", "-c", "exec 9>&%d\n%s%s" % (said, command, STATE)], cwd=self.cwd,
                                  env=self.env, pass_fds=[said], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, timeout=limit)
            os.close(said)
            cwd, _, env = reader.read().partition(b"\n")
        if done.returncode:
            raise AssertionError("%s: exit code %d\n%s" % (command, done.returncode, done.stdout))
        self.cwd = os.fsdecode(cwd)
        self.env = dict(os.fsdecode(item).split("=", 1) for item in env.split(b"\0") if item)
        return done.stdout

    def fetch(self, command, answer):
        """curl, until it answers: a service that was started is not always ready at once."""
        end = time.monotonic() + FETCH_LIMIT
        while True:
            try:
                said = self.run(command)
                break
            except AssertionError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.5)
        if answer not in said:
            raise AssertionError("%s: %r is not in %r" % (command, answer, said))

    def do(self, step):
        """Do one step of a page; a remark behind curl is what it must print."""
        if step.name:
            self.write(step.name, step.text)
        elif step.text.startswith(("wherry run ", "linuxkit run ")):
            self.boot(step.text)
        elif step.text.startswith("curl "):
            self.fetch(step.text, step.remark)
        elif CONSOLE.match(step.text):
            self.machine.type(step.text)
        else:
            self.run(step.text)
