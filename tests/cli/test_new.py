#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""new: YAML files to start from. That they boot is tested with the examples."""
import json
import os

import ocilib
from harness import Case, WHERRY, main

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
STARTERS = ("minimal", "nginx", "docker", "appliance")
BUILD = {"docker": "--format kernel+squashfs "}
RUN = {"nginx": "--publish 8080:80 ", "appliance": "--publish 8080:80 ",
       "docker": "--publish 8080:8080 --disk docker.qcow2,size=8G,format=qcow2 "}


class New(Case):
    def check(self, file):
        """The YAML as it was read, without a warning."""
        result = self.ok("check", "--pkg-path", os.path.join(ROOT, "pkg"), file)
        self.assertEqual(result.err, "")

    def image(self, **config):
        """An image in the cache, whose name it returns."""
        layout = ocilib.standard(self.path("layout"))
        layout.name("registry.test:5000/team/shop-db:7", layout.image([{"bin/db": b"x"}], config=config))
        self.ok("-q", "cache", "import", "layout")
        return "registry.test:5000/team/shop-db:7"

    def test_each_starter_is_valid(self):
        for starter in STARTERS:
            result = self.ok("new", "--from", starter, starter)
            self.assertIn("wherry build %s%s.yml\n" % (BUILD.get(starter, ""), starter), result.out)
            self.assertIn("wherry run qemu %s%s\n" % (RUN.get(starter, ""), starter), result.out)
            self.check(starter + ".yml")
            with open(self.path(starter + ".yml"), encoding="utf-8") as f:
                text = f.read()
            self.assertTrue(text.startswith("# %s: " % starter))
            self.assertNotRegex(text, r"@[A-Z]+@")
            self.assertLessEqual(max(map(len, text.splitlines())), 120)

    def test_minimal_is_the_default(self):
        self.ok("new", "shop")
        self.ok("new", "other.yml", "--from", "minimal")
        with open(self.path("shop.yml"), encoding="utf-8") as a, open(self.path("other.yml"), encoding="utf-8") as b:
            self.assertEqual(a.read().replace("shop", "other"), b.read())

    def test_docker_image(self):
        name = self.image(ExposedPorts={"53/udp": {}, "80/tcp": {}}, Volumes={"/data": {}}, Cmd=["/bin/db"])
        result = self.ok("new", "shop", "--from", "docker-image", name)
        self.assertIn("wherry run qemu --publish 8080:80 shop", result.out)
        with open(self.path("shop.yml"), encoding="utf-8") as f:
            text = f.read()
        for part in ("  - name: shop-db\n", 'image: "%s"' % name, "capabilities: [docker]", "- /var/lib/shop-db:/data"):
            self.assertIn(part, text)
        self.check("shop.yml")
        # What the comments tell to add is right as well.
        lines = [line.replace("    #   ", "    ", 1) for line in text.splitlines()]
        self.write("kept.yml", "\n".join(lines) + "\n")
        self.check("kept.yml")
        resolved = self.ok("build", "--dry-run", "--pkg-path", os.path.join(ROOT, "pkg"), "kept.yml").out
        self.assertIn("/var/lib/shop-db:/data", resolved)

    def test_each_volume_has_a_directory_of_its_own(self):
        name = self.image(Volumes={"/data/db": {}, "/data/configdb": {}, "": {}, "../x": {}, "/a:b": {}},
                          Cmd=["/bin/db"])
        self.ok("new", "shop", "--from", "docker-image", name)
        with open(self.path("shop.yml"), encoding="utf-8") as f:
            lines = [line.replace("    #   ", "    ", 1) for line in f]
        self.write("kept.yml", "".join(lines))
        resolved = self.ok("build", "--dry-run", "--pkg-path", os.path.join(ROOT, "pkg"), "kept.yml").out
        for path in ("/data/db", "/data/configdb"):
            self.assertIn("- /var/lib/shop-db%s:%s\n" % (path, path), resolved)
            self.assertIn("- /var/lib/shop-db%s\n" % path, resolved)
        self.assertNotIn("a:b", resolved)
        self.assertNotIn("../x", resolved)

    def test_a_port_of_everybody_stays(self):
        name = self.image(ExposedPorts={"6379/tcp": {}})
        self.assertIn("--publish 6379:6379 ", self.ok("new", "shop", "--from", "docker-image", name).out)

    def test_an_image_cannot_write_yaml(self):
        name = self.image(ExposedPorts={"x\ny/tcp": {}, "99999": {}}, Volumes={"/a\nonboot: [evil]\n#": {}},
                          Cmd=["/bin/db"])
        result = self.ok("new", "shop", "--from", "docker-image", name)
        self.assertNotIn("--publish", result.out)
        with open(self.path("shop.yml"), encoding="utf-8") as f:
            self.assertNotIn("\nonboot: [evil]", f.read())
        self.check("shop.yml")

    def test_an_image_that_is_nowhere(self):
        result = self.fails(1, "registry.test:5000/none:1", "new", "shop", "--from", "docker-image",
                            "registry.test:5000/none:1")
        self.assertIn("hint: ", result.err)
        self.assertFalse(os.path.exists(self.path("shop.yml")))

    def test_a_file_that_is_there_stays(self):
        self.write("shop.yml", "mine\n")
        self.fails(1, "shop.yml is already there", "new", "shop")
        with open(self.path("shop.yml"), encoding="utf-8") as f:
            self.assertEqual(f.read(), "mine\n")
        self.ok("new", "--force", "shop")

    def test_wrong_usage(self):
        for args in (["-x"], ["a/"], ["..", ], ["a b"], ["a\nb"], ["x" * 65], ["shop", "redis:7"],
                     ["shop", "--from", "docker-image"], ["shop", "--from", "nothing"]):
            self.assertEqual(self.run_wherry("new", *args).code, 2, args)
        self.assertEqual(os.listdir(self.path("cache")) if os.path.exists(self.path("cache")) else [], [])

    def test_what_comes_next_is_typed_as_it_is(self):
        os.symlink(WHERRY, self.path("linuxkit"))
        result = self.run_wherry("new", "shop", program=self.path("linuxkit"))
        self.assertIn("    linuxkit build shop.yml\n", result.out)
        self.assertIn("    linuxkit run qemu shop", result.out)

    def test_json(self):
        self.assertEqual(json.loads(self.ok("new", "--json", "shop").out), {"file": "shop.yml"})


if __name__ == "__main__":
    main()
