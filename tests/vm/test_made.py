# SPDX-License-Identifier: Apache-2.0
"""The image of each component can be made for the architecture WHERRY_ARCH, unless its build.yml leaves that out; its
programs are of that architecture. In the soak only: all of Debian's packages for them are fetched."""
import os
import unittest

import yaml

import images

# What takes more than a quarter of an hour to compile: vm-small makes it.
LONG = ["kernel-small"]
# e_machine of ELF files.
MACHINE = {"amd64": 62, "arm64": 183, "riscv64": 243, "ppc64le": 21}


def packages():
    top = os.path.join(images.ROOT, "pkg")
    for name in sorted(os.listdir(top)):
        path = os.path.join(top, name, "build.yml")
        if name in LONG or not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as f:
            if images.ARCH in yaml.safe_load(f).get("arches", [images.ARCH]):
                yield name


@unittest.skipUnless(os.environ.get("WHERRY_SOAK"), "only in the soak")
class Made(unittest.TestCase):
    def program_of(self, name):
        """The first bytes of what the component's label starts, or None: a script, or nothing by itself."""
        with open(os.path.join(images.ROOT, "pkg", name, "build.yml"), encoding="utf-8") as f:
            command = (yaml.safe_load(f).get("config") or {}).get("command", [""])[0]
        if not command.startswith("/"):
            return None
        head = images.wherry("cat", "--arch", images.ARCH, images.tag(name), command, text=False)[:20]
        return head if head.startswith(b"\x7fELF") else None

    def test_all_can_be_made(self):
        names = list(packages())
        self.assertGreater(len(names), 20)
        for name in names:
            with self.subTest(name):
                images.make_package(name)
                head = self.program_of(name)
                if head:
                    order = "big" if head[5] == 2 else "little"
                    self.assertEqual(int.from_bytes(head[18:20], order), MACHINE[images.ARCH])


if __name__ == "__main__":
    unittest.main()
