#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `check` and `build` say about the images that the cache has: programs that are missing, no init, no runtime."""
import os
import re

import ocilib
from harness import Case, main

# An entry's keys, and the program that it lacks; None: nothing is said.
COMMANDS = [
    ("", None),
    ("command: [/usr/bin/tool]", None),
    ("command: [/bin/tool, -x]", None),  # /bin leads to usr/bin
    ("command: [/usr/bin/link]", None),  # to /opt/tool
    ("command: [tool]", None),
    ("command: [bin/tool]", None),
    ("command: [./tool]\n    cwd: /usr/bin", None),
    ("command: [/sbin/dhcpcd]", "/sbin/dhcpcd"),
    ("command: [/usr/bin/data]", "/usr/bin/data"),  # is not executable
    ("command: [/usr/bin]", "/usr/bin"),
    ("command: [/usr/bin/nowhere]", "/usr/bin/nowhere"),  # a symlink to nothing
    ("command: [/usr/bin/loop]", "/usr/bin/loop"),
    ("command: [dhcpcd]", "dhcpcd"),
    ("command: [far]", "far"),
    ("command: [far]\n    env: ['PATH=/bin:/opt']", None),
    ("command: [tool]\n    env: ['PATH=/etc']", "tool"),
    ("command: [tool]\n    env.add: ['PATH=/etc']", "tool"),
    ("command: [tool]\n    env: [A=b]", None),
    ("command: [./tool]", "./tool"),
    ("command: [/sbin/dhcpcd]\n    binds: ['/sbin:/sbin']", None),
    ("command: [/usr/bin/x]\n    binds: ['/x:/bin/x']", None),
    ("command: [/bin/x]\n    binds: ['/x:/usr/bin/x']", None),
    ("command: [/bin/x]\n    binds: ['/x:/usr/bin/xy']", "/bin/x"),
    ("command: [x]\n    tmpfs: [/usr/local]\n    env: ['PATH=/bin:/usr/local/bin']", None),
    ("command: [/x/y]\n    mounts: [{type: tmpfs, destination: /x}]", None),
    ("command: [/proc/self/exe]", None),
    ("command: [/../usr/bin/tool]", None),
    ("command: []", None),
]


