#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--components wherry: YAML of the shapes of LinuxKit's examples, in words of our own."""
import os
import re
import tarfile

import yaml
from harness import ROOT, Case, main

ONCE = ["/sbin/dhcpcd", "--nobackground", "-f", "/dhcpcd.conf", "-1"]
SYSCTL = {"name": "sysctl", "image": "sysctl"}
DHCP = {"name": "dhcpcd", "image": "dhcpcd", "command": ONCE}
DHCP_ALWAYS = {"name": "dhcpcd", "image": "dhcpcd"}
RNGD1 = {"name": "rngd1", "image": "rngd", "command": ["/sbin/rngd", "-1"]}
FORMAT = {"name": "format", "image": "format"}
MOUNT = {"name": "mount", "image": "mount", "command": ["/usr/bin/mountie", "/var/lib/docker"]}
GETTY = {"name": "getty", "image": "getty", "env": ["INSECURE=true"]}
RNGD, NTP, SSHD = ({"name": name, "image": name} for name in ("rngd", "openntpd", "sshd"))
WEB = {"name": "nginx", "image": "nginx:1.27-alpine", "capabilities": ["CAP_NET_BIND_SERVICE", "CAP_CHOWN"]}
DOCKER = {"name": "docker", "image": "docker:27-dind", "capabilities": ["all"], "pid": "host",
          "command": ["/usr/local/bin/docker-init", "/usr/local/bin/dockerd"],
          "mounts": [{"type": "cgroup", "options": ["rw"]}],
          "binds": ["/etc/resolv.conf:/etc/resolv.conf", "/var/lib/docker:/var/lib/docker"]}


def one(name, *command, **keys):
    return {"name": name, "image": name, **({"command": list(command)} if command else {}), **keys}


def cloud(provider, *more):
    return ([SYSCTL, RNGD1, DHCP, one("metadata", "/usr/bin/metadata", provider), *more], [RNGD, SSHD, WEB])


# The onboot and services entries of an example, then what is in its init beyond the usual.
SHAPES = {
    "addbinds": ([SYSCTL], [DHCP_ALWAYS, {**GETTY, "binds.add": ["/var/tmp:/x"]}]),
    "cadvisor": ([SYSCTL], [GETTY, DHCP_ALWAYS, one("cadvisor")]),
    "containerd-debug": ([SYSCTL, DHCP], [GETTY]),
    "dm-crypt": ([SYSCTL, one("dm-crypt", "/usr/bin/crypto", "dm_crypt_name", "/dev/sda1"),
                  one("mount", "/usr/bin/mountie", "/dev/mapper/dm_crypt_name", "/var/secure")], [GETTY]),
    "dm-crypt-loop": ([one("losetup", "/usr/bin/loopy", "-c", "/var/test.img"), one("dm-crypt")], [GETTY]),
    "docker": ([SYSCTL, one("sysfs"), FORMAT, MOUNT], [GETTY, RNGD, DHCP_ALWAYS, NTP, DOCKER]),
    "docker-for-mac": ([SYSCTL, one("metadata"), one("swap", "/swap.sh", "--path", "/var/swap", "--size", "1G"),
                        one("modprobe", "modprobe", "-a", "vsock"), one("binfmt"), DHCP],
                       [one("acpid"), RNGD, one("vsudd"), one("vpnkit-forwarder"), one("trim-after-delete"),
                        one("host-timesync-daemon"), DOCKER], "memlogd"),
    "getty": ([SYSCTL, DHCP], [{**GETTY, "binds": ["/etc/resolv.conf:/etc/resolv.conf"]}, RNGD]),
    "hostmount-writeable-overlay": ([SYSCTL, DHCP], [{**GETTY, "runtime": {"mounts": [
        {"type": "bind", "source": "/usr", "destination": "/run/usr", "options": ["rw", "rbind"]}]}}]),
    "influxdb-os": ([SYSCTL, DHCP], [{"name": "influxdb", "image": "influxdb:1.8", "net": "host"}]),
    "logging": ([SYSCTL], [one("logwrite"), one("kmsg"), GETTY, DHCP_ALWAYS], "memlogd"),
    "minimal": ([DHCP], [{"name": "getty", "image": "getty", "env": ["INSECURE=true"]}]),
    "node_exporter": ([SYSCTL], [GETTY, RNGD, DHCP_ALWAYS, one("node_exporter")]),
    "openstack": cloud("openstack"),
    "platform-aws": cloud("aws"),
    "platform-azure": ([SYSCTL, RNGD1], [RNGD, DHCP_ALWAYS, SSHD]),
    "platform-equinixmetal": (*cloud("equinixmetal"), "firmware"),
    "platform-equinixmetal.arm64": (*cloud("equinixmetal", FORMAT, MOUNT), "firmware"),
    "platform-gcp": cloud("gcp"),
    "platform-hetzner": cloud("hetzner"),
    "platform-rt-for-vmware": ([SYSCTL], [GETTY, RNGD, DHCP_ALWAYS, one("open-vm-tools")]),
    "platform-scaleway": cloud("scaleway"),
    "platform-vmware": ([SYSCTL], [GETTY, RNGD, DHCP_ALWAYS, one("open-vm-tools"), WEB]),
    "platform-vultr": cloud("vultr"),
    "redis-os": ([DHCP], [{"name": "redis", "image": "redis:7", "capabilities": ["CAP_SETGID"], "net": "host"}]),
    "sshd": ([SYSCTL, RNGD1, DHCP], [GETTY, RNGD, SSHD]),
    "static-ip": ([one("ip", "ip", "-b", "/etc/ip/eth0.conf")], [GETTY]),
    "swap": ([SYSCTL, FORMAT, MOUNT, one("swap", "/swap.sh", "--path", "/var/external/swap", "--size", "1G")],
             [GETTY, RNGD]),
    "tpm": ([one("tss", "/bin/sh", "-c", "tpm2_getrandom 8")], [GETTY]),
    "volumes": ([SYSCTL], [{**WEB, "binds": ["data:/var/www"]}, GETTY]),
    "vpnkit-forwarder": ([DHCP], [one("vpnkit-forwarder"), one("vpnkit-expose-port")]),
    "vsudd-containerd": ([SYSCTL, DHCP], [one("vsudd", binds=["/var/run:/var/run"])]),
    "wireguard": ([SYSCTL, {"name": "wg", "image": "ip", "net": "new", "command": ["/bin/sh", "-c", "wg show"]}],
                  [GETTY, WEB]),
}


