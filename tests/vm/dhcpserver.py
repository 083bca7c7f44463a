# SPDX-License-Identifier: Apache-2.0
"""Servers for one card of a machine under test: DHCP (RFC 2131), router advertisements (RFC 4861), DHCPv6 (RFC 8415).
They do what a plan says, also what servers should not: stay silent, or say no.

    dhcpserver.py INTERFACE PLAN LOG

PLAN is JSON; each key is optional:
    ip, server   the address that clients get, and the server's own
    options      options of DHCP, {"NUMBER": "hexadecimal"}; only those that a client asks for are sent, and the netmask
    lease        three numbers of seconds: T1, T2, and the lease's length
    lives        what follows each request: a list of "ack", "nak" or "silent", of which the last goes on. A client that
                 begins anew, after "nak" or by itself, gets the next list, and the next address; the last list goes on
    ra           {"flags": 0, "count": how many are answered, "prefix": ..., "valid": seconds, "dns": address}
    six          {"ip": ..., "lease": as above, "life": one list as above, without "nak", "dns": address}
LOG gets a line of JSON for each message: when (time.monotonic), its protocol (4, "ra" or 6), its kind as a number,
and, of DHCP, the options that were asked for, the name, and whether the client had the address.
"""
import json
import select
import socket
import struct
import sys
import time

DISCOVER, OFFER, REQUEST, ACK, NAK = 1, 2, 3, 5, 6
SOLICIT6, ADVERTISE6, REQUEST6, CONFIRM6, RENEW6, REBIND6, REPLY6 = range(1, 8)
SOLICITATION, ADVERTISEMENT = 133, 134
HOUR = [1800, 3150, 3600]


def parse(packet, at, head):
    """Options behind `at`: of one byte and a length (head 1), or of two and two (head 2)."""
    found = {}
    while at + 2 * head <= len(packet):
        code = int.from_bytes(packet[at:at + head], "big")
        if head == 1 and code in (0, 255):
            if code:
                break
            at += 1
            continue
        size = int.from_bytes(packet[at + head:at + 2 * head], "big")
        at += 2 * head
        found[code] = packet[at:at + size]
        at += size
    return found


def option4(code, value):
    return bytes([code, len(value)]) + value


def option6(code, value):
    return struct.pack("!HH", code, len(value)) + value


def aton6(text):
    return socket.inet_pton(socket.AF_INET6, text)


class Lives:
    """Which answer comes next."""

    def __init__(self, lives):
        self.lives, self.number, self.requests = lives, 0, 0

    def begin(self):
        """The client begins anew: a new life, if it has lived."""
        if self.requests:
            self.number, self.requests = self.number + 1, 0

    def answer(self):
        life = self.lives[min(self.number, len(self.lives) - 1)]
        word = life[min(self.requests, len(life) - 1)]
        self.requests += 1
        if word == "nak":
            self.begin()
        return word


