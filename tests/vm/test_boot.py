# SPDX-License-Identifier: Apache-2.0
"""What the guest does when things go well, and when they don't."""
import os
import re
import tempfile
import unittest

import boot
import images

IDLE = "exec sleep 1000"
COMPRESSORS = ["zstd", "gzip", "lz4", "xz:1", "none"]
DATA, SEED = "'data:/data%s'", "'seed:/seed:ro'"


def binds(*volumes):
    return "binds: [%s]" % ", ".join(volumes)


def many_entries():
    """An OS in which each test below finds the entries that it is about."""
    missing = "  - name: missing\n    image: %s\n    command: [/no/such/program]\n" % images.tag("getty")
    return images.base(
        # The first also sees that nobody else may write to the OS's root, the second that it can bind the file of the
        # name servers from the start.
        onboot=images.shell("one", "sleep 1; test $(stat -Lc %a%u /proc/1/root) = 7550")
        + images.shell("two", "test -f /etc/resolv.conf && ! test -s /etc/resolv.conf",
                       "binds: ['/etc/resolv.conf:/etc/resolv.conf']")
        + images.shell("named", "hostname | grep '^wherry-[0-9a-f]' && "
                       "grep '^BUILD_ID=' /proc/1/root/etc/os-release && exit 9", "uts: host")
        + images.shell("bad", "echo no such disk >&2; exit 3")
        + images.shell("root-writes", "echo x > /file; cat /file; ls /proc/1 >/dev/null; echo wrote ok >/dev/kmsg")
        + images.shell("root-reads", "echo x > /file || echo refused; test ! -e /file; exit 9", "readonly: true")
        + images.shell("data-writes", "echo shared > /data/file", binds(DATA % ""))
        + images.shell("data-reads", "grep shared /data/file && test -x /seed/bin/sh && exit 9",
                       binds(DATA % ":ro", SEED))
        + images.shell("data-refused", "echo x > /data/file || echo x > /seed/file || exit 8",
                       binds(DATA % ":ro", SEED)),
        services=images.shell("idle", IDLE) + missing + images.shell("short", "echo cannot bind; exit 7")
        + images.shell("polite", "trap 'exit 0' TERM; while true; do sleep 0.1; done")
        + images.shell("stubborn", "trap 'echo no' TERM; echo armed; while true; do sleep 0.1; done"),
        onshutdown=images.shell("last", "echo bye") + images.shell("broken", "exit 1"),
        cmdline=images.CMDLINE + " wherry.console"
    ) + "volumes:\n  - name: data\n  - {name: seed, image: %s, readonly: true}\n" % images.tag("getty")


class Entries(unittest.TestCase):
    """One machine that is booted and powered off; each test looks at what the console then shows."""

    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory(prefix="wherry-boot-") as directory:
            with boot.Boot(images.build(many_entries(), directory)) as vm:
                vm.wait_for(r"wherry: ready \(\d of 5 services\)")
                vm.wait_for_anywhere(r"armed")
                vm.wait_for_anywhere(r"wherry: service short: failed")
                cls.code = vm.power_off()
                cls.console = vm.console()

    def said(self, pattern):
        self.assertRegex(self.console, pattern)

    def test_onboot_runs_in_order_before_the_services(self):
        places = [re.search(pattern, self.console).start() for pattern in (
            r"wherry: onboot one: done in [\d.]+ s", r"wherry: onboot two: done", r"wherry: onboot bad: failed",
            r"wherry: onboot data-refused: ", r"wherry: service idle: started", r"wherry: ready")]
        self.assertEqual(places, sorted(places), self.console)
        times = [float(t) for t in re.findall(r"^\[ *([\d.]+)\] wherry:", self.console, re.M)]
        self.assertEqual(times, sorted(times))

    def test_a_failing_step_is_named_and_the_boot_goes_on(self):
        self.said(r"wherry: onboot bad: failed with exit code 3 .*no such disk.*continuing without it")
        self.said(r"wherry: service short: failed with exit code 7 .*cannot bind")

    def test_a_program_that_does_not_exist(self):
        self.said(r"wherry: service missing: failed: .*/no/such/program.*continuing without it")

    def test_roots_are_read_only_or_thrown_away(self):
        self.said(r"wherry: onboot root-writes: done")
        self.said(r"wherry: onboot root-reads: .*9")
        self.said(r"refused")

    def test_the_machine_has_a_name_and_its_build(self):
        self.said(r"wherry: onboot named: .*code 9")

    def test_containers_share_volumes(self):
        self.said(r"wherry: onboot data-writes: done")
        self.said(r"wherry: onboot data-reads: .*code 9")
        self.said(r"wherry: onboot data-refused: .*code 8")
        self.assertNotRegex(self.console, r"wherry: volume")

    def test_shutdown_stops_services_and_runs_onshutdown(self):
        self.assertEqual(self.code, 0)
        self.said(r"service polite: stopped")
        self.said(r"service stubborn: .*SIGKILL")
        self.said(r"onshutdown last: done")
        self.said(r"onshutdown broken: .*1")
        self.said(r"wherry: power off")


class Boots(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory(prefix="wherry-boot-")
        self.addCleanup(self.dir.cleanup)

    def test_an_onboot_step_that_hangs_is_ended(self):
        text = images.base(onboot=images.shell("stuck", "exec sleep 100000"), services=images.shell("good", IDLE),
                           cmdline=images.CMDLINE + " wherry.onboot-timeout=2")
        with boot.Boot(images.build(text, self.dir.name)) as vm:
            # On a busy machine its time is over before crun has started it.
            vm.wait_for(r"wherry: onboot stuck: .*(2 s|at its time limit)")
            vm.wait_for(r"wherry: ready")
            self.assertEqual(vm.power_off(), 0)

    def test_many_boots_with_little_memory_and_each_compressor(self):
        """One boot with each, ten in the soak: the kernel must unpack what each compressor has written."""
        text = images.base(services=images.shell("idle", IDLE))
        for how in COMPRESSORS:
            path = images.build(text, self.dir.name, "--compress", how)
            for _ in range(10 if os.environ.get("WHERRY_SOAK") else 1):
                with self.subTest(how), boot.Boot(path, args=["--mem", str(images.LITTLE_MEMORY)]) as vm:
                    vm.wait_for(r"wherry: ready \(1 service\)")
                    self.assertEqual(vm.power_off(), 0)


if __name__ == "__main__":
    unittest.main()
