# SPDX-License-Identifier: Apache-2.0
"""The lines of docs/images/NAME.yml run what they are for: each image starts with them and answers at its port."""
import os
import tempfile
import unittest

import boot
import guest
import hub
import images

# Those that listen at port 80 are on different machines.
CHEAP = ["redis", "nginx", "memcached"]
SOAKED = [["postgres", "httpd", "mosquitto", "registry"], ["mariadb", "haproxy", "etcd", "nats"],
          ["caddy", "prometheus", "node-exporter", "influxdb"], ["varnish", "rabbitmq"]]


class Hub(guest.MachineTest):
    def machine(self, names):
        base = os.path.join(self.dir.name, "os.yml")
        with open(base, "w", encoding="utf-8") as f:
            f.write(images.base(onboot="  - name: dhcp\n    image: %s\n" % images.tag("dhcp"),
                                cmdline="console=ttyS0 quiet wherry.console"))
        for name in names:
            hub.make(name)
        images.wherry("build", "--dir", self.dir.name, "--name", "os", base,
                      *(os.path.join(hub.PAGES, name + ".yml") for name in names))
        publish = [hub.QUESTIONS[name][0] for name in names]
        vm = boot.Boot(os.path.join(self.dir.name, "os"), publish=publish, args=["--mem", "2048"])
        self.addCleanup(vm.close)
        vm.wait_for(r"wherry: ready \(", 600)
        for name in names:
            hub.ask(vm, *hub.QUESTIONS[name], limit=600)
        vm.power_off()
        for name in names:
            self.assertNotRegex(vm.console(), r"service %s: (failed|ended|exited)" % name)

    def test_the_cheap_ones(self):
        self.machine(CHEAP)

    @unittest.skipUnless(os.environ.get("WHERRY_SOAK"), "only in the soak")
    def test_all_others(self):
        for names in SOAKED:
            with self.subTest(names=names):
                self.machine(names)

    def test_each_that_is_said_to_be_tried_is(self):
        tried = [name[:-4] for name in os.listdir(hub.PAGES) if "\n# tried: " in hub.page(name[:-4])]
        self.assertEqual(sorted(tried), sorted(sum(SOAKED, CHEAP)))
        self.assertEqual(sorted(tried), sorted(hub.IMAGES))


if __name__ == "__main__":
    unittest.main()
