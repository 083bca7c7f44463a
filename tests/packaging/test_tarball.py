# SPDX-License-Identifier: Apache-2.0
"""The static tarball: what is in it, that it works in an empty root and on an old kernel, and its bytes.

The root has /proc, the tarball and an OS's YAML: no C library, no shell, no certificates.
"""
import ctypes
import hashlib
import os
import platform
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import unittest

import images
from installed import commands, run

sys.path.insert(0, os.path.join(images.ROOT, "tests", "cli"))
import ocilib
import registrylib

MAKE = os.path.join(images.ROOT, "tools", "make-tarball")
QEMU = {"arm64": "qemu-aarch64-static", "riscv64": "qemu-riscv64-static"}
LIMIT = 1800
CA_FILES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
            "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"]
# The last system call of each. OpenSSL believes that a kernel has getrandom when its version says so, as ours does.
LINUX_3_10, LINUX_3_17 = 313, 318
LIBRARIES = ["curl", "gcc", "libarchive-dev", "libbz2-1.0", "libc-ares-dev", "libc6-dev", "libisal",
             "liblz4-dev", "liblzma-dev", "libsquashfs-dev", "libssl-dev", "libyaml-dev", "libzstd-dev", "zlib1g-dev"]


def refuse_calls_after(last):
    """As on an old Linux: newer calls don't exist. Runs in the child."""
    libc = ctypes.CDLL(None)
    load_number, if_greater, answer = (0x20, 0, 0, 0), (0x25, 0, 1, last), 0x06
    code = [load_number, if_greater, (answer, 0, 0, 0x00050000 | 38), (answer, 0, 0, 0x7fff0000)]
    text = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *c) for c in code))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code), ctypes.addressof(text)))
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program, 0, 0):
        os._exit(99)


def make(out, *options, wherry=images.WHERRY, cache=images.CACHE, **env):
    env = dict(os.environ, WHERRY_CACHE=cache, **env)
    done = subprocess.run([MAKE, "--wherry", wherry, "--out", out, *options], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=2 * LIMIT, env=env)
    if done.returncode:
        raise AssertionError(done.stdout)
    return dict(reversed(line.split("  ")) for line in done.stdout.splitlines() if "  wherry-" in line)


