# SPDX-License-Identifier: Apache-2.0
"""A script in QEMU's place whose machine has a supervisor: it answers at the ports for one, as the guest does, or as a
hostile guest would.
"""

# The supervisor's part is SCRIPT, which gets `say` (bytes to the client) and each request or frame.
QEMU = r"""#!/usr/bin/env python3
import base64, json, os, re, select, socket, sys
args = sys.argv[1:]
def listen(text):
    s = socket.socket(socket.AF_UNIX)
    s.bind(re.search("(?:unix:|path=)([^,]*)", text).group(1))
    s.listen(1)
    return s
control = [listen(args[args.index("-qmp") + 1])] if "-qmp" in args else []
ports = [listen(a) for a in args if a.startswith("socket,id=outside")]
background = "-daemonize" in args
if background:
    pid = os.fork()
    if pid:
        with open(args[args.index("-pidfile") + 1], "w") as f:
            f.write("%d\n" % pid)
        sys.exit(0)
    os.setsid()
    null = os.open("/dev/null", os.O_RDWR)
    for fd in 0, 1, 2:
        os.dup2(null, fd)
def frame(word, data):
    return b'{"%s":"%s"}\n' % (word, base64.b64encode(data))
class Client:
    def __init__(self, s):
        self.s, self.rest = s, b""
    def say(self, data):
        try:
            self.s.sendall(data)
        except OSError:
            pass
    def feed(self, data):
        self.rest += data
        *lines, self.rest = self.rest.split(b"\n")
        for line in lines:
            if line:
                self.line(json.loads(line))
    def begin(self, request, *lines):
        self.say(b'of another"}\n{"begin":"%s"}\n' % request["id"].encode())
        for line in lines:
            self.say((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n")
    def end(self, request):
        self.say(b'{"end":"%s"}\n' % request["id"].encode())
SCRIPT
clients, open_ones = {}, control + ports
with open("up", "w") as f:
    f.write("%d\n" % os.getpid())
while True:
    for s in select.select(open_ones, [], [], 120)[0] or sys.exit(9):
        if s in control or s in ports and s not in clients:
            c = s.accept()[0]
            open_ones.append(c)
            if s in ports:
                # QEMU takes one client of a port at a time.
                open_ones.remove(s)
                clients[c] = (Supervisor(c), s)
            continue
        try:
            data = s.recv(65536)
        except OSError:
            data = b""
        if not data:
            open_ones.remove(s)
            if s in clients:
                clients[s][0].hangup() if hasattr(clients[s][0], "hangup") else None
                open_ones.append(clients.pop(s)[1])
            s.close()
        elif s in clients:
            clients[s][0].feed(data)
        elif b"quit" in data or b"system_powerdown" in data:
            sys.exit(0)
"""


def script(supervisor):
    return QEMU.replace("SCRIPT", supervisor)
