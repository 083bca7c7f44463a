#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run: what is said before the machine starts, and when its kernel panics."""
import gzip
import os
import pty
import shutil
import socket
import struct
import subprocess
import time
import unittest

import ocilib
import ordinaryuser
from harness import Case, TIME_LIMIT, WHERRY, main

TAKEN = ("wherry: port %d of 127.0.0.1 is taken by %s (process %d)\n"
         "  hint: choose another one, or end that\n")
TAKEN_UNSEEN = ("wherry: port %d of 127.0.0.1 is taken\n"
                "  hint: choose another one, or see as root what has it: ss -tlnp 'sport = :%d'\n")


class RunStart(Case):
    def setUp(self):
        super().setUp()
        self.write("os-kernel", ocilib.KERNEL)
        self.write("os-initrd.img", "")
        self.write("os-cmdline", "quiet console=ttyS0")
        self.script("exit 0")

    def script(self, text):
        self.qemu = self.write("qemu", "#!/bin/sh\n" + text + "\n", 0o755)

    def said(self, *args, accel="tcg"):
        return self.ok("run", "--qemu", self.qemu, "--accel", accel, *args, "os").err

    def test_nothing_is_said_without_a_need(self):
        self.assertEqual(self.said(), "")

    def test_too_little_memory(self):
        """The kernel says how much it takes; of an initrd, what is in it counts, which is unpacked to find that."""
        kernel = bytearray(ocilib.KERNEL.ljust(1024, b"\0"))
        struct.pack_into("<I", kernel, 0x260, 52 << 20)
        self.write("os-kernel", bytes(kernel))
        # Two archives of 1 MiB of noise and 8 of zeros, with more of these between; then what is not compressed.
        archive = gzip.compress(os.urandom(1 << 20) + bytes(8 << 20))
        with open(self.path("os-initrd.img"), "wb") as f:
            f.write(archive + bytes(9000) + archive + b"070701" + bytes(5 << 20))
        # 7 MiB, unpacked 23; half of what the kernel leaves must hold these.
        self.assertEqual(self.said("--mem", "106"), "")
        self.assertEqual(self.said("--mem", "101"),
                         "warning: 101 MiB of memory are too little for this kernel and its initrd, which has 7.0 MiB, "
                         "and unpacked 23.0 MiB (--mem 128)\n")
        # Microcode lies before that, and is not compressed.
        microcode = subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], input=b"os-cmdline\n", cwd=self.dir,
                                   stdout=subprocess.PIPE, check=True, timeout=60).stdout
        with open(self.path("os-initrd.img"), "r+b") as f:
            rest = f.read()
            f.seek(0)
            f.write(microcode + rest)
        self.assertIn("and unpacked 23.0 MiB (--mem 128)", self.said("--mem", "101"))
        # What can't be unpacked is the kernel's to say.
        with open(self.path("os-initrd.img"), "r+b") as f:
            f.write(archive[:50000] + bytes(len(archive) - 50000))
        self.assertEqual(self.said("--mem", "70"), "")

    def test_another_architecture_is_emulated(self):
        names = {"x86_64": "amd64", "aarch64": "arm64"}
        here = names.get(os.uname().machine, os.uname().machine)
        other = "arm64" if here == "amd64" else "amd64"
        problem = "this machine is %s, not %s\n" % (here, other)
        self.write("os-cmdline", "console=ttyAMA0 console=ttyS0")
        self.assertIn("the CPU is emulated, which is many times slower: " + problem,
                      self.said("--arch", other, accel="auto"))
        result = self.fails(1, "KVM does not work: " + problem, "run", "--qemu", self.qemu, "--accel", "kvm",
                            "--arch", other, "os")
        self.assertIn("hint: emulate the CPU: --accel tcg\n", result.err)

    def test_a_port_that_is_taken(self):
        with open("/proc/self/comm", encoding="utf-8") as f:
            name = f.read().rstrip("\n")
        with socket.create_server(("127.0.0.1", 0)) as s:
            port = s.getsockname()[1]
            result = self.fails(1, "", "run", "--qemu", self.qemu, "--accel", "tcg", "-p", "%d:80" % port, "os")
            self.assertEqual(result.err, TAKEN % (port, name, os.getpid()))
        self.assertEqual(self.said("-p", "%d:80" % port), "")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
            self.fails(1, "port %d/udp of 127.0.0.1 is taken by %s (process %d)\n" % (port, name, os.getpid()), "run",
                       "--qemu", self.qemu, "--accel", "tcg", "-p", "%d:80/udp" % port, "os")
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as s:
            port = s.getsockname()[1]
            self.fails(1, "port %d of ::1 is taken by %s (process %d)\n" % (port, name, os.getpid()), "run", "--qemu",
                       self.qemu, "--accel", "tcg", "-p", "[::1]:%d:80" % port, "os")
        self.fails(1, "this machine does not have the address 192.0.2.1", "run", "--qemu", self.qemu, "--accel",
                   "tcg", "-p", "192.0.2.1:8080:80", "os")

    @unittest.skipUnless(os.geteuid() == 0, "needs a process of another user")
    def test_a_port_that_another_user_has(self):
        """Only root sees which process it is."""
        user = ordinaryuser.User(self.dir, WHERRY)
        for name in "os-kernel", "os-initrd.img", "os-cmdline", "qemu":
            shutil.copy(self.path(name), user.home)
        with socket.create_server(("127.0.0.1", 0)) as s:
            port = s.getsockname()[1]
            done = user.run(user.program, "run", "--qemu", os.path.join(user.home, "qemu"), "--accel", "tcg", "-p",
                            "%d:80" % port, "os")
        self.assertEqual((done.returncode, done.stderr), (1, TAKEN_UNSEEN % (port, port)))

    def test_how_to_leave_is_said_on_a_terminal(self):
        controller, terminal = pty.openpty()
        try:
            p = self.start("run", "--qemu", self.qemu, "--accel", "tcg", "os", stdin=terminal, stdout=terminal)
            err = p.communicate(timeout=TIME_LIMIT)[1]
        finally:
            os.close(controller)
            os.close(terminal)
        self.assertEqual((p.returncode, err), (0, b"Ctrl-A X ends the machine, Ctrl-A H lists the other keys\n"))

    def test_a_panic(self):
        self.script("echo \"$@\"; printf 'KKernel panic - not'; sleep 0.1; echo ' syncing: VFS: Unable to mount'")
        result = self.fails(1, "wherry: the machine's kernel panicked\n", "run", "--qemu", self.qemu, "--accel", "tcg",
                            "--exit-on-panic", "os")
        self.assertIn("-no-reboot", result.out)
        self.assertIn(" console=ttyS0 panic=-1\nKKernel panic - not syncing: VFS: Unable to mount\n", result.out)
        self.assertNotIn("panic=", self.ok("run", "--qemu", self.qemu, "--accel", "tcg", "os").out)
        self.script("echo Kernel panic - not so; cat; exit 3")
        result = self.fails(1, "QEMU ended with exit code 3", "run", "--qemu", self.qemu, "--accel", "tcg",
                            "--exit-on-panic", "os", stdin=b"from stdin")
        self.assertEqual(result.out, "Kernel panic - not so\nfrom stdin")

    def test_a_panic_of_a_disk(self):
        """Its kernel may not reboot: it is given two seconds to say why."""
        self.write("disk.img", bytes(510) + b"\x55\xaa")
        self.script("echo 'Kernel panic - not syncing: x'; sleep 0.5; echo 'end trace'; exec sleep 60")
        started = time.monotonic()
        result = self.fails(1, "wherry: the machine's kernel panicked\n", "run", "--qemu", self.qemu, "--accel", "tcg",
                            "--exit-on-panic", "disk.img")
        self.assertIn("end trace\n", result.out)
        self.assertLess(time.monotonic() - started, 50)


if __name__ == "__main__":
    main()
