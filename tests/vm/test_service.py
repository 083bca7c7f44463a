# SPDX-License-Identifier: Apache-2.0
"""Where lines go, what `service` shows, which processes may ask it, and what can't block a machine."""
import json
import os
import re
import subprocess
import time
import unittest

import boot
import images
import rootdisk
from guest import CLIENT, IDLE, MachineTest, entry, mount_var, shell_service

SOAK = bool(os.environ.get("WHERRY_SOAK"))
FLOOD_SECONDS = 10 if SOAK else 4


class Service(MachineTest):
    def check_syslog(self, url, receiver, pattern):
        """Lines go to a receiver, a service itself, and to files that are changed when they are full."""
        count = "i=0; while true; do i=$((i+1)); echo line $i; sleep 0.2; done"
        big = "cd /tmp; yes %s | head -n 30000 > full; cat full; echo the end; %s" % (40 * "0", IDLE)
        vm = self.boot(images.base(
            services=shell_service() + entry("receiver", receiver, "") + entry("talker", count, "after: [receiver]")
            + entry("big", big, ""),
            cmdline=images.CMDLINE + " wherry.log-files wherry.syslog=" + url) + self.client())
        vm.wait_for_shell()
        vm.wait_until("grep -q 'talker.*line' /tmp/got")
        self.assertRegex(vm.check("grep 'talker.*line' /tmp/got | head -n 1"), pattern)
        # Two files, of which none is above a megabyte: nothing but the oldest is lost.
        log = "/proc/1/root/var/log/"
        vm.wait_until("grep -q 'the end' %sbig.log" % log)
        sizes = [int(line.split()[4]) for line in vm.check("ls -ln %sbig.log %sbig.log.0" % (log, log)).splitlines()]
        self.assertEqual([size <= 1 << 20 for size in sizes], [True, True])
        self.assertRegex(vm.check("tail -n 1 %stalker.log" % log), r"^\d{4}-\d\d-\d\dT[\d:.]+Z line \d+$")
        return vm

    SYSLOG = r"<30>1 \d{4}-\d\d-\d\dT[\d:.]+Z \S+ talker - - - line \d+"

    def test_lines_go_to_syslog_by_udp_to_files_and_to_memlogd_s_clients(self):
        vm = self.check_syslog("udp://127.0.0.1:1514", CLIENT + " receive udp > /tmp/got", self.SYSLOG)
        # LinuxKit's logwrite hands over a pipe, its logread asks for all lines.
        vm.check(CLIENT + " write visitor 'good day'")
        vm.wait_until("%s read | grep visitor" % CLIENT)
        self.assertRegex(vm.check("%s read | grep visitor" % CLIENT), r'"source":"visitor","msg":"good day"')
        self.assertIn("good day", vm.check("service logs visitor"))
        self.assertEqual(vm.power_off(), 0)

    @unittest.skipUnless(SOAK, "in the soak")
    def test_lines_go_to_syslog_by_tcp(self):
        self.check_syslog("tcp://127.0.0.1:1514", CLIENT + " receive tcp > /tmp/got", r"^(.*\D)?\d+ " + self.SYSLOG)

    @unittest.skipUnless(SOAK, "in the soak")
    def test_lines_go_to_syslog_by_a_socket(self):
        self.check_syslog("unix:/dev/log", "exec syslogd -n -O /tmp/got", r"talker - - - line \d+")

    def test_a_flood_of_output_does_not_delay_others(self):
        """As fast as it can write, for seconds: what the supervisor took in then is the rate; others go on."""
        make = ("cd /tmp; yes 0123456789012345678901234567890123456789 | head -c 1000000 > full; "
                "cat full full full full full full full full > big; ")
        write = ("t() { cut -d' ' -f1 /proc/uptime | tr -d .; }; w() { b=$(t); e=$b; n=0; "
                 "while test $((e-b)) -lt ${1}00; do "
                 "cat big big big; n=$((n+24)); e=$(t); done; echo $((n*100/(e-b))) > $2; }; ")
        # First to a program that throws it away: what it would write if nothing held it up.
        flood = (make + write + "w 2 /run/offered | cat > /dev/null; while ! test -f /run/go; do sleep 0.1; done; "
                                "w %d /run/flooded; " % FLOOD_SECONDS + IDLE)
        vm = self.boot(images.base(services=shell_service() + entry("flood", flood, "")
                                   + entry("ticker", "while true; do echo tick; sleep 0.2; done", "")))
        vm.wait_for_shell()
        vm.wait_until("test -f /run/offered")
        vm.check("touch /run/go")
        slowest, asked = 0, 0
        while not asked or vm.run("test -f /run/flooded")[0]:
            began = time.monotonic()
            vm.check("service list > /tmp/l; service logs -n 1 flood > /tmp/l")
            slowest, asked = max(slowest, time.monotonic() - began), asked + 1
        offered, rate = int(vm.check("cat /run/offered")), int(vm.check("cat /run/flooded"))
        print("of a flood of %d MB/s, %d were taken; the slowest of %d questions took %.1f s"
              % (offered, rate, asked, slowest))
        self.assertGreater(offered, 100 if SOAK else 2)
        self.assertGreater(rate, 2)
        # The other service's lines kept coming.
        times = [int(m) * 60 + float(s) for m, s in re.findall(r"T\d\d:(\d\d):([\d.]+)Z tick",
                                                               vm.check("service logs -n 60 ticker"))]
        gaps = [(b - a) % 3600 for a, b in zip(times, times[1:])]
        self.assertLess(max(gaps), 5)
        self.assertEqual(vm.power_off(), 0)

    def test_exec_with_a_terminal_and_top(self):
        vm = self.boot(images.base(services=shell_service() + entry("web", IDLE, "")))
        vm.wait_for_shell()
        # The terminal's size changes while the program runs: it has a terminal of its own, and hears of that.
        vm.send("stty rows 30 cols 100; (until test -f /run/first; do sleep 0.2; done; "
                "stty rows 31 cols 101 < /dev/" + images.CONSOLE + ") & "
                "service exec web /bin/sh -c 'tty; stty size; touch /run/first; while stty size | grep -q 100; "
                "do sleep 0.2; done; stty size'; echo it ended: $?")
        vm.wait_for(r"^/dev/(pts/\d+|console)$")
        vm.wait_for(r"^30 100$")
        vm.wait_for(r"^31 101$")
        vm.wait_for(r"^it ended: 0$")
        vm.send("service top; echo top ended: $?")
        vm.wait_for(r"^NAME +KIND +STATE")
        vm.wait_for(r"^web +service +ready")
        vm.wait_for(r"^NAME +KIND +STATE")
        vm.send("")
        vm.wait_for(r"^top ended: 0$")
        # The runtime runs from its own file, of which it need not make a copy: not even root in a container can write
        # to it.
        vm.check("service exec web /bin/busybox sleep 20 < /dev/null > /dev/null & while ! pidof crun; do sleep 0.1; "
                 "done > /tmp/pid")
        self.assertEqual(vm.check("readlink /proc/$(cat /tmp/pid)/exe"), "/usr/bin/crun")
        self.assertIn("Read-only file system", vm.run("sh -c ': > /proc/$(cat /tmp/pid)/exe' 2>&1")[1])
        # A driver that no device asks for is loaded when somebody opens what it would drive.
        self.assertEqual(vm.run("grep '^tun ' /proc/modules")[0], 1)
        vm.check(": < /proc/1/root/dev/net/tun && grep '^tun ' /proc/modules && test -c /proc/1/root/dev/loop-control")
        self.assertEqual(vm.power_off(), 0)

    def test_limits_strangers_and_what_does_not_end(self):
        ask = "while ! test -f /run/ask; do sleep 0.2; done; id -u; exec %s ask /run/wherry/service.sock" % CLIENT
        text = images.base(
            services=shell_service()
            + entry("greedy", "while ! test -f /run/go; do sleep 0.2; done; rm /run/go; x=0123456789; while true; "
                              "do x=$x$x; done",
                    "restart: on-failure, restart-delay: 100ms", "resources: {memory: {limit: 16777216}}")
            + entry("stranger", ask, "", "uid: 65534")
            + entry("friend", ask, "", "pid: new\nnet: new")
            + entry("mapped", ask, "",
                    "pid: new\nuserns: new\nuidMappings: [{containerID: 0, hostID: 0, size: 1}]\n"
                    "gidMappings: [{containerID: 0, hostID: 0, size: 1}]")
            + entry("checked", IDLE, "restart: no, health: {command: [/bin/sh, -c, 'test -f /run/slow || exit 0; "
                                     "setsid sleep 1235 & sleep 1234; true'], "
                    "interval: 200ms, timeout: 1s, retries: 100}")
            + entry("stubborn", "trap '' TERM; touch /run/stubborn; while true; do sleep 1; done", "stop-timeout: 2s"),
            onshutdown=images.shell("first", "echo first >> /run/order; sleep 1; echo end >> /run/order")
            + images.shell("second", "echo second >> /run/order; cat /run/order > /dev/" + images.CONSOLE + "; "
                                     "mount -t tmpfs none /run/stuck-dir; touch /run/stuck-dir/x; "
                           "sleep 1000 < /run/stuck-dir/x & sleep 0.5",
                           "").replace("mount -t", "mkdir -p /run/stuck-dir; mount -t")) + self.client()
        vm = self.boot(text)
        vm.wait_for_shell()
        # Too much memory in one: that one is killed, and starts again.
        others = {n: s[3] for n, s in vm.states().items() if n in ("getty", "friend", "stubborn")}
        vm.check("touch /run/go")
        vm.wait_for_anywhere(r"service greedy: failed with (signal 9|exit code 137).*restarting")
        vm.check("service wait greedy ready --timeout 60")
        self.assertEqual(others, {n: vm.states()[n][3] for n in others})
        # No process is left of a health check that takes too long.
        vm.check("touch /run/slow")
        vm.wait_until("ps | grep -q '[s]leep 1235$'")
        vm.check("sleep 3; rm /run/slow")
        vm.wait_until("! ps | grep -q '[s]leep 123[45]$'")
        # Only root of the OS's own user namespace with CAP_SYS_ADMIN is answered; a container that has the socket and
        # that right is.
        self.assertEqual(vm.check(CLIENT + " beg /run/wherry/service.sock"),
                         '{"error":"only root with CAP_SYS_ADMIN may do this"}')
        vm.check("touch /run/ask; for n in stranger mapped friend; do service wait $n stopped --timeout 60; done")
        self.assertRegex(vm.check("service logs stranger"),
                         "only root with CAP_SYS_ADMIN may do this|Permission denied")
        self.assertRegex(vm.check("service logs mapped"), r' 0\n.* \{"error":"only root with CAP_SYS_ADMIN may do this')
        self.assertIn('"containers"', vm.check("service logs friend"))
        vm.check("test -f /run/stubborn")
        began = time.monotonic()
        self.assertEqual(vm.power_off(), 0)
        self.assertLess(time.monotonic() - began, 60)
        console = vm.console()
        self.assertGreaterEqual(float(re.search(r"service stubborn: stopped by SIGKILL in (\d+\.\d+) s",
                                                console).group(1)), 2)
        self.assertRegex(console, r"first\n+end\n+second")
        self.assertRegex(console, r"power off")

    def test_a_service_that_fails_ends_the_machine_when_it_is_to(self):
        """Before that one opens a shell, in which its user sees to it that the other fails."""
        vm = self.boot(images.base(services=entry("idle", IDLE, "") + entry("harmless", "exit 2", "onfail: continue")
                                   + entry("rescue", "sleep 1; exit 4", "onfail: shell")
                                   + entry("vital", "while ! test -f /run/go; do sleep 0.2; done; echo bad luck; "
                                                    "exit 3", "onfail: poweroff")))
        vm.wait_for(r"service harmless: failed with exit code 2")
        vm.wait_for(r"service rescue: failed with exit code 4 .*; opens a shell")
        vm.wait_for_anywhere(r"# ")
        vm.send("touch /proc/1/root/run/go; exit")
        vm.wait_for(r"service vital: failed with exit code 3 .*bad luck.*; the machine powers off")
        self.assertEqual(vm.wait_end(), 0)
        self.assertRegex(vm.console(), r"service idle: stopped")

    def test_a_service_that_fails_restarts_the_machine_when_it_is_to(self):
        vm = self.boot(images.base(services=entry("idle", IDLE, "")
                                   + entry("vital", "exit 3", "onfail: reboot, after: [idle]")))
        for _ in range(2):
            vm.wait_for(r"service idle: started")
            vm.wait_for(r"service vital: failed with exit code 3 .*; the machine restarts")

    def boot_with_var(self, *entries):
        """A machine with a disk at /var, on which a service writes as soon as there is a file /run/go."""
        disk = os.path.join(self.dir.name, "disk")
        rootdisk.tool("mkfs.ext4", "-q", disk, "32M")
        vm = self.boot(images.base(
            onboot=mount_var(),
            services=shell_service() + "".join(entries)
            + entry("writer", "while ! test -f /run/go; do sleep 0.2; done; "
                              "head -c 100000 /dev/zero > /var/full; sync; touch /run/synced; " + IDLE,
                    "stop-timeout: 2s", "binds: ['/var:/var', '/run:/run']")),
                       args=["--disk", "file=%s,format=raw" % disk])
        vm.wait_for_shell()
        return vm

    def set_disk(self, vm, rate):
        """How many bytes in a second the disk takes; 0: as fast as it can."""
        self.assertNotIn("error", vm.qmp("block_set_io_throttle", device="disk0", bps=0, bps_rd=0, bps_wr=rate, iops=0,
                                         iops_rd=0, iops_wr=0))

    def test_a_disk_that_does_not_answer_does_not_keep_the_machine_from_ending(self):
        vm = self.boot_with_var()
        self.set_disk(vm, 1)
        vm.check("touch /run/go")
        # One of the writer's processes waits for the disk, and goes on waiting. Which one, and for what (the pages, the
        # journal), depends on when the file system writes by itself.
        stuck = "grep -q 'State:.D' /proc/$p/status"
        vm.wait_until("for p in $(cat /sys/fs/cgroup/writer/cgroup.procs); do %s && sleep 3 && %s && echo $p; done "
                      "| grep ." % (stuck, stuck))
        vm.check("! test -f /run/synced")
        began = time.monotonic()
        self.assertEqual(vm.power_off(), 0)
        print("a machine whose disk does not answer ended in %.0f s" % (time.monotonic() - began))
        self.assertRegex(vm.console(), r"service writer: does not end even after SIGKILL")

    def test_a_disk_that_does_not_answer_keeps_only_the_files_of_logs_waiting(self):
        """Everything else goes on, and what the files have lost is said in them."""
        vm = self.boot_with_var(
            entry("idle", IDLE, ""),
            entry("ticker", "i=0; while true; do i=$((i+1)); echo tick $i; sleep 0.2; done", ""),
            entry("talker", "while ! test -f /run/talk; do sleep 0.2; done; seq 20000; echo said; " + IDLE, "",
                  "binds: ['/run:/run']"))
        log = "/proc/1/root/var/log/"
        files = "$(pidof wherry-filewriter)"
        vm.wait_until("grep -q tick %sticker.log && grep -q 'Z ready' %swherry.log" % (log, log))
        self.set_disk(vm, 1)
        vm.check("touch /run/go")
        # What writes the files waits for the disk, and goes on waiting.
        vm.wait_until("grep -q 'State:.D' /proc/%s/status && sleep 3 && grep -q 'State:.D' /proc/%s/status"
                      % (files, files))
        # More than it can be given: the lines are in memory, and their service goes on.
        vm.check("touch /run/talk")
        vm.wait_until("service logs -n 1 talker | grep -q said")
        last = lambda: int(re.search(r"tick (\d+)", vm.check("service logs -n 1 ticker")).group(1))
        first = last()
        vm.check("service stop idle && service start idle && service wait idle ready --timeout 60")
        self.assertEqual(vm.states()["idle"][2], "ready")
        vm.wait_until("test $(service logs -n 1 ticker | sed 's/.*tick //') -gt %d" % (first + 10))
        self.assertIn("service idle: stopped", vm.check("service logs -n 20 wherry"))
        # The next supervisor goes on with the same process.
        one = vm.check("echo " + files)
        vm.check("kill -9 $(pidof wherry-supervisor)")
        vm.wait_until("service list")
        vm.wait_until("service logs -n 1 ticker")
        self.assertEqual(vm.check("echo " + files), one)
        self.assertNotIn("does not answer", vm.console())
        # The disk is back.
        self.set_disk(vm, 0)
        vm.wait_until("grep -q 'Z [0-9]* lines before this one were lost' %stalker.log" % log)
        vm.wait_until("test -f /run/synced")
        self.assertEqual(vm.check("echo " + files), one)
        self.set_disk(vm, 1)
        vm.check("service restart writer")
        vm.wait_until("grep -q 'State:.D' /proc/%s/status && sleep 3 && grep -q 'State:.D' /proc/%s/status"
                      % (files, files))
        began = time.monotonic()
        self.assertEqual(vm.power_off(), 0)
        print("a machine whose logs' disk does not answer ended in %.0f s" % (time.monotonic() - began))
        self.assertRegex(vm.console(), r"service ticker: stopped")


