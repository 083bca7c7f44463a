# SPDX-License-Identifier: Apache-2.0
"""The components of pkg/ in one machine, by LinuxKit's command lines: each does its job. Its shell is that of sshd.

The YAML is one for LinuxKit: its images become ours by `components: wherry`, and no registry is asked."""
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest

import boot
import formatted
import images
import rootdisk
from images import step

COMPONENTS = ["ca-certificates", "chrony", "dhcpcd", "dm-crypt", "extend", "format", "kmsg", "losetup", "modprobe",
              "mount", "openntpd", "rngd", "sshd", "swap", "sysfs", "trim", "vsudd", "watchdog"]
# What the test's time server is ahead of the machine.
AHEAD = 100000
PRECIOUS = "not to be overwritten\n"
NTP_EPOCH = 2208988800


# What LinuxKit's example of swap asks for, in place of what the labels of our images do.
MOUNT_AS_THERE = """    binds:
     - /dev:/dev
     - /var:/var:rshared,rbind
    capabilities:
     - CAP_SYS_ADMIN
    rootfsPropagation: shared
"""
SWAP_AS_THERE = """    net: host
    pid: host
    capabilities:
     - CAP_SYS_ADMIN
     - CAP_MKNOD
    readonly: true
    binds:
     - /var:/var
     - /dev:/dev
"""


LOOP = ["/usr/bin/loopy", "--create", "-s", "2", "/var/external/loop.img"]
FORMAT = ["/usr/bin/format", "-label", "fresh"]
DHCPCD = ["/sbin/dhcpcd", "--nobackground", "-f", "/dhcpcd.conf"]
# What the service has in place of the default.
DHCPCD_CONF = "allowinterfaces e*\\nmetric 77\\nslaac token ::77\\noption domain_name_servers\\n"


