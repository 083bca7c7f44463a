# SPDX-License-Identifier: Apache-2.0
"""The root of an OS as a container: the same /init in namespaces, with all rights and with few. No QEMU here."""
import os
import re
import socket
import subprocess
import tempfile
import time
import unittest

import images
import rootdisk
from guest import IDLE, entry

NAMESPACES = ["--fork", "--kill-child", "--pid", "--mount", "--cgroup", "--uts", "--ipc", "--net"]
# Fewer do not start containers: crun changes users and drops rights.
FEW = "sys_admin,sys_chroot,mknod,setpcap,setuid,setgid,dac_override,chown"
LIMIT = 180
# Where something else writes the name servers.
ELSEWHERE = "files:\n  - {path: etc/resolv.conf, symlink: /run/names/resolv.conf}\n"


def why_not():
    """Why there can be no containers here; None: there can."""
    if os.getuid() != 0:
        return "only root can make the namespaces"
    probe = ("mount -t cgroup2 none /mnt && mount -t tmpfs none /mnt && mkdir /mnt/u /mnt/w && "
             "mount -t overlay -o lowerdir=/etc,upperdir=/mnt/u,workdir=/mnt/w none /mnt")
    done = subprocess.run(["unshare", *NAMESPACES, "sh", "-c", probe], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=LIMIT)
    return "this machine does not allow it: " + done.stdout.strip() if done.returncode else None


# A control group of its own, which becomes the root of its hierarchy: $1 is its name, then comes the command.
IN_GROUP = ("mount -t cgroup2 none /mnt && mkdir /mnt/$1 && echo $$ > /mnt/$1/cgroup.procs && umount /mnt && "
            "shift && exec \"$@\"")
NO_GROUP = "mount -t cgroup2 none /mnt && find /mnt/$1 -depth -type d -exec rmdir {} +"


def bounding(names):
    return "-all" + "".join(",+" + name for name in names.split(","))


class Container(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        reason = why_not()
        if reason:
            raise unittest.SkipTest(reason)
        cls.dir = tempfile.TemporaryDirectory(prefix="wherry-container-")
        cls.addClassCleanup(cls.dir.cleanup)
        rights = "capabilities: [CAP_CHOWN]"
        cls.root = rootdisk.tree(images.base(
            onboot=images.shell("first", "echo step", rights),
            services=entry("writer", "echo x > /file && " + IDLE, "", rights)
            + entry("reader", "stat -Lc 'names of %s bytes' /etc/resolv.conf; " + IDLE, "console: true",
                    "readonly: true\n" + rights)) + ELSEWHERE, cls.dir.name)

    def start(self, *command, env=()):
        group = "wherry-test-%d" % os.getpid()
        self.log = os.path.join(self.dir.name, "log")
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(["unshare", "--mount", "sh", "-c", IN_GROUP, "sh", group, *command],
                                            stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                            env=dict(os.environ, **dict(env)))
        self.addCleanup(subprocess.run, ["unshare", "--mount", "sh", "-c", NO_GROUP, "sh", group], timeout=LIMIT)
        self.addCleanup(self.stop)

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def console(self):
        with open(self.log) as f:
            return f.read()

    def wait_for(self, pattern):
        end = time.monotonic() + LIMIT
        while not re.search(pattern, self.console(), re.M):
            self.assertTrue(time.monotonic() < end and self.process.poll() is None,
                            "no %r:\n%s" % (pattern, self.console()))
            time.sleep(0.05)

    def inside(self, *command):
        with open("/proc/%d/task/%d/children" % (self.process.pid, self.process.pid)) as f:
            pid = f.read().split()[0]
        return subprocess.run(["nsenter", "-t", pid, "-m", "-p", "-u", "-i", "-n", "-C", "-r", "-w", *command],
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=LIMIT).stdout

    def end(self, *command):
        self.inside(*command)
        code = self.process.wait(LIMIT)
        self.assertRegex(self.console(), r"(?m)wherry: (power off|reboot)$")
        # Of the control groups below the one that it was started in none is left.
        count = "mount -t cgroup2 none /mnt && find /mnt/wherry-test-%d -type d | wc -l" % os.getpid()
        left = subprocess.run(["unshare", "--mount", "sh", "-c", count], stdout=subprocess.PIPE, text=True,
                              timeout=LIMIT).stdout
        self.assertEqual(int(left), 1)
        return code

    def test_with_all_rights(self):
        name, devices = socket.gethostname(), sorted(os.listdir("/dev"))
        self.start("unshare", *NAMESPACES, "--root=" + self.root, "/init", env={"WHERRY_CMDLINE": "wherry.debug"})
        self.wait_for(r"wherry: ready \(2 services\)")
        self.assertNotRegex(self.console(), r"init: can't")
        # The options came: every change of a state is said.
        self.assertIn("wherry: first: ready: ended well, now done", self.console())
        table = self.inside("/usr/bin/service", "list")
        self.assertRegex(table, r"(?m)^first +onboot +done ")
        self.assertRegex(table, r"(?m)^reader +service +ready ")
        self.assertRegex(table, r"(?m)^writer +service +ready ")
        # Containers have the file that a link leads to, which exists before anything was written to it.
        self.wait_for(r"reader: names of 0 bytes")
        # What is the machine's stayed as it was.
        self.assertEqual((socket.gethostname(), sorted(os.listdir("/dev"))), (name, devices))
        self.assertEqual(self.end("/sbin/poweroff"), 0)
        self.assertRegex(self.console(), r"service writer: stopped by SIGTERM")

    def test_a_restart_is_for_the_manager_to_see(self):
        self.start("unshare", *NAMESPACES, "--root=" + self.root, "/init")
        self.wait_for(r"wherry: ready")
        self.assertIn(self.end("/sbin/reboot"), (129, -1))

    def test_with_few_rights(self):
        self.start("setpriv", "--bounding-set", bounding(FEW), "unshare", *NAMESPACES, "--root=" + self.root, "/init")
        self.wait_for(r"wherry: ready \(2 services\)")
        self.assertRegex(self.inside("/usr/bin/service", "list"), r"(?m)^writer +service +ready ")
        self.assertEqual(self.end("/sbin/poweroff"), 0)

    def test_with_no_rights_it_says_so_and_still_comes_up(self):
        self.start("unshare", *NAMESPACES, "setpriv", "--bounding-set", bounding("sys_chroot"), "chroot", self.root,
                   "/init")
        self.wait_for(r"wherry: ready \(0 of 2 services\)")
        console = self.console()
        self.assertRegex(console, r"(?m)init: can't mount /proc, /sys, .*/run, .*: Operation not permitted; "
                                  r"continuing without$")
        self.assertEqual(len(re.findall(r"init: can't mount", console)), 1, console)
        self.assertRegex(console, r"onboot first: failed: ")
        self.assertEqual(self.end("/sbin/poweroff"), 0)


if __name__ == "__main__":
    unittest.main()
