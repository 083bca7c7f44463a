#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""build --format oci: outputs as an artifact, which goes through caches and registries, and which `run` starts."""
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import unittest

import memoryregistry
import ocilib
from buildcase import BuildCase
from harness import main

EMPTY = "application/vnd.oci.empty.v1+json"
TYPE = "application/vnd.wherry.os.v1"
FILES = {"os-kernel": "kernel", "os-initrd.img": "initrd", "os-cmdline": "cmdline"}
RELEASE = '  - path: etc/os-release\n    contents: "ID=x\\nVERSION_ID=\\"1.2-rc1\\"\\n"\n'


def own(kind):
    return "application/vnd.wherry.%s.v1" % kind


class Artifacts(BuildCase):
    FORMAT = "oci"

    def build(self, *args, name="os.yml", arch="amd64", **more):
        return self.ok("build", "--arch", arch, *args, name, **more)

    def unpacked(self, name="os-oci.tar"):
        """The layout's files, its index and its manifest; all blobs have their digests."""
        with tarfile.open(self.path(name)) as tar:
            found = {m.name: tar.extractfile(m).read() for m in tar}
            self.assertEqual(len(found), len(tar.getmembers()))
        for path, data in found.items():
            if path.startswith("blobs"):
                self.assertEqual(path, "blobs/sha256/" + hashlib.sha256(data).hexdigest())
        self.assertEqual(json.loads(found["oci-layout"]), {"imageLayoutVersion": "1.0.0"})
        blob = lambda d: found["blobs/" + d["digest"].replace(":", "/")]
        top, = json.loads(found["index.json"])["manifests"]
        index = json.loads(blob(top))
        entry, = index["manifests"]
        return blob, index, json.loads(blob(entry))

    def artifact(self, layers, kind=TYPE, platform="amd64", name="example.test/made:1", directory="made"):
        """Import an artifact with these layers: (title, type, bytes)."""
        layout = ocilib.Layout(self.path(directory))
        descriptors = []
        for title, media_type, data in layers:
            descriptor = layout.blob(data, media_type)
            if title is not None:
                descriptor["annotations"] = {"org.opencontainers.image.title": title}
            descriptors.append(descriptor)
        manifest = layout.blob({"schemaVersion": 2, "mediaType": ocilib.MANIFEST, "artifactType": kind,
                                "config": layout.blob(b"{}", EMPTY), "layers": descriptors}, ocilib.MANIFEST)
        if platform:
            manifest = layout.index([dict(manifest, platform={"os": "linux", "architecture": platform})])
        layout.name(name, manifest)
        return self.ok("cache", "import", directory)


