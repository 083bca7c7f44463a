# SPDX-License-Identifier: Apache-2.0
"""What tests with a real registry start from: images in a layout, skopeo to push them, a registry to push to."""
import shutil
import subprocess
import tarfile
import unittest

import harness
import ocilib
import registrylib

HELLO = "example.test/hello:1"


def has(program):
    return shutil.which(program) is not None


@unittest.skipUnless(registrylib.available() and has("skopeo") and has("openssl") and has("htpasswd"),
                     "docker-registry, skopeo, openssl or htpasswd (apache2-utils) is not installed")
class RegistryCase(harness.Case):
    def setUp(self):
        super().setUp()
        self.layout = ocilib.standard(self.path("layout"))
        self.peer_env = dict(self.env, XDG_RUNTIME_DIR=self.dir, TMPDIR=self.dir)

    def registry(self, name="registry", **more):
        registry = registrylib.Registry(self.path(name), **more)
        self.addCleanup(registry.stop)
        return registry

    def skopeo(self, *args):
        done = subprocess.run(["skopeo", *args], cwd=self.dir, env=self.peer_env, stdin=subprocess.DEVNULL, timeout=120,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 0, "skopeo %s\n%s" % (" ".join(args), done.stderr))
        return done.stdout

    def push(self, registry, image=HELLO, to="a/hello:1", *options):
        """By skopeo, with all platforms; the name that it then has."""
        self.skopeo("copy", "-q", "--all", "--dest-tls-verify=false", *options, "oci:layout:" + image,
                    "docker://%s/%s" % (registry.host, to))
        return "%s/%s" % (registry.host, to)

    def exported(self, name, *options):
        """{path: bytes} of the image as an OCI layout."""
        self.ok("cache", "export", name, "-o", self.path("export.tar"), *options)
        with tarfile.open(self.path("export.tar")) as tar:
            return {m.name: tar.extractfile(m).read() for m in tar.getmembers() if m.isfile()}

    def blobs_of_layout(self):
        blobs = {}
        for name in self.files("layout", "blobs"):
            with open(self.path("layout", "blobs", name), "rb") as f:
                blobs["blobs/" + name] = f.read()
        return blobs
