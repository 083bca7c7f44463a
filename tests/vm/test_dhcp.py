# SPDX-License-Identifier: Apache-2.0
"""@pkg:dhcp and @pkg:dhcpcd before the same servers, each in the root of its image, in namespaces. No QEMU here.

All at the same time, as they mostly wait: dhcpcd takes no lease of less than 20 s."""
import os
import re
import shutil
import socket
import subprocess
import tarfile
import tempfile
import unittest

import dhcpnet
import images
import yaml
from dhcpserver import DISCOVER, REBIND6, RENEW6, REQUEST, REQUEST6, SOLICIT6, SOLICITATION

SERVER = "192.0.2.1"
MANAGED, RELEASE = 0x80, 7
SHORT = [2, 5, 20]
SHORTEST = 15  # seconds that an address of 20 is kept at least: udhcpc gives it up a little early


def addresses(*texts):
    return b"".join(socket.inet_aton(t) for t in texts).hex()


def options(mask="ffffff00", router=SERVER, **more):
    """Those of a usual server; more: oNUMBER=hexadecimal."""
    usual = {"1": mask, "3": addresses(router), "6": addresses("192.0.2.53"), "15": b"example.net".hex()}
    return {**usual, **{key[1:]: value for key, value in more.items()}}


def card(ip="192.0.2.10", server=SERVER, **more):
    return {"ip": ip, "server": server, "options": options(), **more}


SECOND = card("203.0.113.10", "203.0.113.1", options={
    "1": "ffffff00", "3": addresses("203.0.113.1"), "6": addresses("192.0.2.53", "203.0.113.53"),
    "15": b"example.org".hex()})
# 198.51.100.0/24 by 192.0.2.1, 203.0.113.0/24 by a broadcast address, which can't be, all else by 192.0.2.1.
ROUTES = "18c63364" + addresses(SERVER) + "18cb0071" + addresses("192.0.2.255") + "00" + addresses(SERVER)
RA = {"server": SERVER, "ra": {"prefix": "2001:db8:1::", "dns": "2001:db8::53", "valid": 8}}
SIX = {"server": SERVER, "ra": {"flags": MANAGED},
       "six": {"ip": "2001:db8:2::10", "lease": [2, 4, 8], "life": ["ack", "ack", "silent"], "dns": "2001:db8::54"}}

ROUTE = ["routes", "default via 192.0.2.1"]
# For a client that ends when it has what it needs, where nobody answers, and for one that stays.
ONCE = {
    "off_net": {"cards": [card("198.51.100.7", options=options(mask="ffffffc0"))]},
    "single": {"cards": [card("198.51.100.7", options=options(mask="ffffffff"))]},
    "options": {"cards": [card(options=options(o121=ROUTES, o26="05b4", o119="0361626307" + b"example".hex() + "00"))]},
    "silent": {"cards": [None, card()]},
    "both": {"cards": [card(ra=RA["ra"])]},
}
IN_VAIN = {"none": {"cards": []}, "nobody": {"cards": [None]}}
STAY = {
    # The second time that the address is asked for again it is refused.
    "refused": {"cards": [card(lease=SHORT, lives=[["ack", "ack", "nak"], ["ack"]])],
                "until": [["192.0.2.10", "192.0.2.11"]], "then": [ROUTE]},
    "expired": {"cards": [card(lease=SHORT, lives=[["ack", "silent"], ["ack"]])],
                "until": [["192.0.2.10", "192.0.2.11"]], "then": [ROUTE]},
    "later": {"cards": [card(), SECOND], "until": [["192.0.2.10"], ["203.0.113.10"]],
              "then": [["resolv", "203.0.113.53"]]},
    "silent_first": {"cards": [None, card()], "until": [[], ["192.0.2.10"]], "then": []},
    "slaac": {"cards": [RA], "until": [["2001:db8:1:", None]], "then": []},
}


def setUpModule():
    """All begin before the first is waited for."""
    probe = subprocess.run([*dhcpnet.unshare(), "sh", "-c", "mount -t sysfs sysfs /sys && ip link add type veth"],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=dhcpnet.LIMIT)
    if probe.returncode:
        raise unittest.SkipTest("no namespaces here: %s" % probe.stdout.decode(errors="replace")[-200:])
    top = tempfile.mkdtemp(prefix="wherry-dhcp-")
    unittest.addModuleCleanup(shutil.rmtree, top, True)
    for client in (Dhcp, Dhcpcd):
        client.begin(top)


