# SPDX-License-Identifier: Apache-2.0
"""Components over two boots, with disks as they come, and programs of another processor. In the soak only: it takes
25 s of CPU time, the making of binfmt's image 15, and the emulators 60 MB of memory."""
import json
import os
import shutil
import tempfile
import unittest

import images
import rootdisk
from guest import Guest, shell_service
from images import step

FOREIGN = "arm64" if images.ARCH != "arm64" else "riscv64"
MACHINE = {"arm64": "aarch64", "riscv64": "riscv64"}[FOREIGN]
PROGRAM = "/hostroot/etc/busybox"
SSHD_AS_THERE = """  - name: sshd
    image: %s
    capabilities:
     - all
    net: host
    pid: host
    binds:
     - /root/.ssh:/root/.ssh
     - /etc/resolv.conf:/etc/resolv.conf
"""
SWAP = ["/usr/bin/swap", "--file", "/var/data/swap", "--size", "16M", "--label", "mine"]


@unittest.skipUnless(os.environ.get("WHERRY_SOAK"), "only in the soak")
class More(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="wherry-components-")
        self.addCleanup(shutil.rmtree, self.dir, True)
        for name in ("binfmt", "mount", "sshd", "swap"):
            images.make_package(name)

    def boot(self, text, *disks):
        path = images.build(text, self.dir)
        args = [word for disk in disks for word in ("--disk", "file=%s,format=raw" % disk)]
        vm = Guest(path, args=args + ["--mem", "1024"])
        self.addCleanup(vm.close)
        vm.wait_for_shell()
        return vm

    def foreign(self):
        """A program of the other processor: busybox, which is linked statically."""
        package = os.path.join(images.ROOT, "tests", "vm", "plain")
        images.wherry("pkg", "build", "--arch", FOREIGN, package)
        path = os.path.join(self.dir, "foreign")
        with open(path, "wb") as f:
            f.write(images.wherry("cat", "--arch", FOREIGN, images.tag("../tests/vm/plain"), "bin/busybox", text=False))
        return "files:\n  - {path: etc/busybox, source: %s, mode: '0755'}\n" % json.dumps(path)

    def test_binfmt_and_sshd_as_linuxkit_has_them(self):
        """Programs of another processor run; sshd is started by the entry of LinuxKit's example."""
        step_of = "  - {name: binfmt, image: %s}\n" % images.tag("binfmt")
        vm = self.boot(images.base(onboot=step_of + step_of.replace("name: binfmt", "name: again"),
                                   services=shell_service() + SSHD_AS_THERE % images.tag("sshd")) + self.foreign()
                       + "  - {path: root/.ssh/authorized_keys, contents: 'ssh-ed25519 AAAA x'}\n")
        vm.wait_for_anywhere(r"wherry: onboot binfmt: done")
        vm.wait_for_anywhere(r"wherry: onboot again: done")
        self.assertEqual(vm.check(PROGRAM + " uname -m"), MACHINE)
        vm.wait_until("echo | nc 127.0.0.1 22 | grep -q SSH-2.0")
        self.assertNotIn("nobody", vm.check("service logs sshd"))
        self.assertEqual(vm.power_off(), 0)

    def disk(self, name, size, label=None):
        path = os.path.join(self.dir, name)
        if label:
            rootdisk.tool("mkfs.ext4", "-q", "-L", label, path, size)
        else:
            rootdisk.tool("truncate", "-s", size, path)
        return path

    def test_disks_keep_what_they_have_over_two_boots(self):
        part, data, empty = self.disk("part", "64M", "first"), os.path.join(self.dir, "data"), self.disk("empty", "32M")
        rootdisk.gpt(part, data)
        steps = (step("mount", "mount", ["/usr/bin/mountie", "/var/data"])
                 + step("swap", "swap", SWAP)
                 + step("secret", "swap", ["/usr/bin/swap", "--path", "/var/data/secret", "--size", "8M", "--encrypt"])
                 + step("device", "swap", ["/usr/bin/swap", "--path", "/dev/vdb"])
                 + step("taken", "swap", ["/usr/bin/swap", "--path", "/dev/vda"])
                 + step("other-size", "swap", [*SWAP[:4], "17M"])
                 + images.shell("keep", "mkdir -p /var/data/sshd /var/lib && ln -s /var/data/sshd /var/lib/sshd",
                                "binds: ['/var:/var']"))
        text = images.base(onboot=steps, services=shell_service() + "  - {name: sshd, image: %s}\n" % images.tag(
            "sshd")) + "files:\n  - {path: root/.ssh/authorized_keys, contents: ''}\n"
        keys = set()
        for _ in range(2):
            vm = self.boot(text, data, empty)
            for name in ("mount", "swap", "secret", "device", "keep"):
                vm.wait_for_anywhere(r"wherry: onboot %s: done" % name)
            vm.wait_for_anywhere(r"onboot taken: failed with exit code 1 .*there is something on /dev/vda")
            vm.wait_for_anywhere(r"onboot other-size: failed with exit code 1 .*is swap of 16777216 bytes, not of 17")
            self.assertEqual(vm.check("grep -c -E 'vdb|swap|dm-0' /proc/swaps"), "3")
            self.assertIn("/dev/vda2 /var/data ext4", vm.check("cat /proc/1/mounts"))
            vm.wait_until("service logs sshd | grep -q 'nobody can log in' && test -s /var/lib/sshd/ecdsa")
            keys.add(vm.check("sha256sum < /var/lib/sshd/ed25519"))
            self.assertEqual(vm.power_off(), 0)
        self.assertEqual(len(keys), 1, keys)


if __name__ == "__main__":
    unittest.main()
