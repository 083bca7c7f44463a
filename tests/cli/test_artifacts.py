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

import cdlib
import memoryregistry
import ocilib
from buildcase import BuildCase
from harness import main
from registrycase import RegistryCase

EMPTY = "application/vnd.oci.empty.v1+json"
TYPE = "application/vnd.wherry.os.v1"
FILES = {"os-kernel": "kernel", "os-initrd.img": "initrd", "os-cmdline": "cmdline"}
RELEASE = '  - path: etc/os-release\n    contents: "ID=x\\nVERSION_ID=\\"1.2-rc1\\"\\n"\n'

SECTOR = b"boot".ljust(510, b"\0") + b"\x55\xaa"


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
        self.fails(1, "is an artifact, not an image of containers: its type is '%s'" % TYPE, "cache", "export",
                   "--format", "docker", "-o", "x", self.name)
        # What lists files shows the OS in it.
        self.assertIn("init\n", self.ok("ls", self.name).out)
        self.assertEqual(self.ok("cat", self.name, "boot/cmdline").out, "console=ttyS0")
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


class Peers(RegistryCase):
    def test_skopeo_and_a_real_registry(self):
        """What skopeo sends is pulled, and what is pushed skopeo fetches: the same blobs."""
        registry = self.registry()
        sent, pushed = registry.host + "/me/sent:1", registry.host + "/me/pushed:1"
        self.write("os.yml", ocilib.OS_YML)
        self.ok("-q", "cache", "import", "layout")
        self.ok("build", "--arch", "amd64", "-f", "oci", "os.yml")
        self.skopeo("copy", "-q", "--all", "--dest-tls-verify=false", "oci-archive:os-oci.tar", "docker://" + sent)
        self.ok("cache", "pull", "--platform", "linux/amd64", sent)
        with tarfile.open(self.path("os-oci.tar")) as tar:
            blobs = {m.name: tar.extractfile(m).read() for m in tar if m.name.startswith("blobs")}
        self.assertEqual({n: data for n, data in self.exported(sent).items() if n.startswith("blobs")}, blobs)
        self.ok("cache", "push", sent, "--remote-name", pushed)
        self.skopeo("copy", "-q", "--override-arch", "amd64", "--src-tls-verify=false", "docker://" + pushed,
                    "dir:back")
        back = [name for name in self.files("back") if len(name) == 64]
        self.assertEqual(len(back), len(FILES) + 1)
        for name in back:
            with open(self.path("back", name), "rb") as f:
                self.assertEqual(f.read(), blobs["blobs/sha256/" + name])


