# SPDX-License-Identifier: Apache-2.0
"""The scripts of pkg/dhcp, with a small server, in namespaces of their own. No QEMU here.

Called with a plan, this file is what runs inside: it makes cards c0, c1 ..., each with its server at the other end,
runs the script and prints the results as JSON."""
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import time
import unittest

PACKAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "pkg", "dhcp")
APPLETS = ["sh", "ip", "sleep", "udhcpc", "mkdir", "rmdir", "mv", "rm", "sort"]
SERVER = "192.0.2.1"
LIMIT = 60


def addresses(*texts):
    return b"".join(socket.inet_aton(t) for t in texts).hex()


def options(mask="ffffff00", router=SERVER, **more):
    """Those of a usual server; more: oNUMBER=hexadecimal."""
    usual = {"1": mask, "3": addresses(router), "6": addresses("192.0.2.53"), "15": b"example.net".hex()}
    return {**usual, **{key[1:]: value for key, value in more.items()}}


# ---- the server ----

def parse(packet):
    """The options of a request (RFC 2132)."""
    found, at = {}, 240
    while at < len(packet) and packet[at] != 255:
        if packet[at] == 0:
            at += 1
            continue
        size = packet[at + 1]
        found[packet[at]] = packet[at + 2:at + 2 + size]
        at += 2 + size
    return found


