# SPDX-License-Identifier: Apache-2.0
"""Component images and an OS for architectures that this machine is not of: made, not booted."""
import os
import tarfile
import unittest

import images

# Not the tests' store: where an image is there for several architectures, its index differs from one made elsewhere.
STORE = ["--cache", os.path.join(images.WORK, "cache-arches")]
MACHINES = {"amd64": 62, "arm64": 183, "riscv64": 243}  # EM_... of elf.h
SOAK = bool(os.environ.get("WHERRY_SOAK"))
# Mirrors have updates of less common architectures late, and then not those that they have signed.
ALONE = {"riscv64": {"WHERRY_DEBIAN_SECURITY_MIRROR": "none"}}


def machine(data):
    """The machine of an ELF file, all of which are little endian here; None for other files."""
    return int.from_bytes(data[18:20], "little") if data[:4] == b"\x7fELF" else None


class Arches(unittest.TestCase):
    def make(self, arch, *args):
        for name, value in ALONE.get(arch, {}).items():
            self.addCleanup(os.environ.pop, name, None)
            os.environ[name] = value
        images.wherry(*args, *STORE, "--arch", arch, timeout=3600)

    def check_os(self, arch):
        out = os.path.join(images.WORK, "os-%s.tar" % arch)
        self.make(arch, "build", "--format", "tar", "-o", out, os.path.join(images.ROOT, "examples", "nginx.yml"))
        found = {}
        with tarfile.open(out) as tar:
            for member in tar:
                if member.isreg():
                    found[member.name] = machine(tar.extractfile(member).read(20))
        wrong = {name: found[name] for name in found if found[name] not in (None, MACHINES[arch])}
        self.assertEqual(wrong, {})
        right = [name for name in found if found[name]]
        for end in ("init", "usr/bin/crun", "rootfs/usr/bin/busybox", "rootfs/usr/sbin/nginx", "overlay.ko"):
            self.assertTrue(any(name.endswith(end) for name in right), (end, sorted(right)))

    def test_the_guest_is_compiled_for_arm64(self):
        self.make("arm64", "pkg", "build", os.path.join(images.ROOT, "pkg", "init"))
        program = images.wherry("cat", *STORE, "--arch", "arm64", images.tag("init"), "init", text=False)
        self.assertEqual(machine(program), MACHINES["arm64"])

    @unittest.skipUnless(SOAK, "only in the soak: compiles all that an OS is made of")
    def test_an_os_for_arm64(self):
        self.check_os("arm64")

    @unittest.skipUnless(SOAK, "only in the soak: compiles all that an OS is made of")
    def test_an_os_for_riscv64(self):
        self.check_os("riscv64")


if __name__ == "__main__":
    unittest.main()
