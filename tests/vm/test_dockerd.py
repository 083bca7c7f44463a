# SPDX-License-Identifier: Apache-2.0
"""Docker and containerd in the OS: their examples. In the soak only: they take minutes, and have 200 MB of programs."""
import os
import unittest

import boot
import dockerlike
import examples
import images
from guest import Guest

PORT = 8080
SQUASHFS = ("--format", "kernel+squashfs")
# Emulated, on a machine with much else to do.
SLOW = 10 * boot.LIMIT
DOCKER = "service exec docker docker "
SAYS = ("echo a page of a container on $(hostname) >/index.html; "
        "exec /bin/busybox httpd -f -p 80 -h /")


def save(path):
    """An image for `docker load`, made here: busybox, which serves a page."""
    name = dockerlike.configure(images.plain(), "test/hello:1", {"Cmd": ["/bin/sh", "-c", SAYS]})
    images.wherry("cache", "export", "--format", "docker", "--platform", "linux/" + images.ARCH, "--name",
                  "docker.io/library/hello:1", "-o", path, name)


def ping(socket):
    """Asks dockerd whether it is there, by a program that connects standard input and output."""
    return "printf 'GET /_ping HTTP/1.0\\r\\n\\r\\n' | %s | grep -q ^OK" % socket


def be_host(vm, disk):
    """Let the machine be its own host, by loopback, with the client on a disk as /vsock."""
    vm.check("cat %s > /vsock && chmod 755 /vsock && chroot /proc/1/root /sbin/modprobe vsock_loopback" % disk)


def background(vm, service, command):
    vm.check("{ service exec %s %s > /dev/null & }" % (service, command))