class Server:
    def __init__(self, interface, plan, log):
        self.interface, self.plan = interface, plan
        self.sockets = {}
        if "ip" in plan:
            self.lives4 = Lives(plan.get("lives", [["ack"]]))
            self.listen(socket.AF_INET, socket.SOCK_DGRAM, 0, 67, self.answer4)
        if "ra" in plan or "six" in plan:
            self.advertised = 0
            self.listen(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6, 0, self.answer_router, "ff02::2")
        if "six" in plan:
            self.life6 = Lives([plan["six"].get("life", ["ack"])])
            self.listen(socket.AF_INET6, socket.SOCK_DGRAM, 0, 547, self.answer6, "ff02::1:2")
        # Last: that it is there says that all is ready.
        self.log = open(log, "a", encoding="ascii", buffering=1)

    def listen(self, family, kind, protocol, port, handler, group=None):
        sock = socket.socket(family, kind, protocol)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, self.interface.encode())
        if group:
            index = socket.if_nametoindex(self.interface)
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, aton6(group) + struct.pack("@I", index))
            for hops in (socket.IPV6_MULTICAST_HOPS, socket.IPV6_UNICAST_HOPS):
                sock.setsockopt(socket.IPPROTO_IPV6, hops, 255)
        if port:
            sock.bind(("", port))
        self.sockets[sock] = handler

    def note(self, protocol, kind, **more):
        print(json.dumps({"at": time.monotonic(), "protocol": protocol, "kind": kind, **more}),
              file=self.log)

    def run(self):
        while True:
            for sock in select.select(list(self.sockets), [], [])[0]:
                packet, address = sock.recvfrom(2048)
                self.sockets[sock](sock, packet, address)

    # ---- DHCP ----

    def answer4(self, sock, packet, address):
        asked = parse(packet, 240, 1)
        kind, wanted = asked[53][0], asked.get(55, b"")
        self.note(4, kind, wanted=list(wanted), name=asked.get(12, b"").decode(), bound=packet[12:16] != bytes(4))
        if kind == DISCOVER:
            self.lives4.begin()
            word = "offer"
        elif kind == REQUEST:
            word = self.lives4.answer()
        else:
            return
        if word == "silent":
            return
        number = self.lives4.number
        ip = socket.inet_aton(self.plan["ip"])
        ip = ip[:3] + bytes([ip[3] + number])
        own = socket.inet_aton(self.plan["server"])
        t1, t2, lease = self.plan.get("lease", HOUR)
        answer = bytearray(240)
        answer[0:4], answer[4:8], answer[10:12] = b"\x02\x01\x06\x00", packet[4:8], b"\x80\x00"
        if word != "nak":
            answer[16:20] = ip
        answer[20:24], answer[28:44], answer[236:240] = own, packet[28:44], b"\x63\x82\x53\x63"
        answer += option4(53, bytes([{"offer": OFFER, "ack": ACK, "nak": NAK}[word]])) + option4(54, own)
        if word != "nak":
            answer += b"".join(option4(code, struct.pack("!I", s)) for code, s in ((51, lease), (58, t1), (59, t2)))
            for code, value in self.plan["options"].items():
                if int(code) in wanted or code == "1":
                    answer += option4(int(code), bytes.fromhex(value))
        sock.sendto(bytes(answer) + b"\xff" + bytes(60), ("255.255.255.255", 68))

    # ---- routers ----

    def answer_router(self, sock, packet, address):
        if packet[0] != SOLICITATION:
            return
        self.note("ra", SOLICITATION)
        ra = self.plan.get("ra", {})
        if self.advertised >= ra.get("count", 1000):
            return
        self.advertised += 1
        answer = struct.pack("!BBHBBHII", ADVERTISEMENT, 0, 0, 64, ra.get("flags", 0), 1800, 0, 0)
        if "prefix" in ra:
            valid = ra.get("valid", 3600)
            answer += struct.pack("!BBBBIII", 3, 4, 64, 0xc0, valid, valid, 0) + aton6(ra["prefix"])
        if "dns" in ra:
            answer += struct.pack("!BBHI", 25, 3, 0, 3600) + aton6(ra["dns"])
        sock.sendto(answer, ("ff02::1", 0, 0, socket.if_nametoindex(self.interface)))

    # ---- DHCPv6 ----

    def answer6(self, sock, packet, address):
        six, kind, asked = self.plan["six"], packet[0], parse(packet, 4, 2)
        self.note(6, kind)
        if kind == SOLICIT6:
            self.life6.requests = 0
        elif kind not in (REQUEST6, RENEW6, REBIND6) or self.life6.answer() == "silent":
            return
        t1, t2, lease = six.get("lease", HOUR)
        inner = option6(5, aton6(six["ip"]) + struct.pack("!II", lease, lease))
        answer = bytes([ADVERTISE6 if kind == SOLICIT6 else REPLY6]) + packet[1:4]
        answer += option6(1, asked[1]) + option6(2, b"\0\3\0\1\2\0\0\0\0\1")
        answer += option6(3, asked[3][:4] + struct.pack("!II", t1, t2) + inner)
        if "dns" in six:
            answer += option6(23, aton6(six["dns"]))
        sock.sendto(answer, address)


if __name__ == "__main__":
    Server(sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]).run()
