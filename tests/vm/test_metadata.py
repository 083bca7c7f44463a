# SPDX-License-Identifier: Apache-2.0
"""The component metadata against all its providers, in one machine: those on disks and in firmware as its steps, and
those of clouds, each behind its own service (clouds.py), from its shell."""
import base64
import json
import os
import re
import shutil
import stat
import subprocess
import tempfile
import unittest

import clouds
import images
from clouds import key, userdata
from guest import Guest, shell_service

# Providers that are asked in the machine's shell, and what answers them.
ASKED = ("aws", "aws-v1", "openstack", "hetzner", "gcp", "digitalocean", "vultr", "metaldata", "equinixmetal",
         "scaleway", "azure")
SCRIPT = """#!/bin/sh
# Each provider's files come to be in /run/of/NAME.
mkdir -p /run/of
ln -sf /usr/bin/service /tmp/metadata
echo 'nameserver %s' >/tmp/resolv.conf
mount --bind /tmp/resolv.conf /etc/resolv.conf
for cloud in "$@"; do
	wget -q -O /dev/null http://%s/.cloud/$cloud
	rm -rf /run/config
	mkdir /run/config
	/tmp/metadata ${cloud%%-v1} >/tmp/said 2>&1
	echo "exit $?" >>/tmp/said
	hostname >>/tmp/said
	mv /run/config /run/of/$cloud
	mv /tmp/said /run/of/$cloud/.said
done
""" % (clouds.NAMES, clouds.LINK_LOCAL)
META_DATA = """# for cloud-init
instance-id: iid-1
local-hostname: "nocloud-1"
public-keys:
  - %s
""" % key("n1")
CONFIG_DRIVE = {"uuid": "u1", "hostname": "config-drive", "availability_zone": "nova", "public_keys": {"me": key("c1")}}
EC2_FILES = {
    "availability_zone": "eu-1a", "instance_id": "i-07", "instance_type": "t9.nano", "local_hostname": "ec2-local",
    "local_ipv4": "10.0.0.7", "public_ipv4": "192.0.2.7", "ssh/authorized_keys": key("ec2") + "\n",
    "ec2/secret": "of ec2", "hostname": "ec2.example", "userdata": userdata("ec2"),
}


def of_userdata(name):
    return {name + "/secret": "of " + name, "hostname": name + ".example", "userdata": userdata(name)}


def expected():
    return {
        "aws": {**EC2_FILES, "provider": "AWS"},
        "aws-v1": {**EC2_FILES, "provider": "AWS"},
        "openstack": {**EC2_FILES, "provider": "openstack"},
        "hetzner": {**of_userdata("hetzner"), "provider": "Hetzner", "public_ipv4": "192.0.2.8",
                    "local_ipv4": "10.0.0.8", "instance_id": "42",
                    "ssh/authorized_keys": key("h1") + "\n" + key("h2") + "\n"},
        "gcp": {**of_userdata("gcp"), "provider": "GCP", "ssh/authorized_keys": "%s\n%s\n%s\n" % (
            key("of-the-instance"), key("p1"), key("p2"))},
        "digitalocean": {**of_userdata("digitalocean"), "provider": "DigitalOcean", "id": "2756294", "region": "nyc3",
                         "public_ipv4": "192.0.2.9", "private_ipv4": "10.0.0.9",
                         "ssh/authorized_keys": key("d1") + "\n"},
        "vultr": {**of_userdata("vultr"), "provider": "Vultr", "instance_id": "77", "region_code": "AMS",
                  "public_ipv4": "192.0.2.10", "private_ipv4": "10.0.0.10", "private_netmask": "255.255.0.0",
                  "ssh/authorized_keys": key("v1") + "\n"},
        "metaldata": {**of_userdata("metaldata"), "provider": "metaldata", "public_ipv4": "192.0.2.11",
                      "private_ipv4": "10.0.0.11", "machine_id": "m1", "failure_domain": "f1", "machine_type": "big",
                      "ssh/authorized_keys": key("m1") + "\n"},
        "equinixmetal": {**of_userdata("equinixmetal"), "provider": "EquinixMetal", "instance_id": "e1",
                         "metadata": clouds.PAGES["equinixmetal"]["/metadata"],
                         "ssh/authorized_keys": key("e1") + "\n"},
        "scaleway": {**of_userdata("scaleway"), "provider": "Scaleway", "instance_id": "s1",
                     "instance_location": "par1", "public_ip": "192.0.2.12", "private_ip": "10.0.0.12",
                     "ssh/authorized_keys": key("s1") + "\n"},
        "azure": {"provider": "Azure", "hostname": "azure-ovf", "compute_vmId": "a1", "compute_zone": "1",
                  "network_interface_0_ipv4_ipAddress_0_privateIpAddress": "10.0.0.13", "ovf-env.xml": clouds.OVF,
                  "userdata": "custom data of azure\n", "ssh/authorized_keys": key("a1") + "\n"},
    }