class Format(Artifacts):
    def test_what_kernel_and_initrd_write(self):
        self.build("--dir", "plain")
        self.build("-f", "oci", "--dir", "out")
        self.assertEqual(os.listdir(self.path("out")), ["os-oci.tar"])
        blob, index, manifest = self.unpacked("out/os-oci.tar")
        self.assertEqual(index["manifests"][0]["platform"], {"architecture": "amd64", "os": "linux"})
        self.assertEqual((manifest["artifactType"], manifest["config"]["mediaType"], blob(manifest["config"])),
                         (TYPE, EMPTY, b"{}"))
        self.assertEqual(manifest["annotations"], {"org.opencontainers.image.title": "os"})
        got = {d["annotations"]["org.opencontainers.image.title"]: (d["mediaType"], blob(d), d["size"])
               for d in manifest["layers"]}
        want = {name: self.read("plain/" + name) for name in FILES}
        self.assertEqual(got, {name: (own(FILES[name]), data, len(data)) for name, data in want.items()})

    def test_the_files_of_other_formats(self):
        got = self.build("-f", "kernel+squashfs,kernel+initrd,oci,tar")
        self.assertIn("oci has nothing of tar, which run can't start", got.err)
        blob, _, manifest = self.unpacked()
        titles = [d["annotations"]["org.opencontainers.image.title"] for d in manifest["layers"]]
        self.assertEqual(sorted(titles), sorted(n for n in os.listdir(self.dir) if n.startswith("os-") and
                                                n != "os-oci.tar"))
        for d in manifest["layers"]:
            self.assertEqual(blob(d), self.read(d["annotations"]["org.opencontainers.image.title"]))
        self.assertIn(own("root.squashfs"), [d["mediaType"] for d in manifest["layers"]])

    def test_alone_when_the_others_can_not_be_held(self):
        self.build("-f", "tar,oci")
        self.assertEqual(len(self.unpacked()[2]["layers"]), 3)

    def test_the_same_bytes(self):
        self.build("-f", "oci,kernel+squashfs")
        first = self.read("os-oci.tar")
        os.mkdir(self.path("elsewhere"))
        shutil.copy(self.path("os.yml"), self.path("elsewhere/os.yml"))
        env = dict(self.env, TZ="Asia/Tokyo", LC_ALL="C.UTF-8")
        self.build("-f", "kernel+squashfs,oci", "--fresh", "--threads", "1", "--dir", "elsewhere",
                   name="elsewhere/os.yml", umask=0o77, env=env)
        self.assertEqual(self.read("elsewhere/os-oci.tar"), first)

    def test_stdout_and_names(self):
        self.build("-f", "oci", "-o", "x.tar")
        self.assertEqual(self.unpacked("x.tar")[2]["annotations"], {"org.opencontainers.image.title": "os"})
        self.fails(1, "a file can't be called '-x-kernel' in an artifact", "build", "--arch", "amd64", "-f", "oci",
                   "--name=-x", "os.yml")
        self.assertFalse(os.path.exists(self.path("-x-oci.tar")))

    def test_the_version(self):
        self.write("os.yml", ocilib.OS_YML + RELEASE)
        self.build("-f", "oci")
        self.assertEqual(self.unpacked()[2]["annotations"], {"org.opencontainers.image.title": "os",
                                                           "org.opencontainers.image.version": "1.2-rc1"})

    def test_without_a_kernel(self):
        self.check_needs_a_kernel()

    @unittest.skipUnless(shutil.which("skopeo"), "skopeo is not installed")
    def test_skopeo_takes_it(self):
        self.build("-f", "oci")
        env = dict(self.env, XDG_RUNTIME_DIR=self.dir, TMPDIR=self.dir)

        def skopeo(*args):
            return subprocess.run(["skopeo", *args], cwd=self.dir, env=env, check=True, timeout=120,
                                  stdout=subprocess.PIPE).stdout
        blob, index, manifest = self.unpacked()
        self.assertEqual(json.loads(skopeo("inspect", "--raw", "oci-archive:os-oci.tar")), index)
        skopeo("copy", "-q", "--override-arch", "amd64", "oci-archive:os-oci.tar", "dir:copied")
        self.assertEqual(json.loads(self.read("copied/manifest.json")), manifest)
        for d in manifest["layers"] + [manifest["config"]]:
            self.assertEqual(self.read("copied/" + d["digest"][7:]), blob(d))