class Client:
    """What both clients do. Each has `package`, `writable`, `plans` of its own, and its commands: `once`, `always`, and
    `in_vain`, which is once where nobody answers."""
    maxDiff = None
    plans = {}

    @classmethod
    def begin(cls, top):
        with open(os.path.join(images.ROOT, "pkg", cls.package, "build.yml"), encoding="utf-8") as f:
            label = yaml.safe_load(f)["config"]
        plans = {**{name: {"do": "boot", "command": cls.once, **plan} for name, plan in ONCE.items()},
                 **{name: {"do": "boot", "command": cls.in_vain, **plan} for name, plan in IN_VAIN.items()},
                 **{name: {"do": "serve", "command": cls.always, **plan} for name, plan in STAY.items()}, **cls.plans}
        always = {"root": cls.make_root(top), "writable": cls.writable, "capabilities": label["capabilities"],
                  "read_only": label.get("readonlyPaths", ["/proc/sys"])}
        cls.started = {name: dhcpnet.start({**always, **plan}) for name, plan in plans.items()}

    @classmethod
    def setUpClass(cls):
        cls.results = {name: dhcpnet.result(process) for name, process in cls.started.items()}

    @classmethod
    def make_root(cls, top):
        """The files of the image, with the mount points that a container has."""
        images.make_package(cls.package)
        out, root = os.path.join(top, cls.package), os.path.join(top, cls.package + "-root")
        archive = images.build("init: [%s]\n" % images.tag(cls.package), out, "--format", "tar") + ".tar"
        with tarfile.open(archive) as tar:
            tar.extractall(root, filter="fully_trusted")
        cls.shell = os.path.join(root, "usr", "bin", "busybox")
        return root

    def result(self, name):
        r = self.results[name]
        self.assertNotIn("error", r, r.get("error"))
        return r

    def at(self, r, number, kind, protocol=4):
        """When the messages of a kind came to a card's server, in seconds of time.monotonic."""
        return [line["at"] for line in r["asked"][number] if (line["protocol"], line["kind"]) == (protocol, kind)]

    def test_a_router_outside_of_the_network(self):
        for name in ("off_net", "single"):
            r = self.result(name)
            self.assertEqual(r["code"], 0, r["output"])
            self.assertIn("default via 192.0.2.1 dev eth0", r["routes"])
            self.assertEqual(r["resolv"].split(), [self.search, "example.net", "nameserver", "192.0.2.53"])

    def test_options_are_asked_for(self):
        r = self.result("options")
        self.assertLessEqual({121, 26, 119, 3, 6}, set(r["asked"][0][0]["wanted"]))
        self.assertEqual(r["asked"][0][0]["name"], socket.gethostname()[:255])
        self.assertEqual(r["code"], 0, r["output"])
        self.assertIn("198.51.100.0/24 via 192.0.2.1 dev eth0", r["routes"])
        self.assertIn("default via 192.0.2.1 dev eth0", r["routes"])
        self.assertIn("search abc.example\nnameserver 192.0.2.53\n", r["resolv"])

    def test_a_card_without_a_server_does_not_delay_others(self):
        r = self.result("silent")
        self.assertEqual((r["code"], r["addresses"]), (0, [[], ["192.0.2.10"]]), r["output"])
        # Alone it would be waited for for 15 seconds, or 30.
        self.assertLess(r["ended"] - self.at(r, 1, REQUEST)[0], 12)
        self.assertEqual(self.result("silent_first")["addresses"], [[], ["192.0.2.10"]])

    def test_nobody_answers(self):
        r = self.result("nobody")
        self.assertEqual((r["code"], r["addresses"]), (1, [[]]), r["output"])
        self.assertLess(r["ended"] - r["began"], 45)

    def test_no_card_at_all(self):
        r = self.result("none")
        self.assertEqual(r["code"], 1, r["output"])
        self.assertLess(r["ended"] - r["began"], 45)

    def test_a_lease_is_renewed_and_what_is_refused_is_not_kept(self):
        r = self.result("refused")
        first, renewed, refused, again = self.at(r, 0, REQUEST)[:4]
        self.assertGreater(renewed - first, SHORT[0] - 0.5)
        self.assertLess(renewed - first, SHORT[2])
        self.assertGreater(refused - renewed, SHORT[0] - 0.5)
        self.assertGreater(self.at(r, 0, DISCOVER)[1], refused)
        # Who renews a lease has its address.
        self.assertEqual([line["bound"] for line in r["asked"][0] if line["kind"] == REQUEST][:4],
                         [False, True, True, False])
        self.assertEqual(r["addresses"], [["192.0.2.11"]])
        self.assertGreater(again, refused)

    def test_a_lease_that_nobody_renews_is_given_up_in_time(self):
        r = self.result("expired")
        got = self.at(r, 0, REQUEST)[0]
        anew = next(at for at in self.at(r, 0, DISCOVER) if at > got)
        self.assertGreater(anew - got, SHORTEST)
        self.assertLess(anew - got, 40)
        self.assertGreater(len([at for at in self.at(r, 0, REQUEST) if at < anew]), 2)
        self.assertEqual(r["addresses"], [["192.0.2.11"]])
        self.assertIn("default via 192.0.2.1", r["routes"])

    def test_an_address_by_router_advertisements_comes_and_goes(self):
        r = self.result("slaac")
        self.assertGreater(r["seen"][-1][0] - self.at(r, 0, SOLICITATION, "ra")[0], 6)

    def check_first_wins(self, r):
        defaults = [line.split() for line in r["routes"].splitlines() if line.startswith("default")]
        self.assertEqual({(d[2], d[4]) for d in defaults}, {("192.0.2.1", "eth0"), ("203.0.113.1", "eth1")})
        metric = {d[4]: int(d[d.index("metric") + 1]) for d in defaults}
        self.assertLess(metric["eth0"], metric["eth1"])
        servers = [line for line in r["resolv"].splitlines() if line.startswith("nameserver")]
        self.assertEqual(servers, ["nameserver 192.0.2.53", "nameserver 203.0.113.53"])

    def test_a_service_takes_what_comes_later(self):
        r = self.result("later")
        self.check_first_wins(r)
        self.assertEqual(r["code"], 0, r["output"])
        self.assertLess(r["ended"] - r["stopped"], 8)


