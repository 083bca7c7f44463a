#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where outputs go: devices, pipes and links are not replaced, names may be as long as names can be."""
import io
import json
import os
import stat
import tarfile
import threading

import ocilib
from harness import Case, main


class Outputs(Case):
    def setUp(self):
        super().setUp()
        ocilib.standard(self.path("layout"))
        self.ok("-q", "cache", "import", "layout")
        self.write("os.yml", ocilib.OS_YML)

    def writers(self, path):
        """The commands that write one file where the user says."""
        return (("build", "--offline", "--arch", "amd64", "-o", path, "os.yml"),
                ("cache", "export", "--platform", "linux/amd64", "--outfile", path, "example.test/hello:1"))

    def check_tar(self, data):
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            self.assertTrue(tar.getnames())

    def test_a_pipe_stays(self):
        os.mkfifo(self.path("fifo"))
        os.symlink("fifo", self.path("link"))
        for name in ("fifo", "link"):
            for command in self.writers(name):
                got = []

                def read():
                    with open(self.path("fifo"), "rb") as f:
                        got.append(f.read())

                reader = threading.Thread(target=read, daemon=True)
                reader.start()
                self.ok("-q", *command)
                reader.join(60)
                self.check_tar(got[0])
                self.assertTrue(stat.S_ISFIFO(os.stat(self.path("fifo")).st_mode))
                self.assertTrue(os.path.islink(self.path("link")))

    def test_a_device_stays(self):
        path = self.path("null")
        try:
            os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 3))
            with open(path, "wb"):
                pass
        except OSError:
            self.skipTest("needs root, and a file system for devices")
        for command in self.writers("null"):
            self.ok("-q", *command)
            self.assertTrue(stat.S_ISCHR(os.lstat(path).st_mode))

    def test_standard_output_by_its_name(self):
        for name in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"):
            for command in self.writers(name):
                p = self.start(*command)
                out, err = p.communicate(timeout=120)
                self.assertEqual(p.returncode, 0, err)
                self.check_tar(out)  # and nothing after it
                with open(self.path("out"), "wb") as f:
                    p = self.start(*command, stdout=f)
                    p.communicate(timeout=120)
                with open(self.path("out"), "rb") as f:
                    self.assertEqual(f.read(), out)

    def test_a_link_to_a_file_stays(self):
        for i, command in enumerate(self.writers("link")):
            target = "target%d" % i
            if os.path.lexists(self.path("link")):
                os.unlink(self.path("link"))
            os.symlink(target, self.path("link"))
            for _ in range(2):  # it need not be there before
                self.ok("-q", *command)
                self.assertTrue(os.path.islink(self.path("link")))
                with open(self.path(target), "rb") as f:
                    self.check_tar(f.read())

    def test_a_lock_file_may_be_a_link(self):
        self.write("locks/os.lock", "")
        os.unlink(self.path("locks/os.lock"))
        os.symlink("locks/os.lock", self.path("os.yml.lock"))
        self.ok("lock", "--offline", "--arch", "amd64", "os.yml")
        self.assertTrue(os.path.islink(self.path("os.yml.lock")))
        with open(self.path("locks/os.lock"), encoding="utf-8") as f:
            self.assertIn("images", f.read())

    def test_a_file_of_logins_may_be_a_link(self):
        self.write("real/auth.json", json.dumps({"auths": {"registry.test": {"auth": "dTpw"}}, "other": 1}))
        os.symlink("real/auth.json", self.path("link.json"))
        self.ok("logout", "registry.test", env={"REGISTRY_AUTH_FILE": self.path("link.json")})
        self.assertTrue(os.path.islink(self.path("link.json")))
        with open(self.path("real/auth.json"), encoding="utf-8") as f:
            self.assertEqual(json.load(f).get("other"), 1)
        self.assertEqual(self.files("real"), ["auth.json"])

    def test_names(self):
        build = ("build", "--offline", "--arch", "amd64")
        longest = "n" * (255 - len("-initrd.img"))
        os.mkdir(self.path("out"))
        self.ok(*build, "--name", longest, "--dir", "out", "os.yml")
        self.assertEqual(self.files("out"), [longest + suffix for suffix in ("-cmdline", "-initrd.img", "-kernel")])
        # Found before anything is fetched or written.
        self.fails(1, "name too long", *build, "--name", longest + "n", "os.yml")
        self.fails(2, "--name is empty", *build, "--name", "", "os.yml")
        self.fails(1, "Is a directory", *build, "-o", "nowhere/", "os.yml")


if __name__ == "__main__":
    main()
