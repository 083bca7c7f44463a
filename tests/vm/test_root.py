# SPDX-License-Identifier: Apache-2.0
"""The root on a disk: an initrd with PID 1 and the modules that find it, out of the same configuration."""
import json
import os
import subprocess
import tempfile
import unittest

import images
import rootdisk
from guest import IDLE, Guest, entry, shell_service

SOAK = os.environ.get("WHERRY_SOAK")


class Root(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.TemporaryDirectory(prefix="wherry-root-")
        cls.addClassCleanup(cls.dir.cleanup)
        # One container that writes to its root, one that can't, and a volume.
        cls.tree = rootdisk.tree(
            images.base(services=shell_service() + entry("writer", "echo x > /file && " + IDLE, "")
                        + entry("reader", "test -x /etc/bin/sh && " + IDLE, "",
                                "readonly: true\nbinds: ['data:/etc:ro']"))
            + "volumes:\n  - {name: data, image: %s, readonly: true}\n" % images.tag("getty"),
            os.path.join(cls.dir.name, "full"), "tar,kernel+initrd,kernel+squashfs")
        # Its kernel, its command line, its squashfs with the initrd that finds it, and the initrd that has it all.
        cls.full = os.path.join(cls.dir.name, "full", "os")
        cls.small = rootdisk.finder(cls.full, os.path.join(cls.dir.name, "small"))

    def disk(self, kind):
        if kind == "squashfs":
            return self.full + "-squashfs.img"
        path = os.path.join(self.dir.name, kind)
        if not os.path.exists(path):
            getattr(rootdisk, kind)(self.tree, path)
        return path

    def boot(self, disk, append, *args, os_path=None):
        vm = Guest(os_path or self.small, args=["--disk", "file=%s,format=raw" % disk, *args], append=append)
        self.addCleanup(vm.close)
        return vm

    def check_os(self, vm, device, kind, options="ro"):
        vm.wait_for(r"init: the root is %s$" % device)
        vm.wait_for_shell()
        self.assertIn("ready (3 services)", vm.console())
        self.assertNotRegex(vm.console(), r"(?i)can't|oops|continuing without")
        vm.check("grep -qE '^%s / %s %s[, ]' /proc/1/mounts" % (device, kind, options))
        self.assertEqual(vm.check("stat -Lc %a /proc/1/root"), "755")
        # What the kernel asks for by itself, it finds on the disk.
        vm.check("ip link add dummy7 type dummy")
        return vm

    def test_kernel_and_squashfs_with_little_memory(self):
        vm = Guest(self.full, args=["--mem", "80", "--root", "squashfs"], append="rootfstype=squashfs")
        self.addCleanup(vm.close)
        self.check_os(vm, "/dev/vda", "squashfs")
        self.assertNotEqual(vm.run("touch /proc/1/root/file")[0], 0)
        # Of the drivers and file systems in the initrd, those that this machine has no use for were not loaded.
        vm.check("grep -q ^virtio_blk /proc/modules")
        self.assertNotEqual(vm.run("grep -E '^(erofs|isofs|sr_mod|hv_storvsc|xen_blkfront) ' /proc/modules")[0], 0)
        self.assertEqual(vm.power_off(), 0)

    def test_the_same_configuration_in_the_initrd(self):
        vm = Guest(self.full, args=["--root", "initrd"])
        self.addCleanup(vm.close)
        vm.wait_for_shell()
        self.assertIn("ready (3 services)", vm.console())
        vm.check("grep -qE ' / (rootfs|tmpfs|ramfs) ' /proc/1/mounts")
        self.assertEqual(vm.check("stat -Lc %a /proc/1/root"), "755")
        self.assertEqual(vm.power_off(), 0)

    def test_ext4_by_its_label_stays_writable_when_asked(self):
        """The initrd of an OS without containers finds what that of the build has no module for."""
        any_fs = images.build(rootdisk.boot_text(), os.path.join(self.dir.name, "any"))
        vm = self.check_os(self.boot(self.disk("ext4"), 'ro "root=LABEL=the root" rw rootflags=commit=7 rootdelay=1',
                                     os_path=any_fs), "/dev/vda", "ext4", "rw")
        vm.check("grep -q commit=7 /proc/1/mounts; echo kept > /proc/1/root/file")
        self.assertEqual(vm.power_off(), 0)
        if not SOAK:
            return
        vm = self.check_os(self.boot(self.disk("ext4"), '"root=LABEL=the root"', os_path=any_fs), "/dev/vda", "ext4")
        vm.check("grep kept /proc/1/root/file")
        self.assertNotEqual(vm.run("touch /proc/1/root/other")[0], 0)
        self.assertEqual(vm.power_off(), 0)

    def test_iso9660_by_its_label(self):
        vm = self.check_os(self.boot(self.disk("iso9660"), "root=LABEL=ISO_ROOT"), "/dev/vda", "iso9660")
        self.assertEqual(vm.power_off(), 0)

    def test_erofs_on_a_partition_by_its_uuid_and_its_name(self):
        disk = os.path.join(self.dir.name, "gpt")
        rootdisk.gpt(self.disk("erofs"), disk)
        names = ["PARTUUID=" + rootdisk.UUID.upper()]
        if SOAK:
            names += ["PARTLABEL=wherry-root", "UUID=" + rootdisk.UUID, "/dev/vda2"]
        for name in names:
            vm = self.check_os(self.boot(disk, "rootwait root=" + name), "/dev/vda2", "erofs")
            self.assertEqual(vm.power_off(), 0)

    def test_a_disk_with_the_root_on_a_partition(self):
        """Of the same configuration once more, started by UEFI: the kernel and its initrd are in the ESP."""
        out = os.path.join(self.dir.name, "efi")
        path = images.build(os.path.join(self.dir.name, "full", "os.yml"), out, "--format", "raw-efi", "--root",
                            "squashfs") + "-efi.img"
        table = json.loads(subprocess.run(["sfdisk", "--json", path], check=True, stdout=subprocess.PIPE).stdout)
        root = table["partitiontable"]["partitions"][1]
        self.assertEqual((root["name"], root["type"], root["attrs"]),
                         ("root", "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709", "GUID:60"))
        with open(path, "rb") as f, open(self.disk("squashfs"), "rb") as g:
            image = g.read()
            f.seek(root["start"] * 512)
            self.assertEqual(f.read(len(image)), image)
        vm = Guest(path, args=["--uefi"])
        self.addCleanup(vm.close)
        self.check_os(vm, "/dev/vda2", "squashfs")
        vm.check("grep -q root=PARTUUID=%s /proc/cmdline" % root["uuid"].lower())
        self.assertEqual(vm.power_off(), 0)

    def test_a_root_that_is_missing_is_reported(self):
        vm = self.boot(self.disk("squashfs"), "root=LABEL=missing rootwait=1 wherry.onfail=poweroff")
        vm.wait_for(r"init: waiting for root=LABEL=missing")
        vm.wait_for(r"init: root=LABEL=missing: no such disk appeared; there are: .*vda \(squashfs\)")
        self.assertEqual(vm.wait_end(), 0)
        for root, says in (("/dev/vda rootfstype=ext4", r"can't mount /dev/vda \(ext4\) as the root: Invalid argument"),
                           ("/dev/vda rootfstype=zfs", r"can't mount /dev/vda \(zfs\) as the root: the kernel has no "
                                                       r"such file system"),
                           ("nfs", r"root=nfs is not supported")):
            if SOAK or root == "nfs":
                vm = self.boot(self.disk("squashfs"), "root=%s wherry.onfail=poweroff" % root)
                vm.wait_for("init: " + says)
                self.assertEqual(vm.wait_end(), 0)


if __name__ == "__main__":
    unittest.main()