@unittest.skipUnless(platform.machine() == "x86_64", "the numbers of system calls are those of amd64")
class Tarball(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="wherry-tarball-")
        cls.addClassCleanup(shutil.rmtree, cls.dir, ignore_errors=True)
        cls.sums = make(cls.dir)
        cls.name = next(iter(cls.sums))
        cls.root = os.path.join(cls.dir, "root")
        for name in ("proc", "opt", "work", "dev"):
            os.makedirs(os.path.join(cls.root, name))
        with tarfile.open(os.path.join(cls.dir, cls.name)) as tar:
            cls.members = {m.name: m for m in tar}
        subprocess.run(["tar", "xzf", os.path.join(cls.dir, cls.name), "-C", os.path.join(cls.root, "opt")], check=True,
                       timeout=60)
        cls.top = cls.name[:-len(".tar.gz")]
        cls.program = "/opt/%s/bin/wherry" % cls.top
        cls.layout = ocilib.standard(os.path.join(cls.root, "work", "layout"))
        cls.layout.name("example.test/names:1", cls.layout.image([{"größe-\u65e5\u672c": b"x", "l": "-> größe"}]))
        with open(os.path.join(cls.root, "work", "os.yml"), "w", encoding="utf-8") as f:
            f.write("kernel: {image: 'example.test/kernel:1'}\n"
                    "init: ['example.test/init:1', 'example.test/names:1']\n")

    def start(self, *args, old=None, env=None):
        """Run it in the root. Where old, the root has /dev/urandom, as there is no other source of random bytes."""
        enter = ("mount --rbind /dev dev; " if old else "") + "mount -t proc proc proc; exec chroot . \"$@\""
        command = ["unshare", *(["--map-root-user"] if os.getuid() else []), "--mount", "--pid", "--fork",
                   "--kill-child", "sh", "-ec", enter, "sh", self.program, "--cache=/work/cache", *args]
        return subprocess.run(command, cwd=self.root, env={"PATH": os.environ["PATH"], "HOME": "/work", **(env or {})},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=LIMIT, preexec_fn=(lambda: refuse_calls_after(old)) if old else None)

    def ok(self, *args, **more):
        done = self.start(*args, **more)
        self.assertEqual(done.returncode, 0, done)
        return done.stdout

    def outside(self, *names):
        return os.path.join(self.root, "work", *names)

    def test_it_has_what_belongs_to_the_program(self):
        wanted = ["bin/wherry", "share/man/man1/wherry.1", "share/man/man5/wherry.yml.5", "share/doc/wherry/LICENSE",
                  "share/bash-completion/completions/wherry", "share/doc/wherry/licences/LGPL-3"]
        wanted += ["share/doc/wherry/licences/" + library for library in LIBRARIES]
        self.assertEqual([name for name in wanted if self.top + "/" + name not in self.members], [])
        self.assertEqual({(m.uid, m.gid, m.uname, m.gname) for m in self.members.values()}, {(0, 0, "", "")})

    def test_it_needs_no_library(self):
        header = subprocess.check_output(["readelf", "-ld", self.root + self.program], text=True, timeout=60)
        self.assertNotIn("NEEDED", header)
        self.assertNotIn("INTERP", header)

    def test_it_builds_in_an_empty_root_as_elsewhere(self):
        def sum_of(path):
            with open(path, "rb") as f:
                return hashlib.sha256(f.read()).hexdigest()

        here = "--cache=" + os.path.join(self.dir, "here")
        images.wherry(here, "cache", "import", self.outside("layout"))
        images.wherry(here, "build", "--format", "tar", "--dir", self.dir, self.outside("os.yml"))
        for old in (None, LINUX_3_10):
            self.assertRegex(self.ok("version", old=old), r"^wherry \d")
            self.ok("check", "/work/os.yml", old=old)
            self.ok("cache", "import", "/work/layout", old=old)
            self.ok("build", "--format", "tar", "--dir", "/work", "/work/os.yml", old=old)
            self.assertEqual(sum_of(self.outside("os.tar")), sum_of(os.path.join(self.dir, "os.tar")))
            shutil.rmtree(self.outside("cache"))

    @unittest.skipUnless(registrylib.available() and shutil.which("skopeo"), "docker-registry or skopeo is missing")
    def test_it_trusts_what_the_machine_trusts(self):
        authority = registrylib.Authority(os.path.join(self.dir, "ca"))
        registry = registrylib.Registry(os.path.join(self.dir, "registry"), authority=authority)
        self.addCleanup(registry.stop)
        name = registry.host.replace("127.0.0.1", "localhost") + "/a/hello:1"
        subprocess.run(["skopeo", "copy", "-q", "--all", "--dest-tls-verify=false",
                        "oci:" + self.outside("layout") + ":example.test/hello:1",
                        "docker://%s/a/hello:1" % registry.host], check=True, timeout=120, stdout=subprocess.DEVNULL)
        done = self.start("cache", "pull", name)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("no certificates of authorities", done.stderr)
        shutil.copy(authority.certificate, self.outside("ca.pem"))
        self.ok("cache", "pull", name, old=LINUX_3_17, env={"SSL_CERT_FILE": "/work/ca.pem"})
        for path in CA_FILES:
            os.makedirs(os.path.dirname(self.root + path), exist_ok=True)
            shutil.copy(authority.certificate, self.root + path)
            self.ok("cache", "pull", name)
            os.unlink(self.root + path)

    def test_the_bytes_are_the_same(self):
        self.assertEqual(make(os.path.join(self.dir, "again")), self.sums)

    def test_the_page(self):
        """docs/install.md is typed, the last part of it without apt's programs and without a network."""
        home = os.path.join(self.dir, "home")
        os.mkdir(home)
        os.symlink(os.path.join(images.ROOT, "tools"), os.path.join(home, "tools"))
        first, rest = commands("The static tarball").split("\n", 1)
        env = dict(os.environ, HOME=home, WHERRY_CACHE=images.CACHE, PATH="/usr/bin:/bin")
        run("bash", "-exc", first, cwd=home, env=env)
        env.update(WHERRY_CACHE=os.path.join(home, "cache"), WHERRY_OFFLINE="1")
        run("unshare", *([] if os.getuid() == 0 else ["--map-root-user"]), "--net", "bash", "-exc", rest, cwd=home,
            env=env)
        self.assertGreater(os.path.getsize(os.path.join(home, "first-initrd.img")), 1 << 20)

    @unittest.skipUnless(os.environ.get("WHERRY_SOAK"), "only in the soak: compiles it all again")
    def test_the_bytes_are_the_same_in_another_directory_and_store(self):
        clone = os.path.join(self.dir, "another", "clone")
        subprocess.run(["git", "clone", "-q", images.ROOT, clone], check=True, timeout=300)
        done = subprocess.run([os.path.join(clone, "tools", "make-tarball"), "--wherry", images.WHERRY, "--out",
                               os.path.join(self.dir, "there")], check=True, stdout=subprocess.PIPE, text=True,
                              timeout=2 * LIMIT, env=dict(os.environ, WHERRY_CACHE=os.path.join(self.dir, "store")))
        self.assertIn(self.sums[self.name], done.stdout)


@unittest.skipUnless(os.environ.get("WHERRY_SOAK"), "only in the soak: compiles it for each architecture")
class OtherArchitectures(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="wherry-tarball-arches-")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def unpack(self, arch):
        """The path of the program of its tarball."""
        updates = {"WHERRY_DEBIAN_SECURITY_MIRROR": "none"} if arch == "riscv64" else {}  # see images.py
        name, = make(self.dir, "--arch", arch, cache=os.path.join(images.WORK, "cache-arches"), **updates)
        self.assertTrue(name.endswith("-%s.tar.gz" % arch))
        run("tar", "xzf", os.path.join(self.dir, name), "-C", self.dir)
        return os.path.join(self.dir, name[:-len(".tar.gz")], "bin", "wherry")

    def test_it_works_there(self):
        """Without a library, as QEMU finds none of the architecture here."""
        here = run(images.WHERRY, "version")
        for arch, qemu in QEMU.items():
            with self.subTest(arch):
                if not shutil.which(qemu):
                    self.skipTest(qemu + " is not installed")
                program = self.unpack(arch)
                self.assertEqual(run(qemu, program, "version").splitlines()[0], here.splitlines()[0])
                run(qemu, program, "check", "examples/nginx.yml", cwd=images.ROOT)


if __name__ == "__main__":
    unittest.main()
