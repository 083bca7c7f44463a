# SPDX-License-Identifier: Apache-2.0
"""An OS for an architecture that this machine may not be of: cross-compiled with all it is made of, and booted."""
import tarfile
import tempfile
import unittest

import boot
import images

MACHINES = {"amd64": 62, "arm64": 183, "riscv64": 243, "ppc64le": 21}  # EM_... of elf.h
PROGRAMS = ("init", "usr/bin/crun", "rootfs/usr/bin/busybox", "rootfs/usr/sbin/nginx", "overlay.ko")


def machine(data):
    """The machine of an ELF file, all of which are little endian here; None for other files."""
    return int.from_bytes(data[18:20], "little") if data[:4] == b"\x7fELF" else None


class Arches(unittest.TestCase):
    def test_an_os_has_programs_of_its_architecture_only_and_serves_its_page(self):
        directory = tempfile.TemporaryDirectory(prefix="wherry-arches-")
        self.addCleanup(directory.cleanup)
        path = images.build(images.ROOT + "/examples/nginx.yml", directory.name, "--format", "tar,kernel+initrd")
        found = {}
        with tarfile.open(path + ".tar") as tar:
            for member in tar:
                if member.isreg():
                    found[member.name] = machine(tar.extractfile(member).read(20))
        wrong = {name: found[name] for name in found if found[name] not in (None, MACHINES[images.ARCH])}
        self.assertEqual(wrong, {})
        right = [name for name in found if found[name]]
        for end in PROGRAMS:
            self.assertTrue(any(name.endswith(end) for name in right), (end, sorted(right)))
        with boot.Boot(path, publish=[80]) as vm:
            vm.wait_for(r"wherry: ready \(1 service\)")
            self.assertIn("<h1>", vm.http_get("/"))
            self.assertEqual(vm.power_off(), 0)
            self.assertNotRegex(vm.console(), r"(?i)failed|panic|oops|can't")


if __name__ == "__main__":
    unittest.main()
