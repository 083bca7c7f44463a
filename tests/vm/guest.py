# SPDX-License-Identifier: Apache-2.0
"""A machine with a root shell on its console, and entries for it."""
import json
import os
import re
import tempfile
import time
import unittest

import boot
import images


def entry(name, script, wherry, extra=""):
    """A service that runs a script, with lines of a wherry map."""
    lines = "".join("wherry: {%s}\n" % wherry if wherry else "")
    return images.shell(name, script, lines + extra)


def shell_service():
    return "  - name: getty\n    image: %s\n    env: [INSECURE=true]\n" % images.tag("getty")


CLIENT = "/hostroot/etc/client"  # in a container of the getty image
IDLE = "exec sleep 100000"


def mount_var():
    """A step that mounts the first disk, an ext4, at the machine's /var."""
    return images.shell("mount", "mount -t ext4 /dev/vda /var",
                        "binds: ['/dev:/dev', '/var:/var:rshared,rbind']\nrootfsPropagation: shared")


def twelve_idle(kernel="kernel"):
    """An OS of twelve services, of which three wait for another."""
    return images.base(kernel=kernel, onboot=images.shell("first", "true"), services=shell_service() + "".join(
        entry("idle%d" % n, IDLE, "restart: always" + (", after: [idle1]" if n > 8 else "")) for n in range(1, 12)))


class MachineTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.dir = tempfile.TemporaryDirectory(prefix="wherry-supervisor-")
        self.addCleanup(self.dir.cleanup)

    def client(self):
        """The lines of YAML that put the program of client.c into the OS, for binds."""
        program = os.path.join(self.dir.name, "client")
        images.program("client", program)
        return "files:\n  - {path: etc/client, source: %s, mode: '0755'}\n" % json.dumps(program)

    def boot(self, text, **kwargs):
        vm = Guest(images.build(text, self.dir.name), **kwargs)
        self.addCleanup(vm.close)
        return vm


class Guest(boot.Boot):
    """A machine whose console is a root shell."""
    commands = 0

    def wait_for_shell(self, limit=5 * boot.LIMIT):
        self.wait_for(r"wherry: ready \([^)]*\)", limit)
        self.wait_for_anywhere(r":~# ")
        # Or the shell breaks the lines that it echoes.
        self.send("stty cols 1000")

    def wait_times(self, pattern, n, limit=boot.LIMIT):
        """Wait until the console showed the pattern n times in all."""
        end = time.monotonic() + limit
        while len(re.findall(pattern, self.console(), re.M)) < n:
            if time.monotonic() > end:
                raise boot.BootError("not %d times %r in %g s; the console's end:\n%s"
                                     % (n, pattern, limit, self.console()[-4000:]))
            time.sleep(0.1)

    def run(self, command, limit=boot.LIMIT):
        """(exit code, output) of a command; lines of the system's own are left out."""
        Guest.commands += 1
        number = Guest.commands
        self.send("echo begin-%d; %s; echo done-%d-$?" % (number, command, number))
        start = self.wait_for_anywhere(r"^begin-%d$" % number, limit).end()
        match = self.wait_for_anywhere(r"^done-%d-(\d+)$" % number, limit)
        with self.lock:
            text = self.text[start:match.start()]
        lines = [l for l in text.splitlines() if l and not re.match(r"\[ *[\d.]+\] ", l)]
        return int(match.group(1)), "\n".join(lines)

    def check(self, command, limit=boot.LIMIT):
        code, text = self.run(command, limit)
        if code:
            raise AssertionError("%s: exit code %d\n%s\nthe console's end:\n%s"
                                 % (command, code, text, self.console()[-3000:]))
        return text

    def wait_until(self, command, limit=4 * boot.LIMIT):
        """Wait until a command of the shell's ends well; what it writes is not shown."""
        self.check("until { %s; } >/dev/null 2>&1; do sleep 0.2; done" % command, limit)

    def states(self):
        """Of each container: name, kind, state, process and restarts."""
        listed = json.loads(self.check("service list --json"))["containers"]
        return {c["name"]: [str(c.get(key, "-")) for key in ("name", "kind", "state", "pid", "restarts")]
                for c in listed}

    def zombies(self):
        """Processes that ended and stay unreaped; those that end just now don't count."""
        look = "grep -ls 'State:.Z' /proc/[0-9]*/status; true"
        first = set(self.check(look).split())
        return first and first & set(self.check("sleep 2; " + look).split())
