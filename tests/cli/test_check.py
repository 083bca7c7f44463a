#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""wherry check: what is a mistake, what is a warning, what it says and how it ends."""
import os
import re
import tarfile
import unittest

import ocilib
from harness import ROOT, Case, examples, main

GOOD = "services:\n  - name: a\n    image: example.test/a:1\n"
WARNED = GOOD + "    capabilities: [all]\n"
WRONG = GOOD + "    comand: [x]\n"

# The keys of a service, and what its one warning begins with; "" for silence.
IN_A_SERVICE = [
    ("capabilities: [all]", "5:20: warning: services[0].capabilities[0]: 'all' grants"),
    ("capabilities.add: [ALL]", "5:24: warning: services[0].capabilities.add[0]: 'ALL' grants"),
    ("capabilities: [none]", ""),
    ("capabilities: [CAP_SYS_ADMIN]", ""),
    ("binds: ['/:/host']", "5:13: warning: services[0].binds[0]: it can write everywhere"),
    ("binds: ['//./:/host:rw']", "5:13: warning: services[0].binds[0]: it can write everywhere"),
    ("binds: ['/:/host:rslave,rro']", ""),
    ("binds: ['/:/host:rslave,ro']", "5:13: warning: it can write to what is mounted below"),
    ("binds: ['/sys/:/host/sys:ro']", "5:13: warning: it can write to what is mounted below"),
    ("binds.add: ['/proc:/host/proc:ro']", "5:17: warning: it can write to what is mounted below"),
    ("binds: ['/:/host:ro', '/sys:/s:ro']\n    wherry: {accept: [binds]}", ""),
    ("binds: ['/sys:/host/sys:rro', '/sys/class:/c:ro', '/var:/v:ro']", ""),
    ("mounts: [{type: none, source: /run, destination: /h, options: [bind]}]", "5:14: warning: it can write"),
    ("mounts: [{type: none, source: /, destination: /h, options: [rbind]}]",
     "5:35: warning: services[0].mounts[0]: it can write"),
    ("mounts: [{type: bind, source: /, destination: /h, options: [rbind, ro]}]",
     "5:14: warning: it can write to what is"),
    ("mounts: [{type: bind, source: /sys, destination: /h, options: [rbind, rro]}]", ""),
    ("binds: ['/etc:/host']", ""),
    ("mounts: [{type: bind, source: /, destination: /h}]", "5:35: warning: services[0].mounts[0]: it can write"),
    ("mounts: [{type: bind, source: /, destination: /h, options: [ro]}]", ""),
    ("capabilities: [all]\n    wherry: {accept: [capabilities]}", ""),
    ("binds: ['/:/host']\n    wherry: {accept: [binds]}", ""),
    ("binds: ['/run:/run']", "5:13: warning: it can write to the machine's /run"),
    ("binds.add: ['/var/run/:/run']", "5:17: warning: it can write to the machine's /var/run/"),
    ("binds: ['/sys/fs/cgroup:/sys/fs/cgroup']", "5:13: warning: it can write to the machine's /sys/fs/cgroup"),
    ("binds: ['/proc/sys:/proc/sys']\n    wherry: {accept: [binds]}", ""),
    ("binds: ['/run:/run:ro', '/running:/b', '/run/other:/c', '/system:/d']", ""),
    ("mounts: [{type: sysfs}]", "5:14: warning: it can write to the machine's settings there"),
    ("pid: host", "5:10: warning: it sees the machine's processes"),
    ("ipc: root", "5:10: warning: it shares the machine's IPC"),
    ("uts: host", "5:10: warning: it shares the machine's host name"),
    ("pid: host\n    wherry: {accept: [ipc]}", "5:10: warning: it sees"),
    ("pid: host\n    wherry: {accept: [ipc, pid]}", ""),
    ("net: host\n    pid: new", ""),
    ("maskedPaths: []", "5:18: warning: these replace the default"),
    ("readonlyPaths: [/a]", "5:20: warning: these replace the default"),
    ("noNewPrivileges: false", "5:22: warning: set-user-id programs"),
    ("noNewPrivileges: true", ""),
    ("wherry: {seccomp: none}", "5:23: warning: it may use all system calls"),
    ("env: [FOO]", "5:11: warning: services[0].env[0]: 'FOO' does not set a variable"),
    ("env: ['=x']", "5:11: warning: services[0].env[0]: '=x' does not set a variable"),
    ("env: ['A=']", ""),
    ("rlimits: ['nofile,5,4']", "5:15: warning: the kernel refuses a soft limit"),
    ("rlimits: ['nofile,5,unlimited']", ""),
    ("oomScoreAdj: 1001", "5:18: warning: services[0].oomScoreAdj: the kernel takes"),
    ("oomScoreAdj: -1000", ""),
    ("tmpfs: [/x]\n    binds: ['/x:/x']", "5:13: warning: this mount has no effect: line 6 mounts"),
    ("mounts: [{type: tmpfs, destination: /dev}]", ""),
    ("hostname: h\n    uts: host\n    wherry: {accept: [uts]}",
     "5:15: warning: a hostname can't be set in the host's namespace"),
    ("hostname: h\n    uts: new", ""),
    ("hostname: h", ""),  # the image's label may say 'uts: new'
    ("sysctl: {net.core.somaxconn: '1'}\n    net: host", "5:14: warning: net.core.somaxconn can't be set"),
    ("sysctl: {net.core.somaxconn: '1'}\n    net: new", ""),
]
# Likewise files.
FILES = [
    ("[{path: var/a, contents: ''}]", "1:16: warning: '/var/a' will not be seen: at boot a tmpfs"),
    ("[{path: /run/a, contents: ''}]", "1:16: warning: '/run/a' will not be seen"),
    ("[{path: var, directory: true}]", ""),
    ("[{path: a, contents: ''}, {path: /a, symlink: b}]", "1:41: warning: the path 'a' is already given on line 1"),
    ("[{path: a, contents: '', mode: '420'}]", "1:39: warning: the mode '420' lets others do"),
    ("[{path: a, directory: true, mode: '1777'}]", ""),
    ("[{path: a, contents: '', optional: true}]", "1:43: warning: files[0]: 'optional' has no effect"),
    ("[{path: a, source: a, optional: true}]", ""),
]