class TimeServer:
    """NTP (RFC 5905) on a port of 127.0.0.1, which a machine of `run qemu` reaches as 10.0.2.2."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                packet, address = self.socket.recvfrom(1024)
            except OSError:
                return
            now = time.time() + AHEAD + NTP_EPOCH
            stamp = struct.pack("!II", int(now), int(now % 1 * 2**32))
            # Version 4, a server, stratum 2; the client's own time comes back.
            head = struct.pack("!BBbbII4s", 0x24, 2, 4, -20, 0, 0, b"TEST")
            self.socket.sendto(head + stamp + packet[40:48] + stamp + stamp, address)

    def close(self):
        self.socket.close()


def steps():
    swap = ["/swap.sh", "--path", "/var/external/swap", "--size", "32M", "--condition", "part:/var/external:true"]
    return ("  - {name: sysfs, image: %s}\n" % images.tag("sysfs")
            + step("rngd1", "rngd", ["/sbin/rngd", "-1"])
            + step("modprobe", "modprobe", ["modprobe", "-a", "softdog", "vsock_loopback", "dummy", "numdummies=2"])
            + step("no-module", "modprobe", ["modprobe", "no_such_module"])
            + step("mount", "mount", ["/usr/bin/mountie", "-label", "data", "/var/external"], MOUNT_AS_THERE)
            + step("lost", "mount", ["/usr/bin/mountie", "-label", "data", "/elsewhere"], "    readonly: false\n")
            + step("losetup", "losetup", LOOP)
            + step("losetup-again", "losetup", LOOP)
            + step("losetup-other", "losetup", ["/usr/bin/loopy", "/var/external/precious"])
            + step("losetup-none", "losetup", ["/usr/bin/loopy", "-d", "/dev/loop3", "/var/external/none"])
            + step("swap", "swap", swap)
            + step("swap-again", "swap", swap)
            + step("swap-secret", "swap", ["/swap.sh", "--path", "/var/external/secret", "--size", "16M", "--encrypt"],
                   SWAP_AS_THERE)
            + step("swap-precious", "swap", ["/swap.sh", "--path", "/var/external/precious", "--size", "32M"])
            + step("swap-memory", "swap", ["/usr/bin/swap", "--path", "/var/swap", "--size", "32M"])
            + step("swap-unmet", "swap", ["/usr/bin/swap", "--path", "/var/x", "--size", "32M", "--condition",
                                          "partsize:/var/external:1T"])
            + step("format", "format", FORMAT)
            + step("format-again", "format", FORMAT)
            + step("format-mount", "mount", ["/usr/bin/mountie", "-label", "fresh", "/var/fresh"])
            + step("format-taken", "format", ["/usr/bin/format", "/dev/vdc"])
            + step("format-mounted", "format", ["/usr/bin/format", "-force", "/dev/vda"])
            + step("format-force", "format", ["/usr/bin/format", "-force", "-label", "forced", "/dev/vd[d]"])
            + step("extend-mbr", "extend", ["/usr/bin/extend", "/dev/vde"])
            + step("extend", "extend", ["/usr/bin/extend"])
            + step("extend-again", "extend", ["/usr/bin/extend", "-type", "ext4", "/dev/vdf"])
            + step("extend-taken", "extend", ["/usr/bin/extend", "-type", "xfs", "/dev/vdc"])
            + step("loop-crypt", "losetup", ["/usr/bin/loopy", "-c", "-d", "/dev/loop4", "-s", "16",
                                             "/var/external/crypt.img"])
            + step("crypto", "dm-crypt", ["/usr/bin/crypto", "secret", "/dev/loop4"])
            + step("crypto-mount", "mount", ["/usr/bin/mountie", "/dev/mapper/secret", "/var/secret"])
            + step("crypto-taken", "dm-crypt", ["/usr/bin/crypto", "-l", "taken", "/dev/vdc"])
            + step("crypto-mounted", "dm-crypt", ["/usr/bin/crypto", "-l", "other", "/dev/vda"])
            + step("crypto-no-key", "dm-crypt", ["/usr/bin/crypto", "-k", "none", "other", "/dev/loop4"])
            + step("format-large", "format", ["/usr/bin/format", "-type", "btrfs", "-label", "large", "/dev/vdg"])
            + step("dhcpcd-nobody", "dhcpcd", [*DHCPCD[:2], "-f", "/dev/null", "-1", "-t", "2", "dummy0"])
            + step("dhcpcd", "dhcpcd", [*DHCPCD, "-1"]))


def system(key, port, vsock):
    """An OS in which each test below finds what it is about. vsock: the program."""
    services = "".join("  - {name: %s, image: %s}\n" % (name, images.tag(name))
                       for name in ("chrony", "kmsg", "rngd", "sshd"))
    services += "  - name: openntpd\n    image: %s\n    binds.add: ['/etc/ntpd.conf:/etc/ntpd.conf:ro']\n" % images.tag(
        "openntpd")
    services += "  - name: dhcpcd\n    image: %s\n    binds.add: ['/etc/dhcpcd.conf:/dhcpcd.conf:ro']\n" % images.tag(
        "dhcpcd")
    services += step("vsudd", "vsudd", ["/vsudd", "-local", "-inport", "2222:tcp:127.0.0.1:22"])
    services += step("watchdog", "watchdog", ["/usr/bin/watchdog", "-timeout", "40s", "--", "/bin/busybox", "true"])
    services += step("trim", "trim", ["/usr/bin/trim-after-delete", "-every", "5s", "--", "/sbin/fstrim", "-v",
                                      "/var/external"])
    text = images.linuxkit(images.base(onboot=steps(), services=services))
    return text.replace("init: [", "init: [linuxkit/containerd:v1, linuxkit/ca-certificates:v1, ") + """files:
  - {path: root/.ssh/authorized_keys, contents: "%s"}
  - {path: etc/sysfs.d/10-test.conf, contents: "# a test\\nkernel/mm/ksm/pages_to_scan = 123\\n"}
  - {path: etc/dm-crypt/key, contents: "abcdefghijklmnopqrstuvwxyz123456"}
  - {path: etc/ntpd.conf, contents: "server 127.0.0.1\\n"}
  - {path: etc/dhcpcd.conf, contents: "%s"}
  - path: etc/chrony/conf.d/pool.conf
    contents: "server 10.0.2.2 port %d iburst minpoll 0\\n"
  - {path: etc/chrony/conf.d/serve.conf, contents: "allow 127.0.0.1\\nlocal stratum 10\\n"}
  - {path: etc/vsock, source: "%s", mode: "0755"}
