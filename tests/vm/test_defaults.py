# SPDX-License-Identifier: Apache-2.0
"""What a container that asks for nothing can't do: the limits that docs/security.md promises, seen from inside."""
import unittest

import guest
import images

IDLE = "; echo end; " + guest.IDLE
# To open a node of the machine's log for writing takes no right but that of the container's device rules.
OPEN = "mknod /log c 1 11; (: >/log) && echo log is open; mknod /zero c 1 5; (: >/zero) && echo zero is open"


class Defaults(guest.MachineTest):
    def test_device_rules_hold_for_nodes_that_the_container_makes(self):
        plain = images.plain()

        def service(name, extra):
            return images.shell(name, OPEN + IDLE, "wherry: {console: true}\ncapabilities: [CAP_MKNOD]\n" + extra, plain)
        rule = "devices: [{path: /dev/log, type: c, major: 1, minor: 11, mode: '0600'}]"
        with self.boot(images.base(services=service("usual", "") + service("rule", rule))) as vm:
            for name in ("usual", "rule"):
                vm.wait_for_anywhere(name + r": end")
            console = vm.console()
            self.assertEqual(vm.power_off(), 0)
        self.assertRegex(console, r"usual: .*/log: Operation not permitted")
        self.assertNotIn("usual: log is open", console)
        self.assertIn("rule: log is open", console)
        for name in ("usual", "rule"):
            self.assertIn(name + ": zero is open", console)


if __name__ == "__main__":
    unittest.main()
