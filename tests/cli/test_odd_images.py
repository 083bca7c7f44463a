#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Images as other tools make them, which the specification allows, or which are about."""

import bz2
import gzip
import hashlib
import json
import lzma
import os

import ocilib
import tinyregistry
from harness import Case, main


class Odd(Case):
    def setUp(self):
        super().setUp()
        self.layout = ocilib.Layout(self.path("layout"))

    def image(self, arch="amd64", **more):
        return self.layout.image([{"bin": None, "bin/hello": arch.encode() * 100}], arch=arch, **more)

    def serve(self, *descriptors):
        """A registry with an index of these; the image's name."""
        registry = tinyregistry.Registry(self, self.layout, one=self.layout.index(list(descriptors)))
        return registry.repository + ":one"

    def test_an_odd_entry_does_not_keep_the_others_away(self):
        good, other = self.image(), self.image("s390x")
        entries = {"an empty platform": dict(other, platform={}),
                   "no os": dict(other, platform={"architecture": "s390x"}),
                   "a slash": dict(other, platform={"os": "linux", "architecture": "arm/v7"}),
                   "an unknown digest": dict(other, digest="blake3:" + "0" * 64),
                   "no type": {k: v for k, v in other.items() if k != "mediaType"}, "no descriptor": "?",
                   "not there": {k: v for k, v in dict(other, digest="sha256:" + "0" * 64).items() if k != "platform"},
                   "no image": self.layout.blob({"schemaVersion": 2, "mediaType": ocilib.MANIFEST, "layers": []},
                                                ocilib.MANIFEST)}
        for title, entry in entries.items():
            with self.subTest(title):
                name = self.serve(entry, good)
                self.ok("cache", "pull", "--platform", "linux/amd64", name)
                self.ok("cat", "--arch", "amd64", name, "bin/hello")
                # Where no platform is said, the images' configurations say it.
                name = self.serve(entry, {k: v for k, v in good.items() if k != "platform"})
                self.ok("cache", "pull", "--platform", "linux/amd64", name)
                self.ok("cat", "--arch", "amd64", name, "bin/hello")
        self.ok("cache", "verify")
        self.ok("cache", "gc")

    def test_other_words_for_a_platform(self):
        for want, have in (("linux/amd64", {"architecture": "x86_64"}), ("linux/arm64", {"architecture": "aarch64"}),
                           ("linux/arm64", {"architecture": "arm64", "variant": "8"}),
                           ("linux/arm64/v8", {"architecture": "arm64"}),
                           ("linux/arm/v7", {"architecture": "arm", "variant": "7"}),
                           ("linux/arm/v7", {"architecture": "armhf"})):
            with self.subTest(have):
                name = self.serve(dict(self.image(), platform=dict(have, os="linux")))
                self.ok("cache", "pull", "--platform", want, name)
                self.ok("cache", "export", "--platform", want, "-o", "x.tar", name)

    def test_two_images_share_a_blob_that_one_registry_does_not_have(self):
        both = [tinyregistry.Registry(self, self.layout, one=self.image()) for _ in range(2)]
        both[0].layout = ocilib.Layout(self.path("other"))
        both[0].layout.blob(ocilib.read(self.layout.blob_path(both[0].tags["one"]["digest"])), ocilib.MANIFEST)
        names = [r.repository + ":one" for r in both]
        result = self.fails(1, names[0], "cache", "pull", *names)
        self.assertNotIn(names[1], result.err)
        self.assertEqual([line.split()[0] for line in self.ok("cache", "ls").out.splitlines()], [names[1]])
        self.ok("cache", "verify")

    def test_a_layout_that_has_only_a_tag(self):
        self.layout.name("latest", self.image())
        self.fails(1, "--name", "cache", "import", "layout")
        self.ok("cache", "import", "--name", "example.test/a", "layout")
        self.assertIn("example.test/a:latest ", self.ok("cache", "ls").out)

    def test_platforms_without_an_index(self):
        for arch in "amd64", "arm64":
            self.layout.name("example.test/a:1", self.image(arch))
        self.ok("cache", "import", "layout")
        self.assertIn("linux/amd64,linux/arm64", self.ok("cache", "ls").out)
        for arch in "amd64", "arm64":
            self.assertEqual(self.ok("cat", "--arch", arch, "example.test/a:1", "bin/hello").out, arch * 100)

    def test_sha512(self):
        """An image all of whose digests are SHA-512, and one that is named by such a digest."""
        def sha512(content, media_type):
            content = content if isinstance(content, bytes) else json.dumps(content).encode()
            digest = "sha512:" + hashlib.sha512(content).hexdigest()
            self.write("layout/blobs/sha512/" + digest[7:], content)
            return {"mediaType": media_type, "digest": digest, "size": len(content)}

        tar = ocilib.layer({"bin": None, "bin/hello": b"hello" * 100})
        config = sha512({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {
            "type": "layers", "diff_ids": ["sha512:" + hashlib.sha512(tar).hexdigest()]}}, ocilib.CONFIG)
        manifest = sha512({"schemaVersion": 2, "mediaType": ocilib.MANIFEST, "config": config,
                           "layers": [sha512(tar, ocilib.LAYER)]}, ocilib.MANIFEST)
        platform = {"os": "linux", "architecture": "amd64"}
        self.layout.name("example.test/a:1", sha512({"schemaVersion": 2, "mediaType": ocilib.INDEX, "manifests": [
            dict(manifest, platform=platform), dict(manifest, digest="sha256:?")]}, ocilib.INDEX))
        self.write("layout.tar", self.layout.tar())
        pulled = self.serve(dict(manifest, platform=platform))
        for command, name in ((["cache", "import", "layout"], "example.test/a:1"),
                              (["cache", "import", "layout.tar"], "example.test/a:1"),
                              (["cache", "pull", "--platform", "linux/amd64", pulled], pulled),
                              (["cache", "pull", pulled[:-4] + "@" + manifest["digest"]],
                               pulled[:-4] + "@" + manifest["digest"])):
            with self.subTest(command):
                self.ok(*command)
                self.assertEqual(len(self.files("cache", "blobs", "sha512")), 4 if "import" in command else 3)
                self.assertEqual(self.ok("cat", "--arch", "amd64", name, "bin/hello").out, "hello" * 100)
                self.ok("cache", "verify")
                self.ok("cache", "gc")
                self.ok("cache", "export", "-o", "again.tar", name)
                self.ok("cache", "clean")
                self.assertEqual(self.files("cache", "blobs"), [])
                if "@" not in name:
                    self.ok("cache", "import", "again.tar")
                    self.ok("cache", "clean")
        victim = self.path("cache", "blobs", "sha512", manifest["digest"][7:])
        self.ok("cache", "import", "layout")
        self.write("cache/blobs/sha512/" + manifest["digest"][7:], b"?")
        self.assertIn("damaged " + manifest["digest"], self.fails(1, "damaged", "cache", "verify").out)
        self.fails(1, "has to be fetched again", "cache", "verify", "--repair")
        self.assertFalse(os.path.exists(victim))

    def test_compressed_archives(self):
        def zstd(data):
            """A frame of raw blocks (RFC 8878)."""
            blocks = [data[i:i + 0x10000] for i in range(0, len(data), 0x10000)]
            return b"\x28\xb5\x2f\xfd\x00\x58" + b"".join(
                (len(b) << 3 | (b is blocks[-1])).to_bytes(3, "little") + b for b in blocks)

        self.layout.name("example.test/a:1", self.image())
        tar = self.layout.tar()
        for pack in gzip.compress, bz2.compress, lzma.compress, zstd:
            with self.subTest(pack):
                packed = pack(tar)
                self.write("a.tar.x", packed)
                self.ok("cache", "import", "a.tar.x")
                self.ok("cache", "rm", "example.test/a:1")
                self.ok("cache", "import", "-", stdin=packed)
                self.ok("cache", "verify")
                self.ok("cache", "clean")
                self.write("a.tar.x", packed[:len(packed) * 3 // 4])
                self.fails(1, "damaged", "cache", "import", "a.tar.x")
                self.assertEqual(self.files("cache", "blobs"), [])
        self.write("a.tar.x", b"no archive")
        self.fails(1, "not a tar archive, plain or compressed", "cache", "import", "a.tar.x")


if __name__ == "__main__":
    main()
