# SPDX-License-Identifier: Apache-2.0
"""Pulling from a real registry (Debian's docker-registry) what skopeo pushed there, with TLS and logins."""
import base64
import json
import os
import shutil

import harness
import proxylib
import registrylib
from registrycase import HELLO, RegistryCase


class Pull(RegistryCase):
    def test_only_this_platform_comes(self):
        name = self.push(self.registry())
        self.ok("cache", "pull", name, "--arch", "arm64")
        files = self.exported(name, "--platform", "linux/arm64")
        self.assertEqual({k: v for k, v in self.blobs_of_layout().items() if k in files},
                         {k: v for k, v in files.items() if k.startswith("blobs")})
        self.fails(1, "not available for linux/amd64", "cache", "export", name, "-o", self.path("x"),
                   "--platform", "linux/amd64")

    def test_one_platform_or_all(self):
        for one in ("--platform", "--arch"):
            self.fails(2, "--all-platforms and %s are mutually exclusive" % one, "cache", "pull", "x",
                       "--all-platforms", one, "arm64")
        self.fails(2, "--arch and --platform are mutually exclusive", "cache", "push", "x", "--arch", "arm64",
                   "--platform", "arm64")

    def test_all_platforms_come_byte_for_byte(self):
        name = self.push(self.registry())
        self.ok("cache", "pull", name, "--all-platforms")
        files = self.exported(name)
        index = json.loads(files["index.json"])["manifests"][0]
        self.assertEqual(index["digest"], self.layout.manifests[2]["digest"])
        theirs = self.blobs_of_layout()
        ours = {k: v for k, v in files.items() if k.startswith("blobs")}
        self.assertEqual(len(ours), 8)  # an index, two images of manifest, configuration and two layers, one shared
        self.assertEqual({k: theirs[k] for k in ours}, ours)

    def test_several_images_and_one_that_is_not_there(self):
        registry = self.registry()
        first, second = self.push(registry), self.push(registry, "example.test/init:1", "init:7")
        result = self.fails(1, "/nothing:1: ", "cache", "pull", first, registry.host + "/nothing:1", second)
        self.assertIn("HTTP status 404", result.err)
        self.assertEqual([line.split()[0] for line in self.ok("cache", "ls").out.splitlines()], sorted([first, second]))

    def test_schema_2_and_zstd(self):
        registry = self.registry()
        # skopeo compresses on its way what is not compressed.
        self.layout.name("example.test/plain:1",
                         self.layout.image([{"etc": None, "etc/a": b"a" * 5000}], compress=False))
        for form, image, options in (("zstd", "plain", ["--dest-compress-format", "zstd"]),
                                     ("docker", "init", ["--format", "v2s2"])):
            with self.subTest(form):
                name = self.push(registry, "example.test/%s:1" % image, form + ":1", *options)
                self.ok("cache", "pull", name, "--platform", "linux/amd64")
                manifest = self.manifest(name)
                self.assertIn(form, manifest["layers"][0]["mediaType"])

    def manifest(self, name):
        files = self.exported(name, "--platform", "linux/amd64")
        index = json.loads(files["index.json"])
        return json.loads(files["blobs/sha256/" + index["manifests"][0]["digest"].split(":")[1]])

    def test_by_digest(self):
        registry = self.registry()
        name = self.push(registry)
        digest = self.layout.manifests[2]["digest"]
        pinned = "%s/a/hello@%s" % (registry.host, digest)
        self.ok("cache", "pull", pinned)
        self.assertIn(pinned + " " + digest, self.ok("cache", "ls").out)
        self.fails(1, "HTTP status 404", "cache", "pull", name.replace(":1", "@sha256:" + "0" * 64))

    def test_nothing_comes_twice(self):
        name = self.push(self.registry())
        self.assertIn("blob ", self.ok("cache", "pull", name).err)
        self.assertNotIn("blob ", self.ok("cache", "pull", name).err)

    def test_a_damaged_small_blob_is_repaired(self):
        name = self.push(self.registry())
        self.ok("cache", "pull", name)
        for blob in self.files("cache", "blobs"):
            with open(self.path("cache", "blobs", blob), "r+b") as f:
                f.write(b"?")
        self.ok("cache", "pull", name)
        self.exported(name, "--platform", "linux/amd64")

    def test_repair_fetches_what_is_damaged_again(self):
        registry = self.registry()
        name = self.push(registry)
        self.ok("cache", "pull", name, "--platform", "linux/amd64")
        before = self.files("cache", "blobs")
        index = self.layout.manifests[2]["digest"].split(":")[1]
        # The name has come to mean something else.
        self.push(registry, "example.test/init:1", "a/hello:1")
        for i, blob in enumerate(before):
            path = self.path("cache", "blobs", blob)
            if i % 2 and index not in path:
                os.unlink(path)
            else:
                with open(path, "r+b") as f:
                    f.write(b"?")
        self.fails(1, "damaged or missing", "cache", "verify")
        self.ok("cache", "verify", "--repair")
        self.ok("cache", "verify")
        self.assertEqual(self.files("cache", "blobs"), before)
        registry.stop()
        os.unlink(self.path("cache", "blobs", before[0]))
        self.fails(1, "has to be fetched again", "cache", "verify", "--repair")

    def test_progress_for_programs(self):
        name = self.push(self.registry())
        events = self.json_lines(self.ok("--json", "cache", "pull", name).err)
        whole = [e for e in events if e["what"] == "pull"]
        self.assertEqual((whole[0]["progress"], whole[0]["done"]), ("begin", 0))
        self.assertEqual((whole[-1]["progress"], whole[-1]["done"]), ("end", whole[-1]["total"]))
        self.assertEqual(len([e for e in events if e["what"] == "blob" and e["progress"] == "end"]), 3)

    def test_mirrors_come_first_and_do_not_matter_when_they_fail(self):
        registry, mirror = self.registry(), self.registry("mirror")
        name = self.push(mirror, to="a/hello:1")
        there = name.replace(mirror.host, registry.host)
        self.fails(1, "HTTP status 404", "cache", "pull", there)
        self.ok("cache", "pull", there, "--mirror", "http://" + mirror.host)
        self.ok("cache", "clean")
        # A prefix, for one registry only.
        self.push(mirror, to="proxy/a/b/c:3")
        self.ok("cache", "pull", "quay.test/b/c:3", "--mirror", "quay.test=http://%s/proxy/a/" % mirror.host)
        mirror.stop()
        self.push(registry, to="a/hello:1")
        self.ok("cache", "pull", there, env={"LINUXKIT_MIRROR": "http://" + mirror.host})
        self.fails(2, "is not a mirror", "cache", "pull", there, "--mirror", "ftp://x")