class Dhcp(Client, unittest.TestCase):
    package, writable, search = "dhcp", ["/run"], "search"
    once = in_vain = ["/usr/bin/dhcp"]
    always = [*once, "--renew"]
    plans = {"two": {"do": "boot", "command": [*once, "-i", "eth0", "-i", "eth1"], "cards": [card(), SECOND]}}

    def test_of_two_cards_the_first_counts(self):
        r = self.result("two")
        self.assertEqual(r["code"], 0, r["output"])
        self.check_first_wins(r)
        self.assertIn("search example.net example.org\n", r["resolv"])

    def test_a_bad_route_costs_nothing_else(self):
        r = self.result("options")
        self.assertIn("dhcp: eth0: can't set the route to 203.0.113.0/24 by 192.0.2.255", r["output"])
        self.assertRegex(r["links"], r"eth0@.* mtu 1460 ")

    def test_what_is_missing_is_said(self):
        self.assertEqual(self.result("none")["output"], "dhcp: there is no network card\n")
        for name in ("silent", "nobody"):
            self.assertIn("dhcp: eth0 got no address", self.result(name)["output"])

    def test_a_service_gives_back_what_it_has(self):
        r = self.result("later")
        self.assertEqual([asked[-1]["kind"] for asked in r["asked"]], [RELEASE, RELEASE])

    def test_ipv6_is_the_kernels(self):
        self.assertNotIn("2001:db8::53", self.result("both")["resolv"])
        self.assertIn("default via fe80:", self.result("slaac")["routes6"])


# What LinuxKit's dhcpcd is called with, and what dhcp is then; None: it fails.
AS_DHCP = [
    (["--nobackground", "-f", "/dhcpcd.conf", "-1"], ""),
    (["--nobackground", "-f", "/dhcpcd.conf"], "--renew"),
    (["-B", "--config=/none", "eth0", "eth1"], "--renew -i eth0 -i eth1"),
    (["-1", "-4", "-d", "-t", "30", "eth0"], "-i eth0 -t 30"),
    (["--oneshot", "--timeout=5"], "-t 5"),
    (["eth0"], "-i eth0"),
    (["-1", "-t", "soon"], None),
    (["-1", "--release"], None),
    (["-6", "-1"], None),
    (["-1", "-f"], None),
]
# What Debian's dhcpcd is called with then.
DEFAULT = os.path.join(images.ROOT, "pkg", "dhcpcd", "dhcpcd.conf")
AS_DHCPCD = [
    (["--nobackground", "-f", DEFAULT], "--nobackground -f %s" % DEFAULT),
    (["--nobackground", "-f", DEFAULT, "-1"], "-4 -f %s -1" % DEFAULT),
    (["-B", "--config=" + DEFAULT, "--oneshot", "eth0"], "-4 --config=%s --oneshot eth0" % DEFAULT),
    (["-B", "-f" + DEFAULT, "-1", "-6"], "-f%s -1 -6" % DEFAULT),
    (["-B", "-f", DEFAULT, "-1", "--waitip=6"], "-f %s -1 --waitip=6" % DEFAULT),
    (["-B", "-f", "/dev/null", "-1"], "-f /dev/null -1"),
]


