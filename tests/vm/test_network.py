# SPDX-License-Identifier: Apache-2.0
"""The key `network` of a YAML in a machine with several cards, and the components ip, wireguard and nftables.

The YAML is in part one for LinuxKit, whose example of WireGuard it has: its image of `ip` becomes ours."""
import json
import re
import shutil
import tempfile
import unittest

import boot
import images
from images import step

COMPONENTS = ["ip", "nftables", "wireguard"]
MAC = "52:54:00:00:00:%02x"
NETWORK = """network:
  interfaces:
    - {name: wan, match: {driver: virtio_net}, dhcp: true}
    - name: lan
      match: {driver: vmxnet3}
      addresses: [192.0.2.10/24, "2001:db8::10/64"]
      mtu: 1400
      routes:
        - {to: 198.51.100.0/24, via: 192.0.2.1}
        - {to: "2001:db8:1::/48", via: "fe80::1"}
    - {name: p1, match: {mac: "%s"}}
    - {name: p2, match: {mac: "%s"}}
    - name: bond0
      bond: {interfaces: [p1, p2], primary: p2}
      mtu: 2000
    - name: storage
      vlan: {id: 7, link: bond0}
      addresses: [10.1.0.2/16]
      accept-ra: false
    - {name: gone, match: {mac: "%s"}}
    - {name: br0, bridge: {interfaces: [storage.8]}, addresses: [10.2.0.1/16]}
    - {name: storage.8, vlan: {id: 8, link: bond0}}
  dns:
    servers: [192.0.2.53]
    search: [example.net]
""" % (MAC % 2, MAC % 3, MAC % 9)

# Made by `wg genkey` and `wg pubkey`, for here.
KEYS = [("aPAAZjpuGxZKy17D8T192cua3qXSllwiEWgL0qTGkFQ=", "7FxJJuIHSSwdoLjpUb9bYaiScMnuA1EHAY0q7B59O2Q="),
        ("KAt1DgcDWJ1T2WGF2RugIBCrr1TQ1bL7uRmQhCYVqkE=", "xJJ3erm8sPEeCSekrl8m+N/faXYtl+D2Lq8gD8lW7FI=")]
RULES = """table inet filter {
  chain input {
    type filter hook input priority 0; policy accept;
    iif lo accept
    ct state established accept
    tcp dport 7 limit rate 5/second counter reject with tcp reset
    fib saddr . iif oif missing counter drop
  }
}
table ip nat {
  chain post { type nat hook postrouting priority 100; oifname wan counter masquerade; }
}
"""
# Two ends of a tunnel, each in a network namespace of its own; they find each other in the machine's.
WG = """[Interface]
Address = 192.168.2.%d/24
PrivateKey = %s
ListenPort = %d
PostUp = ip link set %%i alias tunnel-%%i
[Peer]
PublicKey = %s
AllowedIPs = 0.0.0.0/0
Endpoint = 127.0.0.1:%d
"""
IN_NAMESPACE = """    net: new
    binds:
     - /etc/wireguard:/etc/wireguard
    runtime:
      interfaces:
        - {name: wg%d, add: wireguard, createInRoot: true}
      bindNS:
        net: /run/netns/wg%d
"""
# For the machine itself.
HOST_WG = """[Interface]
Address = 192.168.3.1/24, 2001:db8:3::1/64
PrivateKey = %s
ListenPort = 51900
MTU = 1380
[Peer]
PublicKey = %s
AllowedIPs = 192.168.3.2/32, 10.77.0.0/16, 2001:db8:77::/48
""" % (KEYS[0][0], KEYS[1][1])
SHOWN = "    wherry: {console: true}\n"


def lines(text):
    return json.dumps(text)


def system():
    onboot = "".join(step("wg%d" % i, "ip", ["/usr/bin/lk-wg-config", "configure", "/etc/wireguard/wg%d.conf" % i],
                          IN_NAMESPACE % (i, i)) for i in (0, 1))
    onboot += step("batch", "ip", ["ip", "-b", "/etc/ip/dummy.conf"], "    binds: [\"/etc/ip:/etc/ip\"]\n")
    onboot += "  - {name: nftables, image: %s}\n" % images.tag("nftables")
    onboot += "  - {name: wireguard, image: %s, binds: [\"/etc/wireguard-host:/etc/wireguard:ro\"]}\n" % images.tag(
        "wireguard")
    onboot += step("addr", "ip", ["ip", "-j", "-p", "-d", "addr"], SHOWN)
    onboot += step("show", "ip", ["sh", "-c", "ip route; ip -6 route; cat /etc/resolv.conf; wg show wg9"], SHOWN)
    onboot += step("ping", "ip", ["sh", "-c", "ping -c 1 -W 20 192.168.2.1"], SHOWN + "    net: /run/netns/wg1\n")
    onboot += step("rules", "nftables", ["/usr/sbin/nft", "list", "ruleset"], SHOWN)
    text = images.base(onboot=onboot).replace(images.tag("ip"), "docker.io/linuxkit/ip:v1")
    files = "".join("  - {path: etc/wireguard/wg%d.conf, contents: %s}\n" % (
        i, lines(WG % (i + 1, KEYS[i][0], 51820 + i, KEYS[1 - i][1], 51821 - i))) for i in (0, 1))
    return "components: wherry\n" + text + NETWORK + """files:
%s  - {path: etc/wireguard-host/wg9.conf, contents: %s}
  - {path: etc/nftables.conf, contents: %s}
  - {path: etc/ip/dummy.conf, contents: "link add dummy9 type dummy\\naddress add 198.51.100.9/32 dev dummy9\\n"}
""" % (files, lines(HOST_WG), lines(RULES))


