#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The verbs of the cache."""
import gzip
import io
import json
import os
import re
import tarfile

import ocilib
from harness import Case, main


class Cache(Case):
    NAMES = ["example.test/hello:1", "example.test/init:1", "example.test/kernel:1"]

    def setUp(self):
        super().setUp()
        self.layout = ocilib.standard(self.path("layout"))

    def names(self):
        return [line.split()[0] for line in self.ok("cache", "ls").out.splitlines()]

    def imported(self, *args):
        """The names that came in."""
        return [line.split()[0] for line in self.ok("cache", "import", *args).out.splitlines()]

    def test_import_a_directory(self):
        self.assertEqual(sorted(self.imported("layout")), self.NAMES)
        self.assertEqual(self.names(), self.NAMES)

    def test_import_a_tar_from_stdin(self):
        self.ok("cache", "import", "-", stdin=self.layout.tar())
        self.assertEqual(self.names(), self.NAMES)

    def test_import_a_compressed_tar(self):
        self.write("layout.tar.gz", gzip.compress(self.layout.tar()))
        self.ok("cache", "import", "layout.tar.gz")
        self.assertEqual(self.names(), self.NAMES)

    def test_json(self):
        imported = self.json_lines(self.ok("--json", "cache", "import", "layout").out)
        self.assertEqual(sorted(i["name"] for i in imported), self.NAMES)
        listed = self.json_lines(self.ok("cache", "ls", "--json").out)
        self.assertEqual([i["name"] for i in listed], self.NAMES)
        for image in listed:
            self.assertRegex(image["digest"], "^sha256:[0-9a-f]{64}$")

    def test_progress_as_json_goes_to_stderr(self):
        events = self.json_lines(self.ok("--json", "cache", "import", "layout").err)
        self.assertIn("end", [e.get("progress") for e in events])

    def test_quiet(self):
        self.assertEqual(self.ok("-q", "cache", "import", "layout").err, "")

    def test_remove(self):
        self.ok("cache", "import", "layout")
        before = len(self.files("cache", "blobs"))
        self.ok("cache", "rm", "example.test/hello:1")
        self.assertEqual(self.names(), self.NAMES[1:])
        self.assertLess(len(self.files("cache", "blobs")), before)
        gone = self.fails(1, "image example.test/hello:1 is not in the store", "cache", "rm", "example.test/hello:1")
        self.assertIn("hint: 'wherry cache ls' lists the images\n", gone.err)

    def test_clean(self):
        self.ok("cache", "import", "layout")
        self.ok("cache", "clean")
        self.assertEqual(self.names(), [])
        self.assertEqual(self.files("cache", "blobs"), [])

    def test_export_and_back(self):
        self.ok("cache", "import", "layout")
        before = self.ok("cache", "ls").out.splitlines()[0]
        self.ok("cache", "export", "example.test/hello:1", "-o", "hello.tar")
        self.ok("cache", "clean")
        self.ok("cache", "import", "hello.tar")
        self.assertEqual(self.ok("cache", "ls").out.splitlines(), [before])

    def test_export_one_platform(self):
        self.ok("cache", "import", "layout")
        tar = self.start("cache", "export", "--platform", "linux/arm64",
                         "example.test/hello:1").communicate(timeout=60)[0]
        with tarfile.open(fileobj=io.BytesIO(tar)) as t:
            blobs = [n for n in t.getnames() if n.startswith("blobs/sha256/")]
            index = json.load(t.extractfile("index.json"))
        self.assertEqual(len(index["manifests"]), 1)
        self.assertLess(len([b for b in blobs if len(os.path.basename(b)) == 64]), 6)

    def test_export_for_docker(self):
        self.ok("cache", "import", "layout")
        self.ok("cache", "export", "--format", "docker", "--platform", "linux/amd64", "-o", "d.tar",
                "example.test/hello:1")
        with tarfile.open(self.path("d.tar")) as t:
            self.assertEqual(json.load(t.extractfile("manifest.json"))[0]["RepoTags"], ["example.test/hello:1"])

    def test_export_under_another_name(self):
        self.ok("cache", "import", "layout")
        self.ok("cache", "export", "--name", "other:2", "-o", "x.tar", "example.test/init:1")
        self.ok("cache", "export", "--name", "other:2", "--format", "docker", "--arch", "amd64", "-o", "d.tar",
                "example.test/init:1")
        with tarfile.open(self.path("d.tar")) as t:
            self.assertEqual(json.load(t.extractfile("manifest.json"))[0]["RepoTags"], ["docker.io/library/other:2"])
        self.ok("cache", "clean")
        self.ok("cache", "import", "x.tar")
        self.fails(2, "digest", "cache", "export", "--name", "a@sha256:" + "0" * 64, "-o", "y.tar", "other:2")

    def test_import_under_another_name(self):
        self.ok("cache", "import", "layout")
        self.ok("cache", "export", "-o", "one.tar", "example.test/init:1")
        self.ok("cache", "export", "-o", "all.tar", "example.test/hello:1")
        self.ok("cache", "clean")
        for name, expected in (("third:2", "docker.io/library/third:2"), ("me/third", "docker.io/me/third:1")):
            self.assertEqual(self.imported("--name", name, "one.tar"), [expected])
        # Two platforms of one image.
        self.assertEqual(self.imported("--name", "many:3", "all.tar"), ["docker.io/library/many:3"])
        self.assertIn("arm64", self.ok("inspect", "many:3").out)
        self.assertEqual(self.ok("cache", "ls").out.count("\n"), 3)
        result = self.fails(1, "there are several images (", "cache", "import", "--name", "third:2", "layout")
        self.assertIn("wherry cache tag", result.err)
        self.fails(2, "--name is for one PATH", "cache", "import", "--name", "third:2", "one.tar", "all.tar")
        self.assertEqual(self.ok("cache", "ls").out.count("\n"), 3)

    def test_another_name(self):
        self.ok("cache", "import", "layout")
        self.assertEqual(self.ok("cache", "tag", "example.test/hello:1", "localhost/me:2").out.split()[0],
                         "localhost/me:2")
        tagged = self.json_lines(self.ok("--json", "cache", "tag", "localhost/me:2", "me").out)
        self.assertEqual([i["name"] for i in tagged], ["docker.io/library/me:latest"])
        self.ok("cache", "rm", "example.test/hello:1")
        digests = {line.split()[0]: line.split()[1] for line in self.ok("cache", "ls").out.splitlines()}
        self.assertEqual(digests["localhost/me:2"], digests["docker.io/library/me:latest"])
        self.ok("cache", "tag", "example.test/init:1", "localhost/me:2")
        digests = {line.split()[0]: line.split()[1] for line in self.ok("cache", "ls").out.splitlines()}
        self.assertEqual(digests["localhost/me:2"], digests["example.test/init:1"])
        self.fails(1, "docker.io/library/nosuch:latest is not in the store", "cache", "tag", "nosuch", "x")
        self.fails(2, "must not have a digest", "cache", "tag", "me", "x@sha256:" + "0" * 64)

    def test_an_image_of_a_similar_name(self):
        self.ok("cache", "import", "layout")
        for asked, meant in (("hello:1", "example.test/hello:1"), ("hello", "example.test/hello:1"),
                             ("example.test/hello:2", "example.test/hello:1"), ("hallo:1", None), ("test/hell:1", None),
                             ("hello:" + "0" * 40, None), ("hello@sha256:" + "0" * 64, None)):
            err = self.fails(1, "is not in the store", "inspect", asked).err
            self.assertEqual(re.findall(r"did you mean (\S+)\?\)", err), [meant] if meant else [], asked)

    def test_export_several(self):
        self.ok("cache", "import", "layout")
        names = ["example.test/hello:1", "example.test/init:1"]
        self.ok("cache", "export", "-o", "two.tar", *names)
        self.ok("cache", "export", "--format", "docker", "--arch", "amd64", "-o", "docker.tar", *names, names[0])
        self.ok("cache", "export", "--format", "oci-dir", "-o", "two", *names)
        self.write("os.yml", ocilib.OS_YML + "volumes:\n  - {name: v, image: example.test/other:1, format: oci}\n")
        self.fails(1, "image example.test/other:1 is not in the store", "cache", "export", "--for", "os.yml", "-o", "x")
        self.ok("cache", "tag", names[0], "example.test/other:1")
        self.ok("cache", "export", "--for", "os.yml", "-o", "os.tar")
        before = self.ok("cache", "ls").out.splitlines()
        self.assertNotIn("x", os.listdir(self.dir))
        with tarfile.open(self.path("two.tar")) as tar:
            self.assertEqual(len(tar.getnames()), len(set(tar.getnames())))
        for path in "two.tar", "docker.tar", "two":
            self.ok("cache", "clean")
            self.assertEqual(sorted(self.imported(path)), names)
        self.ok("cache", "clean")
        self.ok("cache", "import", "os.tar")
        self.assertEqual(self.ok("cache", "ls").out.splitlines(), before)
        self.fails(2, "--name is for one image", "cache", "export", "--name", "x", "-o", "x", *names)
        self.fails(2, "holds one image", "cache", "export", "--format", "filesystem", "-o", "x", *names)
        self.fails(2, "no image is given", "cache", "export", "-o", "x")
        result = self.fails(1, "image docker.io/library/a:latest is not", "cache", "export", "-o", "x", "a", "b")
        self.assertIn("image docker.io/library/b:latest is not", result.err)

    def test_export_to_a_directory(self):
        self.ok("cache", "import", "layout")
        self.ok("cache", "export", "--format", "oci-dir", "-o", "out", "example.test/hello:1")
        self.ok("cache", "export", "-o", "out.tar", "example.test/hello:1")
        with tarfile.open(self.path("out.tar")) as t:
            self.assertEqual(self.files("out"), sorted(t.getnames()))
            for name in t.getnames():
                with open(self.path("out", name), "rb") as f:
                    self.assertEqual(f.read(), t.extractfile(name).read())
        before = self.ok("cache", "ls").out.splitlines()[0]
        self.ok("cache", "clean")
        self.ok("cache", "import", "out")
        self.assertEqual(self.ok("cache", "ls").out.splitlines(), [before])
        self.fails(1, "out", "cache", "export", "--format", "oci-dir", "-o", "out", "example.test/hello:1")
        self.fails(2, "stdout", "cache", "export", "--format", "oci-dir", "example.test/hello:1")
        self.assertEqual([f for f in os.listdir(self.dir) if f.startswith(".")], [])

    def test_export_the_files(self):
        self.ok("cache", "import", "layout")
        self.ok("cache", "export", "--format", "filesystem", "--arch", "arm64", "-o", "f.tar", "example.test/hello:1")
        with tarfile.open(self.path("f.tar")) as t:
            self.assertEqual(t.getnames(), ["bin", "bin/hello"])
            self.assertEqual(t.extractfile("bin/hello").read(), b"arm64" * 5000)

    def test_failed_export_leaves_nothing(self):
        self.ok("cache", "import", "layout")
        self.fails(1, "riscv64", "cache", "export", "--platform", "riscv64", "-o", "x.tar", "example.test/hello:1")
        self.assertFalse(os.path.exists(self.path("x.tar")))
        self.fails(1, "riscv64", "cache", "export", "--format", "oci-dir", "--arch", "riscv64", "-o", "x",
                   "example.test/hello:1")
        self.assertEqual(sorted(os.listdir(self.dir)), ["cache", "layout"])
        self.fails(1, "no such directory/x.tar", "cache", "export", "-o", "no such directory/x.tar",
                   "example.test/hello:1")


if __name__ == "__main__":
    main()
