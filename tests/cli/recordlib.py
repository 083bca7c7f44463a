# SPDX-License-Identifier: Apache-2.0
"""Run tests of the command line and write down what wherry did instead of judging it, for tools/compare-commits.

    WHERRY=PROGRAM recordlib.py OUT TOPIC...

OUT gets a JSON list: each run of wherry with its test, arguments, exit code, stdout, stderr and the files that it wrote
in the test's directory. A test goes on whatever it thinks of a result, so that both programs are asked the same.
"""
import functools
import gzip
import hashlib
import importlib
import io
import json
import os
import random
import subprocess
import sys
import types
import unittest

import harness

HERE = "@DIR@"
TEXT_MAX = 1 << 16
runs = []


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def state(top, leave_out=()):
    """{path: what changes when a file is written} of all files and symlinks below a directory, kept pieces aside."""
    found = {}
    for where, dirs, files in os.walk(top):
        dirs[:] = sorted(d for d in dirs if os.path.join(where, d) not in leave_out and d != "pieces")
        for name in files + [d for d in dirs if os.path.islink(os.path.join(where, d))]:
            path = os.path.join(where, name)
            about = os.lstat(path)
            found[os.path.relpath(path, top)] = (about.st_ino, about.st_mtime_ns, about.st_size)
    return found


def digest(path):
    if os.path.islink(path):
        return "-> " + os.readlink(path).replace(harness.WHERRY, "wherry")
    if not os.path.isfile(path):
        return "no regular file"
    with open(path, "rb") as f:
        return sha256(f.read())


def digests(top, before=None, leave_out=()):
    """{path: digest} of the files that were written since state() gave `before`."""
    now = state(top, leave_out)
    return {path: digest(os.path.join(top, path)) for path in sorted(now) if now[path] != (before or {}).get(path)}


def shown(data, top):
    """Output as it is recorded: text, or the digest of what is not text or is long."""
    data = (data or b"").replace(top.encode(), HERE.encode())
    try:
        text = data.decode() if len(data) <= TEXT_MAX else None
    except UnicodeDecodeError:
        text = None
    return "sha256:" + sha256(data) if text is None else text


class Program(subprocess.Popen):
    """A run of wherry that is written down when its output has been read."""
    case = None

    def __init__(self, *args, **kwargs):
        self.before = self.state()
        super().__init__(*args, **kwargs)

    @classmethod
    def left_out(cls):
        return {cls.case.cache, cls.case.path(".local")}

    def state(self):
        return state(self.case.dir, self.left_out())

    def communicate(self, *args, **kwargs):
        out, err = super().communicate(*args, **kwargs)
        case = self.case
        args = [str(a).replace(case.dir, HERE).replace(case.dir.lstrip("/"), HERE) for a in self.args[1:]]
        runs.append({"test": case.id(), "args": args, "code": self.returncode, "stdout": shown(out, case.dir),
                     "stderr": shown(err, case.dir), "files": digests(case.dir, self.before, self.left_out())})
        return out, err


def without_judgement(assertion):
    @functools.wraps(assertion)
    def judged(self, *args, **kwargs):
        try:
            return assertion(self, *args, **kwargs)
        except AssertionError:
            return None
    return judged


def note_case(method):
    @functools.wraps(method)
    def noted(self, *args, **kwargs):
        Program.case = self
        return method(self, *args, **kwargs)
    return noted


def main(out, topics):
    # The inputs are the same each time.
    gzip.time = types.SimpleNamespace(time=lambda: 0)
    os.urandom = random.Random(0).randbytes
    harness.subprocess = types.SimpleNamespace(**vars(subprocess))
    harness.subprocess.Popen = Program
    harness.Case.start = note_case(harness.Case.start)
    for name in dir(unittest.TestCase):
        if name.startswith("assert") and name not in ("assertRaises", "assertRaisesRegex", "assertLogs", "assertNoLogs",
                                                      "assertWarns", "assertWarnsRegex"):
            setattr(harness.Case, name, without_judgement(getattr(unittest.TestCase, name)))
    suite = unittest.TestSuite()
    for topic in topics:
        suite.addTests(unittest.defaultTestLoader.loadTestsFromModule(importlib.import_module("test_" + topic)))
    unittest.TextTestRunner(stream=io.StringIO()).run(suite)
    with open(out, "w", encoding="utf-8") as f:
        json.dump(runs, f)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
