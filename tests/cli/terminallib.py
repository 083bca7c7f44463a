# SPDX-License-Identifier: Apache-2.0
"""A program on a terminal: what it writes, and what a screen of some size then shows."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

CONTROL = re.compile(rb"\033\[([?0-9;]*)([A-Za-z])")


class Misplaced(AssertionError):
    """The cursor is not where the program takes it to be."""


class Screen:
    """As much of a terminal as the program uses; anything else is an error. Like most of today's terminals it wraps
    what was too long again when it is resized."""

    def __init__(self, columns, rows=24):
        self.columns, self.rows = columns, rows
        self.lines, self.row, self.column = [""], 0, 0  # a line is what ends with a newline: it may take several rows
        self.widest = 0

    def height(self, line):
        return max(1, -(-len(line) // self.columns))

    def resize(self, columns):
        self.columns = columns

    def up(self, n):
        """The cursor is at the beginning of a row; the top of the screen stops it."""
        assert self.column == 0, "the cursor goes up from the middle of a line"
        below = 0
        while n > 0 and self.row > 0:
            height = self.height(self.lines[self.row - 1])
            below += height
            assert below < self.rows, "the cursor goes beyond the top of the screen"
            self.row -= 1
            n -= height
            if n < 0:
                raise Misplaced("the cursor stops inside of a line that was wrapped")

    def put(self, text):
        line = self.lines[self.row]
        self.lines[self.row] = line[:self.column] + text + line[self.column + len(text):]
        self.column += len(text)
        self.widest = max(self.widest, len(self.lines[self.row]))

    def feed(self, data):
        at = 0
        while at < len(data):
            control = CONTROL.match(data, at)
            if control:
                number, what = control.groups()
                at = control.end()
                if what == b"A":
                    self.up(int(number or 1))
                elif what == b"J":
                    assert self.column == 0
                    self.lines[self.row:] = [""]
                elif what != b"m":
                    raise AssertionError("the terminal does not know %r" % control.group())
            elif data[at:at + 1] == b"\r":
                self.column, at = 0, at + 1
            elif data[at:at + 1] == b"\n":
                self.row, self.column, at = self.row + 1, 0, at + 1
                if self.row == len(self.lines):
                    self.lines.append("")
            else:
                end = min((i for i in (data.find(c, at) for c in (b"\033", b"\r", b"\n")) if i >= 0),
                          default=len(data))
                assert end > at, "the terminal does not know %r" % data[at:at + 20]
                self.put(data[at:end].decode("utf-8", "replace"))
                at = end

    def text(self):
        return "\n".join(self.lines)


def set_size(fd, columns, rows=24):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


class Terminal:
    """A program whose stdin, stdout and stderr (or some of them) are a terminal."""

    def __init__(self, argv, env, cwd, columns=80, rows=24, which=(0, 1, 2)):
        self.columns, self.rows = columns, rows
        self.master, slave = pty.openpty()
        set_size(self.master, columns, rows)
        mode = termios.tcgetattr(slave)
        mode[1] &= ~termios.OPOST  # a newline comes out as the program wrote it
        mode[3] &= ~termios.ECHO
        termios.tcsetattr(slave, termios.TCSANOW, mode)
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.setsid()
                fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
                null = os.open(os.devnull, os.O_RDWR)
                for fd in range(3):
                    os.dup2(slave if fd in which else null, fd)
                os.chdir(cwd)
                signal.signal(signal.SIGINT, signal.SIG_DFL)
                os.execve(argv[0], argv, {"TERM": "xterm", **env})
            finally:
                os._exit(127)
        os.close(slave)
        self.data, self.code = b"", None

    def read(self, limit=120, until=None):
        """Until the program has ended, or has written something; what it wrote since the last call."""
        start, end = len(self.data), time.monotonic() + limit
        while time.monotonic() < end:
            if until and re.search(until, self.data[start:]):
                return self.data[start:]
            if not select.select([self.master], [], [], 0.2)[0]:
                continue
            try:
                part = os.read(self.master, 1 << 16)
            except OSError:  # nobody has it open any more
                part = b""
            if not part:
                return self.data[start:]
            self.data += part
        raise AssertionError("nothing for %d s after %r" % (limit, self.data[-500:]))

    def type(self, text):
        os.write(self.master, text.encode())

    def resize(self, columns, rows=24):
        """What it wrote up to the moment when the size changed."""
        start = len(self.data)
        os.kill(self.pid, signal.SIGSTOP)
        os.waitpid(self.pid, os.WUNTRACED)
        while select.select([self.master], [], [], 0)[0]:
            self.data += os.read(self.master, 1 << 16)
        set_size(self.master, columns, rows)
        os.kill(self.pid, signal.SIGCONT)
        return self.data[start:]

    def close(self):
        """The exit code."""
        if self.code is None:
            for _ in range(600):
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    self.code = os.waitstatus_to_exitcode(status)
                    break
                time.sleep(0.1)
            else:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                raise AssertionError("the program did not end")
            os.close(self.master)
        return self.code


def run(argv, env, cwd, columns=80, rows=24, which=(0, 1, 2)):
    """What it wrote to the terminal, and its exit code."""
    t = Terminal(argv, env, cwd, columns, rows, which)
    data = t.read(120)
    return data, t.close()