def serve(interface, card, log):
    """Answer as `card` says: ip, options, and only those that were asked for."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
    sock.bind(("0.0.0.0", 67))
    own = card.get("server", SERVER)
    open(log, "w").close()
    while True:
        packet, _ = sock.recvfrom(2048)
        asked = parse(packet)
        kind, wanted = asked[53][0], asked.get(55, b"")
        with open(log, "a") as f:
            print(json.dumps({"kind": kind, "wanted": list(wanted), "name": asked.get(12, b"").decode()}), file=f)
        if kind not in (1, 3):
            continue
        answer = bytearray(240)
        answer[0:4] = b"\x02\x01\x06\x00"
        answer[4:8], answer[10:12] = packet[4:8], b"\x80\x00"
        answer[16:20], answer[20:24] = socket.inet_aton(card["ip"]), socket.inet_aton(own)
        answer[28:44], answer[236:240] = packet[28:44], b"\x63\x82\x53\x63"
        answer += bytes([53, 1, 2 if kind == 1 else 5, 54, 4]) + socket.inet_aton(own)
        answer += b"\x33\x04" + struct.pack(">I", 3600)
        for code, value in card["options"].items():
            value = bytes.fromhex(value)
            if int(code) in wanted or code == "1":
                answer += bytes([int(code), len(value)]) + value
        sock.sendto(bytes(answer) + b"\xff" + bytes(60), ("255.255.255.255", 68))


# ---- inside ----

def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=LIMIT, text=True).stdout


class Inside:
    def __init__(self, plan):
        self.plan = plan
        run("mount", "-t", "proc", "proc", "/proc")
        run("mount", "-t", "tmpfs", "none", "/run")
        # Only what is in there counts as a card, with or without a driver.
        run("mount", "-t", "sysfs", "sysfs", "/sys")
        run("mount", "-t", "tmpfs", "none", "/sys/class/net")
        for name in ("resolvconf", "bin"):
            os.mkdir("/run/" + name)
        for name in APPLETS:
            os.symlink(plan["busybox"], "/run/bin/" + name)
        shutil.copy(os.path.join(PACKAGE, "lease.sh"), "/run/lease")
        os.chmod("/run/lease", 0o755)
        with open(os.path.join(PACKAGE, "dhcp.sh")) as f, open("/run/dhcp.sh", "w") as g:
            g.write(f.read().replace("/usr/share/dhcp/lease", "/run/lease"))
        self.other = subprocess.Popen(["unshare", "--net", "sleep", "100"])
        while os.readlink("/proc/%d/ns/net" % self.other.pid) == os.readlink("/proc/self/ns/net"):
            time.sleep(0.02)
        run("ip", "link", "set", "lo", "up")

    def there(self, *command):
        return ["nsenter", "-t", str(self.other.pid), "-n", *command]

    def add_card(self, i):
        card = self.plan["cards"][i]
        run("ip", "link", "add", "c%d" % i, "type", "veth", "peer", "name", "s%d" % i)
        run("ip", "link", "set", "s%d" % i, "netns", str(self.other.pid))
        run(*self.there("ip", "link", "set", "s%d" % i, "up"))
        run(*self.there("ip", "addr", "add", (card or {}).get("server", SERVER) + "/24", "dev", "s%d" % i))
        run("ip", "link", "set", "c%d" % i, "up")
        if card:
            log = "/run/log%d" % i
            subprocess.Popen(self.there(sys.executable, __file__, "serve", "s%d" % i, json.dumps(card), log))
            while not os.path.exists(log):
                time.sleep(0.02)
        os.makedirs("/sys/class/net/c%d/device" % i)
        with open("/sys/class/net/c%d/ifindex" % i, "w") as f:
            print(i + 10, file=f)

    def asked(self, i):
        if not os.path.exists("/run/log%d" % i):
            return []
        with open("/run/log%d" % i) as f:
            return [json.loads(line) for line in f]

    def result(self, output, code, seconds):
        with open("/run/resolvconf/resolv.conf", "a+") as f:
            f.seek(0)
            resolv = f.read()
        return {"output": output, "code": code, "seconds": seconds, "resolv": resolv, "routes": run("ip", "route"),
                "links": run("ip", "link"),
                "addresses": run("ip", "-br", "addr"), "asked": [self.asked(i) for i in range(len(self.plan["cards"]))]}

    def start(self):
        env = dict(os.environ, PATH="/run/bin:" + os.environ["PATH"])
        return subprocess.Popen(["/run/bin/sh", "/run/dhcp.sh", *self.plan["args"]], env=env, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)

    def boot(self):
        for i in range(len(self.plan["cards"])):
            self.add_card(i)
        began = time.monotonic()
        script = self.start()
        output = script.communicate(timeout=LIMIT)[0]
        return self.result(output, script.returncode, time.monotonic() - began)

    def serve(self):
        """The first card is there at once, the others come one by one, each when the one before has its address."""
        script = self.start()
        for i in range(len(self.plan["cards"])):
            self.add_card(i)
            end = time.monotonic() + LIMIT
            while not os.path.exists("/run/dhcp/c%d" % i):
                assert time.monotonic() < end
                time.sleep(0.05)
        time.sleep(0.2)
        result = self.result("", None, 0)
        began = time.monotonic()
        script.terminate()
        result["output"] = script.communicate(timeout=LIMIT)[0]
        result.update(code=script.returncode, seconds=time.monotonic() - began,
                      released=[self.asked(i)[-1]["kind"] for i in range(len(self.plan["cards"]))])
        return result


# ---- outside ----

def unshare():
    root = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *root, "--mount", "--net", "--pid", "--fork", "--kill-child"]


BUSYBOX = os.environ.get("BUSYBOX") or shutil.which("busybox") or "/bin/busybox"

SECOND = {"server": "203.0.113.1", "ip": "203.0.113.10",
          "options": {"1": "ffffff00", "3": addresses("203.0.113.1"), "6": addresses("192.0.2.53", "203.0.113.53"),
                      "15": b"example.org".hex()}}
# 198.51.100.0/24 by 192.0.2.1, 203.0.113.0/24 by a broadcast address, which can't be, all else by 192.0.2.1.
ROUTES = "18c63364" + addresses(SERVER) + "18cb0071" + addresses("192.0.2.255") + "00" + addresses(SERVER)
PLANS = {
    "off_net": {"do": "boot", "args": ["-i", "c0"],
                "cards": [{"ip": "198.51.100.7", "options": options(mask="ffffffc0")}]},
    "single": {"do": "boot", "args": [], "cards": [{"ip": "198.51.100.7", "options": options(mask="ffffffff")}]},
    "options": {"do": "boot", "args": ["-i", "c0"], "cards": [{"ip": "192.0.2.10", "options": options(
        o121=ROUTES, o26="05b4", o119="0361626307" + b"example".hex() + "00")}]},
    "two": {"do": "boot", "args": ["-i", "c0", "-i", "c1"],
            "cards": [{"ip": "192.0.2.10", "options": options()}, SECOND]},
    "silent": {"do": "boot", "args": [], "cards": [None, {"ip": "192.0.2.10", "options": options()}]},
    "none": {"do": "boot", "args": [], "cards": []},
    "later": {"do": "serve", "args": ["--renew"], "cards": [{"ip": "192.0.2.10", "options": options()}, SECOND]},
}


# What LinuxKit's dhcpcd is called with, and what dhcp is then; None: it fails.
DHCPCD = [
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


class Dhcpcd(unittest.TestCase):
    def test_command_lines_are_mapped(self):
        with open(os.path.join(PACKAGE, "dhcpcd.sh")) as f:
            script = f.read()
        self.assertEqual(script.count("program=/usr/bin/dhcp\n"), 1)
        script = script.replace("program=/usr/bin/dhcp\n", "program=echo\n")
        for args, expected in DHCPCD:
            with self.subTest(args):
                done = subprocess.run([BUSYBOX, "sh", "-c", script, "dhcpcd", *args], stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, text=True, timeout=LIMIT)
                self.assertEqual(done.returncode != 0, expected is None, done)
                self.assertEqual(done.stdout.strip(), expected or "")
                self.assertEqual(done.stderr.startswith("dhcpcd: "), expected is None, done)

    def test_a_configuration_of_ones_own_is_not_silently_dropped(self):
        done = subprocess.run([BUSYBOX, "sh", os.path.join(PACKAGE, "dhcpcd.sh"), "-1", "-f", __file__, "--none"],
                              stderr=subprocess.PIPE, text=True, timeout=LIMIT)
        self.assertIn("is not read", done.stderr)
        self.assertEqual(done.returncode, 2)


class Dhcp(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        probe = subprocess.run([*unshare(), "sh", "-c",
                                "mount -t sysfs sysfs /sys && ip link add probe0 type veth peer name probe1 && "
                                "%s udhcpc --help" % BUSYBOX],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT)
        if b"-O OPT" not in probe.stdout:
            raise unittest.SkipTest("no namespaces or no busybox here: %s"
                                    % probe.stdout.decode(errors="replace")[-200:])
        # They mostly wait: all at the same time.
        started = {name: subprocess.Popen([*unshare(), sys.executable, os.path.abspath(__file__), "inside",
                                           json.dumps(dict(plan, busybox=BUSYBOX))],
                                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for name,
                   plan in PLANS.items()}
        cls.results = {}
        for name, process in started.items():
            out, err = process.communicate(timeout=2 * LIMIT)
            cls.results[name] = json.loads(out) if process.returncode == 0 else {"error": err}

    def result(self, name):
        r = self.results[name]
        self.assertNotIn("error", r, r.get("error"))
        return r

    def test_a_router_outside_of_the_network(self):
        for name in ("off_net", "single"):
            r = self.result(name)
            self.assertEqual(r["code"], 0, r["output"])
            self.assertIn("default via 192.0.2.1 dev c0", r["routes"])
            self.assertEqual(r["resolv"], "search example.net\nnameserver 192.0.2.53\n")

    def test_options_are_asked_for_and_a_bad_route_costs_nothing_else(self):
        r = self.result("options")
        self.assertLessEqual({121, 26, 119, 3, 6}, set(r["asked"][0][0]["wanted"]))
        self.assertEqual(r["asked"][0][0]["name"], socket.gethostname()[:255])
        self.assertEqual(r["code"], 0, r["output"])
        self.assertIn("198.51.100.0/24 via 192.0.2.1 dev c0", r["routes"])
        self.assertIn("default via 192.0.2.1 dev c0", r["routes"])
        self.assertIn("dhcp: c0: can't set the route to 203.0.113.0/24 by 192.0.2.255", r["output"])
        self.assertRegex(r["links"], r"c0@.* mtu 1460 ")
        self.assertEqual(r["resolv"], "search abc.example\nnameserver 192.0.2.53\n")

    def check_first_wins(self, r):
        defaults = [line.split() for line in r["routes"].splitlines() if line.startswith("default")]
        self.assertEqual({(d[2], d[4]) for d in defaults}, {("192.0.2.1", "c0"), ("203.0.113.1", "c1")})
        metric = {d[4]: int(d[d.index("metric") + 1]) for d in defaults}
        self.assertLess(metric["c0"], metric["c1"])
        self.assertEqual(r["resolv"],
                         "search example.net example.org\nnameserver 192.0.2.53\nnameserver 203.0.113.53\n")

    def test_of_two_cards_the_first_counts(self):
        r = self.result("two")
        self.assertEqual(r["code"], 0, r["output"])
        self.check_first_wins(r)

    def test_a_card_without_a_server_does_not_delay_others(self):
        r = self.result("silent")
        self.assertEqual(r["code"], 0, r["output"])
        self.assertRegex(r["addresses"], r"(?m)^c1@.* 192\.0\.2\.10/24")
        self.assertIn("dhcp: c0 got no address", r["output"])
        # Alone it would be waited for for 15 seconds.
        self.assertLess(r["seconds"], 12)

    def test_no_card_at_all(self):
        r = self.result("none")
        self.assertEqual((r["code"], r["output"]), (1, "dhcp: there is no network card\n"))
        self.assertLess(r["seconds"], 10)

    def test_a_service_takes_what_comes_later_and_gives_it_back(self):
        r = self.result("later")
        self.check_first_wins(r)
        self.assertEqual(r["code"], 0, r["output"])
        # DHCPRELEASE
        self.assertEqual(r["released"], [7, 7])
        self.assertLess(r["seconds"], 8)


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(sys.argv[2], json.loads(sys.argv[3]), sys.argv[4])
    elif sys.argv[1:2] == ["inside"]:
        inside = Inside(json.loads(sys.argv[2]))
        print(json.dumps(getattr(inside, inside.plan["do"])()))
    else:
        unittest.main()
