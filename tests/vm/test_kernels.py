# SPDX-License-Identifier: Apache-2.0
"""The kernels beside pkg/kernel: what they boot, and what they cost until PID 1 runs, in the soak; and the firmware of
all of them."""
import io
import lzma
import os
import re
import resource
import statistics
import subprocess
import tarfile
import tempfile
import time
import unittest

import boot
import images

SOAK = bool(os.environ.get("WHERRY_SOAK"))
RUNS = 5
MIB = 2**20
# MiB that do for examples/nginx.yml. The modules of Debian's kernel are in the initrd.
MEMORY = {"kernel-6.12": 512, "kernel-small": 128}


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory(prefix="wherry-kernels-")
        self.addCleanup(self.dir.cleanup)


class Firmware(unittest.TestCase):
    """What modules ask for is in the kernel's image, so that `firmware` has nothing to bring."""

    def asked(self, kernel):
        """Names of files that modules ask for, and all paths of the image's kernel.tar."""
        images.make_package(kernel)
        asked, paths, modules = set(), set(), 0
        text = images.wherry("cat", "--arch", images.ARCH, images.tag(kernel), "kernel.tar", text=False)
        with tarfile.open(fileobj=io.BytesIO(text)) as tar:
            for entry in tar:
                paths.add(entry.name)
                if ".ko" in entry.name and entry.isfile():
                    data = tar.extractfile(entry).read()
                    data = lzma.decompress(data) if entry.name.endswith(".xz") else data
                    asked.update(name.decode() for name in re.findall(rb"\0firmware=([^\0]+)", data))
                    modules += 1
        self.assertGreater(modules, 20)
        return asked, paths

    def test_modules_for_virtual_machines_ask_for_none(self):
        self.assertEqual(self.asked("kernel")[0], set())

    @unittest.skipUnless(SOAK, "only in the soak: it fetches Debian's packages of firmware")
    def test_modules_for_real_machines_bring_what_debian_has(self):
        asked, paths = self.asked("kernel-generic")
        self.assertGreater(len(asked), 20)
        missing = images.wherry("cat", "--arch", images.ARCH, images.tag("kernel-generic"), "firmware.missing").split()
        self.assertEqual({name for name in asked if "lib/firmware/" + name not in paths}, set(missing))
        self.assertLess(len(missing), 3, missing)


@unittest.skipUnless(SOAK, "only in the soak: it compiles a kernel")
class Boots(Case):
    """On a machine of the architecture WHERRY_ARCH."""

    def test_nginx_serves_its_page(self):
        with open(os.path.join(images.ROOT, "examples", "nginx.yml"), encoding="utf-8") as f:
            example = f.read()
        for kernel, memory in MEMORY.items():
            with self.subTest(kernel):
                text = example.replace('"@pkg:kernel"', '"@pkg:%s"' % kernel)
                path = images.build(text, os.path.join(self.dir.name, kernel))
                config = images.wherry("cat", "--arch", images.ARCH, images.tag(kernel), "config")
                self.assertRegex(config, r" 6\.12\.")
                with boot.Boot(path, publish=[80], args=["--mem", str(memory)]) as vm:
                    vm.wait_for(r"wherry: ready \(1 service\)")
                    self.assertIn("<h1>", vm.http_get("/"))
                    self.assertEqual(vm.power_off(), 0)


@unittest.skipUnless(SOAK and images.ARCH == images.NATIVE == "amd64", "only in the soak, of amd64")
class Costs(Case):
    def build(self, kernel):
        """An OS of a kernel and the program of first.c."""
        program = os.path.join(self.dir.name, "first")
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "first.c")
        subprocess.run(["cc", "-static", "-Os", "-o", program, source], check=True, timeout=120)
        text = ("kernel: {image: %s, cmdline: 'console=ttyS0 quiet'}\nfiles: [{path: init, source: %s, mode: '0755'}]\n"
                % (images.tag(kernel), program))
        return images.build(text, os.path.join(self.dir.name, kernel))

    def start(self, path):
        """Seconds from QEMU's start to PID 1, those of CPU time until it has ended, which is at once, those of the
        kernel's own clock, and MiB that it took.
        """
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with boot.Boot(path, args=["--mem", "256"]) as vm:
            match = vm.wait_for(r"started at (\d+) ms, (\d+) of (\d+) KiB free")
            seconds = time.monotonic() - vm.started
            self.assertEqual(vm.wait_end(), 0)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        own, free, _ = map(int, match.groups())
        return seconds, cpu, own / 1e3, 256 - free / 1024

    def test_the_small_one_is_smaller_and_faster_than_the_cloud_s(self):
        paths, runs = {}, {"kernel": [], "kernel-small": []}
        for name in runs:
            images.make_package(name)
            paths[name] = self.build(name)
        for _ in range(RUNS):
            for name, path in paths.items():
                runs[name].append(self.start(path))
        median = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in runs.items()}
        size = {name: os.path.getsize(path + "-kernel") for name, path in paths.items()}
        for name, (seconds, cpu, own, memory) in median.items():
            print("pkg/%-12s %5.2f MiB, PID 1 after %.2f s, %.2f s of CPU time, %.2f s by its own clock; "
                  "%.1f of 256 MiB taken" % (name, size[name] / MIB, seconds, cpu, own, memory), flush=True)
        ratios = [small / debian for small, debian in zip(median["kernel-small"], median["kernel"])]
        print("small to Debian's: %.2f of the time, %.2f of the CPU time" % tuple(ratios[:2]))
        self.assertLessEqual(size["kernel-small"], 6e6)
        # By what it takes itself: other programs may run beside.
        self.assertLessEqual(ratios[1], 0.8)
        self.assertLess(ratios[3], 1)


if __name__ == "__main__":
    unittest.main()
