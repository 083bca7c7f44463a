# SPDX-License-Identifier: Apache-2.0
"""The supervisor at work: order, restarts, health, logs, its own death; looked at through `service` in a shell on the console."""
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


IDLE = "exec sleep 100000"


class Guest(boot.Boot):
    """A machine whose console is a root shell."""
    commands = 0

    def wait_for_shell(self):
        self.wait_for(r"wherry: ready")
        self.wait_for_anywhere(r":~# ")
        # Or the shell breaks the lines that it echoes.
        self.send("stty cols 1000")

    def wait_times(self, pattern, n, limit=boot.LIMIT):
        """Wait until the console showed the pattern n times in all."""
        end = time.monotonic() + limit
        while len(re.findall(pattern, self.console(), re.M)) < n:
            if time.monotonic() > end:
                raise boot.BootError("not %d times %r in %g s; the console's end:\n%s" % (n, pattern, limit, self.console()[-4000:]))
            time.sleep(0.1)

    def run(self, command, limit=boot.LIMIT):
        """(exit code, output) of a command; lines of the system's own are left out."""
        Guest.commands += 1
        mark = "done-%d" % Guest.commands
        self.send("%s; echo %s-$?" % (command, mark))
        # The terminal echoes it, and the shell may once more.
        match = self.wait_for_anywhere(r"^%s-(\d+)$" % mark, limit)
        start = self.console().rindex("echo %s-$?" % mark, 0, match.start()) + len("echo %s-$?" % mark)
        with self.lock:
            text = self.text[start:match.start()]
        lines = [l for l in text.splitlines() if l and not re.match(r"\[ *[\d.]+\] ", l)]
        return int(match.group(1)), "\n".join(lines)

    def check(self, command, limit=boot.LIMIT):
        code, text = self.run(command, limit)
        if code:
            raise AssertionError("%s: exit code %d\n%s\nthe console's end:\n%s" % (command, code, text, self.console()[-3000:]))
        return text

    def states(self):
        return {words[0]: words for words in (l.split() for l in self.check("service list").splitlines()[1:]) if len(words) > 5}


class Supervisor(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory(prefix="wherry-supervisor-")
        self.addCleanup(self.dir.cleanup)

    def boot(self, text, **kwargs):
        vm = Guest(images.build(text, self.dir.name), **kwargs)
        self.addCleanup(vm.close)
        return vm

    def test_a_supervisor_that_is_killed_comes_back_and_loses_nothing(self):
        vm = self.boot(images.base(
            services=shell_service()
            + entry("ticker", "i=0; while true; do i=$((i+1)); echo tick $i; sleep 0.05; done", "")
            + entry("web", "echo began; exec sleep 100000", "restart: always, restart-delay: 100ms")))
        vm.wait_for_shell()
        before = vm.states()
        for n in range(2):
            vm.check("kill -9 $(pidof wherry-supervisor)")
            vm.wait_times(r"init: the supervisor ended .*it is started again", n + 1)
            after = vm.states()
            self.assertEqual([before[n][3] for n in ("ticker", "web", "getty")], [after[n][3] for n in ("ticker", "web", "getty")])
        # What ended while nobody looked, and what ends now, is started again.
        vm.check("kill -9 $(pidof wherry-supervisor) %s" % before["web"][3])
        vm.wait_for_anywhere(r"service web: .*starts again in 0.1 s")
        vm.check("service wait web ready --timeout 60")
        web = vm.states()["web"]
        self.assertEqual(web[2], "ready")
        self.assertNotEqual(web[3], before["web"][3])
        vm.check("kill -9 %s" % web[3])
        vm.wait_for_anywhere(r"service web: failed with signal 9 .*starts again")
        # Not one line of output is missing, and none is there twice.
        vm.check("service stop ticker")
        text = vm.check("service logs ticker")
        ticks = [int(n) for n in re.findall(r"tick (\d+)$", text, re.M)]
        self.assertGreater(len(ticks), 20, text)
        self.assertEqual(ticks, list(range(1, len(ticks) + 1)))
        self.assertEqual(vm.check("grep -l zombie /proc/[0-9]*/status || true"), "")
        self.assertEqual(vm.power_off(), 0)

    def test_order_restarts_and_health(self):
        gate = "test -f /run/gate"
        vm = self.boot(images.base(
            onboot=images.shell("first", "echo step"),
            services=shell_service()
            + entry("db", "sleep 1; touch /run/db-is-up; exec sleep 100000",
                    'health: {command: ["/bin/sh", "-c", "test -f /run/db-is-up"], interval: 200ms}')
            + entry("web", "test -f /run/db-is-up || exit 9; " + IDLE, "after: [db, first]")
            + entry("orphan", IDLE, "after: [broken]")
            + entry("broken", "exit 3", "")
            + entry("storm", "exit 1", "restart: always, restart-delay: 300ms")))
        vm.wait_for(r"service orphan: waits for another that does not run")
        vm.wait_for_shell()
        console = vm.console()
        self.assertLess(console.index("service db: healthy"), console.index("service web: started"))
        states = vm.states()
        self.assertEqual([states[n][2] for n in ("first", "db", "web", "orphan", "broken")], ["done", "ready", "ready", "waiting", "failed"])
        # It doubles: after a few, seconds lie between two.
        vm.wait_for_anywhere(r"service storm: .*starts again in 1\.2 s")
        self.assertEqual(vm.power_off(), 0)


if __name__ == "__main__":
    unittest.main()
