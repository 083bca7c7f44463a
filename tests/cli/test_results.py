#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How verbs end: with a line for each thing that was done, or with an object for programs."""
import hashlib
import os
import re

import memoryregistry
import ocilib
from harness import Case, main

HELLO = "example.test/hello:1"


class Results(Case):
    def setUp(self):
        super().setUp()
        self.layout = ocilib.standard(self.path("layout"))

    def object(self, *args, **more):
        """The only object on stdout."""
        objects = self.json_lines(self.ok("--json", *args, **more).out)
        self.assertEqual(len(objects), 1, objects)
        return objects[0]

    def listed(self, name=HELLO):
        return next(i for i in self.json_lines(self.ok("cache", "ls", "--json").out) if i["name"] == name)

    def test_import(self):
        lines = self.ok("cache", "import", "layout").out.splitlines()
        self.assertEqual(len(lines), 3)
        for line in lines:
            name, digest = line.split()[:2]
            self.assertEqual(self.listed(name)["digest"], digest)
            self.assertRegex(line, r" [\d.]+ K?i?B$")
        self.assertEqual(self.ok("-q", "cache", "import", "layout").out, "")
        images = self.json_lines(self.ok("--json", "cache", "import", "layout").out)
        self.assertEqual({i["name"]: i["digest"] for i in images}, {x.split()[0]: x.split()[1] for x in lines})

    def test_pull_and_push(self):
        self.ok("-q", "cache", "import", "layout")
        registry = memoryregistry.Registry()
        self.addCleanup(registry.stop)
        name = registry.host + "/hello:1"
        pushed = self.ok("cache", "push", HELLO, "--remote-name", name).out
        self.assertEqual(pushed, "%s %s\n" % (name, registry.repository("hello").tags["1"]))
        self.assertEqual(self.ok("cache", "push", HELLO, "--remote-name", name).out,
                         pushed[:-1] + " (was there already)\n")
        self.assertEqual(self.object("cache", "push", HELLO, "--remote-name", name),
                         {"name": name, "digest": pushed.split()[1], "there": True})
        # One platform of it is another image.
        arm = self.object("cache", "push", "--arch", "arm64", HELLO, "--remote-name", name + "-arm")
        self.assertEqual((arm["digest"], arm["there"]), (registry.repository("hello").tags["1-arm"], False))
        pulled = self.ok("cache", "pull", name).out
        self.assertRegex(pulled, "^%s [\\d.]+ K?i?B\n$" % re.escape(pushed[:-1]))
        self.assertEqual(self.ok("cache", "pull", name).out, pulled[:-1] + " (was in the cache)\n")
        again = self.object("cache", "pull", name)
        self.assertEqual((again["digest"], again["cached"]), (pushed.split()[1], True))
        self.assertEqual(self.ok("-q", "cache", "pull", name).out, "")
        # Of several, those that came.
        result = self.fails(1, "can't pull", "cache", "pull", name, registry.host + "/none:1", HELLO)
        self.assertEqual(result.out, pulled[:-1] + " (was in the cache)\n")

    def size(self):
        return sum(os.path.getsize(self.path("cache", "blobs", b)) for b in self.files("cache", "blobs"))

    def test_removals(self):
        self.ok("-q", "cache", "import", "layout")
        before = self.size()
        out = self.object("cache", "rm", HELLO)
        self.assertEqual(out, {"removed": HELLO, "freed": before - self.size()})
        self.assertRegex(self.ok("cache", "rm", "example.test/init:1").out,
                         r"^removed example\.test/init:1; [\d.]+ K?i?B freed\n$")
        left = self.size()
        self.assertEqual(self.object("cache", "clean"), {"removed": 1, "freed": left})
        self.assertEqual(self.ok("cache", "clean").out, "removed 0 images; 0 B freed\n")
        self.assertEqual(self.ok("-q", "cache", "clean").out, "")

    def test_export(self):
        self.ok("-q", "cache", "import", "layout")
        text = self.ok("cache", "export", "-o", "x.tar", HELLO).out
        self.assertRegex(text, r"^x\.tar [\d.]+ K?i?B\n$")
        self.assertEqual(self.object("cache", "export", "-o", "x.tar", HELLO),
                         {"output": "x.tar", "images": [HELLO], "format": "oci",
                          "size": os.path.getsize(self.path("x.tar"))})
        self.assertEqual(self.ok("cache", "export", "--format", "oci-dir", "-o", "dir", HELLO).out, "dir\n")

    def test_build_and_lock(self):
        self.ok("-q", "cache", "import", "layout")
        self.write("os.yml", ocilib.OS_YML)
        os.mkdir(self.path("out"))
        words = ("build", "--arch", "amd64", "--dir", "out", "-f", "kernel+initrd,tar", "os.yml")
        outputs = [o for o in self.json_lines(self.ok("--json", *words).out) if "output" in o]
        self.assertEqual({os.path.basename(o["output"]): o["format"] for o in outputs},
                         {"os-kernel": "kernel+initrd", "os-initrd.img": "kernel+initrd", "os-cmdline": "kernel+initrd",
                          "os.tar": "tar"})
        for o in outputs:
            with open(o["path"], "rb") as f:
                data = f.read()
            self.assertEqual((o["size"], o["sha256"]), (len(data), hashlib.sha256(data).hexdigest()))
            self.assertEqual(o["path"], os.path.realpath(self.path(o["output"])))
        self.assertIn("os.yml.lock has 3 images", self.ok("lock", "--offline", "--arch", "amd64", "os.yml").err)

    def test_packages(self):
        self.write("pkg/build.yml", "image: p\norg: example.test/o\nfiles:\n  - {path: /a, contents: x}\n")
        words = ("pkg", "build", "--hash", "1", "pkg")
        made = self.object(*words)
        self.assertEqual(made["digest"], self.listed(made["name"])["digest"])
        self.assertEqual(made["manifest"], self.listed(made["name"])["platforms"][0]["manifest"])
        self.assertIn("%s %s " % (made["name"], made["digest"]), self.ok(*words).out)
        self.assertEqual(self.object("pkg", "show-tag", "--hash", "1", "pkg"), {"package": "pkg", "name": made["name"]})


if __name__ == "__main__":
    main()
