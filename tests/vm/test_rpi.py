# SPDX-License-Identifier: Apache-2.0
"""Format rpi3 on QEMU's Raspberry Pi 3, which runs no firmware: the files of its tar, given to QEMU as the firmware
would start them."""
import os
import tarfile
import tempfile
import unittest

import boot
import images

SOAK = os.environ.get("WHERRY_SOAK")
LIMIT = 1200
# The serial port on pins 8 and 10.
CMDLINE = "console=ttyS1,115200"


class Board(boot.Boot):
    """QEMU's raspi3b, which has a fixed amount of memory and four CPUs; the directory `path` is its SD card."""

    def command(self, path, args, accel):
        def file(name):
            return os.path.join(path, name)
        with open(file("cmdline.txt"), encoding="utf-8") as f:
            words = f.read().strip()
        # Its first serial port is the one of Bluetooth.
        return ["qemu-system-aarch64", "-M", "raspi3b", "-display", "none", "-serial", "null", "-serial", "stdio",
                "-qmp", "unix:%s,server=on,wait=off" % self.control, "-kernel", file("kernel8.img"),
                "-dtb", file("bcm2837-rpi-3-b.dtb"), "-initrd", file("initrd.img"), "-append", words] + args


class Rpi(unittest.TestCase):
    @unittest.skipUnless(SOAK and images.ARCH == "arm64", "in the soak, for arm64")
    def test_its_files_start_the_os(self):
        directory = tempfile.TemporaryDirectory(prefix="wherry-rpi-")
        self.addCleanup(directory.cleanup)
        images.make_package("kernel-generic")
        text = images.base(kernel="kernel-generic", cmdline=CMDLINE,
                           services=images.shell("idle", "sleep 1000000", image=images.plain()))
        tar = images.build(text, directory.name, "--format", "rpi3") + ".tar"
        card = os.path.join(directory.name, "card")
        with tarfile.open(tar) as files:
            files.extractall(card)
        with Board(card) as vm:
            vm.wait_for(r"Machine model: Raspberry Pi 3 Model B", LIMIT)
            vm.wait_for(r"wherry: ready \(1 service\)", LIMIT)
            self.assertNotRegex(vm.console(), r"Kernel panic|Oops|continuing without")


if __name__ == "__main__":
    unittest.main()