# Likewise the command line.
CMDLINES = [
    ('"console=tty0\\nb"', "3:12: warning: the command line has line breaks"),
    ('"console=tty0\\rb"', "3:12: warning: the command line has line breaks"),
    ("|\n    console=ttyS0\n", ""),
    (">-\n    console=ttyS0\n    quiet", ""),
    ("quiet", "2:10: warning: the command line has no 'console='"),
    ("netconsole=@/", "2:10: warning: the command line has no 'console='"),
    ("quiet console=tty0", ""),
]


class Sources(Case):
    """Where a file that `source` names is looked for."""
    YML = "files:\n  - {path: etc/a, source: web/site.conf}\n"
    OPTIONAL = YML.replace("conf}", "conf, optional: true}")

    def setUp(self):
        super().setUp()
        self.write("here/os.yml", self.YML)
        self.write("here/optional.yml", self.OPTIONAL)
        self.write("here/above.yml", "include: [inner/os.yml]\n")
        self.write("here/inner/os.yml", self.YML)

    def build(self, *args, **kwargs):
        return self.ok("build", "--no-sbom", "--format", "tar", "-o", "out.tar", *args, **kwargs)

    def contents(self):
        with tarfile.open(self.path("out.tar")) as tar:
            return tar.extractfile("etc/a").read().decode()

    def test_beside_the_file_that_names_it(self):
        self.write("here/web/site.conf", "beside")
        self.write("web/site.conf", "current")
        self.write("here/inner/web/site.conf", "inner")
        for name, expected in ("os", "beside"), ("optional", "beside"), ("above", "inner"):
            self.assertEqual(self.ok("check", "here/%s.yml" % name).err, "")
            self.build("here/%s.yml" % name)
            self.assertEqual(self.contents(), expected)

    def test_in_the_current_directory_with_compat_and_from_stdin(self):
        self.write("here/web/site.conf", "beside")
        self.write("web/site.conf", "current")
        for args, stdin in (["--compat", "here/os.yml"], None), (["-"], self.YML.encode()):
            self.assertEqual(self.ok("check", *args, stdin=stdin).err, "")
            self.build(*args, stdin=stdin)
            self.assertEqual(self.contents(), "current")

    def test_at_the_other_place(self):
        self.write("web/site.conf", "current")
        for verb in ["check"], ["build", "--dir", "."]:
            self.assertEqual(self.fails(1, "2:27", *verb, "here/os.yml").err,
                             "here/os.yml:2:27: can't open here/web/site.conf: No such file or directory\n"
                             "  hint: it is looked for beside the YAML file; the current directory has one, which is "
                             "used with --compat\n")
        self.assertIn("2:27: warning: here/web/site.conf is skipped", self.ok("check", "here/optional.yml").err)
        os.rename(self.path("web"), self.path("here/web"))
        self.assertEqual(self.fails(1, "2:27", "check", "--compat", "here/os.yml").err,
                         "here/os.yml:2:27: can't open web/site.conf: No such file or directory\n"
                         "  hint: as in LinuxKit, it is looked for in the current directory; there is "
                         "here/web/site.conf\n")

    def test_nothing_is_looked_for_in_a_dry_run(self):
        self.ok("build", "--dry-run", "here/os.yml")


