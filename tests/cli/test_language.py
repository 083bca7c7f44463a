#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the language has beyond LinuxKit's, from the command line: variables, include, arches, --compat, URLs."""
import functools
import http.server
import io
import json
import os
import tarfile
import threading

import ocilib
from harness import Case, WHERRY, main

VARIABLES = """\
variables: {GREETING: hello, WHO: world}
files:
  - path: etc/motd
    contents: "${GREETING}, ${WHO}${END:-.} $${HOME}"
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


class Language(Case):
    def setUp(self):
        super().setUp()
        ocilib.standard(self.path("layout"))
        self.ok("-q", "cache", "import", "layout")

    def tar_of(self, *args):
        p = self.start("build", "--format", "tar", "-o", "-", *args)
        out, err = p.communicate(timeout=120)
        self.assertEqual(p.returncode, 0, err)
        return tarfile.open(fileobj=io.BytesIO(out))

    def motd(self, *args):
        with self.tar_of("--arch", "amd64", *args) as tar:
            return tar.extractfile("etc/motd").read().decode()

    def test_variables(self):
        self.write("os.yml", VARIABLES)
        self.write("one.env", "WHO=\"one\"\nEND=!\n")
        self.write("two.env", "# the second\nexport WHO=two\n")
        self.assertEqual(self.motd("os.yml"), "hello, world. ${HOME}")
        self.assertEqual(self.motd("--env-file", "one.env", "os.yml"), "hello, one! ${HOME}")
        self.assertEqual(self.motd("--env-file", "one.env", "--env-file", "two.env", "os.yml"), "hello, two! ${HOME}")
        self.assertEqual(self.motd("--set", "WHO=a,b=c", "--env-file", "one.env", "os.yml", "--set=GREETING=bye"),
                         "bye, a,b=c! ${HOME}")

    def test_without_variables_shell_scripts_stay(self):
        self.write("os.yml", "files:\n  - path: etc/motd\n    contents: \"${X} $${Y} ${Z%%/*} $1\"\n")
        self.assertEqual(self.motd("os.yml"), "${X} $${Y} ${Z%%/*} $1")

    def test_unknown_variable(self):
        self.write("os.yml", VARIABLES)
        self.write("more.yml", "files:\n  - path: a\n    contents: ${GREETNG}\n")
        result = self.fails(1, "more.yml:3:15: the variable 'GREETNG' is not set; did you mean 'GREETING'?",
                            "check", "os.yml", "more.yml")
        self.assertIn("written $${GREETNG}", result.err)

    def test_bad_settings(self):
        self.write("os.yml", VARIABLES)
        self.write("bad.env", "A=1\nB\n")
        self.fails(2, "'x-y=1' does not set a variable", "check", "--set", "x-y=1", "os.yml")
        self.fails(1, "bad.env:2:1: this line does not set a variable", "check", "--env-file", "bad.env", "os.yml")
        self.fails(1, "no.env", "check", "--env-file", "no.env", "os.yml")

    def test_compat(self):
        self.write("os.yml", VARIABLES.replace("variables", "#"))
        self.write("new.yml", VARIABLES)
        expected = "${GREETING}, ${WHO}${END:-.} $${HOME}"
        self.assertEqual(self.motd("--compat", "os.yml"), expected)
        self.fails(2, "variables are not replaced with --compat", "check", "--compat", "--set", "A=b", "os.yml")
        self.fails(1, "new.yml:1:12: variables are not replaced with --compat", "check", "--compat", "new.yml")

    def test_include(self):
        self.write("sub/base.yml", ocilib.OS_YML.replace('contents: "hello"', 'contents: "${WHO:-base}"'))
        self.write("os.yml", "include: [sub/base.yml]\nvariables: {WHO: me}\nkernel: {cmdline: mine}\n")
        with self.tar_of("--arch", "amd64", "os.yml") as tar:
            self.assertEqual(tar.extractfile("boot/cmdline").read(), b"mine")
            self.assertEqual(tar.extractfile("etc/motd").read(), b"me")
        self.write("sub/base.yml", "include: [../os.yml]\n")
        self.fails(1, "files include each other: os.yml:1:11 includes sub/base.yml, sub/base.yml:1:11 includes "
                   "sub/../os.yml", "check", "os.yml")

    def test_arches(self):
        self.write("os.yml", "services:\n"
                   "  - {name: one, image: 'example.test/hello:1', arches: [amd64]}\n"
                   "  - {name: two, image: 'example.test/hello:1', arches: [aarch64]}\n"
                   "  - {name: none, image: 'example.test/missing:1', arches: [s390x]}\n")
        for arch, name in (("amd64", "one"), ("arm64", "two")):
            with self.tar_of("--arch", arch, "os.yml") as tar:
                names = {m.name.split("/")[2] for m in tar if m.name.startswith("containers/services/")}
            self.assertEqual(names, {name})
        self.fails(2, "unknown architecture 'amd46'", "check", "--arch", "amd46", "os.yml")

    def test_user_of_the_image(self):
        layout = ocilib.Layout(self.path("layout"))
        accounts = {"etc": None, "etc/passwd": b"root:x:0:0::/:\nweb:x:33:30::/:\n", "usr": None,
                    "usr/group": b"log:x:4:web\n",
                    "etc/group": "-> ../usr/group"}
        for name, user in (("web", "web"), ("none", "nobody"), ("ids", "5:6")):
            layout.name("example.test/%s:1" % name,
                        layout.image([accounts], config={"Entrypoint": ["/x"], "User": user}))
        self.ok("-q", "cache", "import", "layout")
        self.write("web.yml", "services:\n  - name: web\n    image: example.test/web:1\n")
        self.write("ids.yml", "services:\n  - name: web\n    image: example.test/ids:1\n")
        self.write("own.yml", "services:\n  - name: web\n    image: example.test/none:1\n    uid: 7\n")
        linuxkit = self.path("linuxkit")
        os.symlink(WHERRY, linuxkit)

        def user(*args, **more):
            p = self.start("build", "--arch", "amd64", "--format", "tar", "-o", "-", *args, **more)
            out, err = p.communicate(timeout=120)
            self.assertEqual(p.returncode, 0, err)
            with tarfile.open(fileobj=io.BytesIO(out)) as tar:
                return json.load(tar.extractfile("containers/services/web/config.json"))["process"]["user"]

        self.assertEqual(user("web.yml"), {"uid": 33, "gid": 30, "additionalGids": [30, 4]})
        self.assertEqual(user("ids.yml"), {"uid": 5, "gid": 6, "additionalGids": [6]})
        self.assertEqual(user("own.yml"), {"uid": 7, "gid": 0, "additionalGids": [0]})
        self.assertEqual(user("--compat", "web.yml"), {"uid": 0, "gid": 0})
        self.assertEqual(user("web.yml", program=linuxkit), {"uid": 0, "gid": 0})
        self.write("bad.yml", "services:\n  - name: web\n    image: example.test/none:1\n")
        result = self.fails(1, "bad.yml:2:5: ", "build", "--arch", "amd64", "--format", "tar", "bad.yml")
        self.assertIn("the image's user 'nobody' can't be found: its /etc/passwd has no user 'nobody'", result.err)

    def test_url(self):
        self.write("site/os.yml", VARIABLES + "include: [more/base.yml]\n")
        self.write("site/more/base.yml", "init: ['example.test/init:1']\n")
        handler = functools.partial(Quiet, directory=self.path("site"))
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            url = "http://127.0.0.1:%d" % server.server_address[1]
            with self.tar_of("--arch", "amd64", url + "/os.yml") as tar:
                self.assertEqual(tar.extractfile("etc/motd").read(), b"hello, world. ${HOME}")
                self.assertIn("bin/sh", {m.name for m in tar})
            self.write("site/os.yml", "include: [none.yml, /etc/passwd]\ninit: ['@pkg:x']\n")
            result = self.fails(1, url + "/os.yml:1:11: ", "check", url + "/os.yml")
            self.assertIn("a file from the network can't include '/etc/passwd'", result.err)
            self.assertIn("'@pkg:x' can't be resolved here", result.err)
            server.shutdown()


if __name__ == "__main__":
    main()