class Doubts(Case):
    def setUp(self):
        super().setUp()
        self.layout = ocilib.standard(self.path("layout"))
        self.image("tool", {"usr": None, "usr/bin": None, "usr/bin/tool": b"x", "usr/bin/data": b"x", "bin": "usr/bin",
                            "opt": None, "opt/tool": b"x", "opt/far": b"x", "usr/bin/link": "/opt/tool",
                            "usr/bin/nowhere": "/no/such", "usr/bin/loop": "loop"},
                   config={"Entrypoint": ["tool"], "Env": ["PATH=/usr/bin"]})
        self.image("label", {"tool": b"x"}, config={"Labels": {
            "org.mobyproject.config": '{"command": ["/gone"], "binds": ["/etc:/etc"]}'}})
        self.image("none", {"etc": None}, config={"Cmd": ["/bin/sh", "-c", "x"]})
        self.image("init", {"init": b"x", "usr": None, "usr/bin": None, "usr/bin/crun": b"x"})
        self.image("onlyinit", {"init": "/bin/x"})
        self.image("onlycrun", {"usr": None, "usr/bin": None, "usr/bin/crun": b"x"})

    def image(self, name, files, config=None):
        layer = ocilib.layer(files, {"usr/bin/data": 0o644})
        self.layout.name("example.test/%s:2" % name, self.layout.image([layer], config=config or {}))

    def doubts(self, text, *args, code=0):
        self.write("os.yml", text)
        result = self.run_wherry("check", *args, "os.yml")
        self.assertEqual(result.code, code, result)
        return result.err

    def entry(self, keys, image="tool"):
        return "services:\n  - name: web\n    image: example.test/%s:2\n    %s\n" % (image, keys)

    def test_programs(self):
        self.ok("cache", "import", "layout")
        for _ in "looked at", "remembered":
            for keys, lacks in COMMANDS:
                err = self.doubts(self.entry(keys))
                found = re.findall(r"'web' will not start: its image has no program '(.*?)'", err)
                self.assertEqual(found, [lacks] if lacks else [], (keys, err))
                if lacks:
                    self.assertIn("os.yml:4:15: warning: 'web'", err)
                    self.assertIn("hint: 'wherry ls example.test/tool:2' lists what is in it", err)
        err = self.doubts(self.entry("command: [dhcpcd]"))
        self.assertIn("has no program 'dhcpcd' in PATH (/usr/bin)\n", err)
        self.assertIn("with --strict", self.doubts(self.entry("command: [dhcpcd]"), "--strict", code=1))
        self.assertEqual(self.doubts(self.entry("command: [dhcpcd]"), "-q"), "")

    def test_what_the_image_says_it_runs(self):
        self.ok("cache", "import", "layout")
        self.assertIn("os.yml:3:12: warning: 'web' will not start: its image has no program '/bin/sh', which it says "
                      "it runs\n", self.doubts(self.entry("", "none")))
        self.assertIn("'/gone', which", self.doubts(self.entry("", "label")))
        self.assertEqual(self.doubts(self.entry("command: [/tool]", "label")), "")
        self.assertEqual(self.doubts(self.entry("command: [/etc/x]", "label")), "")
        self.assertIn("'/etc/x'", self.doubts(self.entry("command: [/etc/x]\n    binds: []", "label")))

    def test_a_file_of_the_yaml(self):
        self.ok("cache", "import", "layout")
        for below, lacks in ("rootfs/sbin/x", False), ("lower/sbin/x", False), ("rootfs/sbin/y", True):
            text = self.entry("command: [/sbin/x]") + (
                "files:\n  - {path: containers/services/web/%s, contents: '', mode: '0755'}\n" % below)
            self.assertEqual("will not start" in self.doubts(text), lacks, below)

    def test_images_that_are_not_here(self):
        text = self.entry("command: [/sbin/x]")
        self.assertEqual(self.doubts(text), "")
        self.assertFalse(os.path.exists(self.path("cache")))
        self.ok("cache", "ls")
        self.assertEqual(self.doubts(text), "")
        self.ok("cache", "import", "layout")
        self.assertIn("'/sbin/x'", self.doubts(text))
        self.ok("lock", "--offline", "os.yml")
        self.assertIn("'/sbin/x'", self.doubts(text))
        self.ok("cache", "tag", "example.test/none:2", "example.test/tool:2")
        self.assertEqual(self.doubts(text), "")  # the one of the lock file is not looked up
        os.unlink(self.path("os.yml.lock"))
        self.assertIn("'/sbin/x'", self.doubts(text))
        self.ok("cache", "rm", "example.test/tool:2")
        self.assertEqual(self.doubts(text), "")

    def test_init_images(self):
        self.ok("cache", "import", "layout")
        kernel = "kernel: {image: 'example.test/kernel:1', cmdline: console=ttyS0}\n"
        init, crun = "no init image has an /init", "no init image has an OCI runtime"
        for images, expected in ((["init"], []), (["onlyinit"], [crun]), (["onlycrun"], [init]),
                                 (["none"], [init, crun]), (["onlyinit", "onlycrun"], []), (["none", "away"], [])):
            text = kernel + "init: [%s]\n" % ", ".join("'example.test/%s:2'" % i for i in images) + self.entry("")
            err = self.doubts(text)
            self.assertEqual([w for w in (init, crun) if w in err], expected, images)
        none = "init: ['example.test/none:2']\n"
        for text in (kernel.replace("ttyS0", "ttyS0 init=/x") + none,
                     kernel.replace("ttyS0", "ttyS0 root=/dev/vda") + none, none,
                     kernel + none + "files:\n  - {path: init, contents: x, mode: '0755'}\n"):
            self.assertEqual(self.doubts(text), "")

    def test_build_says_the_same(self):
        self.ok("cache", "import", "layout")
        text = ("kernel: {image: 'example.test/kernel:1', cmdline: console=ttyS0}\ninit: ['example.test/none:2']\n" +
                self.entry("command: [/sbin/x]"))
        warnings = [line for line in self.doubts(text).splitlines() if "warning" in line]
        self.assertEqual(len(warnings), 3)
        for _ in "first", "again":
            err = self.ok("build", "--no-sbom", "--dir", ".", "--offline", "os.yml").err
            self.assertEqual([line for line in err.splitlines() if "warning" in line], warnings)
        os.unlink(self.path("os-initrd.img"))
        err = self.fails(1, warnings[0].replace("warning: ", ""), "build", "--strict", "--dir", ".", "os.yml").err
        self.assertEqual(len([line for line in err.splitlines() if line.startswith("os.yml:")]), 3)
        self.assertFalse(os.path.exists(self.path("os-initrd.img")))

    def test_layers_are_read_once(self):
        self.ok("cache", "import", "layout")
        text = self.entry("command: [/sbin/x]")
        self.assertIn("'/sbin/x'", self.doubts(text))
        for name in os.listdir(self.path("cache", "blobs", "sha256")):
            path = self.path("cache", "blobs", "sha256", name)
            with open(path, "rb") as f:
                content = f.read()
            if not content.startswith(b"{"):
                with open(path, "wb") as f:
                    f.write(b"x" * len(content))
        self.assertIn("'/sbin/x'", self.doubts(text))


if __name__ == "__main__":
    main()
