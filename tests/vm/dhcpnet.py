# SPDX-License-Identifier: Apache-2.0
"""Cards eth0, eth1 ... in namespaces of their own, each with its server (dhcpserver.py) at the other end, and a client
of DHCP in the root of its image, as PID 1, with the capabilities of its label.

`start` runs this file with a plan as JSON, and `result` is what it prints:
    do             boot: waits until the command ends; serve: stops it when all that `until` says has been
    root           the image's; `writable` are its directories that are
    command        what is run in there
    capabilities   what it has of them; `read_only`: what it can't write to in /proc
    cards          for each card what its server does (dhcpserver.py), or null if there is none
    until          for serve, for each card what addresses it has one after another: their beginnings, or null for none
    then           pairs of what `state` knows, and a text that is in it then, all at the same time
"""
import ctypes
import fcntl
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# Without what is installed beside it, in half the time.
PYTHON = [sys.executable, "-S"]
LIMIT = 90
PR_CAPBSET_DROP = 24
SIOCGIFADDR = 0x8915
LINK_SCOPE, TENTATIVE = 0x20, 0x40
CAPABILITIES = {"CAP_CHOWN": 0, "CAP_KILL": 5, "CAP_SETGID": 6, "CAP_SETUID": 7, "CAP_NET_BIND_SERVICE": 10,
                "CAP_NET_ADMIN": 12, "CAP_NET_RAW": 13, "CAP_SYS_CHROOT": 18}


def unshare():
    root = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *root, "--mount", "--net", "--pid", "--fork", "--kill-child"]


def start(plan):
    return subprocess.Popen([*unshare(), *PYTHON, os.path.abspath(__file__), json.dumps(plan)],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def result(process):
    out, err = process.communicate(timeout=2 * LIMIT)
    return json.loads(out) if process.returncode == 0 else {"error": err}


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=LIMIT, text=True).stdout


