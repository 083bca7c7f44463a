# SPDX-License-Identifier: Apache-2.0
"""The examples for clouds: each comes up beside the metadata service of its cloud, lets in who has the key that this
one names, and is built in its cloud's format. In the soak only, but for Amazon's: each takes 10 s of CPU time."""
import os
import stat
import subprocess
import unittest

import boot
import clouds
import examples
import images

SOAK = os.environ.get("WHERRY_SOAK")
PACKAGES = ["ca-certificates", "metadata", "rngd", "sshd"]
SOAK_PACKAGES = ["efi-stub", "grub-bios", "kernel-generic", "kernel-rt", "open-vm-tools"]


class Platforms(examples.Examples):
    @classmethod
    def setUpClass(cls):
        cls.key = os.path.join(images.WORK, "platforms-key")
        if not os.path.exists(cls.key):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", cls.key], check=True,
                           timeout=60)
        with open(cls.key + ".pub", encoding="ascii") as f:
            cls.clouds = clouds.Clouds(real_key=f.read().strip())
        cls.addClassCleanup(cls.clouds.close)

    def ssh(self, vm, command):
        done = subprocess.run(
            ["ssh", "-i", self.key, "-p", str(vm.port(22)), "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o",
             "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "root@127.0.0.1", command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=boot.LIMIT)
        self.assertEqual(done.returncode, 0, "%s\n%s" % (done.stderr, vm.console()[-3000:]))
        return done.stdout

    def come_up(self, name, cloud, provider, build=(), args=()):
        """provider: what the file of this name has; None: there is no sshd that could tell."""
        self.clouds.cloud = cloud
        with self.boot(name, build=build, publish=[22], args=args) as vm:
            if cloud:
                vm.wait_for(r"wherry: onboot metadata: done", 5 * boot.LIMIT)
            vm.wait_for(r"wherry: ready", 5 * boot.LIMIT)
            if provider:
                said = self.ssh(vm, "cat /run/config/provider; echo; hostname; cat /run/config/userdata")
                self.assertEqual(said.splitlines()[0], provider)
                self.assertEqual(said.splitlines()[1], clouds.host_name(cloud))
                self.assertEqual(said.splitlines()[2], clouds.userdata(clouds.USER_DATA.get(cloud, cloud)))
            self.assertEqual(vm.power_off(), 0)
            console = vm.console()
        self.assertNotRegex(console, r"(?i)wherry: .*failed|panic|oops")
        return console

    def test_aws(self):
        self.come_up("platform-aws", "aws", "AWS")

    @unittest.skipUnless(SOAK, "only in the soak")
    def test_the_other_clouds(self):
        for name, cloud, provider in (("platform-gcp", "gcp", "GCP"), ("platform-azure", "azure", "Azure"),
                                      ("platform-hetzner", "hetzner", "Hetzner"),
                                      ("platform-vultr", "vultr", "Vultr"), ("openstack", "openstack", "openstack")):
            with self.subTest(name):
                self.come_up(name, cloud, provider)
        self.assertIn("<State>Ready<", self.clouds.health[-1])

    @unittest.skipUnless(SOAK, "only in the soak")
    def test_scaleway(self):
        self.come_up("platform-scaleway", "scaleway", None)
        self.assertIn(("scaleway", "/user_data/cloud-init"), [(r[0], r[3]) for r in self.clouds.requests])

    @unittest.skipUnless(SOAK, "only in the soak")
    def test_equinixmetal_is_looked_up(self):
        self.come_up("platform-equinixmetal", "equinixmetal", "EquinixMetal")

    @unittest.skipUnless(SOAK, "only in the soak")
    def test_vmware(self):
        """There is no VMware: by a CD, as for Workstation; and with QEMU's port, whose host takes no messages."""
        self.come_up("platform-vmware", "aws", None, args=["--data", "of the CD"])
        qemu = os.path.join(self.dir.name, "qemu")
        with open(qemu, "w", encoding="ascii") as f:
            f.write("#!/bin/sh\nexec qemu-system-x86_64 \"$@\" -smbios 'type=1,manufacturer=VMware,, Inc.' "
                    "-machine vmport=on\n")
        os.chmod(qemu, stat.S_IRWXU)
        self.clouds.cloud = "hostile"
        with self.boot("platform-vmware", args=["--qemu", qemu]) as vm:
            vm.wait_for(r"wherry: onboot metadata: done", 5 * boot.LIMIT)
            vm.wait_for(r"wherry: ready", 5 * boot.LIMIT)
            self.assertEqual(vm.power_off(), 0)

    @unittest.skipUnless(SOAK, "only in the soak")
    def test_a_kernel_that_answers_in_time(self):
        with self.boot("platform-rt-for-vmware") as vm:
            vm.wait_for(r"wherry: ready", 5 * boot.LIMIT)
            vm.wait_for(r":~# ")
            vm.send("uname -v")
            vm.wait_for(r"SMP PREEMPT_RT")
            self.assertEqual(vm.power_off(), 0)

    @unittest.skipUnless(SOAK, "only in the soak")
    def test_formats_of_the_clouds(self):
        for name, fmt, suffix in (("platform-aws", "aws", ".raw"), ("platform-gcp", "gcp", ".img.tar.gz"),
                                  ("platform-azure", "vhd", ".vhd"), ("platform-hetzner", "raw", ".img"),
                                  ("platform-equinixmetal", "pxe", "-pxe/boot.ipxe"),
                                  ("platform-scaleway", "qcow2", ".qcow2"), ("platform-vultr", "raw", ".img"),
                                  ("openstack", "qcow2", ".qcow2"), ("platform-vmware", "ova", ".ova"),
                                  ("platform-rt-for-vmware", "ova", ".ova")):
            with self.subTest(name):
                path = self.build(name, "--format", fmt)
                self.assertGreater(os.path.getsize(path + suffix), 0)


if __name__ == "__main__":
    # Before, as making them may need the network.
    if not os.environ.get("WHERRY_TEST_CLOUDS"):
        for package in PACKAGES + (SOAK_PACKAGES if SOAK else []):
            images.make_package(package)
    clouds.enter_namespace()
    unittest.main()