class Network(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="wherry-network-")
        cls.addClassCleanup(shutil.rmtree, cls.dir, True)
        for name in COMPONENTS:
            images.make_package(name)
        path = images.build(system(), cls.dir, "--offline")
        args = ["--device", "vmxnet3,romfile=,mac=" + MAC % 1]
        for number in (2, 3):
            args += ["--device", "virtio-net-pci,romfile=,mac=" + MAC % number]
        with boot.Boot(path, args=args) as vm:
            vm.wait_for(r"wherry: ready")
            vm.power_off()
            cls.console = vm.console()

    def said(self, name):
        return "\n".join(re.findall(r"^\[ *[\d.]+\] wherry: %s: (.*)$" % name, self.console, re.M))

    def addr(self):
        text = self.said("addr")
        self.assertTrue(text, self.console)
        return {x["ifname"]: x for x in json.loads(text) if "ifname" in x}

    def addresses(self, interface):
        return sorted("%s/%d" % (a["local"], a["prefixlen"]) for a in interface["addr_info"] if a["scope"] == "global")

    def test_cards_by_driver_mac_and_name(self):
        addr = self.addr()
        self.assertEqual((addr["lan"]["address"], addr["lan"]["mtu"]), (MAC % 1, 1400))
        self.assertEqual(self.addresses(addr["lan"]), ["192.0.2.10/24", "2001:db8::10/64"])
        self.assertIn("network: lan has 2001:db8::10/64", self.console)
        self.assertEqual(addr["p1"]["permaddr"] if "permaddr" in addr["p1"] else addr["p1"]["address"], MAC % 2)
        self.assertIn("10.0.2.15/24", self.addresses(addr["wan"]))

    def test_bond_vlan_and_bridge(self):
        addr = self.addr()
        self.assertEqual([addr[name]["master"] for name in ("p1", "p2", "storage.8")], ["bond0", "bond0", "br0"])
        bond = addr["bond0"]["linkinfo"]["info_data"]
        self.assertEqual((bond["mode"], bond["primary"], bond["miimon"]), ("active-backup", "p2", 100))
        self.assertEqual([addr[name]["mtu"] for name in ("bond0", "p1", "p2")], [2000] * 3)
        storage = addr["storage"]
        self.assertEqual((storage["link"], storage["linkinfo"]["info_data"]["id"]), ("bond0", 7))
        self.assertEqual(self.addresses(storage), ["10.1.0.2/16"])
        self.assertEqual(self.addresses(addr["br0"]), ["10.2.0.1/16"])

    def test_a_missing_card_is_said_and_the_boot_goes_on(self):
        self.assertIn("network: there is no card for the interface gone (no card is left)", self.console)
        self.assertRegex(self.console, r"wherry: init\.d 005-network: failed with exit code 1 after 1\d\.")
        self.assertRegex(self.console, r"wherry: onboot network-dhcp: done")

    def test_routes_and_dns(self):
        shown = self.said("show")
        for line in ("default via 10.0.2.2 dev wan", "198.51.100.0/24 via 192.0.2.1 dev lan proto static",
                     "2001:db8:1::/48 via fe80::1 dev lan proto static"):
            self.assertIn(line, shown)
        # Those of the lease come after the machine's own.
        self.assertIn("search example.net\nnameserver 192.0.2.53\nnameserver 10.0.2.3\n", shown)

    def test_ip_runs_a_file_of_commands(self):
        self.assertEqual(self.addresses(self.addr()["dummy9"]), ["198.51.100.9/32"])

    def test_two_ends_of_wireguard_talk(self):
        self.assertRegex(self.said("ping"), r"1 packets transmitted, 1 packets received")

    def test_wireguard_for_the_machine(self):
        wg = self.addr()["wg9"]
        self.assertEqual((wg["mtu"], self.addresses(wg)), (1380, ["192.168.3.1/24", "2001:db8:3::1/64"]))
        shown = self.said("show")
        self.assertIn("allowed ips: 192.168.3.2/32, 10.77.0.0/16, 2001:db8:77::/48", shown)
        self.assertRegex(shown, r"(?m)^10\.77\.0\.0/16 dev wg9 ")
        self.assertRegex(shown, r"(?m)^2001:db8:77::/48 dev wg9 ")

    def test_nftables_has_the_rules(self):
        rules = self.said("rules")
        for line in ("tcp dport 7 limit rate 5/second", "fib saddr . iif oif missing", "masquerade"):
            self.assertIn(line, rules)


if __name__ == "__main__":
    unittest.main()