class Check(Case):
    def setUp(self):
        super().setUp()
        self.write("good.yml", GOOD)
        self.write("warned.yml", WARNED)
        self.write("wrong.yml", WRONG)

    def silent(self, *args):
        result = self.ok("check", *args)
        self.assertEqual(result.out + result.err, "", args)

    def test_silence_means_that_all_is_well(self):
        self.silent("good.yml")

    def test_examples_are_silent(self):
        if not os.path.isdir(os.path.join(ROOT, ".git")) and not os.path.isfile(os.path.join(ROOT, ".git")):
            self.skipTest("the examples' component images are named by git's hash")
        found = examples()
        self.assertTrue(found)
        self.env["GIT_CONFIG_COUNT"], self.env["GIT_CONFIG_KEY_0"] = "1", "safe.directory"
        self.env["GIT_CONFIG_VALUE_0"] = "*"
        for path in found:
            self.silent("--strict", path)

    def test_stdin(self):
        self.fails(1, "stdin:4:5: unknown key 'comand'", "check", "-", stdin=WRONG.encode())

    def test_mistakes_of_all_files_at_once(self):
        self.write("syntax.yml", "a: [\n")
        result = self.fails(1, "", "check", "wrong.yml", "syntax.yml", "warned.yml")
        self.assertRegex(result.err, r"(?m)^wrong\.yml:4:5: unknown key 'comand' in services\[0\]; "
                                     r"did you mean 'command'\?$")
        self.assertRegex(result.err, r"(?m)^syntax\.yml:\d+:\d+: ")
        self.assertRegex(result.err, r"(?m)^warned\.yml:4:20: warning: ")

    def test_in_the_order_of_the_file(self):
        self.write("bad.yml", "files: [{path: a, contents: '', uid: nobody}]\nserivces: []\nkernel: {imag: x}\n")
        result = self.fails(1, "", "check", "bad.yml")
        self.assertEqual(re.findall(r"(?m)^bad\.yml:(\d)", result.err), ["1", "2", "3"])

    def test_a_file_that_is_not_there_does_not_hide_the_mistakes_of_others(self):
        for args in (("nothing.yml", "wrong.yml"), ("wrong.yml", "nothing.yml")):
            result = self.fails(1, "nothing.yml: No such file", "check", *args)
            self.assertIn("wrong.yml:4:5: ", result.err)

    def test_files_are_merged_unless_each_is_asked_for(self):
        self.write("more.yml", GOOD)
        self.fails(1, "another service is named 'a' (good.yml:2)", "check", "good.yml", "more.yml")
        self.silent("--each", "good.yml", "more.yml")
        result = self.fails(1, "wrong.yml:4:5: ", "check", "--each", "wrong.yml", "warned.yml", "nothing.yml")
        self.assertIn("nothing.yml: No such file", result.err)
        self.assertIn("warned.yml:4:20: warning: ", result.err)

    def test_warnings_do_not_fail(self):
        result = self.ok("check", "warned.yml")
        self.assertIn("warned.yml:4:20: warning: ", result.err)
        self.assertIn("\n  hint: ", result.err)
        self.assertEqual(self.ok("-q", "check", "warned.yml").err, "")

    def test_strict(self):
        for more in ((), ("-q",)):
            result = self.fails(1, "warned.yml:4:20: warning: ", "check", "--strict", "warned.yml", *more)
            self.assertIn("wherry: with --strict, warnings are mistakes", result.err)

    def test_json_has_one_object_a_line(self):
        lines = self.json_lines(self.ok("--json", "check", "warned.yml").err)
        self.assertEqual([(o["file"], o["line"], o["column"]) for o in lines], [("warned.yml", 4, 20)])
        self.assertIn("'all'", lines[0]["warning"])
        self.assertIn("CAP_", lines[0]["hint"])
        lines = self.json_lines(self.fails(1, "", "--json", "check", "--each", "warned.yml", "wrong.yml").err)
        self.assertEqual([sorted({"error", "warning"} & set(o)) for o in lines], [["warning"], ["error"]])

    def test_nothing_is_written(self):
        self.silent("good.yml")
        self.assertFalse(os.path.exists(self.cache))
        self.assertEqual(self.files(), ["good.yml", "warned.yml", "wrong.yml"])

    def test_build_warns_too(self):
        ocilib.standard(self.path("layout"))
        self.ok("-q", "cache", "import", "layout")
        self.write("os.yml", ocilib.OS_YML + "trust: {}\n")
        args = ("build", "--arch", "amd64", "--dir", self.dir, "os.yml")
        self.assertRegex(self.ok(*args).err, r"(?m)^os\.yml:\d+:8: warning: 'trust' no longer has any effect$")
        self.assertEqual(self.ok("-q", *args).err, "")

    def test_a_second_document_is_not_read(self):
        self.write("two.yml", GOOD + "---\nfiles: []\n")
        self.assertRegex(self.ok("check", "two.yml").err, r"^two\.yml:4:1: warning: only the first document")

    def test_mistakes_of_the_syntax_do_not_hide_others(self):
        self.write("bad.yml", WRONG + "    env: []\n    env: []\nfiles: !x {}\n1: a\n")
        result = self.fails(1, "", "check", "bad.yml")
        self.assertEqual(re.findall(r"(?m)^bad\.yml:(\d:\d+)", result.err), ["4:5", "6:5", "7:8", "7:8", "8:1"])

    def test_warnings_of_volumes(self):
        for format in ("", "format: oci, "):
            volume = "volumes: [{name: v, image: i, %splatforms: [linux/amd64]}]\n" % format
            self.warns(volume, "" if format else "1:42: warning: 'platforms' has no effect")

    def test_build_warns_of_a_container_with_nothing_to_run(self):
        ocilib.standard(self.path("layout"))
        self.ok("-q", "cache", "import", "layout")
        self.write("os.yml", "services:\n  - {name: a, image: example.test/init:1}\n"
                             "  - {name: b, image: example.test/hello:1}\n"
                   "  - {name: c, image: example.test/init:1, command: [x]}\n")
        args = ("build", "--arch", "amd64", "--format", "tar", "--dir", self.dir, "os.yml")
        self.assertEqual(re.findall("warning: (.*) has nothing to run", self.ok(*args).err), ["os.yml:2:5: 'a'"])
        self.assertNotIn("nothing to run", self.ok(*args, "--compat").err)

    def warns(self, text, expected):
        self.write("os.yml", text)
        err = self.ok("check", "os.yml").err
        found = [line for line in err.splitlines() if line.startswith("os.yml:")]
        self.assertEqual(len(found), 1 if expected else 0, (text, err))
        if expected:
            self.assertEqual(found[0][:7 + len(expected)], "os.yml:" + expected, text)

    def test_warnings_of_services(self):
        for keys, expected in IN_A_SERVICE:
            self.warns("services:\n  - name: a\n    image: i\n    readonly: true\n    " + keys + "\n", expected)

    def test_warnings_of_the_command_line(self):
        for text, expected in CMDLINES:
            self.warns("kernel:\n  image: example.test/k:1\n  cmdline: " + text + "\ninit: [i]\n", expected)

    def test_what_boots_nowhere(self):
        kernel = "kernel: {image: example.test/k:1, cmdline: console=ttyS0}\n"
        self.warns(kernel, "1:17: warning: there is no 'init'")
        self.warns(kernel + "init: []\n", "1:17: warning: there is no 'init'")
        self.write("os.yml", kernel.replace(", cmdline: console=ttyS0", ""))
        self.silent("--compat", "os.yml")
        self.write("os.yml", "kernel: {image: k}\ninit: [i]\n")
        self.silent("--arch", "arm64", "os.yml")

    def test_warnings_of_files(self):
        for files, expected in FILES:
            self.warns("files: " + files + "\n", expected)


if __name__ == "__main__":
    main()
