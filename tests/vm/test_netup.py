# SPDX-License-Identifier: Apache-2.0
"""The program `network` of the guest in network namespaces of their own, with pairs of veth for cards. No QEMU here.

Called with a plan, this file is what runs inside: it makes the cards, runs the program once or twice and prints what
`ip` says then."""
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

import images

GUEST = os.environ.get("WHERRY_GUEST") or os.path.join(os.path.dirname(images.WORK), "guest", "guest-links")
LIMIT = 60
MAC = "52:54:00:00:00:%02x"
LAN = {"name": "lan", "match": {"mac": MAC % 1}}


def routes(*items):
    return [dict(zip(("to", "via"), item)) for item in items]


# Cards c0, c1 ... have MACs of their own and another end o0, o1 ... `ends`: addresses that those have.
PLANS = {
    "static": {"cards": 3, "runs": 2, "conf": {"interfaces": [
        {**LAN, "addresses": ["192.0.2.10/24", "2001:db8::10/64"], "mtu": 1400, "accept-ra": False, "routes": [
            {"via": "192.0.2.1"}, {"to": "default", "via": "fe80::1", "metric": 7}, {"to": "10.9.0.0/16"},
            {"to": "198.51.100.0/24", "via": "203.0.113.9", "on-link": True},
            {"to": "2001:db8:1::/48", "via": "2001:db8::1"}]},
        {"name": "any", "match": {"driver": "veth"}, "addresses": ["192.0.2.99/32"]},
        {"name": "c2"}, {"name": "lo", "addresses": ["198.51.100.1/32"]}],
        "dns": {"servers": ["192.0.2.53", "2001:db8::53"], "search": ["example.net"]}}},
    "bridge": {"cards": 2, "runs": 2, "conf": {"interfaces": [
        {"name": "br0", "bridge": {"interfaces": ["c0", "port"]}, "addresses": ["10.2.0.1/16"]},
        {"name": "c0"}, {"name": "port", "match": {"name": "c1"}}]}},
    "taken": {"cards": 2, "runs": 1, "ends": ["192.0.2.1/24", "2001:db8::10/64"], "conf": {"interfaces": [
        {**LAN, "addresses": ["2001:db8::10/64", "2001:db8::11/64"]}]}},
    "missing": {"cards": 1, "runs": 1, "conf": {"interfaces": [
        {"name": "gone", "match": {"mac": MAC % 9}}, {"name": "gone.4", "vlan": {"id": 4, "link": "gone"}},
        {**LAN, "addresses": ["192.0.2.10/24"]}, {"name": "br0", "bridge": {"interfaces": ["gone"]}}]}},
    "later": {"cards": 1, "later": 1, "runs": 1, "conf": {"interfaces": [
        {"name": "c1", "addresses": ["192.0.2.11/24"]}, {**LAN, "addresses": ["192.0.2.10/24"]}]}},
    "wrong": {"cards": 2, "runs": 1, "conf": {"interfaces": [
        {**LAN, "addresses": ["192.0.2.10/24"], "routes": routes(("10.0.0.0/8", "192.0.3.1")), "mtu": 65536 - 1},
        {"name": "c1", "addresses": ["192.0.3.10/24"]}]}},
}


# ---- inside ----

def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=LIMIT, text=True).stdout


