# SPDX-License-Identifier: Apache-2.0
"""The program of another commit, for tools that hold this tree's against it."""
import os
import shlex
import signal
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def run(command, limit, **more):
    """A program that is ended with all its children when its time is over."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          start_new_session=True, **more) as p:
        try:
            out, err = p.communicate(timeout=limit.left())
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, signal.SIGKILL)
            raise
    return p.returncode, out, err


def must(command, limit, **more):
    code, out, err = run(command, limit, **more)
    if code:
        sys.exit("%s: exit code %d\n%s" % (shlex.join(command), code, (out + err).decode("utf-8", "replace")))
    return out.decode()


class Limit:
    def __init__(self, seconds):
        self.end = time.monotonic() + seconds

    def left(self):
        return max(1, self.end - time.monotonic())


def program_of(rev, top, limit):
    """The other program: itself, or built from a clone at that commit."""
    if os.path.isfile(rev):
        return rev
    clone = os.path.join(top, "source")
    must(["git", "clone", "-q", "--shared", "--no-checkout", ROOT, clone], limit)
    commit = must(["git", "-C", ROOT, "rev-parse", rev + "^{commit}"], limit).strip()
    must(["git", "-C", clone, "checkout", "-q", commit], limit)
    must(["meson", "setup", os.path.join(clone, "build"), clone], limit)
    return compiled(os.path.join(clone, "build"), limit)


def compiled(build, limit):
    must(["meson", "compile", "-C", build, "wherry:executable"], limit)
    return os.path.join(build, "src", "cli", "wherry")
