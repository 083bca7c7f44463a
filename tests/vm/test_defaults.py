# SPDX-License-Identifier: Apache-2.0
"""What a container that asks for nothing can't do: each limit that docs/security.md promises, seen from inside."""
import json
import re
import unittest

import boot
import guest
import images

# Lines of "key=value" that a service writes.
SCRIPT = r"""
for f in /proc/sys/kernel/core_pattern /proc/sys/net/core/somaxconn /proc/sysrq-trigger \
  /proc/irq/default_smp_affinity; do
  e=$( (: >$f) 2>&1 ); echo "write $f=${e##*: }"
done
for d in /sys /sys/fs/cgroup /bound/etc; do
  e=$(mkdir $d/test 2>&1); echo "mkdir $d=${e##*: }"
done
for p in /proc/acpi /proc/interrupts /proc/kcore /proc/keys /proc/timer_list /sys/firmware /bound/run/wherry; do
  [ -e $p ] || continue
  if [ -d $p ]; then n=$(ls -A $p | wc -l); else n=$(head -c 9 $p 2>/dev/null | wc -c); fi
  echo "see $p=$n"
done
for n in ipc uts cgroup mnt pid; do echo "ns $n=$(readlink /proc/self/ns/$n)"; done
while read a b c root at options more; do
  case $at in /dev|/dev/shm|/proc|/proc/*|/sys|/bound/*) echo "mount $at=$options";; esac
done </proc/self/mountinfo
while read key value more; do
  case $key in NoNewPrivs:|SigBlk:|Groups:) echo "status $key=$value";; esac
done </proc/self/status
while read a b soft more; do [ "$a $b" != "Max processes" ] || echo "limit=$soft"; done </proc/self/limits
read oom </proc/self/oom_score_adj; echo "oom=$oom"
while read key value more; do [ $key != MemTotal: ] || memory=$value; done </proc/meminfo
set -- $(df -k / | tail -n 1); echo "part=$(($2 * 100 / memory))"
echo x >/dev/shm/x && echo "shm=$(cat /dev/shm/x)"
"""
# In a user namespace: who it is inside, and of which id outside that is.
IDS = r"""
read inside outside size </proc/self/uid_map; echo "outside=$outside"
echo "inside=$(id -u)"; echo "owner=$(stat -c %u /bin/busybox)"
echo x >/file && echo "wrote=$(cat /file)"; echo x >/dev/null && echo null=x
while read a b c root at o more; do case $at in /bound/*) echo "on $at=$more";; esac; done </proc/self/mountinfo
[ ! -e /bound/run/wherry ] || echo "see=$(ls -A /bound/run/wherry | wc -l)"
"""
BINDS = "binds: ['/run:/bound/run', '/dev:/bound/dev', '/var:/bound/var', '/etc:/bound/etc']\n"
# To open a node of the machine's log for writing takes no right but that of the container's device rules.
NODES = "mknod /log c 1 11; (: >/log) && echo log is open; mknod /zero c 1 5; (: >/zero) && echo zero is open"
RULE = "devices: [{path: /dev/log, type: c, major: 1, minor: 11, mode: '0600'}]"
# A health check has the container's limits.
CHECK = "grep -E '^(NoNewPrivs|Seccomp|CapEff):' /proc/self/status >/dev/shm/new; cp /dev/shm/new /dev/shm/check"
CHECKED = "until [ -e /dev/shm/check ]; do sleep 0.2; done; sed 's/:[^0-9a-f]*/=/' /dev/shm/check"
WHERRY = {"checked": ", health: {command: [/bin/sh, -c, %s], interval: 1s}" % json.dumps(CHECK),
          "small": ", root-size: 2M", "ids": ", userns: auto", "ids2": ", userns: auto"}
READ_ONLY = "Read-only file system"


def options(text):
    return set(text.split(","))


