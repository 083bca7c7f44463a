# SPDX-License-Identifier: Apache-2.0
"""Components that serve, all in one machine: auditd, influxdb, kmsg, netdata, node_exporter, open-vm-tools, poweroff,
qemu-ga, redis. In the soak only: it takes 40 s of CPU time.

The YAML is one for LinuxKit where LinuxKit has the component: `components: wherry` replaces it."""
import json
import os
import shutil
import socket
import tempfile
import time
import unittest
import urllib.parse
import urllib.request

import boot
import images
from guest import Guest, shell_service

COMPONENTS = ["auditd", "influxdb", "kmsg", "netdata", "node_exporter", "open-vm-tools", "poweroff", "qemu-ga", "redis"]
AGENT = "org.qemu.guest_agent.0"
RULES = "-a always,exit -F arch=b64 -S sethostname -F auid>=0 -k naming\\n-w /hostroot/etc/watched -p wa -k watched\\n"


def service(name, package=None, extra=""):
    return "  - name: %s\n    image: %s\n%s" % (name, images.tag(package or name), extra)


def system():
    late = images.shell("late", "sleep 5; hostname audited; echo x > /hostroot/etc/watched; sleep 100000")
    services = shell_service() + late + "".join(service(name) for name in COMPONENTS if name != "poweroff")
    services += service("vmtoolsd", "open-vm-tools", "    command: [/usr/bin/vmtoolsd]\n")
    onboot = images.step("dhcpcd", "dhcp", ["/usr/bin/dhcp"])
    text = images.base(onboot=onboot, services=services, cmdline=images.CMDLINE + " audit=1")
    return images.linuxkit(text) + """files:
  - {path: etc/audit/rules.d/10-test.rules, contents: "%s"}
  - {path: etc/watched, contents: "", mode: "0600"}
  - {path: etc/redis/password.conf, contents: "requirepass secret\\n", mode: "0644"}
""" % RULES