def addresses4(name):
    """The first one; no command, as this is called often."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            return [socket.inet_ntoa(fcntl.ioctl(sock, SIOCGIFADDR, struct.pack("256s", name.encode()))[20:24])]
        except OSError:
            return []


def addresses6(name):
    with open("/proc/net/if_inet6", encoding="ascii") as f:
        lines = [line.split() for line in f]
    return sorted(socket.inet_ntop(socket.AF_INET6, bytes.fromhex(line[0])) for line in lines if line[5] == name
                  and int(line[3], 16) != LINK_SCOPE and not int(line[4], 16) & TENTATIVE)


class Inside:
    def __init__(self, plan):
        self.plan, self.root = plan, plan["root"]
        self.cards = range(len(plan["cards"]))
        run("mount", "-t", "proc", "proc", "/proc")
        run("mount", "--bind", self.root, self.root)
        run("mount", "-o", "remount,bind,ro", self.root)
        run("mount", "--rbind", "/dev", self.root + "/dev")
        run("mount", "-t", "sysfs", "sysfs", self.root + "/sys")
        # Only what is in there counts as a card for @pkg:dhcp, with or without a driver.
        run("mount", "-t", "tmpfs", "none", self.root + "/sys/class/net")
        for name in plan["writable"]:
            run("mount", "-t", "tmpfs", "none", self.root + name)
        os.mkdir(self.root + "/run/resolvconf")
        self.other = subprocess.Popen(["unshare", "--net", "sleep", "200"])
        while os.readlink("/proc/%d/ns/net" % self.other.pid) == os.readlink("/proc/self/ns/net"):
            time.sleep(0.02)
        run("ip", "link", "set", "lo", "up")

    def there(self, *command):
        return ["nsenter", "-t", str(self.other.pid), "-n", *command]

    def add_card(self, i):
        card, name, peer = self.plan["cards"][i], "eth%d" % i, "s%d" % i
        run("ip", "link", "add", name, "type", "veth", "peer", "name", peer)
        run("ip", "link", "set", peer, "netns", str(self.other.pid))
        # The server is there when the card is, with its link-local address.
        run(*self.there("sh", "-c", "echo 0 > /proc/sys/net/ipv6/conf/%s/accept_dad; ip link set %s up" % (peer, peer)))
        if card:
            run(*self.there("ip", "addr", "add", card["server"] + "/24", "dev", peer))
            server = [*PYTHON, os.path.join(HERE, "dhcpserver.py"), peer, json.dumps(card), self.log(i)]
            subprocess.Popen(self.there(*server))
            while not os.path.exists(self.log(i)):
                time.sleep(0.02)
        run("ip", "link", "set", name, "up")
        os.makedirs("%s/sys/class/net/%s/device" % (self.root, name))
        with open("%s/sys/class/net/%s/ifindex" % (self.root, name), "w", encoding="ascii") as f:
            print(i + 10, file=f)

    def log(self, i):
        return "%s/run/log%d" % (self.root, i)

    def asked(self, i):
        if not os.path.exists(self.log(i)):
            return []
        with open(self.log(i), encoding="ascii") as f:
            return [json.loads(line) for line in f]

    def addresses(self):
        """What each card has, but link-local addresses and those that are not sure to be its own yet."""
        return [addresses4("eth%d" % i) + addresses6("eth%d" % i) for i in self.cards]

    def resolv(self):
        with open(self.root + "/run/resolvconf/resolv.conf", "a+", encoding="utf-8") as f:
            f.seek(0)
            return "".join(line for line in f if not line.startswith("#"))

    def state(self):
        return {"resolv": self.resolv(), "routes": run("ip", "route"), "routes6": run("ip", "-6", "route"),
                "links": run("ip", "link"), "addresses": self.addresses(),
                "users": sorted(run("ps", "-e", "-o", "uid=,comm=").splitlines())}

    def start(self):
        enter = ["unshare", "--pid", "--fork", *PYTHON, __file__, "enter", json.dumps(self.plan)]
        self.client = subprocess.Popen(enter, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, text=True)

    def end(self):
        """How it ends: its exit code, what it wrote, when it ended, and what the servers heard."""
        output = self.client.communicate(timeout=LIMIT)[0]
        return {"code": self.client.returncode, "output": output, "ended": time.monotonic(),
                "asked": [self.asked(i) for i in self.cards]}

    def stop(self):
        os.kill(int(run("pgrep", "-P", str(self.client.pid))), signal.SIGTERM)

    def boot(self):
        for i in self.cards:
            self.add_card(i)
        began = time.monotonic()
        self.start()
        end = self.end()
        return {"began": began, **end, **self.state()}

    def serve(self):
        """The first card is there at once, the others come one by one, each when the one before has its addresses."""
        self.limit, seen = time.monotonic() + LIMIT, []
        self.start()
        for i in self.cards:
            self.add_card(i)
            for want in self.plan["until"][i]:
                self.watch(lambda: [a for a in self.addresses()[i] if a.startswith(want)] if want
                           else not self.addresses()[i], seen, "eth%d: %s" % (i, want))
        states, then = [], self.plan["then"]
        self.watch(lambda: states.append(self.state()) or all(text in states[-1][key] for key, text in then), seen,
                   then)
        stopped = time.monotonic()
        self.stop()
        return {"stopped": stopped, "seen": seen, **states[-1], **self.end()}

    def watch(self, condition, seen, wanted):
        """Until the condition is true. Each change of addresses goes into `seen`: [when, addresses of all]."""
        while True:
            now = self.addresses()
            if not seen or seen[-1][1] != now:
                seen.append([time.monotonic(), now])
            if condition():
                return
            if time.monotonic() > self.limit:
                self.stop()
                raise AssertionError("no %s; seen: %s\n%s" % (wanted, seen, self.end()))
            time.sleep(0.1)


def enter(plan):
    """Become the client."""
    run("mount", "-t", "proc", "proc", plan["root"] + "/proc")
    for path in plan["read_only"]:
        if os.path.exists(plan["root"] + path):
            run("mount", "--bind", plan["root"] + path, plan["root"] + path)
            run("mount", "-o", "remount,bind,ro", plan["root"] + path)
    os.chroot(plan["root"])
    os.chdir("/")
    libc = ctypes.CDLL(None)
    for number in range(64):
        if number not in [CAPABILITIES[name] for name in plan["capabilities"]]:
            libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0)
    os.execve(plan["command"][0], plan["command"], {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})


if __name__ == "__main__":
    if sys.argv[1] == "enter":
        enter(json.loads(sys.argv[2]))
    inside = Inside(json.loads(sys.argv[1]))
    print(json.dumps(getattr(inside, inside.plan["do"])()))