def step(name, *words, net="host"):
    """The component with a /run of its own, so that all providers' files are there in the end."""
    return ("  - name: %s\n    image: %s\n    command: [%s]\n    net: %s\n    binds: ['/run/of/%s:/run', '/dev:/dev']\n"
            "    runtime: {mkdir: [/run/of/%s]}\n" % (name, images.tag("metadata"), ", ".join(
                '"%s"' % w for w in ("/usr/bin/metadata", *words)), net, name, name))


class Metadata(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="wherry-metadata-")
        cls.addClassCleanup(shutil.rmtree, cls.dir, True)
        cls.clouds = clouds.Clouds("aws")
        cls.addClassCleanup(cls.clouds.close)
        steps = "".join([
            "  - {name: dhcp, image: %s}\n" % images.tag("dhcp"),
            step("firmware-says"), step("credentials", "credentials"), step("nocloud", "nocloud"),
            step("configdrive", "configdrive"), step("cdrom", "cdrom"),
            step("vmware", "-v", "vmware", "file=/dev/null"), step("unknown", "avs")])
        text = images.base(onboot=steps, services=shell_service()) + (
            "files:\n  - {path: etc/ask, source: %s, mode: '0755'}\n" % json.dumps(cls.file("ask", SCRIPT)))
        cls.vm = Guest(images.build(text, cls.dir), args=cls.arguments())
        cls.addClassCleanup(cls.vm.close)
        cls.vm.wait_for_shell()
        cls.vm.check("/hostroot/etc/ask %s" % " ".join(ASKED))

    @classmethod
    def file(cls, name, text):
        path = os.path.join(cls.dir, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    @classmethod
    def arguments(cls):
        """The machine's disks, and what its firmware says, which `run` gives to the QEMU that it is told."""
        drive = os.path.join(cls.dir, "drive")
        os.makedirs(os.path.join(drive, "openstack", "latest"))
        for path, text in (("openstack/latest/meta_data.json", json.dumps(CONFIG_DRIVE)),
                           ("openstack/latest/user_data", userdata("configdrive")), ("ovf-env.xml", clouds.OVF)):
            cls.file(os.path.join("drive", path), text)
        iso, fat = os.path.join(cls.dir, "drive.iso"), os.path.join(cls.dir, "fat")
        subprocess.run(["genisoimage", "-quiet", "-R", "-V", "config-2", "-o", iso, drive], check=True, timeout=60)
        subprocess.run(["mkfs.vfat", "-C", "-n", "CIDATA", fat, "1440"], check=True, timeout=60,
                       stdout=subprocess.DEVNULL)
        for name, text in (("meta-data", META_DATA), ("user-data", userdata("nocloud"))):
            subprocess.run(["mcopy", "-i", fat, cls.file(name, text), "::" + name], check=True, timeout=60)
        qemu = cls.file("qemu", "#!/bin/sh\nexec qemu-system-x86_64 \"$@\" "
                        "-smbios 'type=1,manufacturer=Amazon EC2' "
                        "-smbios 'type=11,value=io.systemd.credential:system.hostname=by-smbios' "
                        "-smbios 'type=11,value=io.systemd.credential.binary:ssh.authorized_keys.root=%s' "
                        "-drive file=%s,if=none,id=other,media=cdrom "
                        "-device scsi-cd,bus=scsi0.0,scsi-id=1,drive=other\n"
                        % (base64.b64encode(key("b1").encode()).decode(), iso))
        os.chmod(qemu, stat.S_IRWXU)
        credential = "userdata=" + cls.file("credential", "by-fw-cfg")
        return ["--qemu", qemu, "--credential", credential, "--data", userdata("cdrom"), "--disk",
                "file=%s,format=raw" % fat]

    def files(self, name):
        """The files of a provider, from the machine."""
        text = self.vm.check("cd /run/of/%s && find . -type f | sort | while read f; do echo \"=$f\"; "
                             "base64 $f | tr -d '\\n'; echo; done; cd /" % name)
        lines = text.splitlines()
        self.assertEqual(len(lines) % 2, 0, text)
        decode = base64.b64decode
        return {name[3:]: decode(data).decode() for name, data in zip(lines[::2], lines[1::2])}

    def test_each_cloud(self):
        for name, files in expected().items():
            with self.subTest(name):
                found = self.files(name)
                said = found.pop(".said")
                self.assertEqual(found, files, said)
                self.assertRegex(said, r"metadata: \w+: host name \S+, \d SSH keys, \d+ bytes of user data\nexit 0\n")
                self.assertEqual(said.splitlines()[-1], files["hostname"])
        self.assertEqual(self.vm.check("stat -c %a /run/of/aws/ssh/authorized_keys /run/of/aws/ec2/secret "
                                       "/run/of/aws/hostname").split(), ["600", "600", "644"])

    def test_azure_is_told_that_the_machine_is_ready(self):
        self.assertEqual(len(self.clouds.health), 1)
        for part in ("<GoalStateIncarnation>3<", "<ContainerId>c0ffee00-1<", "<InstanceId>beef.vm-1<", "<State>Ready<"):
            self.assertIn(part, self.clouds.health[0])

    def test_a_token_is_fetched_once(self):
        puts = [r for r in self.clouds.requests if r[:2] == ("aws", "PUT")]
        # The step whose provider the firmware names, and the shell's.
        self.assertEqual(len(puts), 2)

    def test_the_firmware_names_the_cloud(self):
        self.vm.wait_for_anywhere(r"wherry: onboot firmware-says: done")
        found = self.files("firmware-says/config")
        self.assertEqual(found["provider"], "AWS")

    def test_credentials(self):
        found = self.files("credentials/config")
        self.assertEqual(found, {
            "provider": "credentials", "hostname": "by-smbios", "userdata": "by-fw-cfg",
            "ssh/authorized_keys": key("b1") + "\n", "credentials/system.hostname": "by-smbios",
            "credentials/ssh.authorized_keys.root": key("b1"), "credentials/userdata": "by-fw-cfg"})
        self.assertEqual(self.vm.check("stat -c %a /run/of/credentials/config/credentials/userdata"), "600")

    def test_disks(self):
        found = self.files("nocloud/config")
        self.assertRegex(found.pop("provider"), r"^NoCloud /dev/vd[a-z]$")
        self.assertEqual(found, {**of_userdata("nocloud"), "instance_id": "iid-1", "local_hostname": "nocloud-1",
                                 "metadata": META_DATA, "ssh/authorized_keys": key("n1") + "\n"})
        found = self.files("configdrive/config")
        self.assertRegex(found.pop("provider"), r"^ConfigDrive /dev/sr\d$")
        self.assertEqual(found, {**of_userdata("configdrive"), "instance_id": "u1", "local_hostname": "config-drive",
                                 "availability_zone": "nova", "metadata": json.dumps(CONFIG_DRIVE),
                                 "ssh/authorized_keys": key("c1") + "\n"})
        found = self.files("cdrom/config")
        self.assertRegex(found.pop("provider"), r"^CDROM /dev/sr\d$")
        self.assertEqual(found, of_userdata("cdrom"))
        self.assertNotIn("/mnt", self.vm.check("cat /proc/1/mounts"))

    def test_mistakes_are_told(self):
        self.vm.wait_for_anywhere(r"onboot unknown: failed with exit code 2 .*unknown provider avs .did you mean aws")
        # Elsewhere than on VMware, its port is not touched; the next one is taken.
        self.vm.wait_for_anywhere(r"wherry: onboot vmware: done")
        self.assertEqual(self.files("vmware/config"), {"provider": "/dev/null"})

    def test_a_hostile_service_is_no_provider(self):
        self.vm.check("/hostroot/etc/ask hostile; grep -q 'unknown provider' /run/of/hostile/.said")
        for name in ("aws", "gcp", "digitalocean"):
            code, text = self.vm.run("rm -rf /run/config; time /tmp/metadata %s file=/etc/hosts" % name)
            self.assertEqual(code, 0, text)
            self.assertEqual(self.vm.check("cat /run/config/provider; echo"), "/etc/hosts")


if __name__ == "__main__":
    # Before, as making it may need the network.
    if not os.environ.get("WHERRY_TEST_CLOUDS"):
        images.make_package("metadata")
    clouds.enter_namespace()
    unittest.main()
