# SPDX-License-Identifier: Apache-2.0
"""What every test of the command line starts from: a directory of its own, a cache of its own, and run()."""
import glob
import json
import os
import shutil
import subprocess
import tempfile
import unittest

WHERRY = os.path.abspath(os.environ.get("WHERRY", "build/src/cli/wherry"))
SANITIZED = bool(os.environ.get("WHERRY_SANITIZED"))  # built with AddressSanitizer: slow and large
TIME_LIMIT = 120
KEPT = ("PATH", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def examples():
    """The configurations in examples/, without the build.yml of what is made for them."""
    found = glob.glob(os.path.join(ROOT, "examples", "**", "*.yml"), recursive=True)
    return [path for path in found if os.path.basename(path) != "build.yml"]


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __repr__(self):
        return "exit code %d\n--- stdout\n%s\n--- stderr\n%s" % (self.code, self.out, self.err)


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="wherry test ")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.cache = self.path("cache")
        self.env = {name: os.environ[name] for name in KEPT if name in os.environ}
        self.env.update(HOME=self.dir, WHERRY_CACHE=self.cache, LC_ALL="C")
        # Nothing leaves this machine: where a test needs a registry, it starts one.
        self.env.update(HTTPS_PROXY="http://127.0.0.1:9", NO_PROXY="", CONTAINERS_REGISTRIES_CONF="/dev/null")

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def write(self, name, content, mode=0o644):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(content.encode() if isinstance(content, str) else content)
        os.chmod(path, mode)
        return path

    def start(self, *args, program=WHERRY, env=None, **more):
        more.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.Popen([program, *args], cwd=more.pop("cwd", self.dir), env={**self.env, **(env or {})},
                                stdout=more.pop("stdout", subprocess.PIPE),
                                stderr=more.pop("stderr", subprocess.PIPE), **more)

    def run_wherry(self, *args, stdin=None, **more):
        if stdin is not None:
            more["stdin"] = subprocess.PIPE
        p = self.start(*args, **more)
        try:
            out, err = p.communicate(stdin, timeout=TIME_LIMIT)
        except subprocess.TimeoutExpired:
            p.kill()
            p.communicate()
            raise
        return Result(p.returncode, (out or b"").decode("utf-8", "replace"), err.decode("utf-8", "replace"))

    def ok(self, *args, **more):
        """Run it; it must say nothing on stderr but what is going on, and end with 0."""
        result = self.run_wherry(*args, **more)
        self.assertEqual(result.code, 0, result)
        return result

    def fails(self, code, message, *args, **more):
        """Run it; it must end with this code and this part in an error message, in the one shape that errors have."""
        result = self.run_wherry(*args, **more)
        self.assertEqual(result.code, code, result)
        self.assertIn(message, result.err)
        self.assertNotIn("Sanitizer", result.err)
        return result

    def json_lines(self, text):
        return [json.loads(line) for line in text.splitlines()]

    def files(self, *names):
        """All files below a directory, sorted, as paths in it."""
        top, found = self.path(*names), []
        for directory, _, files in os.walk(top):
            found += [os.path.relpath(os.path.join(directory, f), top) for f in files]
        return sorted(found)


def main():
    unittest.main(verbosity=1)
