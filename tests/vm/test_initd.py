# SPDX-License-Identifier: Apache-2.0
"""Scripts in /etc/init.d, as LinuxKit's init runs them: order, failures, the time limit; one boot."""
import re
import tempfile
import unittest

import images
from guest import Guest, shell_service

SCRIPTS = {
    "002-early": "echo early $# $(cat /proc/sys/kernel/hostname) >/dev/console; test ! -e /run/onboot-was-here",
    "005-fails": "exit 3",
    "012-between": "test -e /run/onboot-was-here && echo between >/dev/console",
    "013-hangs": "sleep 100000",
    "020-containerd": "echo must not run >/dev/console",
    "030-late": "service list >/dev/console; sleep 100000 &",
}


def os_text():
    text = images.base(
        onboot=images.shell("step", "touch /run/onboot-was-here", "binds: ['/run:/run']"),
        services=shell_service(), cmdline=images.CMDLINE + " wherry.onboot-timeout=4")
    # busybox and its shell, in the root itself; its /sbin is a link to usr/sbin, where init's programs then are.
    text = text.replace("init: [", "init: [%s, " % images.plain(), 1)
    text += "files:\n  - {path: etc/init.d/003-plain-file, contents: x, mode: '0644'}\n"
    for name, body in SCRIPTS.items():
        text += "  - path: etc/init.d/%s\n    mode: '0755'\n    contents: |\n      #!/bin/sh\n      %s\n" % (name, body)
    return text


class Scripts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory(prefix="wherry-initd-") as directory:
            with Guest(images.build(os_text(), directory)) as vm:
                vm.wait_for_shell()
                vm.wait_for_anywhere(r"init\.d 030-late: done")
                # Another supervisor runs none of them again.
                vm.check("kill -9 $(pidof wherry-supervisor)")
                vm.wait_for_anywhere(r"init: the supervisor ended .*restarting it")
                vm.check("service list | grep getty")
                cls.code = vm.power_off()
                cls.console = vm.console()

    def test_in_order_around_onboot_and_the_services(self):
        places = [re.search(pattern, self.console).start() for pattern in (
            r"early 0 ", r"init\.d 002-early: done in", r"init\.d 005-fails: failed with exit code 3 .*continuing",
            r"onboot step: done", r"between", r"init\.d 012-between: done", r"service getty: started",
            r"ready \(1 service\)", r"init\.d 030-late: done")]
        self.assertEqual(places, sorted(places), self.console)

    def test_one_that_hangs_is_ended(self):
        self.assertRegex(self.console, r"init\.d 013-hangs: takes longer than 4 s; killing it")
        self.assertRegex(self.console, r"init\.d 013-hangs: failed with signal 9")

    def test_what_is_not_run(self):
        self.assertNotIn("must not run", self.console)
        self.assertRegex(self.console, r"init\.d 003-plain-file: can't be run: Permission denied; continuing")

    def test_each_once(self):
        self.assertEqual(len(re.findall(r"init\.d 002-early: done", self.console)), 1)
        self.assertEqual(self.code, 0)


if __name__ == "__main__":
    unittest.main()