class Night(MachineTest):
    """What is known afterwards: ten services that fail in ten ways, and a hostile one."""
    HTTP = "{http: 'http://127.0.0.1:81/', interval: 300ms, timeout: 1s}"
    SLOW = "{command: [/bin/sh, -c, 'exec sleep 1000'], interval: 300ms, timeout: 1s}"
    # What each one's status says, and what its line in the log of the disk says after a restart of the machine.
    FAILURES = {
        "crash": (r"why signal 11 \(Segmentation fault\) after", r"failed with signal 11 \(Segmentation fault\)"),
        "exit1": (r"why exit code 1 after .*no configuration", r"failed with exit code 1 .*no configuration"),
        "greedy": (r"why out of memory: limit 16 MiB; (signal 9|exit code 137).*memory .*limit 16.0 MiB, out of "
                   r"memory 1 time", r"failed with .*out of memory: limit 16 MiB"),
        "missing": (r"why .*/nosuch/program", r"failed: .*/nosuch/program"),
        "rofs": (r"why exit code 1 after .* root is read-only: try 'readonly: false'.*Read-only file system",
                 r"failed with exit code 1 .*read-only: try 'readonly: false'"),
        "nocap": (r"why exit code 1 after .* it has no capabilities: try 'capabilities: \[docker\]'.*Operation "
                  r"not permitted", r"failed with exit code 1 .*capabilities: \[docker\]"),
        "refused": (r"why not healthy within 5 s: Connection refused", r".*before it was healthy: Connection refused"),
        "slow": (r"why not healthy within 5 s: no answer within 1 s", r".*before it was healthy: no answer within 1 s"),
        "waits": (r"state waiting.*why waits for exit1, which failed.*after exit1 \(failed\)",
                  r"waits for exit1, which failed"),
        "stuck": (r"state stopping.*why SIGTERM [\d.]+ s ago, SIGKILL follows in", r"stopped by SIGKILL"),
    }

    def services(self):
        missing = '  - {name: missing, image: "%s", command: [/nosuch/program]}\n' % images.tag("getty")
        return (shell_service()
                + entry("crash", "kill -SEGV $$", "", "pid: host")
                + entry("exit1", "echo no configuration >&2; exit 1", "")
                + entry("greedy", "x=0123456789; while true; do x=$x$x; done", "",
                        "resources: {memory: {limit: 16777216}}")
                + missing
                + entry("rofs", "echo x > /file", "", "readonly: true")
                + entry("nocap", "touch /tmp/n; chown 1 /tmp/n", "", "capabilities: [none]")
                + entry("refused", IDLE, "timeout: 5s, health: " + self.HTTP)
                + entry("slow", IDLE, "timeout: 5s, health: " + self.SLOW)
                + entry("waits", IDLE, "after: [exit1]")
                + entry("stuck", "trap '' TERM; while true; do sleep 1; done", "stop-timeout: 30s", "pid: host")
                + "  - {name: bare, image: \"%s\", command: [/usr/bin/service, logs, -f, getty], capabilities: [all], "
                  "readonly: true, pid: new, binds: ['/run:/run']}\n" % images.tag("init")
                + entry("data", IDLE, "after: [nodisk]")
                + entry("hostile", r"printf '\033[2J\033]0;title\007 \342\200\256evil\n'; exit 3", ""))

    def check_screen(self, text, pattern):
        lines = text.splitlines()
        self.assertLessEqual(max(len(line) for line in lines), 80, text)
        self.assertLessEqual(len(lines), 24, text)
        # Long rows go on in the next line.
        self.assertRegex(re.sub(r"\s+", " ", text), pattern)
        self.assertNotIn("\x1b", text)

    def attach(self, vm, *args):
        """What the supervisor says to the machine that this one runs on."""
        done = subprocess.run([boot.WHERRY, "attach", str(vm.process.pid), *args], capture_output=True, text=True,
                              timeout=boot.LIMIT)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def check_statuses(self, vm):
        """Each on one screen, the same inside and outside."""
        vm.check("(service stop stuck > /dev/null 2>&1 &) ; until service list | grep -q '^stuck .*stopping'; do "
                 "sleep 0.2; done")
        # That one first: it is not stuck for ever.
        for name in ["stuck"] + [name for name in self.FAILURES if name != "stuck"]:
            with self.subTest(name):
                self.check_screen(vm.check("service status %s | cat" % name), self.FAILURES[name][0])
                self.check_screen(self.attach(vm, "status", name), self.FAILURES[name][0])

    def check_inside(self, vm):
        self.check_statuses(vm)
        listed = vm.check("service list | cat")
        self.assertLessEqual(max(len(line) for line in listed.splitlines()), 80, listed)
        self.assertRegex(listed, r"(?m)^greedy +service +failed .* out of memory")
        self.assertRegex(listed, r"(?m)^waits +service +waiting .* waits for\s")
        # A step of onboot that failed is not there for those that come after it.
        self.check_screen(vm.check("service status data | cat"), r"why waits for nodisk, which failed")
        self.check_screen(self.attach(vm, "status", "data"), r"why waits for nodisk, which failed")

    def check_own_lines(self, vm):
        self.assertRegex(vm.check("service logs wherry"), r"Z service exit1: failed with exit code 1 .*no config")
        self.assertRegex(vm.check("service logs"), r"Z wherry: service exit1: failed[\s\S]*Z wherry: ready")
        self.assertEqual(len(vm.check("service logs -n 5").splitlines()), 5)
        self.assertRegex(vm.check("dmesg | sed 's,^,kernel ,'"), r"\] wherry: service exit1: failed with exit code 1")

    def check_hostile(self, vm):
        """What a terminal would act on is nowhere in what it gets."""
        begin = len(vm.raw)
        for what in ("logs hostile", "status hostile", "list", "logs -n 3", "exec hostile x",
                     r"""status "$(printf '\033[2J')" """):
            vm.run("service %s" % what)
        seen = vm.raw[begin:]
        for bad in (b"\x1b[2J", b"\x1b]", b"\x07", "\u202e".encode()):
            self.assertNotIn(bad, seen)
        self.assertIn(rb"\x1b[2J\x1b]0;title\x07", seen)

    def check_debug(self, vm):
        """Into a container whose image has no shell, and whose root nobody can write to."""
        found = vm.check("service debug bare ls -la /proc/1/exe /")
        self.assertRegex(found, r"/proc/1/exe -> /init")
        self.assertEqual(vm.run("service debug bare sh -c 'exit 7'")[0], 7)
        self.assertRegex(vm.run("service debug bare touch /x 2>&1")[1], r"Read-only file system")
        self.assertRegex(vm.run("service debug bare touch /proc/self/fd/3/x 2>&1")[1], r"Read-only file system")
        self.assertRegex(vm.run("service exec bare /bin/sh 2>&1")[1], r"/bin/sh")
        self.assertRegex(vm.run("service debug exit1 2>&1")[1], r"exit1 is failed, so there is nothing to enter")
        vm.send("service debug bare; echo it ended: $?")
        vm.wait_for_anywhere(r"\(debug\) / # ")
        vm.send("exit 5")
        vm.wait_for(r"^it ended: 5$")

    def check_interrupt(self, vm):
        """Ctrl-C ends what runs in the foreground of the shell that nobody logged in to."""
        # Nothing ignores SIGINT and SIGQUIT.
        self.assertRegex(vm.check("grep SigIgn /proc/self/status"), r"SigIgn:\s+[0-9a-f]*[08]$")
        vm.send("echo before; sleep 10000")
        vm.wait_for_anywhere(r"^before$")
        time.sleep(3)
        vm.process.stdin.write(b"\x03")
        vm.process.stdin.flush()
        vm.check("echo here")

    def test_each_failure_says_why_inside_outside_and_on_the_disk(self):
        disk = os.path.join(self.dir.name, "disk")
        rootdisk.tool("mkfs.ext4", "-q", disk, "32M")
        vm = self.boot(images.base(onboot=mount_var() + images.shell("nodisk", "exit 2"), services=self.services()),
                       args=["--disk", "file=%s,format=raw" % disk])
        vm.wait_for_shell()
        # Once on the console, although the kernel's log has it as well.
        self.assertEqual(len(re.findall("wherry: service exit1: failed", vm.console())), 1)
        self.check_inside(vm)
        self.check_own_lines(vm)
        self.check_hostile(vm)
        self.check_debug(vm)
        self.check_interrupt(vm)
        # What is said of its end is to be on the disk as well.
        vm.wait_for_anywhere("service stuck: stopped by SIGKILL")
        self.assertEqual(vm.power_off(), 0)
        kept = subprocess.run(["debugfs", "-R", "cat /log/wherry.log", disk], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=True).stdout.decode()
        # From its first line, which is older than the disk's mount.
        self.assertRegex(kept, r"^\d{4}-\d\d-\d\dT[\d:.]+Z ")
        self.assertRegex(kept, r"onboot mount: done")
        for name, (_, line) in self.FAILURES.items():
            with self.subTest(name):
                self.assertRegex(kept, r"(?m)Z service %s: %s" % (name, line if "|" not in line else "(%s)" % line))


if __name__ == "__main__":
    unittest.main()