class Secured(RegistryCase):
    def setUp(self):
        super().setUp()
        self.authority = registrylib.Authority(self.path("ca"))

    def test_certificates(self):
        name = self.push(self.registry(authority=self.authority))
        result = self.fails(1, "its certificate is not trusted", "cache", "pull", name)
        self.assertIn("--cert-file", result.err)
        self.fails(1, "its certificate is not trusted", "cache", "pull", name, "--insecure-registry", "other.test")
        self.ok("cache", "pull", name, "--insecure-registry", name.split("/")[0])
        self.ok("cache", "clean")
        self.ok("cache", "pull", name, "--cert-file", self.authority.certificate)
        self.ok("cache", "clean")
        self.ok("cache", "pull", name, env={"SSL_CERT_FILE": self.authority.certificate})
        self.ok("cache", "clean")
        self.ok("cache", "pull", name, env={"WHERRY_CERT_FILE": self.authority.certificate})
        self.fails(1, "no certificate", "cache", "pull", name, "--cert-file",
                   self.authority.key.replace(".key", ".ext"))

    def test_a_certificate_for_another_host_is_not_enough(self):
        name = self.push(self.registry(authority=self.authority, everywhere=True))
        port = name.split("/")[0].split(":")[1]
        self.ok("cache", "pull", name.replace("127.0.0.1", "localhost"), "--cert-file", self.authority.certificate)
        # All of 127.0.0.0/8 is this machine, but the certificate is for one address of it.
        self.fails(1, "its certificate is not trusted", "cache", "pull", "127.0.0.2:%s/a/hello:1" % port,
                   "--cert-file", self.authority.certificate)

    def test_a_proxy(self):
        self.authority.key, self.authority.chain = self.authority.make("named", "DNS:registry.test,IP:127.0.0.1")
        registry = self.registry(authority=self.authority)
        self.push(registry)
        proxy = proxylib.Proxy({"registry.test:443": registry.port})
        self.addCleanup(proxy.stop)
        pull = ["cache", "pull", "registry.test/a/hello:1", "--cert-file", self.authority.certificate]
        self.ok(*pull, env={"HTTPS_PROXY": "http://me:secret@" + proxy.host})
        self.assertEqual(set(proxy.asked), {("registry.test:443", "Basic " + base64.b64encode(b"me:secret").decode())})
        # What it refuses is not fetched in another way, and hosts that are excepted are asked directly.
        self.fails(1, "the proxy does not connect to it (HTTP status 403)", "cache", "pull", "other.test/a:1",
                   env={"HTTPS_PROXY": "http://" + proxy.host})
        self.assertEqual([where for where, _ in proxy.asked].count("other.test:443"), 1)
        proxy.refusal = 407
        self.fails(1, "the proxy wants a login", *pull, env={"HTTPS_PROXY": "http://" + proxy.host})
        asked = len(proxy.asked)
        self.fails(1, "registry.test", *pull, env={"HTTPS_PROXY": "http://" + proxy.host, "NO_PROXY": "registry.test"})
        # This machine is never asked through one.
        self.ok("cache", "pull", registry.host + "/a/hello:1", *pull[3:], env={"HTTPS_PROXY": "http://" + proxy.host})
        self.assertEqual(len(proxy.asked), asked)

    def auth_file(self, host, user, password, name=".docker/config.json"):
        auth = base64.b64encode(("%s:%s" % (user, password)).encode()).decode()
        return self.write(name, json.dumps({"auths": {host: {"auth": auth}}}))

    def test_logins_with_a_password(self):
        registry = self.registry(users={"me": "secret"}, authority=self.authority)
        name = self.push(registry, HELLO, "a/hello:1", "--dest-creds", "me:secret")
        pull = ["cache", "pull", name, "--cert-file", self.authority.certificate]
        result = self.fails(1, registry.host + " wants a login", *pull)
        self.assertIn("wherry login " + registry.host, result.err)
        self.auth_file(registry.host, "me", "wrong")
        self.fails(1, "does not accept the login", *pull)
        for path in ".docker/config.json", ".config/containers/auth.json":
            with self.subTest(path):
                shutil.rmtree(self.path(".docker"), ignore_errors=True)
                self.auth_file(registry.host, "me", "secret", path)
                self.ok("cache", "clean")
                self.ok(*pull)
        os.unlink(self.path(".config/containers/auth.json"))
        self.ok("cache", "clean")
        self.auth_file("https://%s/v2/" % registry.host, "me", "secret", "elsewhere/auth.json")
        self.ok(*pull, env={"REGISTRY_AUTH_FILE": self.path("elsewhere/auth.json")})
        self.ok("cache", "clean")
        self.auth_file(registry.host + "/a", "me", "secret", "run/containers/auth.json")
        self.ok(*pull, env={"XDG_RUNTIME_DIR": self.path("run")})

    def test_logins_with_a_helper(self):
        registry = self.registry(users={"me": "secret"}, authority=self.authority)
        name = self.push(registry, HELLO, "a/hello:1", "--dest-creds", "me:secret")
        pull = ["cache", "pull", name, "--cert-file", self.authority.certificate]
        env = {"PATH": self.path("bin") + ":" + self.env["PATH"]}
        self.write("bin/docker-credential-safe", '#!/bin/sh\nread host; test "$1 $host" = "get %s" || exit 3\n'
                   'echo \'{"ServerURL":"x","Username":"me","Secret":"secret"}\'\n' % registry.host, 0o755)
        for content in {"credsStore": "safe"}, {"credHelpers": {registry.host: "safe"}}:
            with self.subTest(content):
                self.write(".docker/config.json", json.dumps(content))
                self.ok(*pull, env=env)
                self.ok("cache", "clean")
        self.write(".docker/config.json", json.dumps({"credsStore": "../bin/docker-credential-safe"}))
        self.fails(1, "is not a credential helper", *pull, env=env)
        self.write(".docker/config.json", json.dumps({"credsStore": "missing"}))
        self.assertIn("docker-credential-missing", self.fails(1, "wants a login", *pull, env=env).err)
        self.write("bin/docker-credential-safe", "#!/bin/sh\necho no luck; exit 1\n", 0o755)
        self.write(".docker/config.json", json.dumps({"credsStore": "safe"}))
        self.fails(1, "docker-credential-safe get failed: no luck", *pull, env=env)


if __name__ == "__main__":
    harness.main()
