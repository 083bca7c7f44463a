#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""build: outputs, where they go, and that the same input gives the same bytes and takes little memory."""
import hashlib
import io
import json
import os
import subprocess
import tarfile

import measurelib
import ocilib
from harness import Case, SANITIZED, WHERRY, main


class Build(Case):
    def setUp(self):
        super().setUp()
        ocilib.standard(self.path("layout"))
        self.ok("-q", "cache", "import", "layout")
        self.write("os.yml", ocilib.OS_YML)

    def build(self, *args, **more):
        return self.ok("build", "--arch", "amd64", *args, **more)

    def tar_of(self, *args):
        p = self.start("build", "--arch", "amd64", "--format", "tar", "-o", "-", *args)
        out, err = p.communicate(timeout=120)
        self.assertEqual(p.returncode, 0, err)
        return tarfile.open(fileobj=io.BytesIO(out))

    def labelled(self, label, name="example.test/asks:1", layers=({"bin/x": b"x"},)):
        layout = ocilib.Layout(self.path("asks"))
        layout.name(name, layout.image(list(layers), labels={"org.mobyproject.config": json.dumps(label)}
                                       if label else None))
        self.ok("-q", "cache", "import", "asks")

    def test_what_a_label_gives_itself_is_reported_or_refused(self):
        self.labelled({"capabilities": ["all"], "binds": ["/:/host"], "pid": "host"})
        entry = "services:\n  - name: evil\n    image: example.test/asks:1\n    command: [/bin/x]\n"
        said = "the image of 'evil' gives itself capabilities: all; binds of /:/host; pid: namespace host"
        self.write("evil.yml", entry)
        args = ("--format", "tar", "-o", "evil.tar", "evil.yml")
        self.assertIn("evil.yml:2:5: " + said, self.build(*args).err)
        os.remove(self.path("evil.tar"))
        result = self.fails(1, "evil.yml:2:5: " + said, "build", "--strict", *args)
        self.assertIn("hint: if that is intended, say so with 'wherry: {accept: [capabilities, binds, pid]}'",
                      result.err)
        self.assertFalse(os.path.exists(self.path("evil.tar")))
        # The file may take its place, accept it, or be LinuxKit's.
        for more in ("    capabilities: []\n    binds: []\n    pid: new\n",
                     "    pid: new\n    wherry: {accept: [binds, capabilities]}\n"):
            self.write("evil.yml", entry + more)
            self.assertNotIn("gives itself", self.build("--strict", *args).err)
        self.write("evil.yml", entry)
        self.assertNotIn("gives itself", self.build("--compat", "--strict", *args).err)

    def test_no_new_privileges_unless_the_image_has_programs_that_give_some(self):
        def flags(mode, xattrs=None):
            layer = tarfile.TarInfo("bin/x")
            layer.mode, layer.pax_headers = mode, xattrs or {}
            out = io.BytesIO()
            with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
                tar.addfile(layer, io.BytesIO())
            self.labelled(None, layers=[out.getvalue()])
            with self.tar_of("os2.yml") as tar:
                files = [tar.extractfile("containers/services/%s/config.json" % name) for name in ("a", "b")]
                return [json.load(f)["process"].get("noNewPrivileges", False) for f in files]
        # Both have the same image, whose files are there once.
        self.write("os2.yml", "services:\n" + "".join(
            "  - name: %s\n    image: example.test/asks:1\n    command: [/bin/x]\n" % name for name in "ab"))
        self.assertEqual(flags(0o755), [True, True])
        self.assertEqual(flags(0o4755), [False, False])
        self.assertEqual(flags(0o2755), [False, False])
        self.assertEqual(flags(0o755, {"SCHILY.xattr.security.capability": "\1\0\0\2"}), [False, False])

    def test_a_container_with_ids_of_its_own_has_its_files_with_them(self):
        entry = "  - name: %s\n    image: example.test/hello:1\n    wherry: {userns: %s}\n"
        self.write("os2.yml", "services:\n" + entry % ("a", "auto") + entry % ("b", "auto") + entry % ("c", "host"))
        with self.tar_of("os2.yml") as tar:
            owners = {name: {(m.uid, m.gid) for m in tar if m.name.startswith("containers/services/%s/lower/" % name)}
                      for name in "abc"}
            base = json.load(tar.extractfile("containers/services/a/config.json"))["linux"]["uidMappings"][0]["hostID"]
        self.assertEqual(owners, {"a": {(base, base)}, "b": {(base + 65536, base + 65536)}, "c": {(0, 0)}})

    def test_the_defaults_of_containers_are_docker_s(self):
        self.write("os2.yml", "services:\n  - name: a\n    image: example.test/hello:1\n    uid: 5\n    gid: 6\n"
                              "    additionalGids: [7]\n")
        with self.tar_of("os2.yml") as tar:
            config = json.load(tar.extractfile("containers/services/a/config.json"))
        self.assertIn({"destination": "/dev/shm", "type": "tmpfs", "source": "shm",
                       "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]}, config["mounts"])
        self.assertEqual(config["process"]["user"], {"uid": 5, "gid": 6, "additionalGids": [6, 7]})
        self.assertIn("/proc/sys", config["linux"]["readonlyPaths"])

    def test_a_package_that_was_not_made(self):
        self.write("tool/build.yml", "image: tool\norg: me\ntag: '1'\n")
        for args in (["init", "-q"], ["add", "tool"],
                     ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-q", "-m", "x"]):
            subprocess.run(["git", *args], cwd=self.dir, env=self.env, check=True)
        self.write("os.yml", ocilib.OS_YML.replace("init:\n", "init:\n  - \"@pkg:tool\"\n"))
        result = self.fails(1, "os.yml:5:5: image docker.io/me/tool:1 is not in the store", "build", "--offline",
                            "--no-build-packages", "os.yml")
        self.assertIn("hint: make it with: wherry pkg build tool", result.err)
        self.assertNotIn("cache import", result.err)
        os.rename(self.path("tool"), self.path("my tool"))
        self.write("os.yml", ocilib.OS_YML.replace("init:\n", "init:\n  - \"@pkg:my tool\"\n"))
        for args in (["add", "my tool"], ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-q", "-m", "x"]):
            subprocess.run(["git", *args], cwd=self.dir, env=self.env, check=True)
        result = self.fails(1, "os.yml:5:5: image docker.io/me/tool:1 is not in the store", "build", "--offline",
                            "--no-build-packages", "os.yml")
        self.assertIn("hint: make it with: wherry pkg build 'my tool'\n", result.err)

    def test_a_package_that_the_lock_file_has_otherwise(self):
        self.write("tool/build.yml", "image: hello\norg: example.test\ntag: '1'\n")
        for args in (["init", "-q"], ["add", "tool"],
                     ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-q", "-m", "x"]):
            subprocess.run(["git", *args], cwd=self.dir, env=self.env, check=True)
        self.write("os.yml", ocilib.OS_YML.replace("example.test/hello:1", "\"@pkg:tool\""))
        self.ok("lock", "os.yml")
        with open(self.path("os.yml.lock"), encoding="utf-8") as f:
            lock = json.load(f)
        lock["images"]["example.test/hello:1"] = {"digest": "sha256:" + "0" * 64, "platforms": {}}
        self.write("os.yml.lock", json.dumps(lock))
        result = self.fails(1, "which is not in the store; it has sha256:", "build", "--offline", "os.yml")
        self.assertIn("build with --update-lock", result.err)

    def test_kernel_and_initrd_is_the_default(self):
        result = self.build("os.yml")
        self.assertEqual([line.split()[0] for line in result.out.splitlines()],
                         ["os-kernel", "os-initrd.img", "os-cmdline"])
        with open(self.path("os-kernel"), "rb") as f:
            self.assertEqual(f.read(), ocilib.KERNEL)
        with open(self.path("os-cmdline"), encoding="utf-8") as f:
            self.assertEqual(f.read(), "console=ttyS0")

    def test_name_and_directory(self):
        os.mkdir(self.path("out"))
        self.build("--dir", "out", "--name", "x", "os.yml")
        self.assertEqual(self.files("out"), ["x-cmdline", "x-initrd.img", "x-kernel"])

    def test_a_directory_that_is_not_there_is_found_before_anything_is_fetched(self):
        self.write("far.yml", "kernel: {image: 'example.test/not-here:1'}\n")
        self.fails(1, "wherry: can't write nix/far.tar: No such file or directory\n"
                      "  hint: make its directory first\n",
                   "build", "-o", "nix/far.tar", "far.yml")
        self.fails(1, "can't write far.yml/nix/far-kernel: Not a directory", "build", "--dir", "far.yml/nix", "far.yml")

    def test_the_directory_of_outputs_is_made(self):
        self.build("--dir", "a/b/c/", "--name", "x", "os.yml")
        self.assertEqual(self.files("a/b/c"), ["x-cmdline", "x-initrd.img", "x-kernel"])
        self.write("far.yml", "kernel: {image: 'example.test/not-here:1'}\n")
        self.fails(1, "not-here", "build", "--offline", "--dir", "a/d/e", "far.yml")
        self.fails(1, "not-here", "build", "--offline", "--dir", "f/g", "far.yml")
        self.assertEqual((os.listdir(self.path("a")), os.path.exists(self.path("f"))), (["b"], False))

    def test_one_file_of_several(self):
        self.fails(2, "-o x: format kernel+initrd is not a single file\n"
                      "  hint: name several files by --dir DIR and --name NAME\n",
                   "build", "-o", "x", "--format", "kernel+initrd", "os.yml")

    def test_an_image_that_is_not_here(self):
        self.write("far.yml", "kernel: {image: 'example.test/not-here:1'}\n")
        self.fails(1, "far.yml:1:17: image example.test/not-here:1 is not in the store\n"
                      "  hint: fetch it with: wherry cache pull example.test/not-here:1, or", "build", "--offline",
                      "far.yml")
        result = self.fails(1, "is not in the store, and can't be pulled: ", "build", "far.yml")
        self.assertIn("\n  hint: import it with: wherry cache import FILE\n", result.err)

    def test_linuxkits_size_of_a_disk_changes_nothing(self):
        self.build("--compat", "-format", "tar", "-name", "plain", "os.yml")
        self.build("--compat", "-format", "tar", "-name", "sized", "-size", "2G", "os.yml")
        with open(self.path("plain.tar"), "rb") as plain, open(self.path("sized.tar"), "rb") as sized:
            self.assertEqual(plain.read(), sized.read())

    def test_stdin(self):
        self.build("--name", "of-a-file", "os.yml")
        for name, args in ("os", []), ("moby", ["--compat"]):
            self.assertFalse(os.path.exists(self.path(name + "-kernel")))
            self.build(*args, "-", stdin=ocilib.OS_YML.encode())
            self.assertTrue(os.path.exists(self.path(name + "-kernel")))

    def release(self, text, *args, path="etc/os-release"):
        self.write("release.yml", text)
        self.build("--format", "tar", "--no-sbom", *args, "release.yml")
        with tarfile.open(self.path("release.tar")) as tar:
            found = [m for m in tar if m.name == path]
            self.assertLessEqual(len(found), 1)
            return tar.extractfile(found[0]).read().decode() if found else None

    def test_os_release(self):
        first = self.release(ocilib.OS_YML)
        self.assertRegex(first, r"^NAME=Wherry\nID=wherry\nPRETTY_NAME=Wherry\nBUILD_ID=[0-9a-f]{32}\n$")
        self.assertEqual(self.release(ocilib.OS_YML), first)
        self.assertEqual(self.release(ocilib.OS_YML, "--fresh"), first)
        for old, new in ("console=ttyS0", "console=ttyS1"), ('contents: "hello"', "contents: x"), (
                "name: hello", "name: b"):
            self.assertIn(old, ocilib.OS_YML)
            self.assertNotEqual(self.release(ocilib.OS_YML.replace(old, new)), first)
        texts = set()
        for motd in "x", "y":
            self.write("motd", motd)
            texts.add(self.release(ocilib.OS_YML.replace('contents: "hello"', "source: motd")))
        self.assertEqual(len(texts), 2)

    def test_os_release_of_others(self):
        own = "  - {path: etc/os-release, contents: mine}\n"
        self.assertEqual(self.release(ocilib.OS_YML + own), "mine")
        self.assertIsNone(self.release(ocilib.OS_YML + own.replace("etc", "usr/lib")))
        self.assertIsNone(self.release(ocilib.OS_YML, "--compat"))
        self.assertIsNone(self.release("files: [{path: a, contents: x}]\n"))
        layout = ocilib.Layout(self.path("other"))
        layout.name("example.test/other:1", layout.image([{"etc": None, "etc/os-release": b"of the image"}]))
        self.ok("cache", "import", "other")
        for _ in range(2):
            self.assertEqual(self.release("init: ['example.test/init:1', 'example.test/other:1']\n"), "of the image")

    def test_json(self):
        lines = self.json_lines(self.build("--json", "os.yml").out)
        self.assertEqual([o["output"] for o in lines if "output" in o], ["os-kernel", "os-initrd.img", "os-cmdline"])
        for line in lines[-3:]:
            self.assertEqual(line["size"], os.path.getsize(self.path(line["output"])))

    def test_quiet(self):
        result = self.build("-q", "os.yml")
        self.assertEqual((result.out, result.err), ("", ""))

    def test_tar_to_stdout(self):
        with self.tar_of("os.yml") as tar:
            names = {m.name.strip("/") for m in tar}
            for name in ("boot/kernel", "boot/cmdline", "lib/modules/6.1/a.ko", "bin/sh", "etc/motd",
                         "containers/services/hello/config.json"):
                self.assertIn(name, names)
            self.assertEqual(tar.extractfile("etc/motd").read(), b"hello")
            self.assertNotIn("kernel.tar", names)

    def test_tar_to_a_file(self):
        self.build("-o", "some.tar", "os.yml")
        self.assertTrue(tarfile.is_tarfile(self.path("some.tar")))

    def test_architecture(self):
        self.write("arm.yml", "init:\n  - example.test/hello:1\n")
        p = self.start("build", "--arch", "arm64", "-o", "-", "arm.yml")
        out = p.communicate(timeout=60)[0]
        with tarfile.open(fileobj=io.BytesIO(out)) as tar:
            self.assertEqual(tar.extractfile("bin/hello").read(5), b"arm64")

    def test_several_files(self):
        self.write("more.yml", "files:\n  - path: etc/more\n    contents: more\n")
        with self.tar_of("os.yml", "more.yml") as tar:
            names = {m.name for m in tar}
        self.assertTrue({"etc/motd", "etc/more"} <= names)

    def test_dry_run_shows_the_whole_configuration_and_writes_nothing(self):
        self.write("more.yml", "init: [no/such:image]\nkernel: {cmdline: more}\n")
        before = self.files()
        shown = self.build("--dry-run", "os.yml", "more.yml").out
        self.assertEqual(self.files(), before)
        self.assertIn("kernel:\n  image: example.test/kernel:1\n  cmdline: more\ninit:\n- example.test/init:1\n"
                      "- no/such:image\n", shown)
        self.assertEqual(self.build("--dry-run", "-", stdin=shown.encode()).out, shown)

    def test_metadata_is_the_configuration_that_was_built(self):
        self.write("more.yml", "files:\n  - {path: etc/os.yml, metadata: yaml}\n"
                               "  - {path: etc/os.json, metadata: json}\n")
        with self.tar_of("os.yml", "more.yml") as tar:
            as_json = json.load(tar.extractfile("etc/os.json"))
            as_yaml = tar.extractfile("etc/os.yml").read().decode()
        self.assertEqual(as_json["services"], [{"name": "hello", "image": "example.test/hello:1"}])
        self.assertIn("\nservices:\n- name: hello\n  image: example.test/hello:1\n", as_yaml)

    def test_volumes(self):
        self.write("more.yml", "volumes:\n  - name: data\n  - {name: ro, image: 'example.test/hello:1', "
                               "readonly: true}\n"
                   "  - {name: img, image: 'example.test/hello:1', format: oci}\n")
        with self.tar_of("os.yml", "more.yml") as tar:
            names = {m.name.strip("/") for m in tar}
            tar.extractall(self.path("out"), [m for m in tar if "volumes/img" in m.name])
        top = "containers/volumes/"
        self.assertTrue({top + "data/lower", top + "data/tmp", top + "data/merged"} <= names)
        self.assertIn(top + "ro/lower/bin/hello", names)
        self.assertIn(top + "ro/merged", names)
        self.assertNotIn(top + "ro/tmp", names)
        # What is in the volume is an image layout like any other, with all platforms.
        self.env["WHERRY_CACHE"] = self.path("other")
        self.ok("-q", "cache", "import", self.path("out", top, "img", "lower"))
        with self.tar_of("--arch", "arm64", self.write(
                "one.yml", "services: [{name: a, image: 'example.test/hello:1'}]\n")) as tar:
            self.assertIn("containers/services/a/lower/bin/hello", {m.name for m in tar})

    def test_unknown_format(self):
        self.fails(2, "option --format does not accept 'tra'; did you mean 'tar'?", "build", "-f", "tra", "os.yml")

    def test_outputs_do_not_depend_on_where_when_and_how(self):
        def digests(directory, umask, **more):
            os.makedirs(self.path(directory))
            self.ok("build", "--arch", "amd64", "--format", "kernel+initrd,tar", "--dir", directory,
                    *more.pop("args", []),
                    os.path.relpath(self.path("os.yml"), more.get("cwd", self.dir)),
                    preexec_fn=lambda: os.umask(umask), **more)
            found = {}
            for name in self.files(directory):
                with open(self.path(directory, name), "rb") as f:
                    found[name] = hashlib.sha256(f.read()).hexdigest()
            return found

        first = digests("one", 0o022)
        self.assertEqual(len(first), 4)
        self.ok("-q", "cache", "import", "layout", env={"WHERRY_CACHE": self.path("other cache")})
        second = digests(self.path("a", "deep er", "directory"), 0o077, cwd="/", args=["--threads", "1"],
                         env={"WHERRY_CACHE": self.path("other cache"), "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Tokyo"})
        self.assertEqual(first, second)


class Memory(Case):
    def test_large_images_do_not_need_memory(self):
        if SANITIZED:
            self.skipTest("a sanitizer uses memory of its own")
        layout = ocilib.standard(self.path("layout"))
        large = {"large%d" % i: bytes([i]) * (32 << 20) for i in range(8)}
        many = {"many": None, **{"many/%06d" % i: b"x" for i in range(20000)}}
        layout.name("example.test/large:1", layout.image([large, many]))
        del large, many
        self.write("os.yml", ocilib.OS_YML.replace("example.test/hello:1", "example.test/large:1"))
        for args in (["cache", "import", "layout"], ["build", "--arch", "amd64", "os.yml"]):
            done = measurelib.cost([WHERRY, "-q", *args], cwd=self.dir, env=self.env)
            self.assertEqual(done.code, 0, done)
            self.assertLess(done.memory, 64 << 20, args)


if __name__ == "__main__":
    main()