class Defaults(guest.MachineTest):
    def service(self, name, script, extra):
        script = "\n".join("%s" % line for line in script.strip().splitlines()) + "\necho end\n" + guest.IDLE
        return "  - name: %s\n    image: %s\n    command:\n      - /bin/sh\n      - -c\n      - |\n%s\n%s" % (
            name, self.plain, "\n".join("        " + line for line in script.splitlines()),
            "".join("    %s\n" % line for line in ("wherry: {console: true%s}\n" % WHERRY.get(name, "")
                                                   + extra).splitlines()))

    def test_each_of_them_holds(self):
        self.plain = images.plain()
        mounts = "mkdir -p /var/later && mount -t tmpfs later /var/later && echo seen >/var/later/file"
        waits = "until [ -e /var/later/file ]; do sleep 0.2; done; cat /var/later/file"
        services = (self.service("usual", SCRIPT, BINDS) + self.service("mighty", SCRIPT, BINDS + "capabilities: [all]")
                    + self.service("small", "echo fill=$(dd if=/dev/zero of=/big bs=1M count=3 2>&1 | "
                                            "grep -c 'No space left')", "")
                    + self.service("checked", CHECKED, "")
                    + self.service("nodes", NODES, "capabilities: [CAP_MKNOD]")
                    + self.service("rule", NODES, "capabilities: [CAP_MKNOD]\n" + RULE)
                    + self.service("ids", IDS, "binds: ['/run:/bound/run', '/var:/bound/var']\n"
                                   "tmpfs: ['/bound/var/cover:rw']\nruntime: {mkdir: [/var/cover]}")
                    + self.service("ids2", IDS, "readonly: true\ncapabilities: [CAP_NET_BIND_SERVICE]")
                    + self.service("later", waits, "binds: ['/var:/var']")
                    + self.service("mounts", "sleep 1; " + mounts, "binds: ['/var:/var:rshared,rbind']\n"
                                   "rootfsPropagation: shared\ncapabilities: [CAP_SYS_ADMIN]"))
        with self.boot(images.base(services=services)) as vm:
            for name in ("usual", "mighty", "small", "nodes", "rule", "mounts", "later", "ids", "ids2", "checked"):
                vm.wait_for_anywhere(r"wherry: %s: end$" % name)
            self.console = vm.console()
            self.assertEqual(vm.power_off(), 0)
        self.check_usual(self.said("usual"), self.said("mighty"))
        self.check_mounts(self.said("usual"))
        self.assertEqual(self.said("small")["fill"], "1")
        self.assertRegex(self.console, r"wherry: later: seen")
        self.assertEqual(self.said("checked"), {"NoNewPrivs": "1", "Seccomp": "2", "CapEff": "0" * 16})
        ids, other = self.said("ids"), self.said("ids2")
        self.assertEqual((ids["inside"], ids["owner"], ids["wrote"]), ("0", "0", "x"))
        self.assertEqual((other["inside"], other["owner"], other["null"]), ("0", "0", "x"))
        # What is mounted over a part of a bind is not so on the machine, whose mounts have peers.
        self.assertRegex(ids["on /bound/var/cover"], r"^- tmpfs ")
        self.assertRegex(ids["on /bound/var"], r"^master:\d+ - tmpfs ")
        self.assertEqual(ids["see"], "0")
        first, second = int(ids["outside"]), int(other["outside"])
        self.assertTrue(first >= 1 << 20 and abs(first - second) >= 65536, (first, second))
        self.assertRegex(self.console, r"wherry: nodes: .*/log: Operation not permitted")
        self.assertEqual(re.findall(r"wherry: (\w+): (\w+) is open", self.console).count(("nodes", "log")), 0)
        for name, node in (("nodes", "zero"), ("rule", "zero"), ("rule", "log")):
            self.assertIn("%s: %s is open" % (name, node), self.console)

    def said(self, name):
        return dict(re.findall(r"wherry: %s: ([^=\n]+)=(.*)$" % name, self.console, re.M))

    def check_usual(self, usual, mighty):
        for key, value in usual.items():
            kind = key.split()[0]
            if kind in ("write", "mkdir"):
                self.assertEqual(value, READ_ONLY, key)
                # That the test could see another answer.
                if key not in ("mkdir /bound/etc", "mkdir /sys/fs/cgroup"):
                    self.assertNotEqual(mighty[key], READ_ONLY, key)
            elif kind == "see":
                self.assertEqual(value, "0", key)
            elif kind == "ns":
                self.assertNotEqual(value, mighty[key], key)
        for path in ("/proc/interrupts", "/proc/kcore", "/proc/timer_list", "/sys/firmware", "/bound/run/wherry"):
            self.assertEqual(usual["see " + path], "0")
            self.assertNotEqual(mighty["see " + path], "0", path)
        self.assertEqual((usual["status NoNewPrivs:"], mighty["status NoNewPrivs:"]), ("1", "0"))
        self.assertEqual((usual["status SigBlk:"], usual["status Groups:"]), ("0" * 16, "0"))
        self.assertEqual((usual["limit"], usual["oom"], usual["shm"]), ("unlimited", "0", "x"))
        self.assertIn(int(usual["part"]), range(20, 26))

    def check_mounts(self, usual):
        for path, wanted in (("/proc", "nosuid,nodev,noexec"), ("/proc/sys", "ro"), ("/proc/fs", "ro"),
                             ("/proc/bus", "ro"), ("/proc/irq", "ro"),
                             ("/sys", "ro,nosuid,nodev,noexec"), ("/dev", "nosuid"),
                             ("/dev/shm", "nosuid,nodev,noexec"), ("/bound/run", "nosuid,nodev,noexec"),
                             ("/bound/var", "nosuid,nodev,noexec"), ("/bound/dev", "nosuid,noexec"),
                             ("/bound/etc", "ro")):
            self.assertLessEqual(options(wanted), options(usual["mount " + path]), path)


if __name__ == "__main__":
    unittest.main()
