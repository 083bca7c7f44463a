# SPDX-License-Identifier: Apache-2.0
"""The examples that have LinuxKit's names and serve something, or show where logs are and how to log in. In the soak
only: it takes a minute of CPU time."""
import os
import re
import socket
import subprocess
import time
import unittest
import unittest.mock
import urllib.parse

import boot
import examples
import images


@unittest.skipUnless(os.environ.get("WHERRY_SOAK"), "only in the soak")
class Services(examples.Examples):
    def wait_for_text(self, vm, path, port, pattern):
        """The page, once the pattern is in it."""
        end = time.monotonic() + 5 * boot.LIMIT
        while True:
            page = vm.http_get(path, port, 5 * boot.LIMIT)
            if re.search(pattern, page):
                return page
            self.assertLess(time.monotonic(), end, page[-3000:])
            time.sleep(1)

    def end(self, vm):
        self.assertEqual(vm.power_off(), 0)
        self.assertNotRegex(vm.console(), r"(?i)failed|panic|oops")

    def test_cadvisor(self):
        vm = self.boot("cadvisor", publish=[19999])
        vm.wait_for(r"wherry: ready", 5 * boot.LIMIT)
        self.wait_for_text(vm, "/api/v1/allmetrics?format=prometheus", 19999,
                           r'cgroup_mem_usage_MiB_average\{chart="cgroup_redis\.mem_usage"')
        self.end(vm)

    def test_getty_asks_for_the_password(self):
        vm = self.boot("getty")
        vm.wait_for(r"wherry: ready")
        for password, answer in (("wrong", r"Login incorrect"), ("wherry", r"# ?$")):
            vm.wait_for(r"login: ?$")
            vm.send("root")
            vm.wait_for(r"Password: ?$")
            vm.send(password)
            vm.wait_for(answer)
        vm.send("id -un; poweroff")
        vm.wait_for(r"^root$")
        self.assertEqual(vm.wait_end(), 0)

    def test_logging(self):
        vm = self.boot("logging")
        vm.wait_for(r"wherry: ready")
        vm.wait_for_anywhere(r"loud: still here")
        vm.wait_for_anywhere(r"# ?$")
        vm.send("sleep 3; service logs -n 2 hello; service logs kmsg | head -n 1; tail -n 1 /var/log/hello.log")
        vm.send("echo end=$?")
        vm.wait_for(r"^end=0$")
        self.assertEqual(len(re.findall(r"^[-0-9]+T\S+ hello \w+ \w+", vm.console(), re.M)), 3, vm.console()[-2000:])
        self.assertIn("Linux version", vm.console())
        self.end(vm)

    def test_node_exporter(self):
        vm = self.boot("node_exporter", publish=[9100])
        vm.wait_for(r"wherry: ready", 5 * boot.LIMIT)
        self.assertRegex(vm.http_get("/metrics", 9100), r"(?m)^node_load1 [\d.]+$")
        self.end(vm)

    def test_redis_os(self):
        vm = self.boot("redis-os", publish=[6379])
        vm.wait_for(r"wherry: ready", 5 * boot.LIMIT)
        with socket.create_connection(("127.0.0.1", vm.port(6379)), boot.LIMIT) as s:
            s.sendall(b"GET x\r\nAUTH wherry\r\nSET x 1\r\nGET x\r\nQUIT\r\n")
            answers = b"".join(iter(lambda: s.recv(65536), b"")).decode().splitlines()
        self.assertRegex(answers[0], "^-NOAUTH")
        self.assertEqual(answers[1:], ["+OK", "+OK", "$1", "1", "+OK"])
        self.end(vm)

    def test_influxdb_os(self):
        vm = self.boot("influxdb-os", publish=[8086])
        vm.wait_for(r"wherry: ready", 5 * boot.LIMIT)
        query = urllib.parse.urlencode({"db": "machine", "q": "SELECT * FROM load"})
        self.wait_for_text(vm, "/query?" + query, 8086, r'"columns":\["time","fifteen","five","one"\],"values":\[\[')
        self.end(vm)

    def test_sshd(self):
        home = os.path.join(self.dir.name, "home")
        key = os.path.join(home, ".ssh", "id_ed25519")
        os.makedirs(os.path.dirname(key))
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True, timeout=60)
        with unittest.mock.patch.dict(os.environ, {"HOME": home}):
            vm = self.boot("sshd", publish=[22])
        vm.wait_for(r"wherry: ready", 5 * boot.LIMIT)
        done = subprocess.run(
            ["ssh", "-i", key, "-p", str(vm.port(22)), "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o",
             "UserKnownHostsFile=/dev/null", "root@127.0.0.1", "id -un"], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, text=True, timeout=boot.LIMIT)
        self.assertEqual(done.stdout, "root\n")
        self.end(vm)


if __name__ == "__main__":
    unittest.main()