class CommandLines(unittest.TestCase):
    def check(self, package, program, lines):
        with open(os.path.join(images.ROOT, "pkg", package, "dhcpcd.sh"), encoding="utf-8") as f:
            script = f.read()
        self.assertEqual(len(re.findall(r"(?m)^(program=|exec )%s\b" % program, script)), 1)
        for args, expected in lines:
            with self.subTest(args):
                done = subprocess.run([Dhcp.shell, "sh", "-c", script.replace(program, "echo"), "dhcpcd", *args],
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=dhcpnet.LIMIT)
                self.assertEqual(done.returncode != 0, expected is None, done)
                self.assertEqual(done.stdout.strip(), expected or "")
                self.assertEqual(done.stderr.startswith("dhcpcd: "), expected is None, done)

    def test_those_of_dhcpcd_are_mapped(self):
        self.check("dhcp", "/usr/bin/dhcp", AS_DHCP)

    def test_once_may_not_wait_for_ever(self):
        self.check("dhcpcd", "/usr/lib/dhcpcd/dhcpcd", AS_DHCPCD)

    def test_a_configuration_of_ones_own_is_not_silently_dropped(self):
        script = os.path.join(images.ROOT, "pkg", "dhcp", "dhcpcd.sh")
        done = subprocess.run([Dhcp.shell, "sh", script, "-1", "-f", __file__, "--none"],
                              stderr=subprocess.PIPE, text=True, timeout=dhcpnet.LIMIT)
        self.assertIn("is not read", done.stderr)
        self.assertEqual(done.returncode, 2)


class Dhcpcd(Client, unittest.TestCase):
    package, writable, search = "dhcpcd", ["/run", "/var/lib/dhcpcd"], "domain"
    always = ["/sbin/dhcpcd", "--nobackground", "-f", "/dhcpcd.conf"]
    once = [*always, "-1"]
    in_vain = [*once, "-t", "4"]
    plans = {
        "dhcp6": {"do": "serve", "command": always, "cards": [SIX],
                  "until": [["2001:db8:2::10", None, "2001:db8:2::10"]], "then": [["resolv", "2001:db8::54"]]},
        "ipv6_once": {"do": "boot", "command": [*once, "-6"], "cards": [RA]},
        "all": {"do": "serve", "command": always, "cards": [card(ra={**RA["ra"], "valid": 3600})],
                "until": [["192.0.2.10", "2001:db8:1:"]],
                "then": [ROUTE, ["resolv", "192.0.2.53"], ["resolv", "2001:db8::53"],
                         ["routes6", "default via fe80:"]]},
    }

    def test_what_the_network_says_is_read_without_rights(self):
        if os.getuid() != 0:
            self.skipTest("a user namespace has only one id")
        users = self.result("later")["users"]
        self.assertEqual(len([u for u in users if u.split() == ["0", "dhcpcd"]]), 1, users)
        self.assertGreater(len([u for u in users if u.split() == ["100", "dhcpcd"]]), 2, users)

    def test_once_is_over_in_its_time(self):
        for name in ("none", "nobody"):
            r = self.result(name)
            self.assertIn("timed out", r["output"])
            self.assertGreater(r["ended"] - r["began"], 3)

    def test_once_leaves_ipv6_to_the_kernel(self):
        r = self.result("both")
        self.assertEqual((r["code"], r["addresses"][0][0]), (0, "192.0.2.10"), r["output"])
        self.assertNotIn("IPv6", r["output"])
        self.assertEqual(self.result("ipv6_once")["code"], 0)
        self.assertIn("nameserver 2001:db8::53", self.result("ipv6_once")["resolv"])

    def test_a_service_has_both(self):
        r = self.result("all")
        self.assertEqual(r["resolv"].split()[2:], ["nameserver", "192.0.2.53", "nameserver", "2001:db8::53"])
        self.assertIn("default via 192.0.2.1", r["routes"])
        self.assertIn("default via fe80:", r["routes6"])

    def test_dhcp6_is_renewed_and_given_up(self):
        r = self.result("dhcp6")
        asked, renewed = self.at(r, 0, REQUEST6, 6), self.at(r, 0, RENEW6, 6)
        self.assertGreater(len(renewed), 1)
        self.assertGreater(renewed[0] - asked[0], 1.5)
        rebound = self.at(r, 0, REBIND6, 6)
        self.assertTrue(rebound)
        self.assertGreater(asked[1], rebound[0])
        self.assertGreater(len(self.at(r, 0, SOLICIT6, 6)), 1)
        self.assertEqual(r["resolv"], "nameserver 2001:db8::54\n")


if __name__ == "__main__":
    unittest.main()
