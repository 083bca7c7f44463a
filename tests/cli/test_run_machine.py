#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run: what it boots, and the machine's devices and state, with a script in QEMU's place."""
import gzip
import lzma
import os
import shutil
import stat
import struct
import subprocess
import unittest

import cdlib
import ocilib
import pelib
from harness import Case, WHERRY, main

SECTOR = bytes(510) + b"\x55\xaa"


class RunMachine(Case):
    def setUp(self):
        super().setUp()
        self.write("os-kernel", ocilib.KERNEL)
        self.write("os-initrd.img", "")
        self.write("os-cmdline", "console=ttyS0")
        # Without a place to be found in, the machine has no sockets that are called by a process.
        self.env["XDG_STATE_HOME"] = "/dev/null/none"
        self.qemu = self.write("qemu", '#!/bin/sh\nfor a; do echo "$a"; done\n', 0o755)
        os.symlink(WHERRY, self.path("linuxkit"))

    def arguments(self, *args, path="os", **more):
        return self.ok("run", "--qemu", self.qemu, "--accel", "tcg", *args, path, **more).out.splitlines()

    def refused(self, code, message, *args, path="os"):
        return self.fails(code, message, "run", "--qemu", self.qemu, "--accel", "tcg", *args, path)

    def after(self, got, option):
        return [value for name, value in zip(got, got[1:]) if name == option]

    def test_kernel_is_what_is_done_anyway(self):
        self.assertEqual(self.arguments("-kernel"), self.arguments())
        self.write("os", "an image of a disk")
        self.assertEqual(self.arguments("--kernel"), self.arguments())

    def test_architectures_have_the_names_of_the_kernel_too(self):
        for names in ("amd64", "x86_64"), ("arm64", "aarch64"):
            first, second = (self.arguments("--arch", name) for name in names)
            self.assertEqual(first, second)
        self.refused(2, "option --arch does not accept 's390x'", "--arch", "s390x")

    def test_another_architecture_than_that_of_the_output(self):
        self.write("os.iso", cdlib.image())
        for path, arch, is_other in ("os", "amd64", False), ("os", "aarch64", True), ("os.iso", "riscv64", True):
            result = self.run_wherry("run", "--qemu", self.qemu, "--accel", "tcg", "--fw", self.qemu, "--arch", arch,
                                     path)
            self.assertEqual("%s looks like one for amd64, and the machine is for " % path in result.err, is_other)

    def test_accelerators_of_linuxkit(self):
        result = self.ok("run", "--qemu", self.qemu, "--accel", "kvm:tcg", "os")
        self.assertRegex(result.out, "-accel\n(kvm|tcg)\n")
        self.assertIn("tcg", self.ok("run", "--qemu", self.qemu, "os", env={"LINUXKIT_QEMU_ACCEL": "tcg"}).out)
        self.fails(2, "option --accel does not accept 'hvf'", "run", "--qemu", self.qemu, "os",
                   env={"LINUXKIT_QEMU_ACCEL": "hvf"})

    def test_more_of_the_command_line(self):
        self.assertEqual(self.arguments("--append", "wherry.shell=ttyS0 quiet")[-1],
                         "no_timer_check console=ttyS0 wherry.shell=ttyS0 quiet")

    def test_short_options(self):
        self.assertEqual(self.arguments("-m", "512M", "-p", "8080:80"),
                         self.arguments("--mem", "512M", "--publish", "8080:80"))

    def test_networks(self):
        user = self.arguments()
        for name in ("user", "default", ""):
            self.assertEqual(self.arguments("-networking", name), user)
        for network, netdev in (("tap,tap7", "tap,id=net0,ifname=tap7,script=no,downscript=no"),
                                ("bridge,br,0", "bridge,id=net0,br=br,,0"),
                                ("lan,230.0.0.1:4000", "socket,id=net0,mcast=230.0.0.1:4000,localaddr=127.0.0.1")):
            got = self.arguments("--networking", network)
            self.assertEqual(self.after(got, "-netdev"), [netdev])
            with open(self.path("os-state", "mac-addr"), encoding="ascii") as f:
                mac = f.read()
            self.assertRegex(mac, "^[0-9a-f][26ae](:[0-9a-f]{2}){5}$")
            self.assertIn("virtio-net-pci,netdev=net0,romfile=,mac=" + mac, got)
        for network in ("tap", "bridge", "bridge,", "vmnet", "lan", "lan,4000", "lan,192.0.2.1:4000", "lan,230.0.0.1",
                        "lan,230.0.0.1:4000,x"):
            self.refused(2, "option --networking does not accept '%s'" % network, "--networking", network)
        self.refused(2, "ports can't be published without a user network", "--networking", "tap,tap7", "-p", "1:1")
        self.write("os-state/mac-addr", "no address")
        self.refused(1, "os-state/mac-addr has no address like", "--networking", "tap,tap7")

    def test_devices(self):
        got = self.arguments("--usb", "--device", "usb-host,hostbus=1", "-device", "i6300esb")
        self.assertIn("-usb", got)
        self.assertEqual([a for a in self.after(got, "-device") if not a.startswith("virtio")],
                         ["usb-host,hostbus=1", "i6300esb"])

    def test_vsock_is_a_device(self):
        for option in "--vsock", "--vsock-ports":
            result = self.refused(2, "option %s is not supported: QEMU has no ports for it" % option, option, "2374")
            self.assertIn("hint: use --device vhost-vsock-pci,guest-cid=3\n", result.err)
        self.assertIn("vhost-vsock-pci,guest-cid=3", self.arguments("--device", "vhost-vsock-pci,guest-cid=3"))

    @unittest.skipUnless(os.path.exists("/usr/share/OVMF/OVMF_CODE_4M.fd"), "no OVMF is installed")
    def test_a_disk_that_only_uefi_boots(self):
        for kind, uefi in (("ef00", True), ("8300", False)):
            raw, qcow2 = kind + ".img", kind + ".qcow2"
            with open(self.path(raw), "wb") as f:
                f.truncate(4 << 20)
            subprocess.run(["/usr/sbin/sgdisk", "-n", "1:2048:4095", "-t", "1:" + kind, self.path(raw)], check=True,
                           stdout=subprocess.DEVNULL)
            subprocess.run(["qemu-img", "convert", "-O", "qcow2", self.path(raw), self.path(qcow2)], check=True)
            for name in raw, qcow2:
                got = self.arguments("--arch", "amd64", path=name)
                self.assertEqual("pflash" in " ".join(got), uefi, name)
                self.assertEqual(os.path.exists(self.path(name + "-state/uefi-variables.fd")), uefi, name)

    def test_a_window(self):
        got = self.arguments("--gui")
        self.assertEqual((self.after(got, "-vga"), self.after(got, "-serial")), (["std"], ["vc"]))
        self.assertNotIn("-display", got)
        self.refused(1, "only a PC can have a screen, not arm64", "--gui", "--arch", "arm64")

    def test_a_disk_without_a_file(self):
        result = self.ok("run", "--qemu", self.qemu, "--accel", "tcg", "--disk", "size=4G", "--disk", "os-cmdline",
                         "--disk", "size=64M,format=qcow2", "os")
        self.assertIn("created the disk os-state/disk.img: raw, 4.0 GiB, empty\n", result.err)
        self.assertIn("created the disk os-state/disk2.img: qcow2, 64.0 MiB, empty\n", result.err)
        self.assertEqual(os.path.getsize(self.path("os-state/disk.img")), 4 << 30)
        self.assertLess(os.stat(self.path("os-state/disk.img")).st_blocks, 100)
        # The next time they are there.
        result = self.ok("run", "--qemu", self.qemu, "--accel", "tcg", "--disk", "size=4G", "os")
        self.assertNotIn("created", result.err)
        self.assertIn("if=none,id=disk0,format=raw,file=os-state/disk.img", result.out)

    def test_the_format_of_a_new_disk(self):
        for name, form in ("a.img", "raw"), ("a.raw", "raw"), ("a", "qcow2"), ("a.qcow2", "qcow2"):
            result = self.ok("run", "--qemu", self.qemu, "--accel", "tcg", "--disk", "file=%s,size=1M" % name, "os")
            self.assertIn("created the disk %s: %s, 1.0 MiB, empty\n" % (name, form), result.err)
            self.assertIn("format=%s,file=%s" % (form, name), result.out)

    def test_as_linuxkit(self):
        """A PC's disks are SCSI, so /dev/sda, and new ones qcow2, in the directory that is named."""
        os.makedirs(self.path("vm"))
        result = self.ok("run", "-state", "vm", "-disk", "size=1", "qemu", "--qemu", self.qemu, "--accel", "tcg", "os",
                         program=self.path("linuxkit"))
        self.assertIn("created the disk vm/disk.img: qcow2, 1.0 GiB, empty\n", result.err)
        self.assertIn("virtio-scsi-pci,id=scsi0\n", result.out)
        self.assertIn("scsi-hd,bus=scsi0.0,scsi-id=0,drive=disk0\n", result.out)
        self.assertFalse(os.path.exists(self.path("os-state")))
        self.write("os-squashfs.img", "")
        got = self.ok("run", "--qemu", self.qemu, "--accel", "tcg", "--data", "x", "--disk", "os-cmdline", "--disk",
                      "os-cmdline", "--squashfs", "os", program=self.path("linuxkit")).out.splitlines()
        self.assertEqual([a for a in got if a.startswith("scsi-")],
                         ["scsi-hd,bus=scsi0.0,scsi-id=0,drive=root", "scsi-hd,bus=scsi0.0,scsi-id=1,drive=disk0",
                          "scsi-hd,bus=scsi0.0,scsi-id=2,drive=disk1", "scsi-cd,bus=scsi0.0,scsi-id=3,drive=data"])
        self.assertEqual(got[-1], "no_timer_check console=ttyS0 root=/dev/sda")
        got = self.ok("run", "--qemu", self.qemu, "--accel", "tcg", "--squashfs", "--arch", "aarch64", "os",
                      program=self.path("linuxkit")).out.splitlines()
        self.assertIn("virtio-blk-pci,drive=root", got)
        self.assertEqual(got[-1], "console=ttyAMA0 console=ttyS0 root=/dev/vda")

    def test_metadata(self):
        for option, value in ("--data", "meta=1"), ("--data-file", "os-cmdline"):
            got = self.arguments(option, value, "--state", "kept")
            self.assertIn("if=none,id=data,format=raw,readonly=on,media=cdrom,file=kept/data.iso", got)
            self.assertIn("scsi-cd,bus=scsi0.0,scsi-id=0,drive=data", got)
            self.assertEqual(stat.S_IMODE(os.stat(self.path("kept/data.iso")).st_mode), 0o600)
            content = subprocess.run(["bsdtar", "xOf", "kept/data.iso", "config"], cwd=self.dir, check=True, timeout=60,
                                     stdout=subprocess.PIPE, text=True).stdout
            self.assertEqual(content, {"--data": "meta=1"}.get(option, "console=ttyS0"))
        self.assertIn("scsi-cd,bus=scsi0.0,scsi-id=0,drive=data", self.arguments("--data", "x", "--arch", "arm64"))
        self.refused(2, "only one of --data and --data-file is possible", "--data", "x", "--data-file", "y")
        self.refused(1, "can't open none", "--data-file", "none")

    def test_a_cd_to_boot(self):
        self.write("live.iso", cdlib.image())
        got = self.arguments("--data", "x", path="live.iso")
        self.assertIn("if=none,id=cd0,format=raw,readonly=on,media=cdrom,file=live.iso", got)
        self.assertIn("scsi-cd,bus=scsi0.0,scsi-id=0,drive=cd0,bootindex=0", got)
        self.assertIn("scsi-cd,bus=scsi0.0,scsi-id=1,drive=data", got)
        self.assertTrue(os.path.exists(self.path("live-state/data.iso")))
        self.assertFalse({"-kernel", "-initrd", "-append"} & set(got))
        shutil.copy(self.path("live.iso"), self.path("live"))
        self.assertIn("scsi-cd,bus=scsi0.0,scsi-id=0,drive=cd0,bootindex=0", self.arguments("--iso", path="live"))
        self.refused(1, "nothing to boot: there is no none", "--iso", path="none")
        result = self.refused(2, "live.iso has a boot loader, which --append", "--append", "x", path="live.iso")
        self.assertIn("hint: build it with more in kernel.cmdline, or run kernel+initrd\n", result.err)

    def test_a_disk_to_boot(self):
        """It is the first one, whatever else there is, and keeps what is written to it."""
        self.write("disk.img", SECTOR)
        got = self.arguments("--disk", "os-cmdline", path="disk.img")
        self.assertIn("if=none,id=disk0,format=raw,file=disk.img", got)
        self.assertIn("virtio-blk-pci,drive=disk0,bootindex=0", got)
        self.assertIn("if=none,id=disk1,format=raw,file=os-cmdline", got)
        self.assertIn("virtio-blk-pci,drive=disk1", got)
        self.assertNotIn("-kernel", got)
        self.write("x.vmdk", b"KDMV" + bytes(512))
        result = self.refused(1, "the disk x.vmdk looks like a VMDK image", path="x.vmdk")
        self.assertIn("hint: if you trust it: qemu-img convert -O qcow2 x.vmdk x.vmdk.qcow2 makes a disk that is "
                      "known\n", result.err)
        # What isn't an image, although it is there.
        for name in "os-kernel", "x.tar":
            self.write("x.tar", "")
            self.refused(1, "there is no %s-kernel" % name, path=name)

    def test_what_cannot_boot(self):
        """Each would be a machine that waits for ever; none gets a state directory."""
        before = self.files()
        zeros, whole = bytes(1 << 20), cdlib.image()
        images = [("empty.img", b"", "can't boot: it is empty"),
                  ("zeros.img", zeros, "can't boot: it has no boot sector"),
                  ("text.raw", b"kernel:\n" * 200, "can't boot: it has no boot sector"),
                  ("short.img", b"kernel:\n", "can't boot: it is no image of a disk"),
                  ("cd.img", whole, "can't boot as a disk: it is the image of a CD\n  hint: boot it as one, with "
                                    "--iso"),
                  ("disk.img.xz", lzma.compress(SECTOR * 9 + os.urandom(999)), "can't boot: it is compressed by xz"),
                  ("empty.iso", b"", "can't boot: it is empty"), ("zeros.iso", zeros, "can't boot: it is no ISO 9660"),
                  ("data.iso", whole.replace(b"EL TORITO", b"el torito"), "can't boot: nothing on the CD boots"),
                  ("cut.iso", whole[:-(1 << 20)], "is cut short: it has 1.0 MiB of 2.0 MiB"),
                  ("cut.efi", pelib.program()[:-1], "is cut short: it has ")]
        for name, data, message in images:
            result = self.refused(1, name + " " + message, path=self.write(name, data) and name)
            self.assertIn("\n  hint: ", result.err)
            os.unlink(self.path(name))
        self.assertEqual(self.files(), before)
        self.write("disk.img.gz", gzip.compress(SECTOR * 9))
        result = self.refused(1, "unpack disk.img.gz: it has no disk.raw at its beginning", path="disk.img.gz")
        self.assertIn("hint: if a disk is in it, unpack it and boot that", result.err)

    def test_disks_that_were_cut_short(self):
        with open(self.path("whole.img"), "wb") as f:
            f.truncate(16 << 20)
        subprocess.run(["/usr/sbin/sgdisk", "-n", "1:2048:28000", "-t", "1:ef00", self.path("whole.img")], check=True,
                       stdout=subprocess.DEVNULL)
        with open(self.path("whole.img"), "r+b") as f:
            f.seek(1 << 20)
            f.write(os.urandom(12 << 20))
        for name, options in (("a.qcow2", ["qcow2"]), ("a.vmdk", ["vmdk"]),
                              ("b.vmdk", ["vmdk", "-o", "subformat=streamOptimized"]), ("a.vhd", ["vpc"]),
                              ("fixed.vhd", ["vpc", "-o", "subformat=fixed"]), ("a.img", ["raw"])):
            subprocess.run(["qemu-img", "convert", "-O", *options, self.path("whole.img"), self.path(name)], check=True)
            self.arguments("--arch", "amd64", "--fw", "os-kernel", path=name)
            os.truncate(self.path(name), os.path.getsize(self.path(name)) // 2)
            result = self.refused(1, name, path=name)
            self.assertIn("looks like a VHD image" if name == "a.vhd" else name + " is cut short: ", result.err)
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", self.path("new.qcow2"), "1G"], check=True)
        self.refused(1, "new.qcow2 can't boot: it has no boot sector", path="new.qcow2")

    def test_a_qcow2_with_subclusters(self):
        """The bits of a cluster's parts are no place in the file, although there is something."""
        with open(self.path("disk.img"), "wb") as f:
            f.truncate(16 << 20)
        subprocess.run(["/usr/sbin/sgdisk", "-n", "1:2048:28000", self.path("disk.img")], check=True,
                       stdout=subprocess.DEVNULL)
        subprocess.run(["qemu-img", "convert", "-S", "0", "-O", "qcow2", "-o", "extended_l2=on,cluster_size=16k",
                        self.path("disk.img"), self.path("x.qcow2")], check=True)
        with open(self.path("x.qcow2"), "r+b") as f:
            f.seek(0xfffffe00)
            f.write(b"x" * 4096)
        self.arguments(path="x.qcow2")

    def test_one_table_of_a_qcow2_many_times(self):
        """Looking at all of 128 GiB of them would take a minute."""
        bits = 21
        header = struct.pack(">4sIQIIQIIQQIIQQQQII", b"QFI\xfb", 3, 0, 0, bits, 1 << 50, 0, 1 << 16, 1 << bits,
                             2 << bits, 1, 0, 0, 0, 0, 0, 4, 104)
        with open(self.path("many.qcow2"), "wb") as f:
            f.write(header)
            f.seek(1 << bits)
            f.write(struct.pack(">Q", 3 << bits) * (1 << 16))
            f.truncate(4 << bits)
        self.refused(1, "many.qcow2 is cut short: ", path="many.qcow2")

    def variables(self):
        with open(self.path("os-state/uefi-variables.fd"), encoding="ascii") as f:
            return f.read()

    def test_uefi(self):
        """The variables are kept in the state directory, and come from the firmware only once."""
        self.write("fw/MY_CODE.fd", "code")
        self.write("fw/MY_VARS.fd", "variables")
        got = self.arguments("--uefi", "--fw", "fw/MY_CODE.fd")
        self.assertIn("if=pflash,unit=0,format=raw,readonly=on,file=fw/MY_CODE.fd", got)
        self.assertIn("if=pflash,unit=1,format=raw,file=os-state/uefi-variables.fd", got)
        with open(self.path("os-state/uefi-variables.fd"), "r+", encoding="ascii") as f:
            self.assertEqual(f.read(), "variables")
            f.seek(0)
            f.write("VARIABLES")
        self.arguments("--fw", "fw/MY_CODE.fd")
        self.assertEqual(self.variables(), "VARIABLES")
        # Of another firmware, such as another architecture's.
        self.write("fw/MY_VARS.fd", "other variables")
        result = self.ok("run", "--qemu", self.qemu, "--accel", "tcg", "--fw", "fw/MY_CODE.fd", "os")
        self.assertIn("os-state/uefi-variables.fd is of another firmware, and begins anew\n", result.err)
        self.assertEqual(self.variables(), "other variables")
        self.write("whole.fd", "")
        got = self.arguments("--fw", "whole.fd")
        self.assertEqual(self.after(got, "-bios"), ["whole.fd"])
        self.assertNotIn("pflash", " ".join(got))
        self.refused(1, "there is no firmware none", "--fw", "none")
        if os.path.exists("/usr/share/OVMF/OVMF_CODE_4M.fd"):
            self.assertIn("readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd", " ".join(self.arguments("--uefi")))
        self.write("os.img", SECTOR)
        self.refused(1, "no UEFI firmware with Secure Boot for riscv64 is known: name one with --fw",
                     "--secure-boot", "os-kernel", "--arch", "riscv64", path="os.img")
        if not os.path.exists("/usr/share/qemu-efi-riscv64") and not os.path.exists("/usr/share/edk2"):
            result = self.refused(1, "no UEFI firmware for riscv64 is installed", "--uefi", "--arch", "riscv64")
            self.assertIn("hint: apt-get install qemu-efi-riscv64 (Debian 13), or name the file with --fw\n",
                          result.err)

    def test_u_boot(self):
        """It starts no kernel of QEMU's, and there is none for a PC."""
        known = "/usr/lib/u-boot/qemu_arm64/u-boot.bin"
        self.refused(1, "no U-Boot for amd64 is known", "--u-boot", "--arch", "amd64")
        for option in ("--uefi",), ("--secure-boot", "os-kernel"):
            self.refused(2, "only one of --u-boot and %s is possible" % option[0], "--u-boot", *option)
        self.write("os.img", SECTOR)
        self.write("my.bin", "")
        for arch, option in ("arm64", "-bios"), ("riscv64", "-kernel"):
            got = self.arguments("--u-boot", "--fw", "my.bin", "--arch", arch, path="os.img")
            self.assertEqual(self.after(got, option), ["my.bin"])
        if os.path.exists(known):
            result = self.refused(1, "U-Boot starts no kernel that QEMU loads: os-kernel",
                                  "--u-boot", "--arch", "arm64")
            self.assertIn("wherry build --arch arm64 --format uki\n", result.err)
            self.refused(1, "U-Boot starts no kernel", "--fw", known, "--arch", "arm64")

    def test_directories_of_this_machine(self):
        """A virtiofsd for each listens before QEMU starts, and ends with it."""
        daemon = self.write("virtiofsd", """#!/usr/bin/env python3
import os, socket, sys
s = socket.socket(fileno=3)
with open("started", "a") as f:
    f.write("%s %s\\n" % (os.getpid(), sys.argv[1:]))
c = s.accept()[0]
c.sendall(sys.argv[3].encode())
s.accept()
""", 0o755)
        self.write("qemu", """#!/usr/bin/env python3
import re, socket, sys
print("\\n".join(sys.argv[1:]))
for path in re.findall("socket,id=share.,path=([^,\\s]*)", " ".join(sys.argv)):
    s = socket.socket(socket.AF_UNIX)
    s.connect(path)
    print(s.recv(4096).decode())
""", 0o755)
        os.makedirs(self.path("one"))
        os.makedirs(self.path("two"))
        got = self.arguments("--virtiofs", "one", "--virtiofs", "two/.", "--virtiofsd", daemon, "--mem", "300")
        self.assertEqual(self.after(got, "-object"), ["memory-backend-memfd,id=mem,size=300M,share=on"])
        self.assertEqual(self.after(got, "-numa"), ["node,memdev=mem"])
        self.assertEqual([a for a in self.after(got, "-device") if "vhost" in a],
                         ["vhost-user-fs-pci,chardev=share%d,tag=virtiofs%d" % (i, i) for i in range(2)])
        top = os.path.realpath(self.dir)
        self.assertEqual(got[-2:], ["source=%s/one" % top, "source=%s/two" % top])
        with open(self.path("started"), encoding="utf-8") as f:
            pids = [int(line.split()[0]) for line in f]
        self.assertEqual(len(pids), 2)
        for pid in pids:
            self.assertFalse(os.path.exists("/proc/%d" % pid))
        self.refused(1, "can't look up the directory none", "--virtiofs", "none", "--virtiofsd", daemon)
        self.refused(1, "there is no nowhere", "--virtiofs", "one", "--virtiofsd", "nowhere")

    def test_nothing_is_left_without_a_need(self):
        before = self.files()
        self.arguments()
        self.assertEqual(self.files(), before)


if __name__ == "__main__":
    main()
