# SPDX-License-Identifier: Apache-2.0
"""The lines of docs/images/NAME.yml run what they are for: each image starts with them and answers at its port."""
import os
import unittest

import boot
import guest
import hub
import images
import rootdisk

SOAK = os.environ.get("WHERRY_SOAK")
LIMIT = 600  # Databases make their files first.
# Those that listen at port 80 are on different machines.
CHEAP = ["redis", "nginx", "memcached"]
SOAKED = [["postgres", "httpd", "mosquitto", "registry"], ["mariadb", "haproxy", "etcd", "nats"],
          ["caddy", "prometheus", "node-exporter", "influxdb"], ["varnish", "rabbitmq"]]


class Hub(guest.MachineTest):
    def build(self, names, onboot=""):
        dhcp = "  - name: dhcp\n    image: %s\n" % images.tag("dhcp")
        base = os.path.join(self.dir.name, "os.yml")
        with open(base, "w", encoding="utf-8") as f:
            f.write(images.base(onboot=dhcp + onboot, cmdline=images.CMDLINE + " wherry.console"))
        for name in names:
            hub.make(name)
        images.wherry("build", "--dir", self.dir.name, "--name", "os", base,
                      *(os.path.join(hub.PAGES, name + ".yml") for name in names))

    def start(self, names, *args):
        """The machine, when each has answered."""
        publish = [hub.QUESTIONS[name][0] for name in names]
        vm = boot.Boot(os.path.join(self.dir.name, "os"), publish=publish, args=["--mem", "2048", *args])
        self.addCleanup(vm.close)
        vm.wait_for(r"wherry: ready \(", LIMIT)
        for name in names:
            hub.ask(vm, *hub.QUESTIONS[name], limit=LIMIT)
        return vm

    def end(self, vm, names):
        vm.power_off()
        for name in names:
            self.assertNotRegex(vm.console(), r"service %s: (failed|ended|exited)" % name)

    def machine(self, names):
        self.build(names)
        self.end(self.start(names), names)

    def test_the_cheap_ones(self):
        self.machine(CHEAP)

    @unittest.skipUnless(SOAK, "in the soak")
    def test_all_others(self):
        for names in SOAKED:
            with self.subTest(names=names):
                self.machine(names)

    def test_data_is_kept(self):
        """What entrypoints gave away at the first boot is theirs at the second one."""
        names = ["redis"] + (["postgres", "mariadb"] if SOAK else [])
        disk = os.path.join(self.dir.name, "disk.img")
        rootdisk.tool("mkfs.ext4", "-q", disk, "1G")
        self.build(names, guest.mount_var())
        vm = self.start(names, "--disk", "file=%s,format=raw" % disk)
        hub.ask(vm, 6379, b"SET key kept\r\nSAVE\r\n", b"+OK\r\n+OK\r\n")
        self.end(vm, names)
        vm = self.start(names, "--disk", "file=%s,format=raw" % disk)
        hub.ask(vm, 6379, b"GET key\r\n", b"kept")
        self.assertNotIn("creating configuration files", vm.console())  # initdb's
        self.end(vm, names)

    def test_each_that_is_said_to_be_tried_is(self):
        tried = [name[:-4] for name in os.listdir(hub.PAGES) if "\n# tried: " in hub.page(name[:-4])]
        self.assertEqual(sorted(tried), sorted(sum(SOAKED, CHEAP)))
        self.assertEqual(sorted(tried), sorted(hub.IMAGES))


if __name__ == "__main__":
    unittest.main()