@unittest.skipUnless(os.environ.get("WHERRY_SOAK"), "only in the soak")
class Dockerd(examples.Examples):
    """Files come into the machine as disks."""

    def disk(self, name):
        return os.path.join(self.dir.name, name)

    def hello(self):
        save(self.disk("hello.tar"))
        return self.disk("hello.tar")

    def vsock(self):
        images.program("vsock", self.disk("vsock"))
        return self.disk("vsock")

    def start(self, name, *disks, memory=768, **kwargs):
        args = [word for disk in disks for word in ("--disk", "file=%s,format=raw" % disk)]
        vm = self.boot(name, SQUASHFS, machine=Guest, args=[*args, "--root", "squashfs", "--mem", str(memory)],
                       **kwargs)
        vm.wait_for_shell()
        return vm

    def empty(self, name="empty"):
        with open(self.disk(name), "wb") as f:
            f.truncate(1 << 30)
        return self.disk(name)

    def test_docker(self):
        """A container with a published port, which is there again after a reboot."""
        data, hello = self.empty(), self.hello()
        vm = self.start("docker", data, hello, publish=[PORT])
        vm.wait_for_anywhere(r"wherry: service docker: healthy", SLOW)
        vm.check("cat /dev/vdc | %s load" % DOCKER, SLOW)
        self.assertEqual(vm.check(DOCKER + "run --rm hello:1 /bin/sh -c 'exec /bin/busybox expr 6 \\* 7'", SLOW), "42")
        vm.check(DOCKER + "run -d -m 32m --restart always --name web --publish %d:80 hello:1" % PORT, SLOW)
        page = vm.http_get(port=PORT)
        self.assertRegex(page, r"^a page of a container on [0-9a-f]{12}$")
        # Its limit is that of a group below the service's.
        self.assertEqual(vm.check("cat /sys/fs/cgroup/docker/docker/*/memory.max"), str(32 << 20))
        self.assertIn("httpd", vm.check(DOCKER + "top web", SLOW))
        print("docker: memory in use: %s MiB" % vm.check("free -m | awk '/Mem/ {print $3}'"))
        self.assertEqual(vm.power_off(SLOW), 0)
        self.assertNotRegex(vm.console(), r"docker: stopped by SIGKILL")
        vm = Guest(os.path.join(self.dir.name, "docker"), publish=[PORT], args=[
            "--disk", "file=%s,format=raw" % data, "--root", "squashfs", "--mem", "768"])
        self.addCleanup(vm.close)
        self.assertEqual(vm.http_get(port=PORT, limit=SLOW), page)

    def node(self, number, lan):
        """A machine of the Swarm, with an empty disk, whose dockerd answers and knows the image hello."""
        name = "node%d" % number
        self.build("docker-swarm", *SQUASHFS, "--set", "NODE=%d" % number, "--name", name)
        path = self.disk(name)
        save(self.disk(name + ".tar"))
        args = [word for disk in (self.empty(name + ".img"), self.disk(name + ".tar"))
                for word in ("--disk", "file=%s,format=raw" % disk)]
        vm = Guest(path, args=["--root", "squashfs", "--mem", "640", "--networking", lan, "--state", path + "-state",
                               *args])
        self.addCleanup(vm.close)
        if number == 1:
            self.addCleanup(lambda: examples.note(self, "docker-swarm", path, vm))
        vm.wait_for_shell(SLOW)
        vm.check("cat /dev/vdc | %s load" % DOCKER, SLOW)
        return vm

    def test_docker_swarm(self):
        """Three machines, of which the one that runs the service is lost: another one of them does."""
        nodes, lan = {}, "lan,230.0.0.1:%d" % boot.free_port()
        for number in 1, 2, 3:
            nodes["node%d" % number] = vm = self.node(number, lan)
            if number == 1:
                vm.check(DOCKER + "swarm init --advertise-addr 192.168.64.1 --dispatcher-heartbeat 30s", SLOW)
                token = vm.check(DOCKER + "swarm join-token -q manager", SLOW)
            else:
                vm.run(DOCKER + "swarm join --advertise-addr 192.168.64.%d --token %s 192.168.64.1:2377"
                       % (number, token), SLOW)
            vm.wait_until(DOCKER + "info --format '{{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}}' "
                          "| grep -x 'active true'", SLOW)
        first = nodes["node1"]
        first.check(DOCKER + "service create --detach --no-resolve-image --name web --publish 8080:80 hello:1", SLOW)
        before = self.page(first)
        running = DOCKER + "service ps --filter desired-state=running --format '{{.Node}}' web"
        lost = nodes.pop(first.check(running, SLOW).split()[-1])
        lost.process.kill()
        lost.close()
        for vm in nodes.values():
            vm.wait_until("test \"$(timeout 20 wget -q -O - http://127.0.0.1:8080/)\" != '%s' && "
                          "timeout 20 wget -q -O - http://127.0.0.1:8080/ | grep 'a page of'" % before, SLOW)
            self.assertNotEqual(self.page(vm), before)

    def page(self, vm):
        """What the service says, at any node's port."""
        vm.wait_until("timeout 20 wget -q -O - http://127.0.0.1:8080/", SLOW)
        return vm.check("timeout 20 wget -q -O - http://127.0.0.1:8080/")

    def test_docker_for_mac(self):
        """The host's side is the machine's own, by loopback: vsudd as it is refuses that, and another one does not."""
        vm = self.start("docker-for-mac", self.empty(), self.vsock())
        vm.wait_for_anywhere(r"wherry: service docker: healthy", SLOW)
        be_host(vm, "/dev/vdc")
        self.assertRegex(vm.check("cat /proc/swaps"), r"(?m)/swap +file")
        self.assertNotEqual(vm.run(ping("/vsock 1 2376"))[0], 0)
        self.assertIn("a connection that is not the host's was closed", vm.check("service logs vsudd"))
        background(vm, "vsudd", "/vsudd -local -inport 2377:unix:/run/guest-services/docker.sock")
        vm.wait_until(ping("/vsock 1 2377"))
        # The clock: an hour late, it is as before, after somebody has connected.
        background(vm, "host-timesync-daemon", "/usr/bin/host-timesync-daemon -local -port 7000")
        vm.check("echo $(($(date +%s) - 3600)) > /then; date -s @$(cat /then)")
        vm.wait_until("/vsock 1 7000 < /dev/null")
        vm.check("test $(date +%s) -gt $(($(cat /then) + 3500))")
        self.assertEqual(vm.power_off(SLOW), 0)

    def test_containerd_debug(self):
        vm = self.start("containerd-debug", self.hello())
        vm.wait_for_anywhere(r"wherry: service containerd: healthy", SLOW)
        vm.check("cat /dev/vdb | service exec containerd ctr images import -", SLOW)
        run = "service exec containerd ctr run --rm docker.io/library/hello:1 one /bin/sh -c 'echo $((6 * 7))'"
        self.assertEqual(vm.check(run, SLOW), "42")
        self.assertIn("level=debug", vm.check("service logs containerd"))
        self.assertEqual(vm.power_off(SLOW), 0)
        self.assertNotRegex(vm.console(), r"containerd: stopped by SIGKILL")

    def test_vsudd_containerd(self):
        """As above. What answers is gRPC: a frame of HTTP/2's settings."""
        vm = self.start("vsudd-containerd", self.vsock())
        vm.wait_for_anywhere(r"wherry: service containerd: healthy", SLOW)
        be_host(vm, "/dev/vdb")
        background(vm, "vsudd", "/vsudd -local -inport 7000:unix:/run/containerd/containerd.sock")
        ask = r"{ printf 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0'; sleep 5; } | /vsock 1 7000 | hexdump -C"
        # Until vsudd listens, it is refused.
        vm.wait_until(ask + r" | grep -q '^00000000  00 00 .. 04 00 00 00 00'", SLOW)
        self.assertEqual(vm.power_off(SLOW), 0)

    def test_vpnkit_forwarder(self):
        vm = self.boot("vpnkit-forwarder", machine=Guest, args=["--disk", "file=%s,format=raw" % self.vsock()])
        vm.wait_for_shell()
        be_host(vm, "/dev/vda")
        get = "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | /vsock 1 %d"
        self.assertNotIn("<h1>", vm.run(get % 80)[1])
        background(vm, "forwarder", "/vsudd -local -inport 7000:tcp:127.0.0.1:80")
        vm.wait_until(get % 7000 + " | grep -q '<h1>'")
        self.assertEqual(vm.power_off(SLOW), 0)


if __name__ == "__main__":
    unittest.main()
