# SPDX-License-Identifier: Apache-2.0
"""What `wherry run` gives a machine: one in the background under the name linuxkit, one that panics under UEFI, and one
that comes from a registry.
"""
import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

import boot
import images

sys.path.insert(0, os.path.join(images.ROOT, "tests", "cli"))
import peerregistry  # noqa: E402

# A controller looks for its disks while the first steps run.
LOOK = ("exec >/dev/console 2>&1; n=0; until test -b /dev/sda -a -b /dev/sr0 || test $n = 60; do sleep 1; "
        "n=$((n+1)); done; mount -t iso9660 -o ro /dev/sr0 /m; echo CONFIG $(cat /m/config); umount /m; "
        "mount -t virtiofs virtiofs0 /m; echo SHARED $(cat /m/hello); echo from the guest >/m/answer; umount /m; "
        "echo SECTORS $(cat /sys/block/sda/size)")
VIRTIOFSD = [p for p in ("/usr/libexec/virtiofsd", "/usr/lib/qemu/virtiofsd") if os.path.exists(p)]


class Run(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory(prefix="wherry-run-")
        cls.top = cls.directory.name
        cls.path = images.build(
            images.base(onboot=images.shell("look", LOOK, "binds: ['/dev:/dev']\ntmpfs: [/m]"),
                        services=images.shell("idle", "exec sleep 100000")), cls.top)
        cls.linuxkit = os.path.join(cls.top, "linuxkit")
        os.symlink(boot.WHERRY, cls.linuxkit)

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    def run_program(self, program, *args, limit=5 * boot.LIMIT):
        return subprocess.run([program, *args], cwd=self.top, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=limit,
                              env=dict(os.environ, XDG_STATE_HOME=os.path.join(self.top, "xdg")))

    def attach(self, *args, **more):
        return subprocess.run([boot.WHERRY, "attach", *args], cwd=self.top, capture_output=True, timeout=boot.LIMIT,
                              env=dict(os.environ, XDG_STATE_HOME=os.path.join(self.top, "xdg")), **more)

    def check_attached(self, machine):
        """What `service` says inside, and programs with and without a terminal."""
        self.assertRegex(self.attach(machine).stdout, rb"(?m)^idle +service +ready ")
        self.assertIn(b"SECTORS", self.attach(machine, "exec", "idle", "sh", "-c", "echo SECTORS").stdout)
        much = os.urandom(200000)
        done = self.attach(machine, "exec", "idle", "sh", "-c", "cat; echo bad >&2; exit 9", input=much)
        self.assertEqual((done.returncode, done.stdout == much, done.stderr), (9, True, b"bad\n"))
        self.assertEqual(self.attach(machine, "debug", "idle", "sh", "-c", "cat; exit 8", input=b"in").returncode, 8)
        self.assertRegex(self.attach(machine, "status", "idle").stdout, rb"ready")
        self.assertEqual(self.attach(machine, "stop", "none").stderr, b"wherry: there is no container none\n")
        done = self.attach(machine, "restart", "idle")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertIn(b"kernel", self.attach(machine, "boot").stdout)
        self.check_terminal(machine)
        # Who leaves takes the program along, and the next one finds all in order.
        left = subprocess.Popen([boot.WHERRY, "attach", machine, "exec", "idle", "sh", "-c", "echo up; sleep 100001"],
                                cwd=self.top, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                env=dict(os.environ, XDG_STATE_HOME=os.path.join(self.top, "xdg")))
        self.assertEqual(left.stdout.readline(), b"up\n")
        left.kill()
        left.communicate()
        for _ in range(60):
            if b"100001" not in self.attach(machine, "exec", "idle", "sh", "-c", "ps").stdout:
                break
            time.sleep(1)
        else:
            self.fail("the program still runs")

    def check_terminal(self, machine):
        controller, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 77, 0, 0))
        p = subprocess.Popen([boot.WHERRY, "attach", machine, "exec", "idle", "sh"], cwd=self.top, stdin=terminal,
                             stdout=terminal, env=dict(os.environ, XDG_STATE_HOME=os.path.join(self.top, "xdg")))
        try:
            os.write(controller, b"stty size; echo rea''dy\n")
            got = b""
            while b"ready" not in got:
                got += os.read(controller, 4096)
            self.assertIn(b"33 77\r\n", got)
            fcntl.ioctl(controller, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 60, 0, 0))
            p.send_signal(signal.SIGWINCH)
            # The size is on its way.
            while b"20 60" not in got:
                os.write(controller, b"stty size\n")
                time.sleep(1)
                got += os.read(controller, 4096)
            os.write(controller, b"exit 5\n")
            self.assertEqual(p.wait(timeout=boot.LIMIT), 5)
        finally:
            p.kill()
            p.wait()
            os.close(controller)
            os.close(terminal)

    @unittest.skipUnless(VIRTIOFSD and os.geteuid() == 0, "virtiofsd is not there, or may need root")
    def test_in_the_background_as_linuxkit(self):
        """A SCSI disk, a CD with metadata, a directory of this machine; the power button ends it."""
        shared = os.path.join(self.top, "shared")
        os.makedirs(shared)
        with open(os.path.join(shared, "hello"), "w", encoding="ascii") as f:
            f.write("from this machine")
        done = self.run_program(self.linuxkit, "run", "-disk", "size=64M", "-cpus", "2", "qemu", "--accel", boot.ACCEL,
                                "--detached", "--data", "key = value", "--virtiofs", shared, self.path)
        self.assertEqual(done.returncode, 0, done.stderr)
        try:
            self.assertEqual(done.stdout.split()[1:], ["os", os.path.realpath(self.path + "-state")])
            self.assertEqual(self.run_program(boot.WHERRY, "run", "list").stdout, done.stdout)
            follower = subprocess.Popen([boot.WHERRY, "run", "logs", "-f", self.path], stdout=subprocess.PIPE,
                                        text=True)
            shown = ""
            for line in follower.stdout:
                shown += line
                if "wherry: ready" in line:
                    break
            self.check_attached(self.path)
        finally:
            stopped = self.run_program(boot.WHERRY, "run", "stop", "--time", "300", self.path)
        shown += follower.communicate(timeout=boot.LIMIT)[0]
        self.assertEqual((stopped.returncode, stopped.stdout), (0, "stopped os\n"))
        for line in "CONFIG key = value", "SHARED from this machine", "SECTORS 131072", "wherry: power off":
            self.assertIn(line, shown)
        with open(os.path.join(shared, "answer"), encoding="ascii") as f:
            self.assertEqual(f.read(), "from the guest\n")
        self.assertEqual(self.run_program(boot.WHERRY, "run", "list").stdout, "")

    def test_from_a_registry(self):
        """Pushed as an artifact, and started by its name with a cache that has nothing."""
        registry = peerregistry.Registry(self)
        name = registry.host + "/me/os:1"
        path = images.build(images.base(services=images.shell("idle", "exec sleep 100000")),
                            os.path.join(self.top, "oci"), "--format", "oci")
        images.wherry("cache", "import", "--name", name, path + "-oci.tar")
        images.wherry("cache", "push", name)
        images.wherry("cache", "rm", name)
        chart = os.path.join(self.top, "chart.svg")
        with boot.Boot(name, args=["--cache", os.path.join(self.top, "other"), "--boot-chart", chart]) as vm:
            vm.wait_for(r"wherry: ready \(1 service\)")
            # It runs in the foreground.
            done = subprocess.run([boot.WHERRY, "attach", str(vm.process.pid)], stdout=subprocess.PIPE, text=True,
                                  timeout=boot.LIMIT, check=True)
            self.assertRegex(done.stdout, r"(?m)^idle +service +ready ")
            vm.wait_for_anywhere("chart.svg shows how the machine started")
            vm.power_off()
        with open(chart, encoding="utf-8") as f:
            self.assertRegex(f.read(), "(?s)firmware.*kernel.*idle")

    @unittest.skipUnless(os.path.exists("/usr/share/OVMF/OVMF_CODE_4M.fd"), "no firmware")
    def test_a_panic_under_uefi(self):
        done = self.run_program(boot.WHERRY, "run", "--accel", boot.ACCEL, "--uefi", "--exit-on-panic", "--append",
                                "rdinit=/none root=/dev/none", self.path)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("Kernel panic - not syncing", done.stdout)
        self.assertTrue(done.stderr.endswith("wherry: the machine's kernel panicked\n"), done.stderr)
        self.assertTrue(os.path.exists(self.path + "-state/uefi-variables.fd"))


if __name__ == "__main__":
    unittest.main()