class Inside:
    def __init__(self, plan):
        self.plan = plan
        self.dir = tempfile.mkdtemp(prefix="wherry-netup-")
        run("mount", "-t", "tmpfs", "none", self.dir)
        run("mount", "-t", "tmpfs", "none", "/run")
        run("mount", "-t", "proc", "proc", "/proc")
        resolv = os.path.join(self.dir, "resolv.conf")
        open(resolv, "w").close()
        run("mount", "--bind", resolv, os.path.realpath("/etc/resolv.conf"))
        os.symlink(GUEST, os.path.join(self.dir, "network"))
        self.other = subprocess.Popen(["unshare", "--net", "sleep", "100"])
        while os.readlink("/proc/%d/ns/net" % self.other.pid) == os.readlink("/proc/self/ns/net"):
            time.sleep(0.02)
        for i in range(plan["cards"]):
            self.add_card(i)

    def there(self, *command):
        return run("nsenter", "-t", str(self.other.pid), "-n", *command)

    def add_card(self, i):
        run("ip", "link", "add", "c%d" % i, "address", MAC % (i + 1), "type", "veth", "peer", "name", "o%d" % i)
        run("ip", "link", "set", "o%d" % i, "netns", str(self.other.pid))
        for address in self.plan.get("ends", []):
            self.there("ip", "addr", "add", address, "dev", "o%d" % i, "nodad")
        self.there("ip", "link", "set", "o%d" % i, "up")

    def start(self):
        path = os.path.join(self.dir, "conf")
        with open(path, "w") as f:
            f.write("#!/sbin/network\n" + json.dumps(self.plan["conf"]))
        return subprocess.Popen([os.path.join(self.dir, "network"), path], stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)

    def go(self):
        began = time.monotonic()
        for _ in range(self.plan["runs"]):
            program = self.start()
            if "later" in self.plan:
                time.sleep(1)
                self.add_card(self.plan["later"])
            output = program.communicate(timeout=LIMIT)[0]
        seconds = time.monotonic() - began
        accept = {}
        for name in os.listdir("/proc/sys/net/ipv6/conf"):
            with open("/proc/sys/net/ipv6/conf/%s/accept_ra" % name) as f:
                accept[name] = int(f.read())
        with open("/etc/resolv.conf") as f:
            resolv = f.read()
        leases = {}
        for name in os.listdir("/run/dhcp") if os.path.exists("/run/dhcp") else []:
            with open("/run/dhcp/" + name) as f:
                leases[name] = f.read()
        return {"output": output, "code": program.returncode, "seconds": seconds, "resolv": resolv, "leases": leases,
                "accept_ra": accept, "addr": json.loads(run("ip", "-j", "-d", "addr")),
                "route": json.loads(run("ip", "-j", "route")), "route6": json.loads(run("ip", "-j", "-6", "route"))}


# ---- outside ----

def unshare():
    root = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *root, "--mount", "--net", "--pid", "--fork", "--kill-child"]


