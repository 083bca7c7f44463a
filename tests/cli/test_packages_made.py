#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`build` and `lock` make the images of packages that are missing."""
import json
import os
import tarfile

import ocilib
from harness import Case, main

YML = "image: %s\nfiles: [{path: %s, contents: '%s'}]\n"


class PackagesMade(Case):
    def setUp(self):
        super().setUp()
        ocilib.standard(self.path("layout"))
        self.ok("-q", "cache", "import", "layout")
        self.write("one/build.yml", YML % ("one", "one", "1"))
        self.write("two/build.yml", YML % ("two", "two", "2"))
        images = "init:\n  - '@pkg:one'\n  - '@pkg:two'\n  - '@pkg:one'\n"
        self.write("os.yml", ocilib.OS_YML.replace("init:\n", images))

    def build(self, *args, **more):
        return self.ok("build", "--arch", "amd64", "--format", "tar", "-o", "os.tar", "os.yml", *args, **more)

    def content(self, name):
        with tarfile.open(self.path("os.tar")) as tar:
            return tar.extractfile(name).read().decode()

    def test_they_are_made_once_and_again_after_a_change(self):
        result = self.build()
        self.assertEqual(result.err.count("package wherry/one:"), 1)
        self.assertEqual(result.err.count("package wherry/two:"), 1)
        self.assertEqual((self.content("one"), self.content("two")), ("1", "2"))
        self.assertNotIn("package wherry/", self.build().err)
        self.write("two/build.yml", YML % ("two", "two", "changed"))
        result = self.build()
        self.assertNotIn("package wherry/one:", result.err)
        self.assertEqual((self.content("one"), self.content("two")), ("1", "changed"))

    def test_nobody_is_asked_for_the_default_organisation(self):
        """Whoever asks is told by the proxy, which does not exist."""
        for args in ([], ["--pull"], ["--no-build-packages"]):
            result = self.run_wherry("build", *args, "os.yml", env={"WHERRY_CACHE": self.path("other")})
            self.assertNotIn("wherry/one", "".join(line for line in result.err.splitlines() if "pulled" in line))

    def test_others_are_asked_for_at_their_registry_first(self):
        self.write("two/build.yml", "org: me\n" + YML % ("two", "two", "2"))
        result = self.build()
        self.assertRegex(result.err, r"warning: me/two:\w+ can't be pulled: ")
        self.assertEqual(self.content("two"), "2")
        os.remove(self.path("os.tar"))
        self.write("two/build.yml", "org: you\n" + YML % ("two", "two", "3"))
        self.assertNotIn("pulled", self.build("--offline").err)
        self.assertEqual(self.content("two"), "3")

    def test_all_that_fail_are_reported_with_their_places(self):
        self.write("one/build.yml", "image: one\nfiles: [{path: x, source: none}]\n")
        self.write("two/build.yml", "image: two\n")
        result = self.fails(1, "one/build.yml:2:9: can't open none: ", "build", "--arch", "amd64", "os.yml")
        self.assertIn("os.yml:6:5: package two: ", result.err)
        self.assertIn("would have to be built from a Dockerfile", result.err)
        self.assertFalse(os.path.exists(self.path("os-kernel")))

    def test_engines_can_run_what_it_is_for(self):
        """What `config` says for an OS is in the image's own configuration as well."""
        self.write("one/build.yml", "image: one\nfiles: [{path: x, contents: x}]\nconfig:\n  command: [/x, -v]\n"
                   "  env: [A=1]\n  cwd: /srv\n  uid: 33\n  gid: 34\n  wherry: {stop-signal: SIGQUIT}\n")
        self.write("two/build.yml", "image: two\nentrypoint: [/x]\nfiles: [{path: x, contents: x}]\n"
                   "config: {command: [/y], uid: web, env.add: [PATH=/y]}\n")
        self.ok("pkg", "build", "one", "two")
        found = []
        for name in ("one", "two"):
            tag = self.ok("pkg", "show-tag", name).out.strip()
            found.append(json.loads(self.ok("inspect", "--json", tag).out))
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        text = json.dumps(found[0])
        for part in ('["/x", "-v"]', '["A=1", "%s"]' % path, '"/srv"', '"33:34"', '"SIGQUIT"'):
            self.assertIn(part, text)
        text = json.dumps(found[1])
        self.assertIn('["PATH=/y"]', text)
        self.assertIn('["/x"]', text)
        self.assertNotIn('["/y"]', text)

    def test_it_can_be_turned_off(self):
        result = self.fails(1, "os.yml:5:5: image docker.io/wherry/one:", "build", "--no-build-packages", "os.yml")
        self.assertIn("os.yml:6:5: image docker.io/wherry/two:", result.err)
        self.assertEqual(result.err.count("hint:"), 1)
        self.assertIn("  hint: make them with: wherry pkg build one two\n", result.err)
        result = self.fails(1, "hint: make them with: wherry pkg build one two", "lock", "--no-build-packages",
                            "os.yml")
        self.assertEqual(result.err.count("hint:"), 1)
        # LinuxKit makes none.
        self.fails(1, "hint: make them with: wherry pkg build one two", "build", "--compat", "--offline", "os.yml")
        self.ok("pkg", "build", "one")
        self.fails(1, "hint: make it with: wherry pkg build two", "build", "--no-build-packages", "os.yml")

    def test_lock_makes_them_and_a_build_makes_what_is_locked(self):
        locked = {line.split()[0]: line.split()[1] for line in self.ok("lock", "os.yml").out.splitlines()}
        one = [name for name in locked if "/wherry/one:" in name][0]
        self.ok("cache", "rm", one)
        self.ok("cache", "gc")
        self.build("--locked")
        self.assertEqual(self.content("one"), "1")
        with open(self.path("os.yml.lock"), encoding="utf-8") as f:
            self.assertEqual(json.load(f)["images"][one]["digest"], locked[one])
        self.write("two/build.yml", YML % ("two", "two", "changed"))
        self.fails(1, "is not in os.yml.lock", "build", "--locked", "--arch", "amd64", "os.yml")

    def test_a_layout_has_all_its_platforms(self):
        with open(self.path("os.yml"), "a", encoding="utf-8") as f:
            f.write("volumes: [{name: v, image: '@pkg:three', format: oci, platforms: [linux/amd64, linux/arm64]}]\n")
        self.write("three/build.yml", YML % ("three", "three", "3"))
        result = self.build()
        self.assertEqual(result.err.count("package wherry/three:"), 2)
        self.fails(1, "hint: make it with: wherry pkg build --arch amd64 three", "build", "--no-build-packages",
                   "--arch", "amd64", "os.yml", env={"WHERRY_CACHE": self.without("three")})

    def without(self, name):
        """Another cache, which lacks one of the packages."""
        env = {"WHERRY_CACHE": self.path("less")}
        self.ok("-q", "cache", "import", "layout", env=env)
        self.ok("-q", "pkg", "build", "--arch", "amd64", *({"one", "two", "three"} - {name}), env=env)
        return env["WHERRY_CACHE"]


if __name__ == "__main__":
    main()