def rows():
    with open(os.path.join(ROOT, "pkg", "components.yml"), encoding="utf-8") as f:
        return yaml.safe_load(f)


def linuxkit(image):
    return image if ":" in image else "linuxkit/%s:0123456789abcdef" % image


def shape(onboot, services, init=""):
    """The YAML text of an example."""
    return yaml.safe_dump({
        "kernel": {"image": "linuxkit/kernel:6.6.71", "cmdline": "console=tty0 console=ttyS0 console=ttyAMA0"},
        "init": [linuxkit(name) for name in ["init", "runc", "containerd", "ca-certificates", *init.split()]],
        "onboot": [{**entry, "image": linuxkit(entry["image"])} for entry in onboot],
        "services": [{**entry, "image": linuxkit(entry["image"])} for entry in services],
        "files": [{"path": "etc/getty.shadow", "contents": "root:*:::::::\n", "mode": "0600"}],
        "volumes": [{"name": "data"}],
    }, sort_keys=False)


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

    def test_the_shapes_of_linuxkits_examples(self):
        """Those that have no component, and only those, stay; each is a warning."""
        self.assertEqual(len(SHAPES), 33)
        args = ["--components", "wherry", "--pkg-path", self.stand_in(), "os.yml"]
        replaced = {row["linuxkit"] for row in rows() if "ours" in row or "left-out" in row}
        self.assertLessEqual({"acpid", "containerd", "dhcpcd", "getty", "init", "kernel", "runc", "sshd"}, replaced)
        for name, parts in SHAPES.items():
            with self.subTest(name):
                text = shape(*parts)
                stays = sorted(set(re.findall(r"linuxkit/([\w-]+):", text)) - replaced)
                self.write("os.yml", text)
                result = self.ok("check", *args)
                warned = re.findall(r"warning: no component replaces linuxkit/(\S+): it stays", result.err)
                self.assertEqual(sorted(set(warned)), stays, result)
                built = yaml.safe_load(self.ok("-q", "build", "--dry-run", *args).out)
                left = sorted({re.sub(r"linuxkit/(.*):.*", r"\1", i) for i in images(built) if "linuxkit/" in i})
                self.assertEqual(left, stays)
                self.assertEqual(built["kernel"]["cmdline"], "console=tty0 console=ttyS0 console=ttyAMA0")

    def test_it_is_off_by_default_and_a_key_turns_it_on(self):
        text = shape(*SHAPES["sshd"])
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
        self.write("os.yml", shape(*SHAPES["sshd"]))
        err = self.ok("build", "--dry-run", "--components", "wherry", "os.yml").err
        self.assertIn("linuxkit/runc:0123456789abcdef is built with @pkg:crun\n", err)
        self.assertRegex(err, "linuxkit/containerd:0123456789abcdef is left out: the supervisor")
        self.assertEqual(err.count("linuxkit/rngd:"), 1)
        self.assertEqual(self.ok("-q", "build", "--dry-run", "--components", "wherry", "os.yml").err, "")
        self.assertNotIn("is built with", self.ok("check", "--components", "wherry", "os.yml").err)
        *replaced, last = self.json_lines(self.ok("check", "--json", "--components", "wherry", "os.yml").out)
        self.assertEqual(last["mistakes"], 0)
        self.assertIn({"replaced": "linuxkit/sshd:0123456789abcdef", "component": "@pkg:sshd"}, replaced)
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
