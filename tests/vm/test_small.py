# SPDX-License-Identifier: Apache-2.0
"""The small kernel: compiled (which takes long, so only in the soak), and what boots on a machine with 64 MiB then."""
import os
import unittest

import images
import rootdisk
from guest import Guest, MachineTest, entry, shell_service, twelve_idle


@unittest.skipUnless(os.environ.get("WHERRY_SOAK"), "in the soak: it compiles a kernel")
class Small(MachineTest):
    @classmethod
    def setUpClass(cls):
        images.make_package("kernel-small")

    def test_twelve_services_in_64_mib(self):
        vm = self.boot(twelve_idle("kernel-small"), args=["--mem", "64"])
        vm.wait_for_shell()
        self.assertRegex(vm.console(), r"ready \(12 services\)")
        self.assertNotRegex(vm.console(), r"wherry: init: ")
        self.assertFalse(vm.zombies())
        self.assertEqual(vm.power_off(), 0)

    def test_networks_limits_and_disks(self):
        """What the kernel of Debian has as modules, this one has built in."""
        disk = os.path.join(self.dir.name, "disk")
        rootdisk.tool("mkfs.ext4", "-q", disk, "16M")
        vm = self.boot(images.base(
            kernel="kernel-small",
            onboot="  - name: dhcp\n    image: %s\n" % images.tag("dhcp"),
            services=shell_service() + entry("web", "httpd -f -p 80 -h /etc", "health: {http: 80/passwd, interval: 1s}",
                                             "resources: {memory: {limit: 8388608}, pids: {limit: 20}}")
            + entry("net", "exec sleep 100000", "",
                    "net: new\nruntime: {interfaces: [{name: eth7, add: veth, peer: host7}]}")),
            publish=[80], args=["--mem", "64", "--disk", "file=%s,format=raw" % disk])
        vm.wait_for_shell()
        self.assertIn("root", vm.http_get("/passwd"))
        self.assertEqual(vm.check("cat /sys/fs/cgroup/web/memory.max"), "8388608")
        vm.check("mkdir -p /run/d; mount -t ext4 /dev/vda /run/d; touch /run/d/x; umount /run/d")
        vm.check("ip addr add 10.9.9.1/24 dev host7; ip link set host7 up")
        self.assertEqual(vm.power_off(), 0)

    def check_twelve(self, path, *args, append=None):
        with Guest(path, args=["--mem", "64", *args], append=append) as vm:
            vm.wait_for_shell()
            self.assertRegex(vm.console(), r"ready \(12 services\)")
            self.assertEqual(vm.power_off(), 0)

    def test_a_root_that_the_kernel_mounts_itself(self):
        self.check_twelve(images.build(twelve_idle("kernel-small"), os.path.join(self.dir.name, "squashfs"),
                                       "--format", "kernel+squashfs"))

    def test_a_root_that_an_initrd_finds(self):
        root = rootdisk.tree(twelve_idle("kernel-small"), self.dir.name)
        boot = images.build(rootdisk.boot_text("kernel-small"), os.path.join(self.dir.name, "boot"))
        disk = os.path.join(self.dir.name, "erofs")
        rootdisk.erofs(root, disk)
        self.check_twelve(boot, "--disk", "file=%s,format=raw" % disk, append="root=/dev/vda")


if __name__ == "__main__":
    unittest.main()
