# SPDX-License-Identifier: Apache-2.0
"""Images that skopeo and podman wrote, imported; and what is exported, read by them."""
import io
import json
import os
import shutil
import subprocess
import tarfile
import unittest

import harness
import ocilib

PLATFORM = "linux/amd64"


def has(program):
    return shutil.which(program) is not None


class Peers(harness.Case):
    def setUp(self):
        super().setUp()
        if not os.access(harness.WHERRY, os.X_OK):
            self.skipTest("the program wherry is not built; WHERRY tells where it is")
        self.peer_env = dict(os.environ, HOME=self.dir, XDG_RUNTIME_DIR=self.dir, TMPDIR=self.dir)

    def peer(self, *args):
        """Run one of the other tools; what it printed."""
        done = subprocess.run(args, cwd=self.dir, env=self.peer_env, stdin=subprocess.DEVNULL, timeout=120,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 0, "%s\n%s" % (" ".join(args), done.stderr))
        return done.stdout

    def imported(self, path, *options):
        """Import into an empty cache; the names that came in."""
        shutil.rmtree(self.cache, ignore_errors=True)
        lines = self.ok("cache", "import", *options, self.path(path)).out.splitlines()
        return [line.split()[0] for line in lines]

    def blobs(self, name):
        """The image as the cache has it: its manifest, parsed, and a function that reads a blob."""
        self.ok("cache", "export", name, "--format", "oci", "--outfile", self.path("out.tar"), "--platform", PLATFORM)
        with tarfile.open(self.path("out.tar")) as tar:
            files = {m.name: tar.extractfile(m).read() for m in tar.getmembers() if m.isfile()}

        def read(digest):
            return files["blobs/sha256/" + digest.split(":")[1]]

        index = json.loads(files["index.json"])
        return json.loads(read(index["manifests"][0]["digest"])), read

    def check_layer(self, name, path, content):
        """The image's last layer, uncompressed or not, has the file."""
        manifest, read = self.blobs(name)
        data = read(manifest["layers"][-1]["digest"])
        with open(self.path("layer"), "wb") as f:
            f.write(data)
        with tarfile.open(self.path("layer")) as tar:
            names = {m.name.lstrip("./"): m for m in tar.getmembers()}
            self.assertEqual(tar.extractfile(names[path]).read(), content)


@unittest.skipUnless(has("skopeo"), "skopeo is not installed")
class Skopeo(Peers):
    def setUp(self):
        super().setUp()
        layout = ocilib.Layout(self.path("made"))
        image = layout.image([{"etc": None, "etc/a": b"first"}, {"etc/b": b"second"}])
        layout.name("example.test/t/made:1", image)

    def copy(self, target):
        self.peer("skopeo", "copy", "-q", "oci:made:example.test/t/made:1", target)

    def test_oci_directory(self):
        self.copy("oci:out:quay.io/a/b:2")
        self.assertEqual(self.imported("out"), ["quay.io/a/b:2"])
        self.check_layer("quay.io/a/b:2", "etc/b", b"second")

    def test_oci_directory_with_a_tag_only(self):
        self.copy("oci:out:v3")
        self.assertEqual(self.imported("out", "--name", "quay.io/a/b"), ["quay.io/a/b:v3"])

    def test_oci_directory_without_a_name(self):
        self.copy("oci:out")
        self.fails(1, "has no name", "cache", "import", self.path("out"))
        self.assertEqual(self.imported("out", "--name", "me/x"), ["docker.io/me/x:latest"])

    def test_oci_archive(self):
        self.copy("oci-archive:out.tar:quay.io/a/b:2")
        self.assertEqual(self.imported("out.tar"), ["quay.io/a/b:2"])
        self.check_layer("quay.io/a/b:2", "etc/b", b"second")

    def test_docker_archive(self):
        self.copy("docker-archive:out.tar:quay.io/a/b:2")
        self.assertEqual(self.imported("out.tar"), ["quay.io/a/b:2"])
        self.check_layer("quay.io/a/b:2", "etc/b", b"second")

    def test_dir_is_refused_with_a_reason(self):
        self.copy("dir:out")
        self.fails(1, "is not an OCI image layout", "cache", "import", self.path("out"))

    def test_exports_are_read(self):
        self.assertEqual(self.imported("made"), ["example.test/t/made:1"])
        for form, transport in ("oci", "oci"), ("docker", "docker-archive"):
            out = self.path(form + ".tar")
            self.ok("cache", "export", "example.test/t/made:1", "--format", form, "--outfile", out,
                    "--platform", PLATFORM)
            if form == "oci":
                # Unpacked here: skopeo's oci-archive sets owners, which it may not do for an ordinary user.
                with tarfile.open(out) as tar:
                    out = self.path("unpacked")
                    tar.extractall(out)
            config = json.loads(self.peer("skopeo", "inspect", "--config", "%s:%s" % (transport, out)))
            self.assertEqual(len(config["rootfs"]["diff_ids"]), 2)
            self.peer("skopeo", "copy", "-q", "%s:%s" % (transport, out), "dir:" + self.path("checked-" + form))


