# SPDX-License-Identifier: Apache-2.0
"""Several consoles: what the guest says is on all of them, and each has a login."""
import tempfile
import unittest

import images
from guest import IDLE, Guest, entry, shell_service


class Consoles(unittest.TestCase):
    def test_a_screen_and_a_serial_line(self):
        with tempfile.TemporaryDirectory(prefix="wherry-console-") as directory:
            path = images.build(images.base(services=shell_service() + entry("idle", IDLE, ""),
                                              cmdline="console=tty0 console=ttyS0 quiet"), directory)
            with Guest(path) as vm:
                vm.wait_for_shell()
                self.assertEqual(vm.check("cat /sys/class/tty/console/active"), "tty0 ttyS0")
                # The last one is the console of PID 1.
                vm.check("test $(readlink /proc/1/fd/1) = /dev/console")
                # The screen has a shell of its own (which clears it), and then what the guest says.
                vm.check("service stop idle")
                vm.wait_for_anywhere(r"wherry: service idle: stopped by SIGTERM")
                screen = vm.check("fold -w 80 /dev/vcs1; echo")
                self.assertIn(":~# ", screen)
                self.assertRegex(screen, r"\[ *[\d.]+\] wherry: service idle: stopped by SIGTERM")
                vm.send("poweroff")
                vm.wait_for(r"wherry: power off")
                self.assertEqual(vm.wait_end(), 0)


if __name__ == "__main__":
    unittest.main()
