#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The state of the cache: du, verify, gc."""
import fcntl
import os

import ocilib
import tinyregistry
from harness import Case, main


class Upkeep(Case):
    HELLO = "example.test/hello:1"

    def setUp(self):
        super().setUp()
        self.layout = ocilib.standard(self.path("layout"))
        self.ok("cache", "import", "layout")

    def blob(self, digest):
        return self.path("cache", "blobs", "sha256", digest.split(":")[1])

    def listed(self, name=HELLO):
        return next(i for i in self.json_lines(self.ok("cache", "ls", "--json").out) if i["name"] == name)

    def layers(self, platform):
        """The digests of the layers of hello for a platform."""
        manifest = next(p["manifest"] for p in self.listed()["platforms"] if p["platform"] == platform)
        return [d["digest"] for d in ocilib.read(self.blob(manifest))["layers"]]

    def flip(self, digest):
        path = self.blob(digest)
        os.chmod(path, 0o644)
        with open(path, "r+b") as f:
            byte = f.read(1)
            f.seek(0)
            f.write(bytes([byte[0] ^ 1]))

    # ---- ls, du ----

    def test_ls_shows_platforms_and_sizes(self):
        image = self.listed()
        self.assertEqual([p["platform"] for p in image["platforms"]], ["linux/amd64", "linux/arm64"])
        self.assertIn("linux/amd64,linux/arm64", self.ok("cache", "ls").out)
        index = os.path.getsize(self.blob(image["digest"]))
        # One layer is empty but for a whiteout, and the same for both.
        shared = os.path.getsize(self.blob(self.layers("linux/amd64")[1]))
        self.assertEqual(image["size"], index + sum(p["size"] for p in image["platforms"]) - shared)

    def test_ls_shows_only_the_platforms_that_are_here(self):
        self.ok("cache", "export", "--platform", "linux/arm64", "-o", "a.tar", self.HELLO)
        self.ok("cache", "rm", self.HELLO)
        self.ok("cache", "import", "a.tar")
        self.assertEqual([p["platform"] for p in self.listed()["platforms"]], ["linux/arm64"])

    def test_du(self):
        layout = ocilib.standard(self.path("second"))
        layout.name("example.test/again:1", next(m for m in layout.manifests if "init" in str(m)))
        self.ok("cache", "import", "second")
        use = self.json_lines(self.ok("cache", "du", "--json").out)
        whole = use.pop()
        by_name = {u["name"]: u for u in use}
        self.assertEqual(by_name["example.test/again:1"]["unique"], 0)
        self.assertEqual(by_name["example.test/again:1"]["total"], by_name["example.test/init:1"]["total"])
        self.assertEqual(by_name[self.HELLO]["shared"], 0)
        self.assertEqual(by_name[self.HELLO]["total"], self.listed()["size"])
        on_disk = sum(os.path.getsize(self.path("cache", "blobs", b)) for b in self.files("cache", "blobs"))
        self.assertEqual(whole, {"total": on_disk, "unused": 0, "pieces": 0})
        self.assertIn("in total", self.ok("cache", "du").out)

    # ---- gc ----

    def test_gc_removes_what_nothing_names(self):
        before = self.files("cache", "blobs")
        self.layout.blob(b"not an image's", "text/plain")
        name = "0" * 64
        self.write("cache/blobs/sha256/" + name, b"twelve bytes")
        self.write("cache/ingest/blob-abcdef", b"half")
        self.write("cache/index.json.123-0", b"half")
        self.assertEqual(self.json_lines(self.ok("cache", "du", "--json").out)[-1]["unused"], 12)
        self.assertEqual(self.json_lines(self.ok("cache", "gc", "--json").out),
                         [{"blobs": 1, "size": 12, "pieces": 0, "pieces_size": 0}])
        self.assertEqual(self.files("cache", "blobs"), before)
        self.assertEqual(self.files("cache", "ingest"), [])
        self.assertFalse(os.path.exists(self.path("cache", "index.json.123-0")))
        self.assertIn("0 blobs", self.ok("cache", "gc").out)

    def test_gc_waits_for_others_but_not_for_ever(self):
        self.write("cache/blobs/sha256/" + "0" * 64, b"twelve bytes")
        with open(self.path("cache", "lock"), "ab") as f:
            fcntl.flock(f, fcntl.LOCK_SH)
            self.fails(1, "other processes are using the store", "cache", "gc")
        self.assertIn("1 blob removed", self.ok("cache", "gc").out)

    # ---- verify ----

    def test_verify_when_all_is_well(self):
        self.assertIn("all intact", self.ok("cache", "verify").out)
        whole = self.json_lines(self.ok("cache", "verify", "--json").out)
        self.assertEqual(whole, [{"blobs": 14, "pieces": 0, "size": whole[0]["size"], "problems": 0}])

    def test_verify_lists_what_is_damaged_and_what_needs_it(self):
        layer = self.layers("linux/amd64")[0]
        self.flip(layer)
        self.write("cache/blobs/sha256/" + "0" * 64, b"twelve bytes")
        result = self.fails(1, "2 files of the store are damaged", "cache", "verify", "--json")
        found = self.json_lines(result.out)
        self.assertEqual(found.pop()["problems"], 2)
        self.assertEqual(found, [
            {"blob": "sha256:" + "0" * 64, "problem": "damaged", "images": []},
            *sorted([{"blob": layer, "problem": "damaged", "images": [self.HELLO]}], key=lambda p: p["blob"])])
        # A swapped layer is found by a build, too.
        self.write("os.yml", ocilib.OS_YML)
        self.fails(1, layer, "build", "--arch", "amd64", "os.yml")
        self.assertEqual([f for f in os.listdir(self.dir) if f.startswith("os-")], [])

    def test_repair_removes_what_is_damaged_and_an_import_restores_it(self):
        layer = self.layers("linux/amd64")[0]
        self.flip(layer)
        self.fails(1, "has to be fetched again", "cache", "verify", "--repair")
        self.assertFalse(os.path.exists(self.blob(layer)))
        self.assertIn("missing " + layer + " " + self.HELLO, self.fails(1, "missing", "cache", "verify").out)
        self.ok("cache", "import", "layout")
        self.ok("cache", "verify")

    def test_repair_of_what_is_not_needed(self):
        self.write("cache/blobs/sha256/" + "0" * 64, b"twelve bytes")
        self.ok("cache", "verify", "--repair")
        self.ok("cache", "verify")

    def test_missing_parts(self):
        for victim in (self.listed()["digest"], self.layers("linux/arm64")[0]):
            os.unlink(self.blob(victim))
            self.assertIn("missing " + victim, self.fails(1, "missing", "cache", "verify").out)
            self.ok("cache", "import", "layout")
        # A platform that is not here as a whole is none that is missing, as long as another one is here.
        manifests = [p["manifest"] for p in self.listed()["platforms"]]
        os.unlink(self.blob(manifests[0]))
        self.ok("cache", "verify")
        os.unlink(self.blob(manifests[1]))
        self.fails(1, "missing", "cache", "verify")

    # ---- what a registry has, too ----

    def test_published_only(self):
        hello = next(m for m in self.layout.manifests if "hello" in str(m))
        repository = tinyregistry.Registry(self, self.layout, same=hello, other=self.layout.manifests[0]).repository
        for tag in ("same", "other", "none"):
            self.layout.name(repository + ":" + tag, hello)
        self.ok("cache", "import", "layout")
        result = self.ok("cache", "rm", "--published-only", repository + ":none", repository + ":other")
        self.assertEqual(result.err.count("stays"), 2)
        self.assertEqual(len(self.ok("cache", "ls").out.splitlines()), 6)
        result = self.ok("cache", "clean", "--published-only")
        names = [line.split()[0] for line in self.ok("cache", "ls").out.splitlines()]
        self.assertEqual(names, sorted([repository + ":none", repository + ":other", self.HELLO, "example.test/init:1",
                                        "example.test/kernel:1"]))
        self.ok("cache", "verify")
        self.fails(1, "not in the store", "cache", "rm", "--published-only", "nothing")


if __name__ == "__main__":
    main()