@unittest.skipUnless(has("podman"), "podman is not installed")
class Podman(Peers):
    def setUp(self):
        super().setUp()
        with open(self.path("root.tar"), "wb") as f:
            f.write(ocilib.layer({"bin": None, "bin/x": b"#!/bin/sh\n"}))
        try:
            self.podman("import", "-q", "root.tar", "localhost/made:1")
        except AssertionError as e:
            self.skipTest("podman can't work here: " + str(e).strip().splitlines()[-1])

    def tearDown(self):
        # Files in podman's storage may belong to mapped users, whom only podman can remove.
        subprocess.run([*self.command(), "rmi", "-a", "-f"], cwd=self.dir, env=self.peer_env, timeout=120,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)

    def command(self):
        return ["podman", "--root", self.path("storage"), "--runroot", self.path("run"), "--storage-driver", "vfs"]

    def podman(self, *args):
        return self.peer(*self.command(), *args)

    def test_paths_below_symlinks(self):
        """Of its own layer: podman unpacks the same files."""
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for name, kind, link in (
                    ("t/usr/lib", tarfile.DIRTYPE, ""), ("t/lib", tarfile.SYMTYPE, "usr/lib"),
                    ("t/lib/a", tarfile.REGTYPE, ""),
                    ("t/abs", tarfile.SYMTYPE, "/t/usr"), ("t/abs/lib/b", tarfile.REGTYPE, ""),
                    ("t/up", tarfile.SYMTYPE, "../../../t/usr/lib"), ("t/up/c", tarfile.REGTYPE, ""),
                    ("t/two", tarfile.SYMTYPE, "abs/lib"), ("t/two/d", tarfile.REGTYPE, ""),
                    ("t/two/e/f", tarfile.REGTYPE, ""),
                    ("t/hard", tarfile.LNKTYPE, "t/lib/a"), ("t/lib/g", tarfile.LNKTYPE, "t/two/d"),
                    ("t/x/../odd", tarfile.REGTYPE, ""), ("t/usr/self", tarfile.SYMTYPE, "."),
                    ("t/abs/self/h", tarfile.REGTYPE, "")):
                info = tarfile.TarInfo(name)
                info.type, info.linkname, info.mode = kind, link, 0o755
                tar.addfile(info)
        layout = ocilib.Layout(self.path("made"))
        layout.name("example.test/t/links:1", layout.image([out.getvalue()]))
        self.imported("made")
        self.ok("cache", "export", "example.test/t/links:1", "--format", "filesystem", "--outfile",
                self.path("ours.tar"),
                "--platform", PLATFORM)
        image = self.podman("pull", "-q", "oci:made:example.test/t/links:1").strip()
        container = self.podman("create", image, "/x").strip()
        self.podman("export", "-o", self.path("theirs.tar"), container)
        self.podman("rm", container)
        found = []
        for path in "ours.tar", "theirs.tar":
            with tarfile.open(self.path(path)) as tar:
                found.append(sorted((m.name.strip("/"), m.linkname if m.issym() else "", m.isdir()) for m in tar
                                    if m.name.strip("/").startswith("t/")))
        self.assertEqual(found[0], found[1])
        self.assertIn(("t/usr/lib/e/f", "", False), found[0])

    def test_save(self):
        for form in "docker-archive", "oci-archive", "oci-dir":
            with self.subTest(form):
                self.podman("save", "-q", "--format", form, "-o", form, "localhost/made:1")
                self.assertEqual(self.imported(form), ["localhost/made:1"])
                self.check_layer("localhost/made:1", "bin/x", b"#!/bin/sh\n")

    def test_save_of_several(self):
        self.podman("tag", "localhost/made:1", "localhost/other:2")
        self.podman("save", "-q", "-m", "-o", "many.tar", "localhost/made:1", "localhost/other:2")
        self.assertEqual(sorted(self.imported("many.tar")), ["localhost/made:1", "localhost/other:2"])

    def test_pipe(self):
        self.podman("save", "-q", "-o", "a.tar", "localhost/made:1")
        with open(self.path("a.tar"), "rb") as f:
            result = self.ok("cache", "import", "-", stdin=f.read())
        self.assertEqual(result.out.split()[0], "localhost/made:1")

    def test_load(self):
        self.podman("save", "-q", "-o", "a.tar", "localhost/made:1")
        self.imported("a.tar")
        self.podman("rmi", "-f", "localhost/made:1")
        for form in "docker", "oci":
            with self.subTest(form):
                self.ok("cache", "export", "localhost/made:1", "--format", form, "--outfile", self.path(form),
                        "--platform", PLATFORM)
                self.assertIn("localhost/made:1", self.podman("load", "-q", "-i", form))
                self.podman("rmi", "-f", "localhost/made:1")


if __name__ == "__main__":
    harness.main()
