# SPDX-License-Identifier: Apache-2.0
"""The examples are built and booted, and do what they are for."""
import os
import re
import socket
import unittest
import urllib.request

import boot
import examples
import images


def free_ipv6_port():
    """None where there is no IPv6."""
    try:
        with socket.socket(socket.AF_INET6) as s:
            s.bind(("::1", 0))
            return s.getsockname()[1]
    except OSError:
        return None


class Small(examples.Examples):
    def test_nginx_serves_its_page_and_powers_off_cleanly(self):
        port = free_ipv6_port()
        with self.boot("nginx", publish=[80],
                       args=["--publish", "[::1]:%d:80" % port] if port else []) as vm:
            vm.wait_for(r"wherry: onboot sysctl: done")
            vm.wait_for(r"wherry: onboot dhcp: done")
            vm.wait_for(r"wherry: ready")
            page = vm.http_get("/")
            self.assertIn("<h1>", page)
            if port:
                with urllib.request.urlopen("http://[::1]:%d/" % port, timeout=60) as answer:
                    self.assertEqual(answer.read().decode(), page)
            self.assertEqual(vm.power_off(), 0)
            console = vm.console()
        stopped = re.search(r"wherry: service nginx: .*stopped.* in ([\d.]+) s", console)
        self.assertIsNotNone(stopped, console)
        self.assertNotIn("SIGKILL", stopped.group(0))
        self.assertLess(float(stopped.group(1)), 10)
        self.assertRegex(console, r"wherry: power off")
        self.assertNotRegex(console, r"(?i)failed|panic|oops")

    def test_the_first_example_of_the_reference_serves_what_it_says(self):
        with open(os.path.join(images.ROOT, "docs", "yaml.md"), encoding="utf-8") as f:
            text = re.search(r"^```yaml\n(.*?)^```$", f.read(), re.M | re.S).group(1)
        with boot.Boot(images.build(text, self.dir.name), publish=[80]) as vm:
            vm.wait_for(r"wherry: ready")
            self.assertEqual(vm.http_get("/hello"), "hello")
            self.assertIn("<h1>", vm.http_get("/"))
            self.assertEqual(vm.power_off(), 0)

    def test_volumes_are_served_by_a_container_that_cannot_write_them(self):
        with self.boot("volumes", publish=[80]) as vm:
            vm.wait_for(r"wherry: onboot page: done")
            vm.wait_for(r"wherry: ready")
            self.assertRegex(vm.http_get("/"), r"^<h1>Started .*UTC.*</h1>$")
            self.assertEqual(vm.power_off(), 0)

    def test_minimal_gives_a_shell_in_which_reboot_and_poweroff_do_as_they_say(self):
        with self.boot("minimal") as vm:
            vm.wait_for(r"wherry: ready")
            vm.wait_for(r"# ?$")
            vm.send("echo sum=$((20+22))")
            vm.wait_for(r"^sum=42$")
            vm.send("cat /proc/1/comm; id -u")
            vm.wait_for(r"^0$")
            vm.send("reboot")
            vm.wait_for(r"wherry: reboot")
            vm.wait_for(r"wherry: ready")
            vm.wait_for(r"# ?$")
            vm.send("poweroff")
            vm.wait_for(r"wherry: power off")
            self.assertEqual(vm.wait_end(), 0)

    def test_supervised_keeps_its_web_server(self):
        with self.boot("supervised", publish=[80]) as vm:
            vm.wait_for(r"wherry: service web: healthy")
            vm.wait_for(r"wherry: service getty: started")
            vm.wait_for(r"# ?$")
            vm.send("service exec web /usr/sbin/nginx -s stop")
            vm.wait_for(r"service web: exited .*restarting")
            vm.wait_for(r"service web: restarted")
            self.assertIn("<h1>", vm.http_get("/"))
            self.assertEqual(vm.power_off(), 0)

    def test_minimal_is_small(self):
        """Under 4 MiB without the kernel and its modules, under 20 MiB with them where that is packed."""
        path = self.build("minimal")
        whole = os.path.getsize(path + "-kernel") + os.path.getsize(path + "-initrd.img")
        self.assertLess(whole, (20 if images.ARCH == "amd64" else 50) * examples.MIB)
        getty = "  - name: getty\n    image: %s\n    env: [INSECURE=true]" % images.tag("getty")
        text = images.base(services=getty).replace("  cmdline:", "  tar: none\n  cmdline:")
        bare = images.build(text, os.path.join(self.dir.name, "bare"))
        self.assertLess(os.path.getsize(bare + "-initrd.img"), 4 * examples.MIB)


if __name__ == "__main__":
    unittest.main()
