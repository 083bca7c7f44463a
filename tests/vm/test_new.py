# SPDX-License-Identifier: Apache-2.0
"""What `wherry new` writes is built and booted as it is, and does what its comments say."""
import os
import re
import subprocess
import tempfile
import unittest

import boot
import images


class New(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory(prefix="wherry-new-")
        self.addCleanup(self.dir.cleanup)

    def new(self, name, *args, build=()):
        """Written, and built by the command that it names; the path that `run` takes. build: more of its options."""
        images.wherry("new", name, *args, cwd=self.dir.name)
        path = os.path.join(self.dir.name, name)
        images.wherry("build", "--pkg-path", os.path.join(images.ROOT, "pkg"), "--dir", self.dir.name, *build,
                      path + ".yml")
        return path

    def test_minimal_gives_a_shell(self):
        with boot.Boot(self.new("box")) as vm:
            vm.wait_for(r"wherry: ready")
            vm.wait_for(r"# ?$")
            vm.send("cat /hostroot/etc/motd")
            vm.wait_for(r"^This is box\.$")

    def test_nginx_serves_its_page(self):
        with boot.Boot(self.new("web", "--from", "nginx"), publish=[80]) as vm:
            vm.wait_for(r"wherry: service nginx: healthy")
            self.assertIn("<h1>This is web</h1>", vm.http_get("/"))

    def test_docker_image_runs(self):
        image = images.plain()
        with boot.Boot(self.new("app", "--from", "docker-image", image)) as vm:
            vm.wait_for(r"wherry: ready|service plain: exited")

    @unittest.skipUnless(os.environ.get("WHERRY_SOAK"), "only in the soak: Docker takes its time")
    def test_docker_has_its_data_on_the_disk(self):
        disk = os.path.join(self.dir.name, "docker.qcow2") + ",size=8G,format=qcow2"
        path = self.new("box", "--from", "docker", build=["--format", "kernel+squashfs"])
        with boot.Boot(path, publish=[8080], args=["--disk", disk]) as vm:
            vm.wait_for(r"wherry: service docker: healthy", 5 * boot.LIMIT)
            vm.send("service exec docker docker info --format '{{.DockerRootDir}} {{.LoggingDriver}}'")
            vm.wait_for(r"^/var/lib/docker local$", 2 * boot.LIMIT)
            vm.wait_for(r"# ?$")
            vm.send("grep /var/lib/docker /proc/mounts")
            vm.wait_for(r"^/dev/vd\w+ /var/lib/docker ext4")
            self.assertEqual(vm.power_off(), 0)
            self.assertNotIn("failed", vm.console())

    def test_appliance_keeps_its_data_and_has_no_shell(self):
        path = self.new("thing", "--from", "appliance")
        with open(path + ".yml", encoding="utf-8") as f:
            disk = re.search(r"^#   (truncate .*?data\.img)  +#", f.read(), re.M).group(1)
        subprocess.run(["sh", "-ec", disk], cwd=self.dir.name, check=True, timeout=60)
        disk = ["--disk", os.path.join(self.dir.name, "data.img")]
        for _ in range(2):
            with boot.Boot(path, publish=[80], args=disk) as vm:
                vm.wait_for(r"wherry: onboot disk: done")
                vm.wait_for(r"wherry: service web: healthy")
                self.assertIn("<h1>This is thing</h1>", vm.http_get("/"))
                self.assertEqual(vm.power_off(), 0)
                console = vm.console()
        self.assertIn("random numbers are seeded from the last boot", console)
        self.assertNotRegex(console, r"(?i)failed|panic|# $")

    def test_appliance_without_a_disk_says_so(self):
        with boot.Boot(self.new("thing", "--from", "appliance")) as vm:
            vm.wait_for(r"wherry: onboot disk: done")
            vm.wait_for(r"wherry: ready")


if __name__ == "__main__":
    unittest.main()