class Netup(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        probe = subprocess.run([*unshare(), "sh", "-ec",
                                "mount -t proc proc /proc; ip link add veth0 type veth peer name veth1;"
                                "ip link add bridge0 type bridge; ip -6 addr add ::2/64 dev veth0"],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT)
        if probe.returncode:
            raise unittest.SkipTest("no namespaces, or no such interfaces here: %s"
                                    % probe.stdout.decode(errors="replace")[-200:])
        # They mostly wait: all at the same time.
        started = {name: subprocess.Popen([*unshare(), sys.executable, os.path.abspath(__file__), "inside",
                                           json.dumps(plan)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                   for name, plan in PLANS.items()}
        cls.results = {}
        for name, process in started.items():
            out, err = process.communicate(timeout=2 * LIMIT)
            cls.results[name] = json.loads(out) if process.returncode == 0 else {"error": err}

    def result(self, name):
        r = self.results[name]
        self.assertNotIn("error", r, r.get("error"))
        return r

    def interface(self, r, name):
        found = [x for x in r["addr"] if x.get("ifname") == name]
        self.assertEqual(len(found), 1, [x.get("ifname") for x in r["addr"]])
        return found[0]

    def addresses(self, r, name, scope="global"):
        return sorted("%s/%d" % (a["local"], a["prefixlen"]) for a in self.interface(r, name)["addr_info"]
                      if a["scope"] == scope)

    def test_cards_get_names_addresses_and_routes_and_a_second_time_the_same(self):
        r = self.result("static")
        self.assertEqual(r["code"], 0, r["output"])
        lan = self.interface(r, "lan")
        self.assertEqual((lan["address"], lan["mtu"]), (MAC % 1, 1400))
        self.assertEqual(self.addresses(r, "lan"), ["192.0.2.10/24", "2001:db8::10/64"])
        # It can be used: nobody else has it.
        self.assertEqual([a for a in lan["addr_info"] if a["scope"] == "global" and a.get("tentative")], [])
        self.assertIn("192.0.2.255", json.dumps(lan))
        self.assertEqual(self.addresses(r, "any"), ["192.0.2.99/32"])
        self.assertEqual(self.addresses(r, "lo"), ["198.51.100.1/32"])
        self.assertIn("UP", self.interface(r, "c2")["flags"])
        got = {(x["dst"], x.get("gateway"), x["dev"]) for x in r["route"] if x.get("protocol") == "static"}
        self.assertEqual(got, {("default", "192.0.2.1", "lan"), ("10.9.0.0/16", None, "lan"),
                               ("198.51.100.0/24", "203.0.113.9", "lan")})
        got = {(x["dst"], x.get("gateway"), x["metric"]) for x in r["route6"] if x.get("protocol") == "static"}
        self.assertEqual(got, {("default", "fe80::1", 7), ("2001:db8:1::/48", "2001:db8::1", 1024)})
        self.assertEqual((r["accept_ra"]["lan"], r["accept_ra"]["any"]), (0, 1))

    def test_dns_is_where_programs_and_dhcp_look(self):
        r = self.result("static")
        self.assertEqual(r["resolv"], "search example.net\nnameserver 192.0.2.53\nnameserver 2001:db8::53\n")
        self.assertEqual(r["leases"], {"static-name-servers": "0\nexample.net\n192.0.2.53 2001:db8::53\n"})

    def test_a_bridge_has_its_ports_and_they_have_no_addresses(self):
        r = self.result("bridge")
        self.assertEqual(r["code"], 0, r["output"])
        self.assertEqual(self.addresses(r, "br0"), ["10.2.0.1/16"])
        info = self.interface(r, "br0")["linkinfo"]["info_data"]
        self.assertEqual((info["stp_state"], info["forward_delay"]), (0, 0))
        for port in ("c0", "port"):
            self.assertEqual(self.interface(r, port)["master"], "br0")
            self.assertEqual(self.interface(r, port)["addr_info"], [])
            self.assertEqual(self.interface(r, port)["linkinfo"]["info_slave_data"]["state"], "forwarding")

    def test_an_address_that_another_machine_has(self):
        r = self.result("taken")
        self.assertEqual(r["code"], 1)
        self.assertIn("network: lan: another machine has the address 2001:db8::10\n", r["output"])
        self.assertNotIn("has the address 2001:db8::11", r["output"])
        self.assertLess(r["seconds"], 15)

    def test_a_card_that_does_not_come_is_an_error_by_name_and_holds_up_no_other(self):
        r = self.result("missing")
        self.assertEqual(r["code"], 1)
        self.assertIn("network: there is no card for the interface gone (no card is left)\n", r["output"])
        self.assertIn("network: gone.4: can't be made on gone: No such device\n", r["output"])
        self.assertEqual(self.addresses(r, "lan"), ["192.0.2.10/24"])
        self.assertIn("UP", self.interface(r, "br0")["flags"])
        self.assertGreater(r["seconds"], 14)

    def test_a_card_that_comes_later(self):
        r = self.result("later")
        self.assertEqual(r["code"], 0, r["output"])
        self.assertEqual(self.addresses(r, "c1"), ["192.0.2.11/24"])
        self.assertLess(r["seconds"], 14)

    def test_what_the_kernel_refuses_is_said_and_the_rest_is_done(self):
        r = self.result("wrong")
        self.assertEqual(r["code"], 1)
        self.assertRegex(r["output"], r"network: lan: can't add the route to 10\.0\.0\.0/8 by 192\.0\.3\.1: ")
        self.assertEqual(self.addresses(r, "lan"), ["192.0.2.10/24"])
        self.assertEqual(self.addresses(r, "c1"), ["192.0.3.10/24"])


if __name__ == "__main__":
    if sys.argv[1:2] == ["inside"]:
        print(json.dumps(Inside(json.loads(sys.argv[2])).go()))
    else:
        unittest.main()
