# SPDX-License-Identifier: Apache-2.0
"""The supervisor at work: order, restarts, health, logs, its own death; seen by `service` in a shell on the console."""
import os
import random
import re
import sys
import time
import unittest

import images
from guest import CLIENT, IDLE, Guest, MachineTest, entry, shell_service


class Supervisor(MachineTest):
    def test_a_supervisor_that_is_killed_comes_back_and_loses_nothing(self):
        vm = self.boot(images.base(
            services=shell_service()
            + entry("ticker", "i=0; while true; do i=$((i+1)); echo tick $i; sleep 0.05; done", "")
            + entry("web", "echo began; exec sleep 100000", "restart: always, restart-delay: 100ms")))
        vm.wait_for_shell()
        before = vm.states()
        for n in range(2):
            vm.check("kill -9 $(pidof wherry-supervisor)")
            vm.wait_times(r"init: the supervisor ended .*restarting it", n + 1)
            after = vm.states()
            self.assertEqual([before[n][3] for n in ("ticker", "web", "getty")],
                             [after[n][3] for n in ("ticker", "web", "getty")])
        # What ended while nobody looked, and what ends now, is started again.
        vm.check("kill -9 $(pidof wherry-supervisor) %s" % before["web"][3])
        vm.wait_for_anywhere(r"service web: .*restarting in 0.1 s")
        vm.check("service wait web ready --timeout 60")
        web = vm.states()["web"]
        self.assertEqual(web[2], "ready")
        self.assertNotEqual(web[3], before["web"][3])
        vm.check("kill -9 %s" % web[3])
        vm.wait_for_anywhere(r"service web: failed with signal 9 .*restarting")
        # Not one line of output is missing, and none is there twice.
        vm.check("service stop ticker")
        text = vm.check("service logs ticker")
        ticks = [int(n) for n in re.findall(r"tick (\d+)$", text, re.M)]
        self.assertGreater(len(ticks), 20, text)
        self.assertEqual(ticks, list(range(1, len(ticks) + 1)))
        self.assertFalse(vm.zombies())
        self.assertEqual(vm.power_off(), 0)

    def test_a_supervisor_that_is_stuck_is_helped(self):
        """Services go on when it is stopped, hangs, or is killed, also with /run and the process table full."""
        vm = self.boot(images.base(
            services=shell_service() + entry("idle", IDLE, "")
            + entry("web", IDLE, "restart: always, restart-delay: 100ms")) + self.client())
        vm.wait_for_shell()
        idle = vm.states()["idle"][3]
        deaths = 0

        def web_comes_back():
            vm.check("kill -9 $(cat /run/wherry/web.pid); until service list | grep -q '^web .* ready '; "
                     "do sleep 0.2; done; service wait web ready --timeout 60")
            self.assertEqual(vm.states()["idle"][3], idle)

        # What all containers may have together leaves something to PID 1 and the supervisor.
        vm.check("test $(cat /sys/fs/cgroup/pids.max) -lt $(cat /proc/sys/kernel/threads-max)")
        self.assertEqual(vm.check("grep -h : /proc/1/cgroup /proc/$(pidof wherry-supervisor)/cgroup"),
                         "\n".join(["0::/../.wherry"] * 2))
        # Stopped.
        vm.check("kill -STOP $(pidof wherry-supervisor); service list")
        vm.wait_for_anywhere("init: the supervisor was stopped by a signal; continuing it")
        # Processes that end by the hundred while it dies.
        vm.check("for n in 1 2 3; do for i in $(seq 100); do (sleep 0.5 &); done; kill -9 $(pidof wherry-supervisor); "
                 "sleep 0.2; done")
        deaths += 3
        vm.wait_times(r"init: the supervisor ended .*restarting it", deaths)
        web_comes_back()
        # No room for files where everybody may write.
        vm.check("dd if=/dev/zero of=/run/full bs=64k 2>/dev/null; kill -9 $(pidof wherry-supervisor)")
        web_comes_back()
        vm.check("rm /run/full")
        # No process id is left to start it with.
        vm.check("echo 400 > /proc/sys/kernel/pid_max")
        vm.send("%s hog $(pidof wherry-supervisor) &" % CLIENT)
        vm.wait_for_anywhere(r"init: can't start /sbin/wherry-supervisor: .*; "
                             r"nothing else runs, trying again in [\d.]+ s")
        # The shell can do this without another process.
        vm.send("kill -USR1 $!; echo 32768 > /proc/sys/kernel/pid_max")
        web_comes_back()
        self.assertFalse(vm.zombies())
        # It hangs when the machine is to end.
        vm.send("%s hold $(pidof wherry-supervisor) &" % CLIENT)
        vm.wait_for_anywhere(r"holds it$")
        began = time.monotonic()
        self.assertEqual(vm.power_off(), 0)
        self.assertLess(time.monotonic() - began, 60)
        self.assertRegex(vm.console(), r"init: the supervisor does not answer; killing and restarting it")
        self.assertRegex(vm.console(), r"service idle: stopped by")

    def test_order_restarts_and_health(self):
        gate = "test -f /run/gate"
        vm = self.boot(images.base(
            onboot=images.shell("first", "echo step"),
            services=shell_service()
            + entry("db", "sleep 1; touch /run/db-is-up; exec sleep 100000",
                    'health: {command: ["/bin/sh", "-c", "test -f /run/db-is-up"], interval: 200ms}')
            + entry("web", "test -f /run/db-is-up || exit 9; " + IDLE, "after: [db, first]")
            + entry("orphan", IDLE, "after: [broken]")
            + entry("broken", "exit 3", 'health: {command: [/bin/busybox, "false"], interval: 60s}')
            + entry("storm", "exit 1", "restart: always, restart-delay: 300ms")))
        vm.wait_for(r"service orphan: waits for broken, which failed")
        vm.wait_for_shell()
        console = vm.console()
        self.assertLess(console.index("service db: healthy"), console.index("service web: started"))
        states = vm.states()
        self.assertEqual([states[n][2] for n in ("first", "db", "web", "orphan", "broken")],
                         ["done", "ready", "ready", "waiting", "failed"])
        # It doubles: after a few, seconds lie between two.
        vm.wait_for_anywhere(r"service storm: .*restarting in 1\.2 s")
        self.assertEqual(vm.power_off(), 0)

    def twelve(self):
        """Twelve services of all kinds, some of which misbehave. Limits are long, as the machine may be busy."""
        wait = "while ! test -f /run/go-%s; do sleep 0.2; done; "
        idle = "".join(entry("idle%d" % n, IDLE, "restart: always, timeout: 10m") for n in range(1, 5))
        return images.base(
            onboot=images.shell("first", "echo step"),
            services=shell_service() + idle
            + entry("db", IDLE, 'health: {command: [/bin/busybox, "true"], interval: 60s}, timeout: 10m')
            + entry("web", "httpd -f -p 8080 -h /etc",
                    "after: [db], health: {http: 8080/passwd, interval: 60s}, stop-signal: SIGKILL, timeout: 10m")
            + entry("net", "ip addr add 10.9.9.2/24 dev eth7; ip link set eth7 up; " + IDLE, "timeout: 10m",
                    "net: new\nruntime: {interfaces: [{name: eth7, add: veth, peer: host7}], "
                    "bindNS: {net: /run/netns/net}}")
            + entry("sick", "touch /run/sick-ok; " + IDLE,
                    'restart: always, timeout: 10m, health: {timeout: 60s, command: [/bin/busybox, rm, /run/sick-ok], '
                    'interval: 500ms, retries: 2}')
            + entry("flood", (wait % "flood") + "timeout 4 yes 0123456789012345678901234567890123456789; " + IDLE,
                    "restart: always, timeout: 10m")
            + entry("bomb", (wait % "bomb") + "b() { b | b & }; b; " + IDLE, "timeout: 10m")
            + entry("storm", (wait % "storm") + "exit 1", "restart: always, restart-delay: 0s, timeout: 10m"))

    def test_twelve_services_of_which_some_misbehave(self):
        vm = self.boot(self.twelve())
        vm.wait_for_shell()
        # `sick` may just be starting again.
        self.assertRegex(vm.console(), r"ready \((12|11 of 12) services\)")
        good = ["getty", "idle1", "idle2", "idle3", "idle4", "db", "web", "net"]
        before = vm.states()
        self.assertEqual([before[n][2] for n in good], ["ready"] * len(good))
        # An interface in the container, its other end here, and its namespace bound to a file.
        vm.check("ip addr add 10.9.9.1/24 dev host7; ip link set host7 up; ping -c 1 -w 20 10.9.9.2 >/dev/null; "
                 "test -e /run/netns/net")
        # A command in a container, with its exit code and its output.
        self.assertEqual(vm.run("service exec web /bin/sh -c 'exit 7'")[0], 7)
        self.assertIn("from inside", vm.check("service exec web /bin/sh -c 'echo from inside' | cat"))
        self.assertEqual(vm.run("service exec nobody id")[0], 1)
        self.assertEqual(vm.run("service dance")[0], 2)
        # Its health check fails: it is ended and started again, again and again.
        vm.wait_for_anywhere(r"service sick: unhealthy: 2 health checks in a row failed")
        vm.wait_for_anywhere(r"service sick: ended by .* because its health check failed: .*; restarting")
        vm.check("service stop sick")
        # Much output, many restarts, many processes; meanwhile questions are answered.
        vm.check("touch /run/go-flood; service list >/dev/null; service logs -n 1 flood")
        vm.check("touch /run/go-storm; sleep 3; service list >/dev/null; service stop storm")
        self.assertLess(int(vm.states()["storm"][4]), 100000)
        vm.check("touch /run/go-bomb; sleep 3; service list >/dev/null; service stop bomb")
        self.assertEqual(vm.check("cat /sys/fs/cgroup/bomb/cgroup.procs 2>/dev/null | wc -l").splitlines()[-1], "0")
        after = vm.states()
        self.assertEqual([before[n][3] for n in good], [after[n][3] for n in good])
        self.check_idle(vm)
        for what in ("service boot", "service boot --json", "service boot --svg", "service list --json"):
            self.assertIn("idle4", vm.check(what))
        self.assertEqual(vm.power_off(), 0)
        self.assertRegex(vm.console(), r"service idle1: stopped by SIG.* in \d")

    def check_idle(self, vm):
        """PID 1 and the supervisor sleep while nothing happens."""
        count = "cat /proc/1/status /proc/$(pidof wherry-supervisor)/status | grep voluntary"
        total = lambda: sum(int(n) for n in re.findall(r"ctxt_switches:\s*(\d+)", vm.check(count)))
        first = total()
        vm.check("sleep 10")
        self.assertLess(total() - first, 50)

    def test_what_follows_a_failure_is_as_asked(self):
        vm = self.boot(images.base(
            onboot=images.shell("rescue", "echo help >&2; exit 4", "wherry: {onfail: shell}")
            + images.shell("vital", "test -f /run/tried || { touch /run/tried; exit 5; }",
                           "wherry: {onfail: poweroff, restart: on-failure, restart-delay: 100ms, timeout: 60s}")
            + images.shell("last", "exit 6", "wherry: {onfail: poweroff}"),
            services=shell_service()))
        vm.wait_for(r"onboot rescue: failed with exit code 4 .*help.*; opens a shell")
        vm.wait_for(r"# ")
        vm.send("ls /proc/1/root/containers/onboot; exit")
        vm.wait_for(r"001-vital")
        vm.wait_for(r"onboot vital: failed with exit code 5 .*restarting in 0.1 s")
        vm.wait_for(r"onboot vital: done")
        vm.wait_for(r"onboot last: failed with exit code 6 .*; the machine powers off")
        self.assertEqual(vm.wait_end(), 0)
        self.assertNotIn("service getty", vm.console())

    def test_a_failure_can_restart_the_machine(self):
        vm = self.boot(images.base(onboot=images.shell("bad", "exit 1"), services=shell_service(),
                                   cmdline=images.CMDLINE + " wherry.onfail=reboot"))
        for _ in range(2):
            vm.wait_for(r"onboot bad: failed with exit code 1 .*; the machine restarts")

    def chaotic(self):
        """Twelve services again. `chaos` kills what the kernel's option chaos= lists: WAIT:NAME,... and, with `stop`,
        the supervisor as soon as it is asked to end."""
        chaos = ("victims=$(sed 's/.*chaos=//; s/ .*//; s/,/ /g' /proc/cmdline); "
                 "supervisor() { kill -9 $(pidof wherry-supervisor); }; "
                 "trap 'case $victims in *stop*) supervisor;; esac; exit 0' TERM; "
                 "for v in $victims; do sleep ${v%:*}; case $v in *:supervisor) supervisor;; *:stop) ;; "
                 "*) kill -9 $(cat /run/wherry/${v#*:}.pid);; esac; done 2>/dev/null; touch /run/chaos-over; "
                 "sleep 100000 & wait")
        always = "restart: always, restart-delay: 100ms, timeout: 10m"
        return images.base(
            onboot=images.shell("first", "echo step"),
            services=shell_service() + "".join(entry("idle%d" % n, IDLE, always) for n in range(1, 7))
            + entry("chaos", chaos, "timeout: 10m")
            + entry("db", IDLE, always + ', health: {command: [/bin/busybox, "true"], interval: 60s, timeout: 60s}')
            + entry("web", "httpd -f -p 8080 -h /etc",
                    always + ", after: [db], health: {http: 8080/passwd, interval: 60s}, stop-signal: SIGKILL")
            + entry("net", IDLE, always, "net: new\nruntime: {interfaces: [{name: eth7, add: veth, peer: host7}], "
                                         "bindNS: {net: /run/netns/net}}")
            + entry("ticker", "i=0; while true; do i=$((i+1)); echo tick $i; sleep 0.05; done", "timeout: 10m"))

    def test_many_boots_with_random_kills(self):
        """Two boots, 200 in the soak: services and the supervisor are killed while they start, run and end."""
        path = images.build(self.chaotic(), self.dir.name)
        seed = int(os.environ.get("WHERRY_TEST_SEED", str(int(time.time()))))
        for n in range(200 if os.environ.get("WHERRY_SOAK") else 2):
            began = time.monotonic()
            with self.subTest(boot=n, seed=seed):
                self.boot_with_chaos(path, random.Random(seed + n))
            if os.environ.get("WHERRY_SOAK"):
                print("boot %d, seed %d: %.1f s" % (n, seed + n, time.monotonic() - began), file=sys.stderr, flush=True)

    def boot_with_chaos(self, path, pick):
        victims = ["idle%d" % n for n in range(1, 7)] + ["db", "web", "net"]
        plan = ["%.2f:%s" % (pick.uniform(0, 1.5), who) for who in pick.sample(victims, 2)
                + ["supervisor"] * pick.randint(0, 2)]
        pick.shuffle(plan)
        plan += ["0:stop"] * pick.randint(0, 1)
        kill = ["kill -9 $(cat /run/wherry/%s.pid); sleep %.2f" % (who, pick.uniform(0, 0.5))
                for who in pick.sample(victims, 3)]
        kill.insert(pick.randint(0, 3), "kill -9 $(pidof wherry-supervisor); sleep %.2f" % pick.uniform(0, 0.5))
        cpus = str(pick.randint(1, 2))
        with Guest(path, append="chaos=" + ",".join(plan), args=["--cpus", cpus]) as vm:
            try:
                vm.wait_for_shell()
                vm.run("until test -f /run/chaos-over; do sleep 0.1; done; %s; until service list > /tmp/l; "
                       "do sleep 0.1; done" % "; ".join(kill))
                # A question that was asked while the supervisor died has no answer: it is asked again.
                vm.check("for n in %s; do i=0; until service wait $n ready --timeout 60; do i=$((i+1)); "
                         "test $i -lt 3 || break; sleep 0.2; done; done"
                         % " ".join(victims), 700)
                vm.check("sleep 0.5")
                states = vm.states()
                self.assertEqual({n: states[n][2] for n in victims + ["ticker"]},
                                 dict.fromkeys(victims + ["ticker"], "ready"))
                alive = vm.check("for p in %s; do test -d /proc/$p && echo yes $p; done"
                                 % " ".join(s[3] for s in states.values() if s[2] == "ready"))
                self.assertEqual(alive.count("yes"), 12)
                ticks = [int(t) for t in re.findall(r"tick (\d+)$", vm.check("service logs -n 40 ticker"), re.M)]
                self.assertGreater(len(ticks), 10)
                # Each dead supervisor may have had lines in its hands.
                self.assertEqual(ticks, sorted(set(ticks)))
                gaps = sum(b > a + 1 for a, b in zip(ticks, ticks[1:]))
                self.assertLessEqual(gaps, 1 + sum("supervisor" in p for p in plan))
                self.assertFalse(vm.zombies())
                self.assertEqual(vm.power_off(), 0)
            except AssertionError as problem:
                raise AssertionError("%s\n%s CPUs, chaos=%s, %s; the console:\n%s"
                                     % (problem, cpus, ",".join(plan), kill, vm.console())) from problem


if __name__ == "__main__":
    unittest.main()
