#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--components wherry: YAML of the shapes of LinuxKit's examples, in words of our own."""
import os
import re
import tarfile

import yaml
from harness import ROOT, Case, main

EXAMPLES = os.path.join(ROOT, "tests", "cli", "linuxkit-examples")
# What an example is used on top of.
BELOW = {"platform-equinixmetal.arm64": "platform-equinixmetal"}
# What can't pass, and what is said of it.
IMPOSSIBLE = {"vsudd-containerd": r"14:13: with `components: wherry` the OS has no /run/containerd/containerd\.sock: "}


def rows():
    with open(os.path.join(ROOT, "pkg", "components.yml"), encoding="utf-8") as f:
        return yaml.safe_load(f)


def example(name):
    with open(os.path.join(EXAMPLES, name + ".yml"), encoding="utf-8") as f:
        return f.read()


def images(config):
    yield from config["init"]
    yield config["kernel"]["image"]
    for section in ("onboot", "onshutdown", "services"):
        for entry in config[section]:
            yield entry["image"]


class Components(Case):
    def stand_in(self):
        """A directory of packages in place of the real ones, which take long to make."""
        for name in {row["ours"] for row in rows() if "ours" in row}:
            self.write("stand-in/%s/build.yml" % name,
                       "image: %s\nfiles: [{path: from-%s, contents: x}]\n" % (name, name))
        return "stand-in"

    def test_linuxkits_examples(self):
        """Those images that have no component, and only those, stay; each is a warning."""
        names = sorted(name[:-4] for name in os.listdir(EXAMPLES) if name.endswith(".yml"))
        self.assertEqual(len(names), 33)
        replaced = {row["linuxkit"] for row in rows() if "ours" in row or row.get("left-out")}
        args = ["--components", "wherry", "--pkg-path", os.path.abspath(self.path(self.stand_in()))]
        for name in names:
            with self.subTest(name):
                both = [BELOW[name], name] if name in BELOW else [name]
                files = [os.path.join(EXAMPLES, file + ".yml") for file in both]
                result = self.run_wherry("check", *args, *files)
                if name in IMPOSSIBLE:
                    self.assertEqual(result.code, 1, result)
                    self.assertRegex(result.err, IMPOSSIBLE[name])
                    continue
                self.assertEqual(result.code, 0, result)
                config = yaml.safe_load(self.ok("-q", "build", "--dry-run", *args, *files).out)
                left = {image for image in images(config) if "linuxkit/" in image}
                there = set(re.findall(r"linuxkit/([\w-]+):", "".join(map(example, both))))
                self.assertEqual(left, {"linuxkit/%s:v1" % n for n in there - replaced})
                warned = re.findall(r"warning: no component replaces linuxkit/(\S+): it stays", result.err)
                self.assertEqual({"linuxkit/%s:v1" % n for n in warned}, left)
                self.assertEqual(config["kernel"]["cmdline"], yaml.safe_load(example(name))["kernel"]["cmdline"])

    def test_command_lines_of_real_files(self):
        """They pass unchanged: what a component can't do would be an error."""
        lines = {
            "sysctl": [[]], "getty": [[], ["/usr/bin/rungetty.sh"]], "rngd": [[], ["/sbin/rngd"], ["/sbin/rngd", "-1"]],
            "dhcpcd": [[], ["/sbin/dhcpcd", "--nobackground", "-f", "/dhcpcd.conf", "-1"],
                       ["/sbin/dhcpcd", "--nobackground", "-f", "/dhcpcd.conf"]],
            "mount": [["/usr/bin/mountie", "/var/lib"], ["/usr/bin/mountie", "-label", "data", "/var"],
                      ["/usr/bin/mountie", "-device", "/dev/sda1", "/var"]],
            "format": [[], ["/usr/bin/format", "/dev/sda"],
                       ["/usr/bin/format", "-force", "-type", "xfs", "-label", "L"]],
            "metadata": [[], ["/usr/bin/metadata", "aws", "cdrom"]],
            "modprobe": [["modprobe", "-a", "x", "y"], ["/sbin/modprobe", "x"]],
            "swap": [["/swap.sh", "--path", "/var/swap", "--size", "1G", "--condition", "part:/var:true", "--encrypt"]],
            "extend": [[], ["/usr/bin/extend", "-type", "ext4"]], "openntpd": [[]], "sshd": [[]], "binfmt": [[]],
            "dm-crypt": [["/usr/bin/crypto", "-l", "name", "/dev/sda1"]],
            "losetup": [["/usr/bin/loopy", "-c", "/var/file"]], "kmsg": [[]], "logwrite": [[]], "memlogd": [[]],
            "poweroff": [[], ["/bin/sh", "/poweroff.sh", "120"]], "acpid": [[]], "node_exporter": [[]],
            "cadvisor": [[]],
            "auditd": [[]], "qemu-ga": [[], ["/usr/bin/qemu-ga", "-p", "/dev/vport0p1"]], "open-vm-tools": [[]],
        }
        entries = [{"name": "%s%d" % (name, i), "image": "linuxkit/%s:v1" % name, **({"command": line} if line else {})}
                   for name, commands in lines.items() for i, line in enumerate(commands)]
        self.write("os.yml", yaml.safe_dump({"components": "wherry", "services": entries}))
        self.assertNotIn("has no option", self.ok("check", "os.yml").err)
        self.write("os.yml", "components: wherry\nservices:\n"
                             "  - {name: x, image: 'linuxkit/cadvisor:v1', command: [/usr/bin/cadvisor]}\n")
        self.fails(1, "@pkg:netdata, which replaces linuxkit/cadvisor, can't run '/usr/bin/cadvisor'", "check",
                   "os.yml")

    def test_it_is_off_by_default_and_a_key_turns_it_on(self):
        text = example("sshd")
        self.write("os.yml", text)
        self.assertNotIn("wherry/", self.ok("build", "--dry-run", "os.yml").out)
        self.write("on.yml", "components: wherry\n" + text)
        self.assertNotIn("linuxkit/", self.ok("build", "--dry-run", "on.yml").out)
        self.assertNotIn("wherry/", self.ok("build", "--dry-run", "--components", "none", "on.yml").out)
        self.fails(1, "on.yml:1:13: images of LinuxKit's are not replaced", "check", "--compat", "on.yml")
        self.fails(2, "--components and --compat", "check", "--compat", "--components", "wherry", "os.yml")
        self.write("wrong.yml", "components: linuxkit\n" + text)
        self.fails(1, "wrong.yml:1:13: ", "check", "wrong.yml")

    def test_it_is_said_which_image_became_which(self):
        twice = 'services:\n  - {name: again, image: "linuxkit/rngd:v1"}\n'
        self.write("os.yml", example("sshd").replace("services:\n", twice))
        err = self.ok("build", "--dry-run", "--components", "wherry", "os.yml").err
        self.assertIn("linuxkit/runc:v1 is built with @pkg:crun\n", err)
        self.assertRegex(err, "linuxkit/containerd:v1 is left out: the supervisor")
        self.assertEqual(err.count("linuxkit/rngd:"), 1)
        self.assertEqual(self.ok("-q", "build", "--dry-run", "--components", "wherry", "os.yml").err, "")
        self.assertNotIn("is built with", self.ok("check", "--components", "wherry", "os.yml").err)
        *replaced, last = self.json_lines(self.ok("check", "--json", "--components", "wherry", "os.yml").out)
        self.assertEqual(last["mistakes"], 0)
        self.assertIn({"replaced": "linuxkit/sshd:v1", "component": "@pkg:sshd"}, replaced)
        self.assertEqual([r["replaced"][:19] for r in replaced if "why" in r], ["linuxkit/containerd"])

    def test_packages_beside_the_file_are_not_meant(self):
        """LinuxKit's own repository, and forks of it, have a directory pkg/init."""
        self.write("pkg/init/build.yml", "image: theirs\n")
        self.write("os.yml", "components: wherry\ninit: [linuxkit/init:1]\n")
        self.assertRegex(self.ok("build", "--dry-run", "os.yml").out, r"- wherry/init:")

    def test_build_and_lock_take_ours(self):
        self.write("os.yml", "init: [linuxkit/init:1, linuxkit/runc:1, linuxkit/containerd:1]\n"
                             "onboot: [{name: sysctl, image: linuxkit/sysctl:1, command: [/usr/bin/sysctl]}]\n")
        args = ["--pkg-path", self.stand_in(), "--components", "wherry", "os.yml"]
        lines = self.json_lines(self.ok("build", "--json", "--format", "tar", "-o", "os.tar", *args).out)
        self.assertEqual([(r["replaced"], r.get("component")) for r in lines if "replaced" in r],
                         [("linuxkit/init:1", "@pkg:init"), ("linuxkit/runc:1", "@pkg:crun"),
                          ("linuxkit/containerd:1", None), ("linuxkit/sysctl:1", "@pkg:sysctl")])
        with tarfile.open(self.path("os.tar")) as tar:
            self.assertIn("from-crun", tar.getnames())
        locked = self.json_lines(self.ok("lock", "--json", *args).out)
        self.assertEqual(sum("replaced" in line for line in locked), 4)
        self.assertEqual(sorted(re.sub(r".*/|:.*", "", line["name"]) for line in locked if "name" in line),
                         ["crun", "init", "sysctl"])


if __name__ == "__main__":
    main()
