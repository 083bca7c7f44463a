# SPDX-License-Identifier: Apache-2.0
"""Component images and a registry: push with its flags, an index of what is there, second tags, pull before build."""
import json
import os
import subprocess

import harness
from harness import WHERRY
from registrycase import RegistryCase

YML = "image: a/one\nfiles: [{path: etc/one, contents: one}]\n"


class Components(RegistryCase):
    def setUp(self):
        super().setUp()
        self.link = self.path("linuxkit")
        os.symlink(WHERRY, self.link)
        self.host = self.registry().host
        self.write("one/build.yml", YML)
        self.options = ["--org", self.host, "--hash", "v1"]

    def pkg(self, verb, *args, program=WHERRY, code=0, cache=None):
        more = ["--cache", self.path(cache)] if cache else []
        result = self.run_wherry("pkg", verb, *self.options, *more, *args, program=program)
        self.assertEqual(result.code, code, result)
        return result

    def tags(self):
        listed = self.skopeo("list-tags", "--tls-verify=false", "docker://%s/a/one" % self.host)
        return sorted(json.loads(listed)["Tags"])

    def raw(self, tag):
        return json.loads(self.skopeo("inspect", "--raw", "--tls-verify=false", "docker://%s/a/one:%s" %
                                      (self.host, tag)))

    def test_build_can_push(self):
        self.pkg("build", "--push", "--release", "2.0", "one")
        self.assertEqual(self.tags(), ["2.0", "v1"])
        self.assertEqual(self.raw("v1"), self.raw("2.0"))

    def test_under_the_name_linuxkit_each_platform_has_a_tag(self):
        self.pkg("push", "--platforms", "linux/amd64,linux/arm64", "one", program=self.link)
        self.assertEqual(self.tags(), ["v1", "v1-amd64", "v1-arm64"])

    def test_nobuild(self):
        self.assertIn("is not in the store", self.pkg("push", "--nobuild", "one", code=1).err)
        self.pkg("build", "one")
        self.pkg("push", "--nobuild", "one")
        self.assertEqual(self.tags(), ["v1"])

    def test_an_index_of_what_is_there(self):
        self.pkg("push", "--manifest=false", "--platforms", "linux/amd64", "one", cache="x")
        self.pkg("push", "--manifest=false", "--platforms", "linux/arm64", "one", cache="y")
        self.assertEqual(self.tags(), ["v1-amd64", "v1-arm64"])
        self.assertRegex(self.pkg("manifest", "one").out, r"/a/one:v1 sha256:[0-9a-f]{64} amd64, arm64\n$")
        shown, = self.json_lines(self.pkg("manifest", "--json", "one").out)
        self.assertEqual(shown["architectures"], ["amd64", "arm64"])
        index = self.raw("v1")
        self.assertEqual([m["platform"]["architecture"] for m in index["manifests"]], ["amd64", "arm64"])
        self.ok("cache", "pull", "--all-platforms", "%s/a/one:v1" % self.host)
        self.ok("cache", "verify")
        result = self.pkg("index", "--release", "none", "one", code=1)
        self.assertIn("the registry has no image %s/a/one:none-ARCH" % self.host, result.err)

    def test_a_changed_directory_is_no_release(self):
        self.options = ["--org", self.host]
        for words in (["init", "-q"], ["add", "."], ["-c", "user.name=t", "-c", "user.email=t@example.test", "commit",
                                                     "-qm", "x"]):
            subprocess.run(["git", "-C", self.path("one"), *words], check=True, timeout=60, env=self.env)
        self.write("one/new", "x")
        for words in (["push", "--release", "1.0", "one"], ["manifest", "--release", "1.0", "one"]):
            self.assertIn("has changes that are not committed", self.pkg(*words, code=1).err)

    def test_a_second_tag(self):
        self.pkg("push", "--platforms", "linux/amd64,linux/arm64", "one")
        first, second = ["%s/a/one:%s" % (self.host, tag) for tag in ("v1", "latest")]
        self.assertRegex(self.ok("pkg", "remote-tag", first, second).out, "^%s sha256:[0-9a-f]{64}\n$" % second)
        self.assertIn(" (was there already)\n", self.ok("pkg", "remote-tag", first, second).out)
        self.assertIs(self.json_lines(self.ok("pkg", "remote-tag", "--json", first, second).out)[0]["there"], True)
        self.assertEqual(self.raw("latest"), self.raw("v1"))
        self.fails(1, "can't read %s/a/one:nosuch" % self.host, "pkg", "remote-tag", "%s/a/one:nosuch" % self.host,
                   second)

    def test_pulled_instead_of_built(self):
        self.pkg("push", "one")
        self.assertIn("(pulled)", self.pkg("build", "--pull", "one", cache="x").out)
        self.assertIn("(was in the cache)", self.pkg("build", "--pull", "one", cache="x").out)
        result = self.pkg("build", "one", cache="y")
        self.assertNotIn("(", result.out)
        # One that only Docker could build: under the name linuxkit, the registry is asked anyway.
        self.write("one/build.yml", "image: a/one\n")
        self.assertIn("would have to be built from a Dockerfile, and has no Dockerfile\n",
                      self.pkg("build", "one", cache="z", code=1).err)
        self.assertIn("(pulled)", self.pkg("build", "one", cache="z", program=self.link).out)

    def test_an_image_that_a_dockerfile_names_is_pulled(self):
        self.pkg("push", "one")
        self.ok("cache", "export", "--format", "oci", "--outfile", "image.tar", "%s/a/one:v1" % self.host)
        self.write("two/build.yml", "image: a/two\n")
        self.write("two/Dockerfile", "FROM %s/a/one:v1\n" % self.host)
        os.mkdir(self.path("bin"))
        os.symlink(os.path.join(os.path.dirname(os.path.abspath(__file__)), "standin.py"), self.path("bin/buildctl"))
        self.env.update(PATH=self.path("bin") + ":" + self.env["PATH"], STANDIN_LOG=self.path("log"),
                        STANDIN_RESULT=self.dir, STANDIN_ARCH="image")
        self.pkg("push", "--builder", "buildctl", "two", cache="z")
        self.assertIn("/a/one:v1 ", self.ok("cache", "ls", "--cache", "z").out)
        with open(self.path("log"), encoding="utf-8") as f:
            self.assertEqual(json.loads(f.readline())["layouts"], ["image-1"])
        self.assertIn("(pulled)", self.pkg("build", "--pull", "two", cache="y").out)

    def test_built_when_the_registry_does_not_have_it(self):
        result = self.pkg("build", "--pull", "one")
        self.assertIn("/a/one:v1 sha256:", result.out)


if __name__ == "__main__":
    harness.main()
