#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The cache and what is not the cache's: links, other programs' files, what was begun and not finished."""
import fcntl
import os

import ocilib
import tinyregistry
from harness import Case, main


class Care(Case):
    HELLO = "example.test/hello:1"

    def setUp(self):
        super().setUp()
        self.layout = ocilib.standard(self.path("layout"))

    # ---- what is not ours ----

    def test_an_ingest_that_leads_elsewhere_is_left_alone(self):
        self.ok("cache", "import", "layout")
        self.write("documents/letter", b"dear")
        self.write("documents/blob-abcdef", b"not the cache's, whatever its name")
        self.write("documents/directory/blob-abcdef", b"nor this")
        before = self.files("documents")
        os.rmdir(self.path("cache", "ingest"))
        os.symlink(self.path("documents"), self.path("cache", "ingest"))
        self.write("os.yml", ocilib.OS_YML)
        for args in (["cache", "ls"], ["cache", "du"], ["cache", "verify"], ["cache", "gc"], ["inspect", self.HELLO],
                     ["build", "os.yml"], ["cache", "import", "layout"], ["cache", "rm", self.HELLO]):
            result = self.run_wherry(*args)
            self.assertEqual(self.files("documents"), before, result)
        self.fails(1, "is a symbolic link", "cache", "import", "layout")

    def test_other_files_in_the_cache(self):
        self.ok("cache", "import", "layout")
        others = ["index.json.backup", ".wherry-notes", "pieces/letter", ".wherry-12-x"]
        ours = [".wherry-12-0", ".wherry-aB3dEf", "index.json.12-0"]
        for name in others + ours:
            os.utime(self.write("cache/" + name, b"x"), (0, 0))
        self.ok("cache", "gc")
        self.assertEqual([n for n in others + ours if os.path.exists(self.path("cache", n))], others)

    def test_a_layout_of_fifos(self):
        manifest = self.layout.blob_path(self.layout.manifests[0]["digest"])
        for name in "index.json", os.path.relpath(manifest, self.path("layout")):
            os.rename(self.path("layout", name), self.path("kept"))
            os.mkfifo(self.path("layout", name))
            self.assertIn("is not a file", self.run_wherry("cache", "import", "layout").err)
            os.rename(self.path("kept"), self.path("layout", name))

    def test_a_directory_with_an_ingest_of_its_own(self):
        self.write("cache/ingest/data/upload", b"of another program")
        self.write("cache/ingest/blob-of-mine", b"nor is this")
        before = self.files("cache", "ingest")
        for args in (["cache", "ls"], ["cache", "import", "layout"], ["cache", "gc"], ["cache", "clean"]):
            self.ok(*args)
            self.assertEqual(self.files("cache", "ingest"), before)

    def test_blobs_of_another_program_are_not_garbage(self):
        name = "cache/blobs/sha256/" + "5" * 64
        self.write(name, b"another program")
        self.fails(1, "another program", "cache", "gc")
        self.assertTrue(os.path.exists(self.path(name)))

    def test_a_damaged_manifest_keeps_all_blobs(self):
        self.ok("cache", "import", "layout")
        # Of a blob that nothing names, and those of an image that is removed: they stay as well.
        self.write("cache/blobs/sha256/" + "0" * 64, b"twelve bytes")
        index = next(i for i in self.json_lines(self.ok("cache", "ls", "--json").out)
                     if i["name"] == self.HELLO)["digest"]
        path = self.path("cache", "blobs", "sha256", index[7:])
        with open(path, "r+b") as f:
            f.write(b"[")
        before = self.files("cache", "blobs")
        result = self.fails(1, "no blob is removed", "cache", "gc")
        self.assertIn(self.HELLO, result.err)
        self.fails(1, "no blob is removed", "cache", "rm", "example.test/kernel:1")
        self.assertEqual(self.files("cache", "blobs"), before)
        # The way out of the hint.
        self.ok("cache", "rm", self.HELLO)
        self.ok("cache", "gc")
        self.assertLess(len(self.files("cache", "blobs")), len(before))
        self.ok("cache", "verify")

    # ---- what was begun ----

    def incomplete(self):
        """The layout, without the layers of arm64."""
        index = ocilib.read(self.layout.blob_path(self.layout.manifests[-1]["digest"]))
        arm64 = next(m for m in index["manifests"] if m["platform"]["architecture"] == "arm64")
        for layer in ocilib.read(self.layout.blob_path(arm64["digest"]))["layers"]:
            os.rename(self.layout.blob_path(layer["digest"]), self.path(layer["digest"][7:]))
        return arm64["digest"]

    def test_a_pull_that_fails_leaves_the_platforms_that_are_here(self):
        registry = tinyregistry.Registry(self, self.layout, one=self.layout.manifests[-1])
        name = registry.repository + ":one"
        self.ok("cache", "pull", "--platform", "linux/amd64", name)
        arm64 = self.incomplete()
        self.fails(1, "", "cache", "pull", "--all-platforms", name)
        self.assertFalse(os.path.exists(self.path("cache", "blobs", "sha256", arm64[7:])))
        self.ok("cache", "verify")
        self.ok("cache", "gc")
        self.ok("cache", "verify")
        self.ok("cache", "export", "--platform", "linux/amd64", "-o", "a.tar", name)

    def test_an_import_of_half_a_platform(self):
        self.incomplete()
        self.write("layout.tar", self.layout.tar())
        for source in "layout", "layout.tar":
            with self.subTest(source):
                self.ok("cache", "import", source)
                self.ok("cache", "verify")
                self.assertIn("linux/amd64 ", self.ok("cache", "ls").out)
                self.ok("cache", "clean")

    def test_what_a_killed_export_left_goes_with_the_next(self):
        self.ok("cache", "import", "layout")
        self.write("out/.wherry-export-abcdef/blobs/sha256/x", b"left")
        self.write("out/.wherry-export-abcdefg/x", b"not ours")
        os.mkdir(self.path("out", ".wherry-export-UVWXYZ"))
        # One that is being written stays: the process that writes it holds a lock.
        busy = os.open(self.path("out", ".wherry-export-UVWXYZ"), os.O_RDONLY)
        self.addCleanup(os.close, busy)
        fcntl.flock(busy, fcntl.LOCK_EX)
        self.ok("cache", "export", "--format", "oci-dir", "-o", "out/hello", self.HELLO)
        self.assertEqual(sorted(os.listdir(self.path("out"))),
                         [".wherry-export-UVWXYZ", ".wherry-export-abcdefg", "hello"])

    # ---- a cache of others ----

    def other_user(self):
        """Arguments for start(): a user with the right to read the cache, but not to write to it; or skip."""
        if os.geteuid() != 0:
            for directory, _, _ in os.walk(self.cache):
                os.chmod(directory, 0o555)
                self.addCleanup(os.chmod, directory, 0o755)
            return {}
        os.chmod(self.dir, 0o755)
        os.mkdir(self.path("temp"))
        os.chmod(self.path("temp"), 0o777)
        who = {"user": 65534, "group": 65534, "cwd": self.path("temp"),
               "env": {"TMPDIR": self.path("temp"), "HOME": self.path("temp")}}
        try:
            if self.run_wherry("version", **who).code:
                self.skipTest("another user can't run the program")
        except PermissionError:
            self.skipTest("another user can't run the program")
        return who

    def test_a_cache_that_may_only_be_read(self):
        self.write("os.yml", ocilib.OS_YML)
        self.ok("cache", "import", "layout")
        who = self.other_user()
        for args in (["cache", "ls"], ["cache", "verify"], ["cat", self.HELLO, "bin/hello"],
                     ["cache", "export", "--format", "filesystem", "-o", "hello.tar", self.HELLO],
                     ["build", self.path("os.yml")], ["build", "--format", "tar", self.path("os.yml")]):
            self.ok(*args, **who)
        self.fails(1, "can't", "cache", "gc", **who)


if __name__ == "__main__":
    main()
