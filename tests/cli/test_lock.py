#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lock files: the same images next year."""
import json
import os

import ocilib
from harness import Case, main


class Lock(Case):
    HELLO = "example.test/hello:1"

    def setUp(self):
        super().setUp()
        ocilib.standard(self.path("layout"))
        self.ok("cache", "import", "layout")
        self.write("os.yml", ocilib.OS_YML)

    def lock(self):
        with open(self.path("os.yml.lock"), encoding="utf-8") as f:
            return json.load(f)

    def change_hello(self, content=b"other"):
        """Another image under the name of an old one, as a registry gives after a new release."""
        layout = ocilib.Layout(self.path("new " + content.decode()))
        layout.name(self.HELLO, layout.index([layout.image([{"bin": None, "bin/hello": content}], arch=arch,
                                                           config={"Entrypoint": ["/bin/hello"]})
                                              for arch in ("amd64", "arm64")]))
        return layout.directory

    def build(self, *args):
        """Returns the bytes of the OS, as a tar."""
        self.ok("build", "--arch", "amd64", "-f", "tar", *args, "os.yml")
        with open(self.path("os.tar"), "rb") as f:
            return f.read()

    def digests(self):
        return {i["name"]: i["digest"] for i in self.json_lines(self.ok("cache", "ls", "--json").out)}

    def test_every_image_is_locked_with_each_of_its_platforms(self):
        self.ok("lock", "os.yml")
        lock = self.lock()
        self.assertEqual({n: i["digest"] for n, i in lock["images"].items()}, self.digests())
        self.assertEqual(sorted(lock["images"][self.HELLO]["platforms"]), ["linux/amd64", "linux/arm64"])
        self.assertEqual(list(lock["images"]), sorted(lock["images"]))

    def test_same_images_same_bytes(self):
        self.ok("lock", "os.yml")
        with open(self.path("os.yml.lock"), "rb") as f:
            first = f.read()
        self.ok("lock", "--update", "os.yml")
        with open(self.path("os.yml.lock"), "rb") as f:
            self.assertEqual(f.read(), first)

    def test_a_build_goes_by_the_lock(self):
        self.ok("lock", "os.yml")
        before = self.build()
        old = self.lock()["images"][self.HELLO]["digest"]
        self.ok("cache", "export", "-o", "old.tar", self.HELLO)
        self.ok("cache", "import", self.change_hello())
        # The name has moved on. As long as the store has the old image, a build takes that.
        self.assertNotEqual(self.digests()[self.HELLO], old)
        self.assertEqual(self.build(), before)
        self.ok("cache", "gc")
        result = self.fails(1, old, "build", "--arch", "amd64", "os.yml")
        self.assertIn("os.yml:", result.err)
        self.assertIn("--update-lock", result.err)
        self.assertIn(self.digests()[self.HELLO], result.err)
        # Import the old one, and move the name on once more.
        self.ok("cache", "import", "old.tar")
        self.ok("cache", "import", self.change_hello())
        self.assertEqual(self.build(), before)

    def test_one_platform_of_the_locked_image_is_enough(self):
        self.ok("lock", "os.yml")
        before = self.build()
        self.ok("cache", "export", "-o", "amd64.tar", "--platform", "linux/amd64", self.HELLO)
        self.ok("cache", "rm", self.HELLO)
        self.ok("cache", "import", "amd64.tar")
        self.assertEqual(self.build("--locked"), before)

    def test_a_platform_that_is_another_image(self):
        """As a merge of two lock files leaves it: a store with the one manifest would build something else."""
        self.ok("lock", "os.yml")
        lock = self.lock()
        platforms = lock["images"][self.HELLO]["platforms"]
        for wrong in platforms["linux/arm64"], "sha256:" + "0" * 64:
            lock["images"][self.HELLO]["platforms"] = {"linux/amd64": wrong, "linux/arm64": platforms["linux/arm64"]}
            self.write("os.yml.lock", json.dumps(lock))
            result = self.fails(1, "os.yml.lock has two images of %s for linux/amd64: %s" % (self.HELLO, wrong),
                                "build", "--arch", "amd64", "-f", "tar", "os.yml")
            self.assertIn("hint: make it again with: wherry lock --arch amd64 --update FILE...\n", result.err)
            self.assertFalse(os.path.exists(self.path("os.tar")))

    def test_two_names_of_one_platform(self):
        """A build takes the first of the index, whichever the lock file has first."""
        self.write("one.yml", "services:\n  - {name: hello, image: '%s'}\n" % self.HELLO)
        for first in {}, {"variant": "v8"}:
            layout = ocilib.Layout(self.path("two" + str(len(first))))
            entries = []
            for content, variant in (b"one", first), (b"two", {} if first else {"variant": "v8"}):
                image = layout.image([{"bin": None, "bin/hello": content}], arch="arm64",
                                     config={"Entrypoint": ["/bin/hello"]})
                entries.append(dict(image, platform={"os": "linux", "architecture": "arm64", **variant}))
            layout.name(self.HELLO, layout.index(entries))
            self.ok("-q", "cache", "import", layout.directory)
            self.ok("lock", "--update", "--arch", "arm64", "one.yml")
            with open(self.path("one.yml.lock"), encoding="utf-8") as f:
                self.assertEqual(json.load(f)["images"][self.HELLO]["platforms"],
                                 {"linux/arm64" + ("/v8" if first else ""): entries[0]["digest"]})
            self.ok("build", "--locked", "--arch", "arm64", "-f", "tar", "one.yml")

    def test_update(self):
        self.ok("lock", "os.yml")
        before = self.build()
        self.ok("cache", "import", self.change_hello())
        self.assertNotEqual(self.build("--update-lock"), before)
        self.assertEqual(self.lock()["images"][self.HELLO]["digest"], self.digests()[self.HELLO])
        self.build("--locked")

    def test_a_lock_keeps_what_it_has(self):
        self.ok("lock", "os.yml")
        before = self.lock()["images"]
        self.ok("cache", "import", self.change_hello())
        self.write("os.yml", ocilib.OS_YML.replace("init:\n  - example.test/init:1\n",
                                                   "init:\n  - example.test/two:1\n"))
        layout = ocilib.Layout(self.path("two"))
        layout.name("example.test/two:1", layout.image([{"init": b"two"}]))
        self.ok("cache", "import", "two")
        self.ok("lock", "os.yml")
        after = self.lock()["images"]
        self.assertEqual(after[self.HELLO], before[self.HELLO])
        self.assertIn("example.test/two:1", after)
        self.assertIn("example.test/init:1", after)
        self.ok("lock", "--update", "os.yml")
        self.assertNotIn("example.test/init:1", self.lock()["images"])
        self.assertNotEqual(self.lock()["images"][self.HELLO], before[self.HELLO])

    def import_for(self, arches, content):
        """The images of the OS, which differ between architectures: each with an index of these."""
        layout = ocilib.Layout(self.path("for %s %s" % (" ".join(arches), content)))
        for name, files in (("kernel", {"kernel": ocilib.KERNEL, "kernel.tar": ocilib.layer({})}),
                            ("init", {"init": b""}), ("hello", {})):
            layout.name("example.test/%s:1" % name, layout.index([
                layout.image([dict(files, what=(content + arch).encode())], arch=arch, config={"Cmd": ["/what"]})
                for arch in arches]))
        self.ok("cache", "import", layout.directory)

    def test_one_lock_file_is_for_all_architectures(self):
        """An image of a package is made for one after another, and so its index grows."""
        arches, first, before = ["amd64", "arm64", "riscv64"], None, {}
        build = "build", "--locked", "-f", "tar", "-o"
        self.import_for(arches[:1], "old")
        for n, arch in enumerate(arches, 1):
            self.import_for(arches[:n], "old")
            self.ok("lock", "--arch", arch, "os.yml")
            locked = self.lock()["images"]
            first = first or locked[self.HELLO]["platforms"]["linux/amd64"]
            self.assertEqual(sorted(locked[self.HELLO]["platforms"]), ["linux/" + a for a in arches[:n]])
            self.assertEqual(locked[self.HELLO]["digest"], self.digests()[self.HELLO])
            self.ok(*build, arch, "--arch", arch, "os.yml")
            with open(self.path(arch), "rb") as f:
                before[arch] = f.read()
        self.assertEqual(len(set(before.values())), 3)
        self.assertEqual(locked[self.HELLO]["platforms"]["linux/amd64"], first)
        # Others under these names change nothing, also if there are more.
        self.import_for(arches + ["s390x"], "new")
        self.ok("lock", "--arch", "s390x", "os.yml")
        self.assertEqual(self.lock()["images"], locked)
        for arch in arches:
            self.ok(*build, "again", "--arch", arch, "os.yml")
            with open(self.path("again"), "rb") as f:
                self.assertEqual(f.read(), before[arch])
        # A machine that made one only builds it by the same file.
        self.ok("cache", "rm", *self.digests())
        self.ok("cache", "gc")
        self.import_for(["arm64"], "old")
        self.ok(*build, "again", "--arch", "arm64", "os.yml")
        with open(self.path("again"), "rb") as f:
            self.assertEqual(f.read(), before["arm64"])

    def test_a_name_that_is_not_locked(self):
        self.write("os.yml", ocilib.OS_YML.replace("services:",
                                                   "onboot:\n  - name: new\n    image: example.test/init:2\n"
                                                                "    command: [/init]\nservices:"))
        self.write("old.yml", ocilib.OS_YML)
        self.ok("lock", "old.yml")
        os.rename(self.path("old.yml.lock"), self.path("os.yml.lock"))
        layout = ocilib.Layout(self.path("init2"))
        layout.name("example.test/init:2", layout.image([{"init": b"two"}]))
        self.ok("cache", "import", "init2")
        self.assertIn("example.test/init:2 is not in os.yml.lock", self.ok("build", "--arch", "amd64", "os.yml").err)
        result = self.fails(1, "example.test/init:2 is not in os.yml.lock", "build", "--locked", "--arch", "amd64",
                            "os.yml")
        self.assertIn("wherry lock", result.err)

    def test_without_a_lock_file(self):
        self.fails(1, "os.yml.lock: No such file or directory\n"
                   "  hint: create it with: wherry lock --arch amd64 FILE...\n",
                   "build", "--locked", "--arch", "amd64", "os.yml")
        self.fails(2, "stdin", "lock", "-", stdin=b"")
        self.fails(2, "stdin", "build", "--update-lock", "-", stdin=ocilib.OS_YML.encode())

    def test_a_lock_file_that_can_not_be_looked_at(self):
        """It is not taken for one that is missing: other images would be built, and it would be written anew."""
        os.symlink("os.yml.lock", self.path("os.yml.lock"))
        for words in ("build", "--arch", "amd64"), ("lock", "--offline"):
            self.fails(1, "os.yml.lock: Too many levels of symbolic links", *words, "os.yml")
        self.assertEqual(os.readlink(self.path("os.yml.lock")), "os.yml.lock")

    def test_a_pipe_instead_of_a_lock_file(self):
        os.mkfifo(self.path("os.yml.lock"))
        for words in ("build", "--arch", "amd64"), ("build", "--locked", "--arch", "amd64"), ("lock", "--offline"):
            self.fails(1, "os.yml.lock is not a regular file", *words, "os.yml")

    def test_mistakes_in_a_lock_file_have_a_place(self):
        for text, where in (("{", "os.yml.lock:1:"), ('{"version": 9}', "os.yml.lock:1:13"),
                            ('{"version": 1,\n"images": {"a": {"digest": "x", "platforms": {}}}}', "os.yml.lock:2:28")):
            self.write("os.yml.lock", text)
            result = self.fails(1, where, "build", "--arch", "amd64", "os.yml")
            self.assertIn("wherry lock --arch amd64 --update", result.err)

    def test_other_compressors(self):
        """A locked build with another version of what compresses its initrd says so; a tar is the same everywhere."""
        self.ok("lock", "--offline", "os.yml")
        with open(self.path("os.yml.lock"), encoding="utf-8") as f:
            lock = json.load(f)
        versions = self.json_lines(self.ok("version", "--json").out)[0]["compressors"]
        self.assertEqual(lock["compressors"], versions)
        build = ("build", "--offline", "--arch", "amd64", "--locked", "os.yml")
        said = self.json_lines(self.ok(*build, "--json").out)
        self.assertIn({"compressors": versions}, said)
        lock["compressors"]["libzstd"] = "1.4.0"
        self.write("os.yml.lock", json.dumps(lock))
        warning = "os.yml.lock was made with libzstd 1.4.0, and this is %s" % versions["libzstd"]
        self.assertIn(warning, self.ok(*build).err)
        self.assertNotIn("libzstd", self.ok(*build, "--compress", "gzip").err)
        self.assertNotIn("libzstd", self.ok(*build, "-f", "tar").err)
        # It stays until everything is locked anew; one of before has none.
        self.ok("lock", "--offline", "os.yml")
        with open(self.path("os.yml.lock"), encoding="utf-8") as f:
            self.assertEqual(json.load(f)["compressors"]["libzstd"], "1.4.0")
        del lock["compressors"]
        self.write("os.yml.lock", json.dumps(lock))
        self.assertNotIn("libzstd", self.ok(*build).err)
        lock["compressors"] = {"libzstd": []}
        self.write("os.yml.lock", json.dumps(lock))
        self.fails(1, "this must be a version", *build)
        self.assertIn("libzstd " + versions["libzstd"], self.ok("version", "-v", "2").out)
        self.assertNotIn("libzstd", self.ok("version").out)

    def test_builds_say_what_they_are_made_of(self):
        self.assertIn(self.digests()[self.HELLO], self.ok("build", "-v", "--arch", "amd64", "os.yml").err)
        images = [i for i in self.json_lines(self.ok("build", "--json", "--arch", "amd64", "os.yml").out)
                  if "image" in i]
        self.assertEqual({i["image"]: i["digest"] for i in images}, self.digests())
        self.ok("lock", "os.yml")
        self.assertEqual({i["manifest"] for i in images},
                         {i["platforms"]["linux/amd64"] for i in self.lock()["images"].values()})


if __name__ == "__main__":
    main()
