# SPDX-License-Identifier: Apache-2.0
"""Every format that exists, built once for a program of tests: what all of them must hold is looked at in its outputs.
A new format is among them by itself.
"""
import json
import os
import re
import shutil
import subprocess
import tempfile
import time

import images
from elsewhere import Elsewhere

OS = os.path.join("tests", "vm", "formats-os.yml")
LIMIT = 1800
HOLDERS = ("oci",)  # they hold what the others write


def formats():
    """Their names, as the help has them."""
    done = subprocess.run([images.WHERRY, "help", "--json", "build"], stdout=subprocess.PIPE, check=True, timeout=60)
    for line in done.stdout.splitlines():
        verb = json.loads(line)
        if verb["verb"] == "build":
            return next(o["choices"] for o in verb["options"] if o["name"] == "format")
    raise AssertionError("no verb build")


def environment(**more):
    return dict(os.environ, WHERRY_CACHE=images.CACHE, **more)


def run(*args, **more):
    return subprocess.run([images.WHERRY, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=environment(), timeout=LIMIT, cwd=images.ROOT, check=False, **more)


class Group:
    """Formats that can be built together, the directory where they are, and of that build the lines and seconds."""

    def __init__(self, names, out, done, seconds=0.0):
        self.names, self.out, self.seconds = names, out, seconds
        self.outputs = [line for line in map(json.loads, done.stdout.splitlines()) if "output" in line]
        self.events = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]

    def pieces(self):
        """Names of those that were made, in order; each in all the encodings that its formats have."""
        return sorted(e["name"] for e in self.events if e.get("progress") == "end" and e["what"] == "part")


def build_groups(directory, names, *args):
    """These formats, but not of other architectures, in as few groups as can be: who write the same file go apart, and
    who hold the others.
    """
    left, found = names, []
    while left:
        names = [name for name in left if name not in HOLDERS] or list(left)
        later, options = [name for name in left if name not in names], args
        out = os.path.join(directory, "first-%d" % len(found))
        os.mkdir(out)
        while True:
            started = time.monotonic()
            done = run("build", "--json", "--fresh", "--dir", out, "--format", ",".join(names), *options, OS)
            other = re.search(r"format (\S+) is for ", done.stderr)
            clash = re.search(r"formats (\S+) and (\S+) both write", done.stderr)
            if other:
                names.remove(other[1])
            elif clash:
                names.remove(clash[2])
                later.append(clash[2])
            elif options and "is for none of these formats" in done.stderr:
                options = ()
            else:
                break
        if done.returncode:
            raise AssertionError(done.stderr)
        found.append(Group(names, out, done, time.monotonic() - started))
        left = later
    return found


class Outputs(Elsewhere):
    OPTIONS = ()

    @classmethod
    def setUpClass(cls):
        images.make_packages()
        images.plain()
        cls.first = tempfile.mkdtemp(prefix="wherry-outputs-", dir=os.environ.get("TMPDIR", "/var/tmp"))
        cls.addClassCleanup(shutil.rmtree, cls.first, True)
        cls.groups = build_groups(cls.first, formats(), *cls.OPTIONS)

    def out(self, name):
        path = os.path.join(self.dir, name)
        os.mkdir(path)
        return path

    def build(self, out, names, *args):
        done = run("build", "--dir", out, "--format", ",".join(names), *args, OS)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done