@unittest.skipUnless(os.environ.get("WHERRY_SOAK"), "only in the soak")
class Services(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="wherry-services-")
        cls.addClassCleanup(shutil.rmtree, cls.dir, True)
        for name in COMPONENTS:
            images.make_package(name)
        path = images.build(system(), cls.dir)
        cls.vm = Guest(path, publish=[6379, 8086, 9100, 19999],
                       args=["--mem", "1024", "--device", "virtio-serial-pci,id=ports"])
        cls.addClassCleanup(cls.vm.close)
        cls.vm.wait_for_shell()

    def test_auditd_records_what_the_rules_say(self):
        self.vm.wait_until("service logs auditd | grep -q 'type=SYSCALL.*key=.naming.'")
        self.vm.wait_until("service logs auditd | grep -q 'type=PATH.*/hostroot/etc/watched'")
        self.assertRegex(self.vm.check("service exec auditd /sbin/auditctl -m 'a user said'; service logs auditd"),
                         r"type=USER .*a user said")

    def test_kmsg_has_the_kernels_first_words_and_new_ones(self):
        self.assertRegex(self.vm.check("service logs kmsg | head -1"), r"\[    0\.000000\] Linux version")
        self.vm.check("echo '<6>written by a test' > /dev/kmsg")
        self.vm.wait_until(r"service logs kmsg | grep -q '\[ *[0-9]*\.[0-9]\{6\}\] written by a test$'")

    def test_redis_keeps_what_it_is_told_and_wants_the_password(self):
        self.vm.wait_until("service list | grep -q '^redis .*ready'")
        self.assertEqual(self.redis("AUTH wrong", "GET x")[1][:7], "-NOAUTH")
        self.assertEqual(self.redis("AUTH secret", "SET x kept", "GET x"), ["+OK", "+OK", "$4", "kept"])
        self.vm.check("service restart redis")
        self.assertEqual(self.redis("AUTH secret", "GET x"), ["+OK", "$4", "kept"])
        self.check_user("redis-server")

    def test_influxdb_keeps_what_it_is_told(self):
        self.assertIn('"series"', self.influx("query", q="SHOW DATABASES"))
        self.influx("query", q="CREATE DATABASE test")
        self.influx("write", b"load value=0.5 1000000000", db="test")
        self.vm.check("service restart influxdb")
        answer = json.loads(self.influx("query", q="SELECT value FROM load", db="test"))
        self.assertEqual(answer["results"][0]["series"][0]["values"], [["1970-01-01T00:00:01Z", 0.5]])
        self.check_user("influxd")

    def test_node_exporter_tells_of_the_machine(self):
        text = self.vm.http_get("/metrics", 9100)
        self.assertRegex(text, r'node_filesystem_size_bytes\{device="tmpfs",fstype="tmpfs",mountpoint="/var"\}')
        self.assertRegex(text, r'node_network_receive_bytes_total\{device="eth0"\}')
        total = float(self.vm.check("grep MemTotal /proc/meminfo").split()[1]) * 1024
        self.assertEqual(float(text.split("\nnode_memory_MemTotal_bytes ")[1].split()[0]), total)
        self.check_user("node_exporter", 65534)

    def test_netdata_tells_of_the_machine_and_of_containers(self):
        wanted = 'netdata_cgroup_mem_usage_MiB_average{chart="cgroup_redis.mem_usage"'
        end = time.monotonic() + 5 * boot.LIMIT
        while wanted not in self.vm.http_get("/api/v1/allmetrics?format=prometheus", 19999, 5 * boot.LIMIT):
            self.assertLess(time.monotonic(), end, self.vm.check("service logs netdata | tail -20"))
            time.sleep(2)
        self.check_user("netdata")

    def test_open_vm_tools_says_that_it_is_not_there(self):
        self.vm.wait_until("service list | grep -q '^open-vm-tools .*done'")
        self.assertIn("no virtual machine of VMware's", self.vm.check("service logs open-vm-tools"))
        # The program itself has all libraries, and ends without a word where there is no VMware.
        self.vm.wait_for_anywhere(r"service vmtoolsd: failed with exit code 1 ")
        self.assertEqual(self.vm.check("service logs vmtoolsd"), "")

    def test_the_agent_answers_and_shuts_the_machine_down(self):
        """The last of the tests, as they are sorted by their names."""
        self.vm.wait_until("service logs qemu-ga | grep -q 'waiting for a virtio-serial port with the name'")
        path = os.path.join(self.dir, "agent")
        address = {"type": "unix", "data": {"path": path}}
        for command, arguments in (
                ("chardev-add", {"id": "agent", "backend": {"type": "socket", "data": {
                    "addr": address, "server": True, "wait": False}}}),
                ("device_add", {"driver": "virtserialport", "chardev": "agent", "name": AGENT})):
            self.assertEqual(self.vm.qmp(command, **arguments), {"return": {}})
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(boot.LIMIT)
            s.connect(path)
            f = s.makefile("rw")
            self.assertEqual(self.ask(f, "guest-ping"), {})
            self.assertEqual(self.ask(f, "guest-get-osinfo")["id"], "wherry")
            self.assertIn("'10.0.2.15'", str(self.ask(f, "guest-network-get-interfaces")))
            f.write('{"execute": "guest-shutdown"}\n')
            f.flush()
            self.vm.wait_for_anywhere(r"wherry: service redis: stopped")
            self.assertEqual(self.vm.wait_end(), 0)

    @staticmethod
    def ask(f, command):
        f.write(json.dumps({"execute": command}) + "\n")
        f.flush()
        return json.loads(f.readline())["return"]

    def redis(self, *commands):
        """The lines that it answers."""
        with socket.create_connection(("127.0.0.1", self.vm.port(6379)), boot.LIMIT) as s:
            s.sendall("".join(c + "\r\n" for c in (*commands, "QUIT")).encode())
            text = b"".join(iter(lambda: s.recv(65536), b"")).decode()
        return text.splitlines()[:-1]

    def influx(self, path, data=None, **query):
        self.vm.http_get("/ping", 8086)
        url = "http://127.0.0.1:%d/%s?%s" % (self.vm.port(8086), path, urllib.parse.urlencode(query))
        request = urllib.request.Request(url, data=data, method="POST")
        with urllib.request.urlopen(request, timeout=boot.LIMIT) as answer:
            return answer.read().decode()

    def check_user(self, program, uid=100):
        """It runs as an ordinary user, who may do nothing special."""
        status = self.vm.check("cat /proc/$(pidof %s | cut -d' ' -f1)/status" % program)
        self.assertRegex(status, r"Uid:\s+%d\s+%d\s" % (uid, uid))
        self.assertRegex(status, r"CapEff:\s+0{16}\n")


if __name__ == "__main__":
    unittest.main()
