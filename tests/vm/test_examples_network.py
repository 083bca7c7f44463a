# SPDX-License-Identifier: Apache-2.0
"""The examples that are about networks."""
import os
import re
import unittest

import boot
import examples

SOAK = os.environ.get("WHERRY_SOAK")
LAN = ["--networking", "lan,230.0.0.1:%d" % (20000 + os.getpid() % 20000)]


class Networks(examples.Examples):
    def test_static_ip_serves_behind_its_firewall(self):
        with self.boot("static-ip", publish=[80, 81]) as vm:
            vm.wait_for(r"^network: eth0 has 10\.0\.2\.15/24$")
            vm.wait_for(r"wherry: onboot nftables: done")
            vm.wait_for(r"wherry: ready")
            self.assertIn("<h1>", vm.http_get("/"))
            self.assertEqual(vm.power_off(), 0)
            self.assertNotIn("failed", vm.console())

    @unittest.skipUnless(SOAK, "only in the soak")
    def test_two_machines_talk_by_wireguard_and_not_without(self):
        first = self.boot("wireguard", args=[*LAN, "--state", os.path.join(self.dir.name, "a")])
        second = self.boot("wireguard2", args=[*LAN, "--state", os.path.join(self.dir.name, "b")])
        for vm in (first, second):
            vm.wait_for(r"wherry: onboot wireguard: done", 2 * boot.LIMIT)
            vm.wait_for(r"wherry: ready", 2 * boot.LIMIT)
        second.wait_for_anywhere(r"wherry: visitor: .*<h1>", 2 * boot.LIMIT)
        second.wait_for_anywhere(r"wherry: visitor: no page outside of the tunnel", 2 * boot.LIMIT)
        self.assertEqual(len(re.findall(r"<h1>", second.console())), 1)
        self.assertEqual([vm.power_off() for vm in (first, second)], [0, 0])


if __name__ == "__main__":
    unittest.main()
