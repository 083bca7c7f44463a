# SPDX-License-Identifier: Apache-2.0
"""What the guest does when things go well, and when they don't."""
import os
import re
import tempfile
import unittest

import boot
import images


class Boots(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory(prefix="wherry-boot-")
        self.addCleanup(self.dir.cleanup)

    def boot(self, text, compress="zstd", **kwargs):
        """The kernel must unpack what each compressor has written, so these boots are not all by the same."""
        vm = boot.Boot(images.build(text, self.dir.name, "--compress", compress), **kwargs)
        self.addCleanup(vm.close)
        return vm

    def test_onboot_runs_in_order_before_the_services(self):
        # The first also sees that nobody else may write to the OS's root, the second that it can bind the file of the
        # name servers from the start.
        vm = self.boot(images.base(
            onboot=images.shell("one", "sleep 1; test $(stat -Lc %a%u /proc/1/root) = 7550")
            + images.shell("two", "test -f /etc/resolv.conf && ! test -s /etc/resolv.conf",
                           "binds: ['/etc/resolv.conf:/etc/resolv.conf']"),
            services=images.shell("idle", "exec sleep 1000")), compress="gzip")
        vm.wait_for(r"wherry: onboot one: done in [\d.]+ s")
        vm.wait_for(r"wherry: onboot two: done")
        vm.wait_for(r"wherry: service idle: started")
        vm.wait_for(r"wherry: ready \(1 service\)")
        self.assertEqual(vm.power_off(), 0)
        times = [float(t) for t in re.findall(r"^\[ *([\d.]+)\] wherry:", vm.console(), re.M)]
        self.assertEqual(times, sorted(times))

    def test_a_failing_step_is_named_and_the_boot_goes_on(self):
        vm = self.boot(images.base(
            onboot=images.shell("bad", "echo no such disk >&2; exit 3"),
            services=images.shell("short", "echo cannot bind; exit 7") + images.shell("good", "exec sleep 1000")),
                       compress="lz4")
        vm.wait_for(r"wherry: onboot bad: failed with exit code 3 .*no such disk.*continuing without it")
        vm.wait_for_anywhere(r"wherry: service short: failed with exit code 7 .*cannot bind")
        vm.wait_for_anywhere(r"wherry: ready")
        self.assertEqual(vm.power_off(), 0)

    def test_an_onboot_step_that_hangs_is_ended(self):
        vm = self.boot(images.base(onboot=images.shell("stuck", "exec sleep 100000"),
                                   services=images.shell("good", "exec sleep 1000"),
                                   cmdline="console=ttyS0 quiet wherry.onboot-timeout=2"), compress="none")
        vm.wait_for(r"wherry: onboot stuck: .*2 s")
        vm.wait_for(r"wherry: ready")
        self.assertEqual(vm.power_off(), 0)

    def test_a_program_that_does_not_exist(self):
        entry = "  - name: none\n    image: %s\n    command: [/no/such/program]" % images.tag("getty")
        vm = self.boot(images.base(services=entry), compress="xz:1")
        vm.wait_for(r"wherry: service none: failed: .*/no/such/program.*continuing without it")
        vm.wait_for(r"wherry: ready \(0 of 1 services\)")
        self.assertEqual(vm.power_off(), 0)

    def test_shutdown_stops_services_and_runs_onshutdown(self):
        stubborn = "trap 'echo no' TERM; echo armed; while true; do sleep 0.1; done"
        vm = self.boot(images.base(
            services=images.shell("polite", "trap 'exit 0' TERM; while true; do sleep 0.1; done")
            + images.shell("stubborn", stubborn),
            onshutdown=images.shell("last", "echo bye") + images.shell("broken", "exit 1"),
            cmdline="console=ttyS0 quiet wherry.console"))
        vm.wait_for(r"wherry: ready \(2 services\)")
        vm.wait_for_anywhere(r"armed")
        self.assertEqual(vm.power_off(), 0)
        console = vm.console()
        self.assertRegex(console, r"service polite: stopped")
        self.assertRegex(console, r"service stubborn: .*SIGKILL")
        self.assertRegex(console, r"onshutdown last: done")
        self.assertRegex(console, r"onshutdown broken: .*1")
        self.assertRegex(console, r"wherry: power off")

    def test_roots_are_read_only_or_thrown_away(self):
        vm = self.boot(images.base(
            onboot=images.shell("writes", "echo x > /file; cat /file; ls /proc/1 >/dev/null; echo wrote ok >/dev/kmsg")
            + images.shell("reads", "echo x > /file || echo refused; test ! -e /file; exit 9", "readonly: true"),
            services=images.shell("idle", "exec sleep 1000")))
        vm.wait_for(r"wherry: onboot writes: done")
        vm.wait_for(r"wherry: onboot reads: .*9")
        vm.wait_for(r"refused")
        self.assertEqual(vm.power_off(), 0)

    def test_containers_share_volumes(self):
        volumes = "volumes:\n  - name: data\n  - {name: seed, image: %s, readonly: true}\n" % images.tag("getty")
        vm = self.boot(images.base(
            onboot=images.shell("writes", "echo shared > /data/file", "binds: ['data:/data']")
            + images.shell("reads", "grep shared /data/file && test -x /seed/bin/sh && exit 9",
                           "binds: ['data:/data:ro', 'seed:/seed:ro']")
            + images.shell("refused", "echo x > /data/file || echo x > /seed/file || exit 8",
                           "binds: ['data:/data:ro', 'seed:/seed:ro']"),
            services=images.shell("idle", "exec sleep 1000")) + volumes)
        vm.wait_for(r"wherry: onboot writes: done")
        vm.wait_for(r"wherry: onboot reads: .*code 9")
        vm.wait_for(r"wherry: onboot refused: .*code 8")
        self.assertEqual(vm.power_off(), 0)
        self.assertNotRegex(vm.console(), r"wherry: volume")

    def test_a_machine_with_little_memory(self):
        vm = self.boot(images.base(services=images.shell("idle", "exec sleep 1000")), args=["--mem", "128"])
        vm.wait_for(r"wherry: ready")
        self.assertEqual(vm.power_off(), 0)

    def test_many_boots(self):
        """Five in a row; fifty in the soak."""
        path = images.build(images.base(services=images.shell("idle", "exec sleep 1000")), self.dir.name)
        for _ in range(50 if os.environ.get("WHERRY_SOAK") else 5):
            with boot.Boot(path) as vm:
                vm.wait_for(r"wherry: ready")
                self.assertEqual(vm.power_off(), 0)


if __name__ == "__main__":
    unittest.main()
