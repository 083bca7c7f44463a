#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the pages tell their readers to type is typed, in order, as it is; all of it but what UNTYPED names.

A page finds what its text takes for granted: the files and images that PAGES gives it, and registries under their
names on the internet, which are this machine.
"""
import os
import subprocess
import sys
import tempfile
import unittest

import engine
import images
import pages
import terminal
from test_readme import environment

sys.path.insert(0, os.path.join(images.ROOT, "tests", "cli"))
import ocilib  # noqa: E402
import registrylib  # noqa: E402

NAMES = ("registry-1.docker.io", "ghcr.io")
OS = """\
kernel: {image: "@pkg:kernel", cmdline: "console=ttyS0 quiet"}
init: ["@pkg:init", "@pkg:crun"]
services: [{name: web, image: "@pkg:nginx"}]
"""

# The chapter before has it.
CGI = next(step.text for step in pages.steps(pages.read("README.md")) if step.name == "hello/index.cgi")

# What each section of a page takes for granted: files, and names of images in the cache.
PAGES = {
    "README.md": ({"os.yml": OS, "hello/index.cgi": CGI}, []),
    "docs/formats.md": ({"os.yml": OS}, []),
    "docs/init.md": ({"os.yml": OS}, []),
    "docs/registry.md": ({"os.yml": OS}, ["app:2"]),
    "docs/sbom.md": ({"os.yml": OS}, []),
    "docs/secure-boot.md": ({"os.yml": OS}, []),
    "docs/size.md": ({"os.yml": OS}, []),
    "docs/store.md": ({"os.yml": OS}, []),
}
# Why a command, or a section, is not typed.
UNTYPED = {
    "README.md": {
        "Your own, in ten minutes": "test_readme.py types it",
        **({} if engine.available() else {"With Podman or Docker": "podman is not here, or this is not root"}),
        "sudo apt-get install ./wherry_0.1.0_amd64.deb": "tests/packaging types it in a root of its own",
        "sudo dd if=os.iso of=/dev/sdX bs=4M conv=fsync": "there is no stick; vm-formats boots the image as a CD",
    },
    "docs/architectures.md": {
        "Build and run": "it takes minutes; vm-arches builds and boots it in the soak",
    },
    "docs/hacking.md": {
        "Build and try": "whoever runs this test has typed it",
        "The same bytes as before": "each takes minutes",
        "Calls that fail": "the tests of the tool type the same",
    },
    "docs/formats.md": {
        "What other programs find": "check-formats-doc does it",
        "Raspberry Pi 3": "it compiles all for arm64, as vm-arches does in the soak; cli-rpi builds one without",
    },
    "docs/install.md": {
        "The Debian package": "packaging-deb types it in the soak",
        "The static tarball": "packaging-tarball types it",
        "The container image": "packaging-container types it",
        "The sources": "cli-install does the same",
    },
    "docs/init.md": {
        "unshare --fork --pid --mount --cgroup --uts --ipc --net --root=root /init": "vm-container types it",
    },
    "docs/kernel.md": {
        "The small kernel": "it takes minutes; vm-small does the same in the soak",
        "A module that the kernel does not have": "vm-drivers builds and boots it",
    },
    "docs/metadata.md": {
        "Metadata": "vm-metadata boots a machine with both options",
    },
    "docs/secure-boot.md": {"A key in a token": "there is none; cli-secure-boot signs by one of softhsm2"},
    "docs/supervisor.md": {"`service`": "a synopsis; vm-service types each of them",
                           "From outside: `wherry attach`": "of a machine; vm-run types such lines"},
    "docs/pkg.md": {
        "sudo apt-get install debian-archive-keyring": "it changes this machine",
        "wherry build --arch riscv64 examples/nginx.yml": "it takes minutes; vm-arches builds it in the soak",
    },
}


@unittest.skipUnless(registrylib.available(), "docker-registry is not installed")
class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.TemporaryDirectory(prefix="wherry-pages-")
        cls.addClassCleanup(cls.dir.cleanup)
        cls.network = terminal.Network(cls.dir.name, NAMES)
        cls.addClassCleanup(cls.network.close)
        authority = registrylib.Authority(os.path.join(cls.dir.name, "ca"), NAMES)
        registry = registrylib.Registry(os.path.join(cls.dir.name, "registry"), authority, port=443, everywhere=True,
                                        enter=cls.network.enter)
        cls.addClassCleanup(registry.stop)
        cls.env = environment(os.path.dirname(images.WHERRY))
        if engine.available():
            programs = engine.install(os.path.join(cls.dir.name, "podman"))
            engine.add_busybox(programs)
            cls.env["PATH"] = programs + ":" + cls.env["PATH"]
        cls.env.update(SSL_CERT_FILE=authority.certificate, WHERRY_CACHE=images.CACHE)
        cls.layout = ocilib.Layout(os.path.join(cls.dir.name, "layout"))
        both = cls.layout.index([cls.layout.image([{"bin/app": b"x"}], arch=arch) for arch in ("amd64", "arm64")])
        cls.layout.name("docker.io/library/nginx:1.27", both)
        cls.at_a_prompt("first", "wherry cache import %s" % cls.layout.directory,
                        "wherry cache push docker.io/library/nginx:1.27")

    @classmethod
    def at_a_prompt(cls, name, *commands):
        """A terminal in a directory of its own, where these commands were typed."""
        home = os.path.join(cls.dir.name, name)
        os.mkdir(home)
        user = terminal.Terminal(home, cls.env, cls.network, inside=True)
        cls.addClassCleanup(user.close)
        for command in commands:
            user.run(command)
        return user

    def type_section(self, name, steps, given, untyped):
        files, names = given
        user = self.at_a_prompt(name, *("wherry cache tag nginx:1.27 " + name for name in names))
        for name, text in files.items():
            user.write(name, text)
        for step in steps:
            if not untyped.pop(step.text, None):
                user.do(step)
        user.leave()

    def type_page(self, page):
        untyped = dict(UNTYPED.get(page, {}))
        for number, (title, steps) in enumerate(pages.sections(pages.read(page))):
            if not untyped.pop(title, None):
                name = "%s-%d" % (page.replace("/", "-"), number)
                self.type_section(name, steps, PAGES.get(page, ({}, [])), untyped)
        self.assertEqual(untyped, {}, "no longer on the page")

    def test_pages(self):
        listed = [os.path.join("docs", name) for name in os.listdir(os.path.join(images.ROOT, "docs"))]
        for page in ["README.md", *sorted(name for name in listed if name.endswith(".md"))]:
            with self.subTest(page):
                self.type_page(page)


if __name__ == "__main__":
    unittest.main()