class Run(Artifacts):
    """With a stand-in for QEMU, which shows its arguments and the files."""
    def setUp(self):
        super().setUp()
        self.tmp = self.path("tmp")
        os.mkdir(self.tmp)
        self.env["TMPDIR"] = self.tmp
        self.write("qemu", "#!/bin/sh\nfor a; do echo \"$a\"; done\n"
                   "for f in \"$TMPDIR\"/*/image-*/*; do\n    echo \"$(sha256sum <\"$f\") $(basename \"$f\")\"\n"
                   "done\n", 0o755)

    def run_os(self, *args, **more):
        return self.ok("run", "--qemu", self.path("qemu"), "--accel", "tcg", *args, **more)

    def refused(self, code, message, *args, **more):
        got = self.fails(code, message, "run", "--qemu", self.path("qemu"), "--accel", "tcg", *args, **more)
        self.assertEqual((os.listdir(self.tmp), got.out), ([], ""))
        return got

    def blobs(self):
        """The bytes of all blobs of the cache."""
        found = {}
        for name in self.files("cache", "blobs"):
            found[name] = self.read("cache/blobs/" + name)
            self.assertEqual(os.stat(self.path("cache/blobs", name)).st_nlink, 1)
        return found

    def test_from_the_cache_the_file_and_a_registry(self):
        self.build("-f", "kernel+initrd,oci")
        registry = memoryregistry.Registry()
        self.addCleanup(registry.stop)
        name = registry.host + "/me/os:1"
        self.ok("cache", "import", "--name", name, "os-oci.tar")
        self.ok("cache", "push", name)
        os.mkdir(self.path("elsewhere"))
        shutil.move(self.path("os-oci.tar"), self.path("elsewhere"))
        blobs = self.blobs()
        for operand, more in (name, {}), ("elsewhere/os-oci.tar", {}), (name, {"WHERRY_CACHE": self.path("other")}):
            got = self.run_os("--arch", "amd64", operand, env=more).out
            self.assertRegex(got, r"-kernel\n%s/wherry-\w+/image-[0-9a-f]{12}/os-kernel\n-initrd\n"
                             r"\S.*/os-initrd.img\n-append\nno_timer_check console=ttyS0\n" % self.tmp)
            for file in FILES:
                self.assertIn("%s  - %s\n" % (hashlib.sha256(self.read(file)).hexdigest(), file), got)
            self.assertEqual(os.listdir(self.tmp), [])
        self.assertEqual(self.blobs(), blobs)

    def test_a_file_that_has_a_name(self):
        """As `cache export` writes it; and what is said of a file's content names the file."""
        self.artifact([("a.iso", own("iso"), cdlib.image()), ("a-kernel", own("kernel"), ocilib.KERNEL)])
        self.ok("cache", "export", "example.test/made:1", "-o", "made-oci.tar")
        self.assertIn("/a.iso\n", self.run_os("--iso", "made-oci.tar").out)
        self.refused(1, "wherry: made-oci.tar: localhost/os:latest is not available for linux/arm64", "--arch", "arm64",
                     "made-oci.tar")
        self.refused(1, "wherry: made-oci.tar: nothing to boot: there is no ", "--root", "squashfs",
                     "made-oci.tar")
        shutil.copy(self.path("made-oci.tar"), self.path("renamed.tar"))
        self.refused(1, "hint: if it is of --format oci, call it renamed-oci.tar", "renamed.tar")

    def test_a_name_that_the_cache_has(self):
        self.build("-f", "oci", "--name", "machine")
        self.ok("cache", "import", "--name", "machine", "machine-oci.tar")
        self.assertIn("/machine-kernel\n", self.run_os("machine").out)
        self.assertIn("/machine-kernel\n", self.run_os("--kernel", "docker.io/library/machine").out)
        self.assertIn("machine:latest\n", self.ok("complete", "run", "mach").out)
        self.assertNotIn("example.test", self.ok("complete", "run", "").out)
        # Outputs come first, and what is only the beginning of their names is looked for nowhere.
        self.write("machine-kernel", ocilib.KERNEL)
        self.write("machine-initrd.img", b"")
        self.assertIn("\nmachine-kernel\n", self.run_os("machine").out)
        self.refused(1, "nothing to boot: there is no nginx-kernel", "nginx")
        self.refused(1, "nothing to boot: there is no out/nginx-kernel", "out/nginx")
        os.mkdir(self.path("a.b"))
        self.refused(1, "nothing to boot: there is no a.b/nginx-kernel", "a.b/nginx")
        got = self.refused(1, "can't pull 127.0.0.1:1/nginx", "127.0.0.1:1/nginx")
        self.assertIn("hint: nothing here is called so: it was taken for the name of an image", got.err)

    def test_a_disk_and_what_the_machine_writes(self):
        disk = SECTOR + bytes(1 << 20) + b"end"
        self.artifact([("os.img", own("disk.raw"), disk)])
        blobs = self.blobs()
        got = self.run_os("example.test/made:1")
        self.assertIn("what the machine writes to its disk is forgotten; --state DIR keeps it", got.err)
        self.assertRegex(got.out, r"format=raw,snapshot=on,file=%s/wherry-\w+/image-\w+/os.img\n" % self.tmp)
        got = self.run_os("--state", "kept", "example.test/made:1")
        path = got.out.split("format=raw,file=")[1].split("\n")[0]
        self.assertTrue(path.startswith("kept/image-"))
        self.assertEqual(self.read(path), disk)
        self.assertLess(os.stat(self.path(path)).st_blocks * 512, 1 << 20)
        with open(self.path(path), "r+b") as f:
            f.write(b"mine")
        self.assertIn(path, self.run_os("--state", "kept", "example.test/made:1").out)
        self.assertEqual(self.read(path), b"mine" + disk[4:])
        self.assertEqual(self.blobs(), blobs)
        os.mkdir(self.path("open"))
        os.chmod(self.path("open"), 0o777)
        self.refused(1, "everybody can write to the state directory open", "--state", "open", "example.test/made:1")
        self.assertEqual(os.listdir(self.path("open")), [])
        self.artifact([("os.img", own("disk.raw"), disk + b"new")], directory="again")
        self.assertNotIn(path, self.run_os("--state", "kept", "example.test/made:1").out)
        self.assertEqual(self.read(path), b"mine" + disk[4:])

    def test_which_file_is_started(self):
        kernel = [("a-kernel", own("kernel"), ocilib.KERNEL), ("a-initrd.img", own("initrd"), b"")]
        disk, cd = ("a.img", own("disk.raw"), SECTOR), ("a.iso", own("iso"), cdlib.image())
        for number, (layers, args, want) in enumerate((
                ([cd, disk] + kernel, [], "/a-kernel\n"), ([cd, disk], [], "/a.img\n"),
                ([disk, cd], ["--iso"], "/a.iso\n"), ([cd], [], "/a.iso\n"))):
            self.artifact(layers, directory="made%d" % number)
            self.assertIn(want, self.run_os(*args, "example.test/made:1").out)
        self.artifact(kernel + [("x", "application/x.new.v9", b"x"), (None, "application/x.new.v9", b"y")],
                      platform="arm64", directory="more")
        got = self.run_os("--qemu", self.path("qemu"), "example.test/made:1")
        self.assertIn("a layer of the unknown type application/x.new.v9 is left out", got.err)
        self.assertNotIn(" x\n", got.out)

    def test_artifacts_that_are_not_what_they_should_be(self):
        kernel = ("a-kernel", own("kernel"), ocilib.KERNEL)
        for number, (layers, message) in enumerate((
                ([("../a-kernel",) + kernel[1:]], "has the title '../a-kernel', which is not the name of a file"),
                ([("/etc/a-kernel",) + kernel[1:]], "has the title '/etc/a-kernel'"),
                ([("..",) + kernel[1:]], "has the title '..'"),
                ([("-kernel",) + kernel[1:]], "has the title '-kernel'"),
                ([("a,b-kernel",) + kernel[1:]], "has the title 'a,b-kernel'"),
                ([("",) + kernel[1:]], "has the title ''"),
                ([("a" * 256,) + kernel[1:]], "which is not the name of a file"),
                ([("a\n-kernel",) + kernel[1:]], "which is not the name of a file"),
                ([(None,) + kernel[1:]], "has no title"), ([kernel, kernel], "two layers have the title a-kernel"),
                ([("vmlinuz",) + kernel[1:]], "the kernel is called vmlinuz, and not NAME-kernel"),
                ([("a%d" % i, own("initrd"), b"") for i in range(33)], "has more than 32 files"),
                ([("a-initrd.img", own("initrd"), b"")], "nothing that can be started"),
                ([], "nothing that can be started"),
                ([kernel], "nothing to boot: there is no "))):
            self.artifact(layers, directory="made%d" % number)
            self.refused(1, message, "example.test/made:1")
        self.artifact([kernel], kind="application/x.other.v1", directory="other")
        self.refused(1, "is an artifact of another kind: application/x.other.v1", "example.test/made:1")
        self.artifact([kernel], platform="s390x", directory="s390x")
        self.refused(1, "there is no machine here for s390x, which example.test/made:1 is for", "example.test/made:1")
        self.refused(1, "example.test/hello:1 is an image of containers, not an OS", "example.test/hello:1")
        self.write("bad-oci.tar", b"x" * 5000)
        self.refused(1, "bad-oci.tar", "bad-oci.tar")


if __name__ == "__main__":
    main()
