# SPDX-License-Identifier: Apache-2.0
"""What images of Docker Hub take for granted: names, health checks, and rights, or else a word on what is missing."""
import tempfile
import unittest

import boot
import dockerlike
import images

IDLE = "exec sleep 100000"
# Gives its directory to a user, as the entrypoints of databases do.
GIVES = ["/bin/sh", "-c", "cd /data && chown 999:999 . && stat -c 'owned by %u' ."]
RESOLV = "/run/resolvconf/resolv.conf"


def healthy(test, **times):
    return dict({"Test": test}, **times)


def entry(name, image, *lines):
    return "  - name: %s\n    image: %s\n%s" % (name, image, "".join("    %s\n" % line for line in lines))


def command(script):
    return 'command: ["/bin/sh", "-c", "%s"]' % script


class Docker(unittest.TestCase):
    """One machine; each test looks at what its console shows."""

    @classmethod
    def setUpClass(cls):
        plain = dockerlike.configure(images.plain(), "test/plain:1", {"Cmd": ["/bin/sh", "-c", IDLE]})
        sound = dockerlike.configure(images.plain(), "test/sound:1", {
            "Cmd": ["/bin/sh", "-c", "sleep 2; echo x >/dev/shm/well; " + IDLE],
            "Healthcheck": healthy(["CMD-SHELL", "test -e /dev/shm/well || exit 1"], Interval=10 ** 9)})
        sick = dockerlike.configure(images.plain(), "test/sick:1", {
            "Cmd": ["/bin/sh", "-c", IDLE], "Healthcheck": healthy(["CMD", "/bin/busybox", "false"])})
        gives = dockerlike.configure(images.plain(), "test/gives:1", {"Entrypoint": GIVES, "Volumes": {"/data": {}}})
        data = "runtime: {mkdir: [/var/data]}", 'binds: ["/var/data:/data"]'
        text = images.base(
            onboot=entry("early", plain, command("cat /etc/resolv.conf /etc/hosts; echo early read"))
            + images.shell("lease", "echo nameserver 192.0.2.53 >%s" % RESOLV, 'binds: ["/run:/run"]'),
            services=entry("late", plain, command("cat /etc/resolv.conf /etc/hosts; echo >>/etc/resolv.conf; " + IDLE))
            + entry("alone", plain, "net: new", command("grep -c nameserver /etc/resolv.conf; " + IDLE))
            + entry("sound", sound) + entry("follows", plain, command(IDLE), "wherry: {after: [sound]}")
            + entry("unchecked", sick, "wherry: {health: {disable: true}}")
            + entry("refused", gives, *data) + entry("docker", gives, "capabilities: [docker]", *data)
            + entry("user", plain, "uid: 7", command("echo x >/file")),
            cmdline=images.CMDLINE + " wherry.console")
        text += "files:\n  - {path: /etc/hosts, contents: '192.0.2.9 named', mode: '0644'}\n"
        with tempfile.TemporaryDirectory(prefix="wherry-docker-") as directory:
            with boot.Boot(images.build(text, directory)) as vm:
                vm.wait_for(r"wherry: ready \(")
                for pattern in (r"wherry: service refused: failed", r"wherry: service user: failed",
                                r"wherry: service docker: (failed|exited)", r"wherry: service follows: started"):
                    vm.wait_for_anywhere(pattern)
                vm.power_off()
                cls.console = vm.console()

    def said(self, pattern):
        self.assertRegex(self.console, pattern)

    def test_names_are_looked_up_as_on_the_machine(self):
        self.said(r"late: nameserver 192\.0\.2\.53\n")
        self.said(r"late: 192\.0\.2\.9 named")
        self.said(r"late: .*/etc/resolv\.conf: Read-only file system")
        self.said(r"alone: 0\n")

    def test_a_container_starts_before_any_name_server_is_known(self):
        self.said(r"wherry: onboot early: done")
        self.said(r"early: 192\.0\.2\.9 named")
        self.assertNotRegex(self.console, r"early: nameserver")

    def test_the_image_says_when_it_is_healthy(self):
        self.said(r"wherry: service sound: healthy after [2-9]")
        self.assertLess(self.console.index("wherry: service sound: healthy"),
                        self.console.index("wherry: service follows: started"))
        self.assertNotIn("service unchecked: unhealthy", self.console)
        self.assertNotIn("service unchecked: ended", self.console)

    def test_what_was_refused_is_explained(self):
        self.said(r"wherry: service refused: failed with exit code 1 after [\d.]+ s \(it has no capabilities: try "
                  r"'capabilities: \[docker\]'; last output: .*Operation not permitted\); it is not restarted")
        self.said(r"wherry: service user: failed .*\(it runs as user 7; last output: .*Permission denied\)")

    def test_dockers_capabilities_are_enough(self):
        self.said(r"docker: owned by 999\n")
        self.said(r"wherry: service docker: exited")


if __name__ == "__main__":
    unittest.main()