class Cache(Artifacts):
    def setUp(self):
        super().setUp()
        self.registry = memoryregistry.Registry()
        self.addCleanup(self.registry.stop)
        self.name = self.registry.host + "/me/os:1"

    def exported(self, *options, **more):
        self.ok("cache", "export", self.name, "-o", "export.tar", *options, **more)
        with tarfile.open(self.path("export.tar")) as tar:
            return {m.name: tar.extractfile(m).read() for m in tar if m.name.startswith("blobs")}

    def test_through_a_registry(self):
        self.build("-f", "oci")
        self.fails(1, "give it one: wherry cache import --name NAME FILE", "cache", "import", "os-oci.tar")
        self.ok("cache", "import", "--name", self.name, "os-oci.tar")
        before = self.exported()
        self.ok("cache", "push", self.name)
        other = dict(self.env, WHERRY_CACHE=self.path("other"))
        self.ok("cache", "pull", "--platform", "linux/amd64", self.name, env=other)
        self.assertEqual(self.exported(env=other), before)
        self.assertEqual(len(before), 3 + 1 + 2)
        self.fails(1, "it is not available for linux/arm64; the registry has it for linux/amd64", "cache", "pull",
                   "--platform", "linux/arm64", self.name)

    def test_the_cache_looks_after_it(self):
        self.build("-f", "oci")
        self.ok("cache", "import", "--name", self.name, "os-oci.tar")
        self.assertRegex(self.ok("cache", "ls").out, "(?m)^%s sha256:[0-9a-f]+ linux/amd64 " % self.name)
        self.assertIn("0 blobs removed", self.ok("cache", "gc").out)
        self.assertIn("all intact", self.ok("cache", "verify").out)
        inspected = self.ok("inspect", self.name).out
        self.assertRegex(inspected, "(?m)^artifact +%s$" % TYPE)
        self.assertRegex(inspected, r"(?m)sha256:\w+ [\d.]+ K?i?B %s os-kernel$" % own("kernel"))
        shown, = self.json_lines(self.ok("inspect", "--json", self.name).out)
        self.assertEqual((shown["artifactType"], [layer["title"] for layer in shown["layers"]]), (TYPE, list(FILES)))
        self.assertNotIn("diffId", shown["layers"][0])
        for args in (["ls"], ["cache", "export", "--format", "docker", "-o", "x"]):
            self.fails(1, "is an artifact, not an image of containers: its type is '%s'" % TYPE, *args, self.name)
        self.fails(1, "is an artifact", "cat", self.name, "os-kernel")
        with open(self.path("cache", "blobs", "sha256", shown["layers"][0]["digest"][7:]), "r+b") as f:
            f.write(b"x")
        self.assertIn(self.name, self.fails(1, "damaged", "cache", "verify").out)

    def test_as_an_image_of_a_configuration(self):
        self.build("-f", "oci")
        self.ok("cache", "import", "--name", "example.test/os:1", "os-oci.tar")
        self.write("bad.yml", ocilib.OS_YML.replace("example.test/init:1", "example.test/os:1"))
        got = self.fails(1, "example.test/os:1 is an artifact, not an image of containers", "build", "--offline",
                         "--arch", "amd64", "bad.yml")
        self.assertIn("bad.yml:5:", got.err)
        self.assertIn("wherry inspect --arch amd64 example.test/os:1", got.err)

    def test_one_platform_without_its_index(self):
        self.build("-f", "oci")
        self.ok("cache", "import", "--name", self.name, "os-oci.tar")
        alone = self.registry.host + "/me/alone:1"
        self.ok("cache", "push", "--platform", "linux/amd64", self.name, "--remote-name", alone)
        self.ok("cache", "pull", alone)
        self.assertRegex(self.ok("cache", "ls").out, "(?m)^%s sha256:[0-9a-f]+ any " % alone)
        self.assertIn("\nplatform    any\n", self.ok("inspect", alone).out)
        self.ok("cache", "export", "--platform", "linux/arm64", alone, "-o", "x.tar")

    def test_two_architectures_under_one_name(self):
        self.build("-f", "oci")
        self.ok("cache", "import", "--name", self.name, "os-oci.tar")
        self.ok("cache", "push", self.name)
        self.artifact([("os-kernel", own("kernel"), b"arm")], platform="arm64", name=self.name)
        got = self.fails(1, "the registry has another image of this name", "cache", "push", self.name)
        self.assertIn("keep both with --merge, or replace it with --override, which removes what it has for "
                      "linux/amd64", got.err)
        self.ok("cache", "push", "--merge", self.name)
        self.ok("cache", "pull", "--all-platforms", self.name)
        self.assertIn(" linux/amd64,linux/arm64 ", self.ok("cache", "ls").out)
        self.fails(2, "--merge and --platform are mutually exclusive", "cache", "push", "--merge", "--platform",
                   "arm64", self.name)


if __name__ == "__main__":
    main()
