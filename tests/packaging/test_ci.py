# SPDX-License-Identifier: Apache-2.0
"""packaging/ci: the script that installs the tool, and the steps of the action and of the job, typed as they are."""
import functools
import hashlib
import http.server
import os
import re
import subprocess
import tarfile
import tempfile
import threading
import unittest

import images

CI = os.path.join(images.ROOT, "packaging", "ci")
INSTALL = os.path.join(CI, "install.sh")
OS = 'kernel: {image: "example.test/kernel:1", cmdline: "console=ttyS0"}\ninit: ["example.test/init:1"]\n'


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


class Ci(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.made = tempfile.TemporaryDirectory(prefix="wherry-ci-tarball-")
        cls.addClassCleanup(cls.made.cleanup)
        cls.tarball = os.path.join(cls.made.name, "wherry.tar.gz")
        with tarfile.open(cls.tarball, "w:gz", compresslevel=1) as tar:
            tar.add(images.WHERRY, "wherry-0/bin/wherry")
        with open(cls.tarball, "rb") as f:
            cls.sha256 = hashlib.sha256(f.read()).hexdigest()

    def setUp(self):
        self.dir = tempfile.TemporaryDirectory(prefix="wherry-ci-")
        self.addCleanup(self.dir.cleanup)
        self.home = self.path("home")
        os.mkdir(self.home)
        self.env = {"PATH": os.environ["PATH"], "HOME": self.home, "GITHUB_PATH": self.path("path"),
                    "GITHUB_ACTION_PATH": CI}

    def path(self, name):
        return os.path.join(self.dir.name, name)

    def run_script(self, *command, **env):
        return subprocess.run(command, cwd=self.dir.name, env={**self.env, **env}, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False)

    def read(self, name):
        with open(os.path.join(CI, name), encoding="utf-8") as f:
            return f.read()

    def serve(self):
        """The URL at which the tarball is."""
        handler = functools.partial(Handler, directory=self.made.name)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.addCleanup(server.server_close)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.shutdown)
        return "http://127.0.0.1:%d/wherry.tar.gz" % server.server_port

    def test_a_file_and_a_url_are_installed(self):
        for source in self.tarball, self.serve():
            done = self.run_script("sh", INSTALL, source, self.sha256)
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertRegex(done.stdout, r"^wherry \d")
            with open(self.path("path"), encoding="utf-8") as f:
                programs = f.read().splitlines()[-1]
            self.assertTrue(os.access(os.path.join(programs, "wherry"), os.X_OK))

    def test_another_tarball_is_not_unpacked(self):
        done = self.run_script("sh", INSTALL, self.tarball, "0" * 64)
        self.assertEqual(done.returncode, 1)
        self.assertIn("has the SHA-256 " + self.sha256, done.stdout)
        self.assertEqual(os.listdir(self.home), [])
        self.assertFalse(os.path.exists(self.path("path")))

    def test_what_cannot_be_fetched_fails(self):
        done = self.run_script("sh", INSTALL, self.serve() + ".none", self.sha256)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(os.listdir(self.home), [])

    def test_the_step_of_the_action(self):
        step = re.search(r"^      run: '(.*)'$", self.read("action.yml"), re.M).group(1)
        done = self.run_script("bash", "-ec", step, SOURCE=self.tarball, SHA256=self.sha256)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertTrue(os.path.exists(os.path.join(self.home, ".local", "wherry", "bin", "wherry")))

    def test_the_job(self):
        lines = re.findall(r"^    - (packaging/ci/.*|wherry .*)$", self.read("gitlab.yml"), re.M)
        self.assertEqual(len(lines), 3)
        os.symlink(os.path.dirname(CI), self.path("packaging"))
        with open(self.path("os.yml"), "w", encoding="utf-8") as f:
            f.write(OS)
        script = "\n".join(lines).replace("/usr/local", self.path("local"))
        done = self.run_script("bash", "-ec", 'PATH="%s:$PATH"\n%s' % (self.path("local/bin"), script),
                               WHERRY_SOURCE=self.tarball, WHERRY_SHA256=self.sha256, WHERRY_CACHE=self.path("cache"))
        # All but the lock file is there.
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("os.yml.lock", done.stdout)

    def test_the_files_are_yaml(self):
        """Nothing is wrong with them but that they are not about an OS."""
        for name in "action.yml", "gitlab.yml":
            done = self.run_script(images.WHERRY, "check", os.path.join(CI, name))
            messages = [line for line in done.stdout.splitlines() if name in line]
            self.assertTrue(messages)
            for line in messages:
                self.assertIn("unknown key", line)


if __name__ == "__main__":
    unittest.main()
