#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run, with a script in QEMU's place."""
import os
import re
import signal
import socket
import subprocess
import time

import ocilib
from harness import Case, main


class RunQemu(Case):
    def setUp(self):
        super().setUp()
        self.write("os-kernel", ocilib.KERNEL)
        self.write("os-initrd.img", "")
        self.write("os-cmdline", "console=ttyS0 a=b,c")
        # Without a place to be found in, the machine has no sockets that are called by a process.
        self.env["XDG_STATE_HOME"] = "/dev/null/none"

    def qemu(self, script):
        return self.write("qemu", "#!/bin/sh\n" + script, 0o755)

    def arguments(self, *args):
        qemu = self.qemu('for a; do echo "$a"; done\n')
        return self.ok("run", "qemu", "--qemu", qemu, "--accel", "tcg", *args, "os").out.splitlines()

    def test_arguments(self):
        got = self.arguments("-mem", "333", "--cpus=2", "--publish", "8080:80", "-publish", "53:53/udp",
                             "--control", "ctl,1", "--no-reboot")
        joined = " ".join(got)
        self.assertIn("-accel tcg -cpu max,-erms,-fsrm -m 333 -smp 2 -no-reboot", joined)
        self.assertIn("hostfwd=tcp:127.0.0.1:8080-:80,hostfwd=udp:127.0.0.1:53-:53", joined)
        self.assertIn("-qmp unix:ctl,,1,server=on,wait=off", joined)
        self.assertIn("-serial stdio", joined)
        self.assertEqual(got[-2:], ["-append", "no_timer_check console=ttyS0 a=b,c"])

    def test_what_is_to_be_built_first(self):
        self.write("web.yml", "")
        self.fails(1, "there is no web.yml-kernel\n  hint: build it with: wherry build web.yml, and run web\n",
                   "run", "qemu", "web.yml")

    def test_the_backend_may_be_left_out(self):
        """LinuxKit's default on Linux is QEMU, and --cpus, --mem and --disk may be before the backend."""
        qemu = self.qemu('for a; do echo "$a"; done\n')
        want = self.arguments("--cpus", "2", "--mem", "333", "--disk", "os-cmdline")
        for words in (["run", "-cpus", "2", "-mem", "333", "-disk", "os-cmdline", "qemu"],
                      ["run", "--cpus", "2", "--mem", "333", "--disk", "os-cmdline"]):
            self.assertEqual(self.ok(*words, "--qemu", qemu, "--accel", "tcg", "os").out.splitlines(), want)

    def test_credentials(self):
        got = " ".join(self.arguments("--credential", "a.b=os-kernel", "--credential", "c=x,y=z"))
        self.assertIn("-fw_cfg name=opt/io.systemd.credentials/a.b,file=os-kernel "
                      "-fw_cfg name=opt/io.systemd.credentials/c,file=x,,y=z", got)
        for bad in ("a", "=b", "a=", "a/b=c", "a,b=c", 29 * "a" + "=b"):
            self.fails(2, "credential '%s'" % bad, "run", "qemu", "--qemu", "/bin/false", "--accel", "tcg",
                       "--credential", bad, "os")

    def test_memory_may_have_a_unit(self):
        for text, mib in ("512M", "512"), ("2G", "2048"), ("77", "77"):
            self.assertIn("-m " + mib + " ", " ".join(self.arguments("--mem", text)))

    def test_no_network(self):
        self.assertNotIn("-netdev", self.arguments("--networking", "none"))

    def test_architecture_is_read_off_the_kernel(self):
        self.assertIn("q35", self.arguments())
        for magic, *machine in ((b"ARMd", "virt,gic-version=max", "cortex-a57"), (b"RSC\x05", "virt", "rv64")):
            self.write("os-kernel", b"\0" * 0x38 + magic + b"\0" * 100)
            got = self.arguments()
            self.assertEqual([got[got.index("-M") + 1], got[got.index("-cpu") + 1]], machine)
        self.assertIn("q35", self.arguments("--arch", "amd64"))

    def test_disks(self):
        self.write("d,isk", "raw bytes")
        got = self.arguments("--disk", "file=os-kernel,format=qcow2", "--disk", "os-cmdline")
        self.assertIn("if=none,id=disk0,format=qcow2,file=os-kernel", got)
        self.assertIn("if=none,id=disk1,format=raw,file=os-cmdline", got)
        self.fails(1, "there is no disk nothing", "run", "qemu", "os", "--disk", "nothing", "--accel", "tcg")
        self.fails(2, "'vhd' is not a disk format", "run", "qemu", "os", "--accel", "tcg",
                   "--disk", "nothing,format=vhd")
        self.assertIn("if=none,id=disk0,format=raw,file=d,,isk", self.arguments("--disk", "d,,isk"))

    def test_root_on_a_squashfs(self):
        """It is the first disk, and nobody writes to it; without modules to load there is no initrd."""
        for option in ["--squashfs"], ["--root", "squashfs"]:
            result = self.fails(1, "there is no os-squashfs.img\n", "run", "qemu", *option, "os")
            self.assertIn("hint: make it with: wherry build --format kernel+squashfs os.yml\n", result.err)
        self.write("os-squashfs.img", "")
        self.write("os-boot-initrd.img", "")
        self.write("data", "")
        for option in ["--squashfs"], ["--root", "squashfs"]:
            got = self.arguments("--disk", "data", *option)
            self.assertIn("if=none,id=root,format=raw,readonly=on,file=os-squashfs.img", got)
            self.assertEqual([a for a in got if a.startswith("virtio-blk")],
                             ["virtio-blk-pci,drive=root", "virtio-blk-pci,drive=disk0"])
            self.assertEqual(got[got.index("-initrd") + 1], "os-boot-initrd.img")
            self.assertEqual(got[-2:], ["-append", "no_timer_check console=ttyS0 a=b,c root=/dev/vda"])
        os.unlink(self.path("os-boot-initrd.img"))
        self.assertNotIn("-initrd", self.arguments("--squashfs"))

    def test_of_two_roots_the_initrd_is_taken_unless_another_is_named(self):
        for name in "os-squashfs.img", "os-boot-initrd.img":
            self.write(name, "")
        run = ["run", "qemu", "--qemu", self.qemu('for a; do echo "$a"; done\n'), "--accel", "tcg", "os"]
        result = self.ok(*run)
        self.assertIn("the root is the initrd; --root squashfs takes the other\n", result.err)
        got = self.arguments()
        self.assertEqual(got, self.arguments("--root", "initrd"))
        self.assertEqual(got[got.index("-initrd") + 1], "os-initrd.img")
        self.assertNotIn("squashfs", " ".join(got))
        self.assertNotIn("root=", got[-1])
        os.unlink(self.path("os-initrd.img"))
        self.fails(1, "there is no os-initrd.img\n", "run", "qemu", "--root", "initrd", "os")
        result = self.ok(*run)
        self.assertNotIn("takes the other", result.err)
        self.assertIn("file=os-squashfs.img", result.out)

    def test_disk_of_another_format(self):
        for name, magic in (("v.vmdk", b"KDMV"), ("v.vhdx", b"vhdxfile"), ("v,.qed", b"QED\0"),
                            ("v.vdi", b"<<< Oracle VM VirtualBox Disk Image >>>\n")):
            self.write(name, magic + b"\0" * 4096)
            disk, form = name.replace(",", ",,"), name.split(".")[1]
            result = self.fails(1, "looks like a %s image" % form.upper(), "run", "qemu", "os", "--disk", disk,
                                "--accel", "tcg")
            for option in re.findall(r"--disk (\S+)", result.err):
                self.assertIn("if=none,id=disk0,format=%s,file=%s" % (option.rsplit("=")[1], disk),
                              self.arguments("--disk", option))
            self.assertEqual(result.err.count("--disk"), 2, result)

    def free_port(self, family, address):
        with socket.socket(family, socket.SOCK_STREAM) as s:
            s.bind((address, 0))
            return s.getsockname()[1]

    def test_publish_on_ipv6(self):
        """The port that QEMU forwards is reached at the IPv6 address."""
        try:
            port = self.free_port(socket.AF_INET6, "::1")
        except OSError:
            self.skipTest("no IPv6 here")
        qemu = self.write("qemu", """#!/usr/bin/env python3
import re, socket, sys
port = int(re.search(r"hostfwd=tcp:127.0.0.1:(\\d+)-:80$", sys.argv[sys.argv.index("-netdev") + 1]).group(1))
s = socket.create_server(("127.0.0.1", port))
print("listening", flush=True)
c = s.accept()[0]
data = b""
while part := c.recv(65536):
    data += part
c.sendall(data[::-1])
""", 0o755)
        p = self.start("run", "qemu", "--qemu", qemu, "--accel", "tcg", "--publish", "[::1]:%d:80" % port, "os")
        self.assertEqual(p.stdout.readline(), b"listening\n")
        data = os.urandom(300000)
        with socket.create_connection(("::1", port), timeout=60) as s:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            got = b""
            while part := s.recv(65536):
                got += part
        self.assertEqual(got, data[::-1])
        self.assertEqual((p.communicate(timeout=60)[1], p.returncode), (b"", 0))
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
            self.fails(1, "port %d of ::1 is taken by " % taken.getsockname()[1], "run", "qemu", "--qemu", qemu,
                       "--accel", "tcg", "--publish", "[::1]:%d:80" % taken.getsockname()[1], "os")

    def test_the_line_is_shown(self):
        qemu = self.qemu("exit 0\n")
        result = self.ok("-v", "2", "run", "qemu", "--qemu", qemu, "--accel", "tcg", "os")
        self.assertIn("-append 'no_timer_check console=ttyS0 a=b,c'", result.err)

    def test_exit_code(self):
        self.fails(1, "QEMU ended with exit code 3", "run", "qemu", "--qemu", self.qemu("exit 3\n"), "--accel", "tcg",
                   "os")

    def test_nothing_to_boot(self):
        result = self.fails(1, "there is no other-kernel", "run", "qemu", "other")
        self.assertIn("hint: make it with: wherry build", result.err)
        self.assertIn("leave off the suffix: os", self.fails(1, "", "run", "qemu", "os-kernel").err)

    def test_missing_qemu_names_the_package(self):
        result = self.fails(1, "can't run qemu-system-x86_64", "run", "qemu", "--accel", "tcg", "os",
                            env={"PATH": self.dir})
        self.assertIn("hint: install it: apt-get install qemu-system-x86\n", result.err)

    def test_a_closed_directory_in_path_does_not_hide_that_qemu_is_missing(self):
        os.makedirs(self.path("closed"), 0o700)
        os.makedirs(self.path("none"))
        os.chmod(self.dir, 0o755)
        os.chmod(self.path("closed"), 0)
        nobody = {"user": 65534, "group": 65534} if os.geteuid() == 0 else {}
        result = self.fails(1, "can't run qemu-system-x86_64: No such file or directory", "run", "qemu", "--accel",
                            "tcg",
                            "os", env={"PATH": self.path("closed") + ":" + self.path("none")}, **nobody)
        self.assertIn("hint: install it: apt-get install qemu-system-x86\n", result.err)

    def wait_for(self, path):
        for _ in range(600):
            if os.path.exists(path) and os.path.getsize(path):
                with open(path, encoding="utf-8") as f:
                    return int(f.read())
            time.sleep(0.05)
        self.fail(path + " did not come")

    def gone(self, pid):
        for _ in range(600):
            try:
                with open("/proc/%d/stat" % pid, encoding="utf-8") as f:
                    if f.read().rsplit(") ", 1)[1].startswith("Z"):
                        return True
            except FileNotFoundError:
                return True
            time.sleep(0.05)
        return False

    def test_a_signal_ends_both(self):
        qemu = self.qemu('echo $$ >pid.new; mv pid.new pid; exec sleep 300\n')
        for number in (signal.SIGINT, signal.SIGTERM):
            p = self.start("run", "qemu", "--qemu", qemu, "--accel", "tcg", "os")
            child = self.wait_for(self.path("pid"))
            p.send_signal(number)
            err = p.communicate(timeout=60)[1]
            self.assertEqual((p.returncode, err), (128 + number, b"wherry: interrupted\n"))
            self.assertTrue(self.gone(child))
            os.unlink(self.path("pid"))

    def test_killed_it_leaves_no_qemu(self):
        qemu = self.qemu('echo $$ >pid.new; mv pid.new pid; exec sleep 300\n')
        p = self.start("run", "qemu", "--qemu", qemu, "--accel", "tcg", "os", stdout=subprocess.DEVNULL)
        child = self.wait_for(self.path("pid"))
        p.kill()
        p.communicate(timeout=60)
        self.assertTrue(self.gone(child))


if __name__ == "__main__":
    main()
