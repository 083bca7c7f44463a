#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What can go wrong from outside: always a clear error, exit code 1, no partial output, and the store stays good."""
import os
import resource
import shutil
import subprocess
import unittest

import ocilib
from harness import Case, WHERRY, main

KERNEL = "kernel:\n  image: example.test/kernel:1\n"
OUTPUTS = ["os-cmdline", "os-initrd.img", "os-kernel"]


def become_nobody():
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)


class BadInput(Case):
    def setUp(self):
        super().setUp()
        self.layout = ocilib.standard(self.path("layout"))
        self.ok("-q", "cache", "import", "layout")
        self.write("os.yml", ocilib.OS_YML)
        os.mkdir(self.path("out"))
        os.mkdir(self.path("tmp"))
        self.env["TMPDIR"] = self.path("tmp")

    def bad(self, message, *args, **more):
        """A build that fails with 1 and leaves no trace."""
        result = self.fails(1, message, "build", "--arch", "amd64", "--dir", "out", *args, **more)
        self.assertEqual(result.out, "")
        self.nothing_left()
        return result

    def nothing_left(self):
        self.assertEqual(self.files("out"), [])
        self.assertEqual(self.files("tmp"), [])

    def store_is_good(self):
        """Everything that it names can be built from."""
        self.ok("build", "-q", "--arch", "amd64", "--dir", "out", "os.yml")
        self.assertEqual(self.files("out"), OUTPUTS)
        for name in OUTPUTS:
            os.unlink(self.path("out", name))
        self.nothing_left()

    # ---- the YAML ----

    def test_missing_file(self):
        self.bad("nothing.yml", "nothing.yml")

    def test_directory_instead_of_a_file(self):
        self.bad("out", "out")

    def test_malformed_yaml(self):
        self.write("bad.yml", "kernel:\n  image: [a\nservices: }\n")
        self.assertRegex(self.bad("bad.yml:", "bad.yml").err, r"^bad\.yml:\d+:\d+: ")

    def test_not_text(self):
        self.write("bad.yml", os.urandom(4096))
        self.bad("bad.yml", "bad.yml")

    def test_all_mistakes_are_reported(self):
        self.write("bad.yml", "kernel:\n  imige: x\nservices:\n  - name: a\n    image: b\n    comand: [c]\n")
        result = self.bad("bad.yml:2:3: ", "bad.yml")
        self.assertIn("'image'", result.err)
        self.assertRegex(result.err, r"(?m)^bad\.yml:6:5: .*'comand'.*'command'")

    # ---- images ----

    def test_unknown_image(self):
        self.write("bad.yml", KERNEL + "init:\n  - example.test/init:1\n  - example.test/none:1\n")
        result = self.bad("example.test/none:1", "bad.yml")
        self.assertRegex(result.err, r"(?m)^bad\.yml:5:5: ")

    def test_image_without_the_platform(self):
        result = self.fails(1, "riscv64", "build", "--arch", "riscv64", "--dir", "out", "os.yml")
        self.assertIn("amd64", result.err)
        self.nothing_left()

    def test_kernel_image_without_kernel(self):
        self.write("bad.yml", "kernel:\n  image: example.test/init:1\ninit:\n  - example.test/init:1\n")
        self.assertRegex(self.bad("kernel", "bad.yml").err, r"(?m)^bad\.yml:\d+:\d+: ")

    def damage(self, digest):
        path = self.path("cache", "blobs", "sha256", digest.split(":")[1])
        with open(path, "rb") as f:
            content = bytearray(f.read())
        content[len(content) // 2] ^= 1
        os.chmod(path, 0o644)
        with open(path, "wb") as f:
            f.write(content)
        return path

    def test_corrupted_layer(self):
        large = self.layout.image([{"f": os.urandom(300000)}], compress=False)
        self.layout.name("example.test/large:1", large)
        self.ok("-q", "cache", "import", "layout")
        self.write("bad.yml", KERNEL + "init:\n  - example.test/init:1\n  - example.test/large:1\n")
        digest = max(self.files("layout", "blobs", "sha256"),
                     key=lambda f: os.path.getsize(self.path("layout", "blobs", "sha256", f)))
        path = self.damage("sha256:" + digest)
        self.bad(digest[:12], "bad.yml")
        # Another import heals it.
        os.unlink(path)
        self.ok("-q", "cache", "import", "layout")
        self.ok("-q", "build", "--arch", "amd64", "--dir", "out", "bad.yml")

    def test_cut_layer(self):
        for name in self.files("cache", "blobs", "sha256"):
            path = self.path("cache", "blobs", "sha256", name)
            os.chmod(path, 0o644)
            os.truncate(path, os.path.getsize(path) // 2)
        self.bad("", "os.yml")

    def test_corrupted_import(self):
        for name in self.files("layout", "blobs", "sha256"):
            path = self.path("layout", "blobs", "sha256", name)
            with open(path, "r+b") as f:
                f.write(b"?")
        env = {"WHERRY_CACHE": self.path("new cache")}
        self.fails(1, "import layout", "cache", "import", "layout", env=env)
        self.assertEqual(self.ok("cache", "ls", env=env).out, "")

    def test_import_of_what_is_not_an_image(self):
        self.write("x.tar", os.urandom(10000))
        self.fails(1, "x.tar", "cache", "import", "x.tar")
        self.fails(1, "nothing", "cache", "import", "nothing")
        self.fails(1, "out", "cache", "import", "out")
        self.store_is_good()

    # ---- the machine ----

    def test_no_such_directory(self):
        self.fails(1, "no/such", "build", "--arch", "amd64", "-o", "no/such", "os.yml")
        self.assertFalse(os.path.exists(self.path("no")))

    def test_file_size_limit(self):
        """Stands for a full disk where no small one can be made."""
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (400, 400))

        self.bad("File too large", "os.yml", preexec_fn=limit)
        self.store_is_good()

    def small_disk(self, where, size, *args):
        """Run it with a small file system there."""
        os.makedirs(self.path(where), exist_ok=True)
        script = 'mount -t tmpfs -o size=%s none "$1" || exit 77; shift; "$@"; r=$?; find "$0" -type f; exit $r' % size
        if os.path.basename(where) == "cache":
            script = script.replace('find "$0" -type f', '"$1" cache ls')
        done = subprocess.run(["unshare", "-m", "sh", "-c", script, self.path("out"), self.path(where), WHERRY, *args],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.dir, env=self.env,
                              timeout=120, check=False)
        if done.returncode == 77 or "unshare" in done.stderr:
            self.skipTest("a file system can't be mounted here")
        return done

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare"), "making a small disk needs root")
    def test_full_disk_for_outputs(self):
        self.layout.name("example.test/large:1", self.layout.image([{"f": os.urandom(3000000)}]))
        self.ok("-q", "cache", "import", "layout")
        self.write("large.yml", KERNEL + "init:\n  - example.test/init:1\n  - example.test/large:1\n")
        done = self.small_disk("out", "1m", "build", "--arch", "amd64", "--dir", "out", "large.yml")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("No space left on device", done.stderr)
        self.assertEqual(done.stdout, "")
        self.nothing_left()
        self.store_is_good()

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare"), "making a small disk needs root")
    def test_full_disk_for_the_cache(self):
        self.layout.name("example.test/large:1", self.layout.image([{"f": os.urandom(3000000)}]))
        self.env["WHERRY_CACHE"] = self.path("small", "cache")
        done = self.small_disk("small/cache", "1m", "cache", "import", "layout")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("No space left on device", done.stderr)
        self.assertEqual(done.stdout, "")

    def unprivileged(self, *args):
        """Run it as a user without the right to write here."""
        program = self.path("wherry")
        shutil.copy(WHERRY, program)
        for directory in ("", "out", "tmp", "layout"):
            os.chmod(self.path(directory), 0o755)
        subprocess.run(["chmod", "-R", "a+rwX", self.cache], check=True)
        more = {}
        if os.geteuid() == 0:
            more["preexec_fn"] = become_nobody
        else:
            os.chmod(self.path("out"), 0o555)
        return self.run_wherry(*args, program=program, **more)

    def test_no_permission_for_outputs(self):
        result = self.unprivileged("build", "--arch", "amd64", "--dir", "out", "os.yml")
        self.assertEqual(result.code, 1, result)
        self.assertIn("Permission denied", result.err)
        self.nothing_left()
        os.chmod(self.path("out"), 0o755)
        self.store_is_good()

    def test_no_permission_for_the_yaml(self):
        os.chmod(self.path("os.yml"), 0o000)
        result = self.unprivileged("build", "--arch", "amd64", "os.yml")
        self.assertEqual(result.code, 1, result)
        self.assertIn("os.yml: Permission denied", result.err)

    def test_outputs_that_are_there_stay_when_it_fails(self):
        self.write("out/bad-kernel", "old")
        self.write("bad.yml", "kernel:\n  image: example.test/init:1\n")
        self.fails(1, "kernel", "build", "--arch", "amd64", "--dir", "out", "bad.yml")
        with open(self.path("out", "bad-kernel"), encoding="utf-8") as f:
            self.assertEqual(f.read(), "old")


if __name__ == "__main__":
    main()
