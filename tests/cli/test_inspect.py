#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Looking into images: inspect, ls, cat."""
import hashlib
import json
import os
import subprocess

import ocilib
from harness import WHERRY, Case, main


class Inspect(Case):
    HELLO = "example.test/hello:1"

    def setUp(self):
        super().setUp()
        layout = ocilib.standard(self.path("layout"))
        base = {"etc": None, "etc/os-release": "-> ../usr/lib/os-release", "usr": None, "usr/lib": None,
                "usr/lib/os-release": b"NAME=test\n", "gone": b"x", "evil": "-> /etc/passwd",
                "up": "-> ../../../../etc/shadow",
                "odd\x1b[31mname": b"x", "loop": "-> loop"}
        top = {".wh.gone": b"", "etc/new": b"new\n", "usr/lib/os-release": b"NAME=newer\n"}
        layout.name("example.test/files:1", layout.image(
            [base, top], labels={"org.test": "a=b"}, arch="arm64",
            config={"Entrypoint": ["/bin/a b"], "Cmd": ["c"], "Env": ["A=1", "B=2"], "User": "nobody",
                    "WorkingDir": "/w"}))
        self.layout = layout
        self.ok("cache", "import", "layout")

    def inspect(self, *args):
        return json.loads(self.ok("inspect", "--json", *args).out)

    def test_inspect(self):
        self.maxDiff = None
        image = self.inspect("example.test/files:1")
        # What it has is for another machine, which is all there is to show.
        self.assertEqual(image["platform"], "linux/arm64")
        self.assertEqual((image["entrypoint"], image["cmd"]), (["/bin/a b"], ["c"]))
        self.assertEqual((image["env"], image["user"], image["workingDir"]), (["A=1", "B=2"], "nobody", "/w"))
        self.assertEqual(image["labels"], {"org.test": "a=b"})
        self.assertEqual(len(image["layers"]), 2)
        for layer in image["layers"]:
            with open(self.layout.blob_path(layer["digest"]), "rb") as f:
                self.assertEqual(layer["size"], len(f.read()))
        text = self.ok("inspect", "example.test/files:1").out
        for part in ('["/bin/a b"]', "A=1", "org.test=a=b", image["digest"], "linux/arm64"):
            self.assertIn(part, text)

    def test_how_an_image_is_used(self):
        config = {"Volumes": {"/data": {}}, "ExposedPorts": {"53/udp": {}, "6379/tcp": {}},
                  "Healthcheck": {"Test": ["CMD-SHELL", "check || exit 1"], "Interval": 10 * 10 ** 9, "Retries": 2}}
        self.layout.name("example.test/db:1", self.layout.image([{}], config=config))
        self.ok("-q", "cache", "import", "layout")
        image = self.inspect("example.test/db:1")
        self.assertEqual((image["volumes"], image["ports"]), (["/data"], ["53/udp", "6379/tcp"]))
        self.assertEqual(image["health"], {"command": ["/bin/sh", "-c", "check || exit 1"], "interval": 10000,
                                           "timeout": 30000, "startPeriod": 0, "retries": 2})
        text = self.ok("inspect", "example.test/db:1").out
        for line in ("ports       53/udp", "            6379/tcp", "volumes     /data",
                     'health      ["/bin/sh","-c","check || exit 1"]',
                     "            every 10 s, 30 s each, 2 failures in a row"):
            self.assertIn(line + "\n", text)
        plain = self.inspect("example.test/files:1")
        self.assertEqual((plain["volumes"], plain["ports"], "health" in plain), ([], [], False))

    def test_data_that_a_reboot_takes_away(self):
        self.layout.name("example.test/db:1", self.layout.image([{}], config={"Volumes": {"/data": {}},
                                                                              "Cmd": ["/x"]}))
        self.ok("-q", "cache", "import", "layout")
        text = "services: [{name: db, image: example.test/db:1%s}]\n"
        said = "'db' keeps data in /data, which "
        for keys, told in (("", said + "is in memory and lost at a reboot"),
                           (", readonly: true", said + "can't be written to"),
                           (", binds: ['/var/lib/db:/data']", ""), (", tmpfs: [/data]", "")):
            with self.subTest(keys=keys):
                self.write("os.yml", text % keys)
                err = self.ok("build", "--format", "tar", "os.yml").err
                self.assertIn(told, err)
                self.assertEqual(bool(told), said in err)
                self.assertNotIn(said, self.ok("build", "--compat", "--format", "tar", "os.yml").err)

    def test_what_a_label_asks_for(self):
        label = {"capabilities": ["CAP_NET_ADMIN"], "binds": ["/run:/run", "volume:/v"], "pid": "host", "ipc": "new",
                 "wherry": {"seccomp": "none"}}
        self.layout.name("example.test/asks:1",
                         self.layout.image([{}], labels={"org.mobyproject.config": json.dumps(label)}))
        self.ok("-q", "cache", "import", "layout")
        asks = ["capabilities: CAP_NET_ADMIN", "binds of /run:/run", "pid: namespace host", "no seccomp filter"]
        self.assertEqual(self.inspect("--arch", "amd64", "example.test/asks:1")["asksFor"], asks)
        self.assertIn("asks for    " + asks[0], self.ok("inspect", "--arch", "amd64", "example.test/asks:1").out)
        self.assertEqual(self.inspect("example.test/files:1")["asksFor"], [])

    def test_packages_are_counted(self):
        layout = ocilib.Layout(self.path("packages"))
        packages = [{"name": "p%d" % i, "version": "1", "architecture": "amd64", "source": "p", "sourceVersion": "1"}
                    for i in range(40)]
        labels = {"dev.wherry.packages": json.dumps(packages), "dev.wherry.build-packages": "gcc=12 make=4", "a": "b"}
        layout.name("example.test/p:1", layout.image([{"f": b"x"}], labels=labels))
        self.ok("-q", "cache", "import", "packages")
        text = self.ok("inspect", "example.test/p:1").out
        self.assertIn("\npackages    40 of Debian; --json lists them\n", text)
        self.assertIn("\nbuilt with  2 of Debian; --json lists them\n", text)
        self.assertIn("\nlabels      a=b\n", text)
        self.assertNotIn("sourceVersion", text)
        self.assertEqual(self.json_lines(self.ok("inspect", "--json", "example.test/p:1").out)[0]["labels"], labels)

    def test_inspect_an_index(self):
        image = self.inspect("--platform", "linux/arm64", self.HELLO)
        self.assertEqual([p["platform"] for p in image["platforms"]], ["linux/amd64", "linux/arm64"])
        self.assertEqual(image["platform"], "linux/arm64")
        self.assertEqual(image["manifest"], image["platforms"][1]["manifest"])
        self.assertNotEqual(image["digest"], image["manifest"])
        self.assertEqual(self.inspect(self.HELLO.split(":")[0] + "@" + image["manifest"])["digest"], image["manifest"])
        self.fails(1, "riscv64", "inspect", "--arch", "riscv64", self.HELLO)
        self.fails(2, "mutually exclusive", "inspect", "--arch", "arm64", "--platform", "arm64", self.HELLO)
        self.fails(1, "not in the store", "inspect", "example.test/none")

    def test_inspect_one_platform_of_an_index(self):
        manifest = self.inspect("--arch", "amd64", self.HELLO)["manifest"]
        other = next(p for p in self.inspect(self.HELLO)["platforms"] if p["manifest"] != manifest)
        os.unlink(self.path("cache", "blobs", "sha256", other["manifest"].split(":")[1]))
        image = self.inspect(self.HELLO)
        self.assertEqual({p["platform"]: p["here"] for p in image["platforms"]},
                         {"linux/amd64": True, "linux/arm64": False})
        self.assertIn("not in the cache", self.ok("inspect", self.HELLO).out)

    def ls(self, *args):
        return self.ok("ls", "example.test/files:1", *args).out.splitlines()

    def test_ls(self):
        self.assertEqual(self.ls(), ["etc", "evil", "loop", "odd\\x1b[31mname", "up", "usr"])
        self.assertEqual(self.ls("/etc/"), ["new", "os-release"])
        self.assertEqual(self.ls("-R", "usr"), ["lib", "lib/os-release"])
        self.assertEqual(self.ls("etc/os-release"), ["etc/os-release"])
        self.fails(1, "has no /nope", "ls", "example.test/files:1", "/nope")
        self.fails(1, "has no /../x", "ls", "example.test/files:1", "/../x")

    def test_ls_long(self):
        lines = self.ls("-l", "etc")
        self.assertRegex(lines[0], r"^-rwxr-xr-x +0:0 +4 1970-01-01 00:00:00 new$")
        self.assertRegex(lines[1], r"^l.* os-release -> ../usr/lib/os-release$")
        self.assertRegex(self.ls("-l")[0], "^drwxr-xr-x")

    def test_ls_json(self):
        files = self.json_lines(self.ok("ls", "--json", "-R", "example.test/files:1").out)
        by_name = {f["name"]: f for f in files}
        self.assertEqual(by_name["etc/new"], {"name": "etc/new", "type": "file", "mode": "0755", "uid": 0, "gid": 0,
                                              "mtime": 0, "size": 4})
        self.assertEqual(by_name["evil"]["target"], "/etc/passwd")
        self.assertIn("odd\x1b[31mname", by_name)

    def test_ls_of_many_files(self):
        layout = ocilib.Layout(self.path("many"))
        layout.name("example.test/many:1",
                    layout.image([{"a-name-that-is-not-short-%06d" % i: b"" for i in range(20000)}]))
        self.ok("cache", "import", "many")
        self.assertEqual(len(self.ok("ls", "-l", "example.test/many:1").out.splitlines()), 20000)

    def test_cat(self):
        self.assertEqual(self.ok("cat", "example.test/files:1", "/etc/os-release", "etc/new").out, "NAME=newer\nnew\n")
        # A link never leads out of the image, to this machine's files.
        self.fails(1, "has no /evil", "cat", "example.test/files:1", "/evil")
        self.fails(1, "has no up", "cat", "example.test/files:1", "up")
        self.fails(1, "has no loop", "cat", "example.test/files:1", "loop")
        self.fails(1, "is a directory, not a regular file", "cat", "example.test/files:1", "etc")
        self.fails(1, "has no gone", "cat", "example.test/files:1", "gone")

    def test_cat_of_a_large_file(self):
        content = os.urandom(1 << 20) * 40
        layout = ocilib.Layout(self.path("large"))
        layout.name("example.test/large:1", layout.image([{"f": content}]))
        self.ok("cache", "import", "large")
        p = self.start("cat", "example.test/large:1", "f")
        hashed = hashlib.sha256()
        while chunk := p.stdout.read(1 << 20):
            hashed.update(chunk)
        self.assertEqual((p.wait(60), hashed.digest()), (0, hashlib.sha256(content).digest()))
        p.stdout.close()
        p.stderr.close()
        # A reader that takes only the beginning is not an error.
        done = subprocess.run("'%s' cat example.test/large:1 f | head -c 10 | wc -c" % WHERRY, shell=True, env=self.env,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.dir, timeout=60, check=True)
        self.assertEqual((done.stdout.strip(), done.stderr), (b"10", b""))


if __name__ == "__main__":
    main()