""" % (key, DHCPCD_CONF, port, vsock)


class Components(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="wherry-components-")
        cls.addClassCleanup(shutil.rmtree, cls.dir, True)
        for name in COMPONENTS:
            images.make_package(name)
        cls.key = os.path.join(cls.dir, "key")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", cls.key], check=True,
                       timeout=60)
        server = TimeServer()
        cls.addClassCleanup(server.close)
        vsock = os.path.join(cls.dir, "vsock")
        images.program("vsock", vsock)
        with open(cls.key + ".pub") as f:
            path = images.build(system(f.read().strip(), server.port, vsock), cls.dir, "--offline")
        cls.empty, cls.taken, cls.old = (os.path.join(cls.dir, name) for name in ("empty", "taken", "old"))
        rootdisk.tool("truncate", "-s", "64M", cls.empty)
        rootdisk.tool("mkfs.ext4", "-q", "-L", "precious", cls.taken, "16M")
        rootdisk.tool("mkfs.ext4", "-q", "-L", "old", cls.old, "64M")
        cls.taken_before = formatted.digest(cls.taken)
        cls.grown, cls.large = cls.make_grown(), os.path.join(cls.dir, "large")
        rootdisk.tool("truncate", "-s", "3T", cls.large)
        cut = [os.path.join(cls.dir, name) for name in ("cut", "cut-with-super")]
        for disk in cut:
            formatted.cut_growth(disk, 24, 40, with_super=disk == cut[1])
            rootdisk.tool("truncate", "-s", "64M", disk)
        disks = formatted.disks(cls.make_disk(), cls.empty, cls.taken, cls.old, *cls.grown.values(), cls.large, *cut)
        cls.vm = boot.Boot(path, publish=[22], args=disks)
        cls.addClassCleanup(cls.vm.close)
        cls.vm.wait_for(r"wherry: ready \(\d of 9 services\)|wherry: ready \(9 services\)", 5 * boot.LIMIT)
        cls.first_login = cls.ssh("id -u")

    @classmethod
    def make_disk(cls):
        content, disk = os.path.join(cls.dir, "content"), os.path.join(cls.dir, "disk")
        os.mkdir(content)
        with open(os.path.join(content, "precious"), "w") as f:
            f.write(PRECIOUS)
        rootdisk.tool("mkfs.ext4", "-q", "-L", "data", "-d", content, disk, "128M")
        return disk

    @classmethod
    def make_grown(cls):
        """Disks that have become larger than what is on them: 64 MiB, after one or two partitions in the first 32."""
        content, ext4 = os.path.join(cls.dir, "grown"), os.path.join(cls.dir, "grown-ext4")
        os.mkdir(content)
        with open(os.path.join(content, "kept"), "w") as f:
            f.write(PRECIOUS)
        rootdisk.tool("mkfs.ext4", "-q", "-d", content, ext4, "24M")
        disks = {}
        for label, lines in ("dos", "start=2048,size=49152,type=83"), ("gpt", "size=1M\nsize=24M,type=L"):
            disks[label] = os.path.join(cls.dir, "grown-" + label)
            rootdisk.tool("truncate", "-s", "32M", disks[label])
            rootdisk.tool("sfdisk", "-q", disks[label], input="label: %s\n%s\n" % (label, lines))
            rootdisk.tool("dd", "if=" + ext4, "of=" + disks[label], "bs=1M", "conv=notrunc",
                          "seek=%d" % (1 + (label == "gpt")))
            rootdisk.tool("truncate", "-s", "64M", disks[label])
        return disks

    @classmethod
    def ssh(cls, command, key=None):
        return subprocess.run(
            ["ssh", "-i", key or cls.key, "-p", str(cls.vm.port(22)), "-o", "BatchMode=yes", "-o",
             "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=accept-new", "-o",
             "UserKnownHostsFile=" + os.path.join(cls.dir, "known"), "root@127.0.0.1", command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=boot.LIMIT)

    def run_there(self, command):
        """The output of a command in sshd's container; again while the machine does not answer yet."""
        end = time.monotonic() + boot.LIMIT
        while True:
            done = self.ssh(command)
            if done.returncode != 255 or time.monotonic() > end:
                self.assertEqual(done.returncode, 0, "%s: %s%s%s" % (command, done.stdout, done.stderr,
                                                                      self.vm.console()[-3000:]))
                return done.stdout
            time.sleep(0.5)

    def wait_there(self, command):
        self.run_there("for i in $(seq %d); do { %s; } >/dev/null 2>&1 && exit 0; sleep 0.5; done; %s; exit 1"
                       % (boot.LIMIT, command, command))

    def said(self, pattern):
        self.assertRegex(self.vm.console(), pattern)

    def test_sshd_lets_in_who_has_the_key(self):
        self.assertEqual(self.run_there("id -u").strip(), "0")
        self.assertIn("openntpd", self.run_there("service list"))
        other = os.path.join(self.dir, "other")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other], check=True, timeout=60)
        refused = self.ssh("id", other)
        self.assertEqual(refused.returncode, 255)
        self.assertIn("Permission denied", refused.stderr)

    def test_sshd_is_ready_when_its_port_is_open(self):
        self.assertEqual(self.first_login.returncode, 0, self.first_login.stderr)
        self.assertRegex(self.run_there("service list"), r"(?m)^sshd +service +ready")

    def test_dhcpcd_gets_an_address_on_boot(self):
        self.said(r"wherry: onboot dhcpcd: done")
        logs = self.run_there("service logs dhcpcd")
        self.assertRegex(logs, r"(?s)leased 10\.0\.2\.15 .*exiting due to oneshot")
        self.said(r"wherry: onboot dhcpcd-nobody: failed with exit code 1 .*timed out")

    def test_dhcpcd_keeps_addresses_by_a_configuration_of_ones_own(self):
        self.assertRegex(self.run_there("service list"), r"(?m)^dhcpcd +service +ready")
        self.wait_there("ip -6 route | grep -q '^default .* metric 77'")
        self.assertRegex(self.run_there("ip route"), r"(?m)^default via 10\.0\.2\.2 dev e\w+ .*metric 77\b")
        self.assertRegex(self.run_there("ip addr"), r"(?s) 10\.0\.2\.15/24 .* fec0::77/64 ")
        self.run_there("grep -q '^nameserver 10.0.2.3' /run/resolvconf/resolv.conf && test -s /var/lib/dhcpcd/duid")
        # Of its processes one has rights.
        self.run_there("test $(grep -l '^Name:.dhcpcd' /proc/[0-9]*/status | xargs grep -h '^CapEff:' "
                       "| grep -v -c 0000000000000000) = 1")

    def test_sysfs_sets_a_value(self):
        self.assertEqual(self.run_there("cat /sys/kernel/mm/ksm/pages_to_scan").strip(), "123")

    def test_modprobe_loads_modules_with_parameters(self):
        self.run_there("test -d /sys/module/softdog && test -d /sys/class/net/dummy1")
        self.said(r"wherry: onboot no-module: failed with exit code 1 .*no_such_module")

    def test_rngd_ends_once_it_is_done(self):
        self.said(r"wherry: onboot rngd1: done")
        self.assertIn("random numbers are ready; bytes of /dev/hwrng were credited",
                      self.run_there("service logs rngd1"))
        self.assertRegex(self.run_there("service list"), r"(?m)^rngd +service +ready")

    def test_kmsg_has_the_kernels_first_words_and_new_ones(self):
        self.assertRegex(self.run_there("service logs kmsg | head -1"), r"\[    0\.000000\] Linux version")
        self.run_there("echo '<6>written by a test' > /dev/kmsg")
        self.wait_there(r"service logs kmsg | grep -q '\[ *[0-9]*\.[0-9]\{6\}\] written by a test$'")

    def test_mount_finds_a_disk_by_its_label(self):
        self.assertEqual(self.run_there("cat /var/external/precious"), PRECIOUS)
        self.said(r"wherry: onboot lost: failed with exit code 1 .*would end with this container")

    def test_format_makes_a_file_system_on_the_empty_disk(self):
        self.said(r"wherry: onboot format: done")
        self.assertIn("nothing to do: /dev/vdb1 has LABEL=fresh", self.run_there("service logs format-again"))
        self.run_there("echo kept > /var/fresh/file && sync && grep -q '^/dev/vdb1 /var/fresh ext4' /proc/mounts")
        self.assertEqual(formatted.partition(self.empty), (2048, 62 * 2048, "83"))
        self.assertEqual(formatted.cat(self.empty, "/file"), "kept\n")

    def test_format_leaves_alone_what_is_not_empty(self):
        self.said(r"wherry: onboot format-taken: failed with exit code 1 .*/dev/vdc has a file system \(ext4, "
                  r"LABEL=precious\)")
        self.assertEqual(formatted.digest(self.taken), self.taken_before)
        self.said(r"wherry: onboot format-mounted: failed with exit code 1 .*it is in use")
        self.assertEqual(self.run_there("cat /var/external/precious"), PRECIOUS)

    def test_format_forced(self):
        self.said(r"wherry: onboot format-force: done")
        self.assertEqual(formatted.partition(self.old), (2048, 62 * 2048, "83"))
        self.assertIn("forced", formatted.cat(self.old, None))
        self.assertNotIn("precious", formatted.cat(self.old, None))

    def test_format_has_a_gpt_for_a_disk_beyond_2_tib(self):
        self.said(r"wherry: onboot format-large: done")
        self.assertIn("No problems found", formatted.output("sgdisk", "--verify", self.large))
        self.assertEqual(formatted.partition(self.large),
                         (2048, (3 << 31) - 2 * 2048, "0FC63DAF-8483-4772-8E79-3D69D8477DE4"))
        with open(self.large, "rb") as f:
            f.seek(formatted.AT + 65600)
            self.assertEqual(f.read(8), b"_BHRfS_M")

    def test_extend_grows_a_partition_and_its_file_system(self):
        self.said(r"wherry: onboot extend-mbr: done")
        self.said(r"wherry: onboot extend: done")
        self.assertEqual(formatted.partition(self.grown["dos"]), (2048, 62 * 2048, "83"))
        self.assertIn("No problems found", formatted.output("sgdisk", "--verify", self.grown["gpt"]))
        for disk, at in (self.grown["dos"], 1), (self.grown["gpt"], 2):
            self.assertEqual(formatted.cat(disk, "/kept", at << 20), PRECIOUS)
            self.assertRegex(formatted.cat(disk, None, at << 20), r"Block count: +%d\n" % ((63 - at) * 1024))
        said = self.run_there("service logs extend")
        self.assertRegex(said, r"nothing to do: /dev/vde1 \(ext4\)")
        self.assertRegex(said, r"/dev/vdf2 \(ext4\) had 25165824 bytes and has 63963136")
        self.assertIn("nothing to do: /dev/vdf2", self.run_there("service logs extend-again"))

    def test_extend_goes_on_with_a_growth_that_was_interrupted(self):
        self.said(r"wherry: onboot extend: done")
        said = self.run_there("service logs extend")
        for disk in "h", "i":
            self.assertRegex(said, r"/dev/vd%s \(ext4\) had 41943040 bytes and has 67108864" % disk)
        self.assertNotRegex(self.vm.console(), "EXT4-fs error|group descriptors corrupted")

    def test_extend_leaves_the_rest_alone(self):
        self.said(r"wherry: onboot extend-taken: failed with exit code 1 .*/dev/vdc has ext4, not xfs")
        self.assertEqual(formatted.digest(self.taken), self.taken_before)

    def test_dm_crypt_makes_and_opens_an_encrypted_device(self):
        for name in "loop-crypt", "crypto", "crypto-mount":
            self.said(r"wherry: onboot %s: done" % name)
        self.run_there("grep -q '^/dev/mapper/secret /var/secret ext4' /proc/mounts && echo unreadable > /var/secret/x")
        # What is on the disk has a header, and nothing else that can be read.
        self.assertEqual(self.run_there("sync; head -c 4 /var/external/crypt.img; grep -c unreadable "
                                        "/var/external/crypt.img /dev/mapper/secret; true"),
                         "LUKS/var/external/crypt.img:0\n/dev/mapper/secret:1\n")

    def test_dm_crypt_leaves_alone_what_is_not_empty(self):
        self.said(r"wherry: onboot crypto-taken: failed with exit code 1 .*/dev/vdc has a file system \(ext4, "
                  r"LABEL=precious\); it is left alone")
        self.assertEqual(formatted.digest(self.taken), self.taken_before)
        self.said(r"wherry: onboot crypto-mounted: failed with exit code 1 .*it is in use")
        self.said(r"wherry: onboot crypto-no-key: failed with exit code 1 .*can't find the key /etc/dm-crypt/none")

    def test_watchdog_feeds_the_device(self):
        self.wait_there("service logs watchdog | grep -q '/dev/watchdog restarts the machine after 40 s'")
        self.assertRegex(self.run_there("service list"), r"(?m)^watchdog +service +ready")

    def test_trim_runs_fstrim(self):
        self.wait_there("service logs trim | grep -q '/var/external: .*trimmed'")

    def test_losetup_attaches_a_file(self):
        # Its path in the container that has ended.
        self.assertRegex(self.run_there("cat /sys/block/loop0/loop/backing_file /sys/block/loop0/size"),
                         r"^[a-z/]*/loop\.img\n4096\n$")
        self.run_there("echo through > /dev/loop0 && sync && head -c 7 /var/external/loop.img | grep through")
        self.said(r"wherry: onboot losetup-again: done")
        self.said(r"wherry: onboot losetup-other: failed with exit code 1 .*another file is attached to /dev/loop0")
        self.said(r"wherry: onboot losetup-none: failed with exit code 1 .*can't open /var/external/none")

    def test_swap_is_made_once_and_nothing_is_overwritten(self):
        swaps = self.run_there("cat /proc/swaps").splitlines()
        self.assertEqual(len(swaps), 3, swaps)
        self.assertRegex(swaps[1], r"/swap\s+file\s+327\d\d\s")
        self.said(r"wherry: onboot swap-again: done")
        self.said(r"wherry: onboot swap-precious: failed with exit code 1 .*is not swap; it is left alone")
        self.said(r"wherry: onboot swap-memory: failed with exit code 1 .*is in memory")
        self.said(r"wherry: onboot swap-unmet: done")
        self.run_there("test ! -e /var/x")

    def test_swap_is_encrypted(self):
        self.assertRegex(self.run_there("cat /proc/swaps"), r"(?m)^(/dev)?/dm-0\s+partition\s+163\d\d\s")
        # The area within has a header as well, which can't be read in the file: only the one that says what it is.
        self.assertEqual(self.run_there("sync; grep -a -o SWAPSPACE2 /var/external/secret"), "SWAPSPACE2\n")
        self.run_there("test $(head -c 4096 /dev/dm-0 | tail -c 10) = SWAPSPACE2")

    def test_chrony_sets_the_clock(self):
        self.wait_there("test $(date +%%s) -gt %d" % (time.time() + AHEAD / 2))
        self.wait_there("service exec chrony chronyc -n sources | grep -q '^^\\* 10.0.2.2'")

    def test_openntpd_gets_its_time_from_chrony(self):
        self.wait_there("service exec openntpd ntpctl -s status | grep -q '1/1 peers valid'")

    def test_vsudd_forwards_a_port(self):
        """By loopback: the machine is its own host."""
        self.wait_there("echo | /hostroot/etc/vsock 1 2222 | grep -q SSH-2.0-dropbear")

    def test_the_os_has_certificates(self):
        self.assertGreater(int(self.run_there("grep -c 'BEGIN CERT' /hostroot/etc/ssl/certs/ca-certificates.crt")), 100)
        # OpenSSL finds a certificate by a link whose name is a hash of its subject.
        self.run_there("cd /hostroot/etc/ssl/certs && set -- *.0 && test $# -gt 100 && grep -q CERT \"$1\"")


class PowerOff(unittest.TestCase):
    def test_the_machine_is_turned_off_after_a_while(self):
        images.make_package("poweroff")
        text = images.base(services=step("poweroff", "poweroff", ["/bin/sh", "/poweroff.sh", "2"]))
        with tempfile.TemporaryDirectory(prefix="wherry-poweroff-") as out:
            with boot.Boot(images.build(images.linuxkit(text), out)) as vm:
                vm.wait_for(r"wherry: ready \(1 service\)")
                self.assertEqual(vm.wait_end(), 0)
                self.assertRegex(vm.console(), r"wherry: power off")


if __name__ == "__main__":
    unittest.main()
