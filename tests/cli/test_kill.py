#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Many processes in one cache, and kill -9 at any moment: what was complete stays, and nothing is ever broken."""
import os
import random
import signal
import subprocess
import time

import ocilib
import tinyregistry
from harness import Case, main

KILLS = 500 if os.environ.get("WHERRY_SOAK") else 30
AT_ONCE = 4


class Kill(Case):
    def setUp(self):
        super().setUp()
        self.random = random.Random(os.environ.get("WHERRY_SEED", "wherry"))
        self.standard = ocilib.standard(self.path("standard"))
        noise = random.Random(1)
        self.other = ocilib.Layout(self.path("other"))
        for name in ("hello", "more"):  # hello:1 is another one here
            self.other.name("example.test/%s:1" % name, self.other.index([self.other.image(
                [{"f": noise.randbytes(300000)}, {"g": name.encode()}], arch=arch, config={"Entrypoint": ["/f"]})
                for arch in ("amd64", "arm64")]))
        far = ocilib.Layout(self.path("far"))
        descriptor = far.index([far.image([{"f": noise.randbytes(200000)}, {"g": b"%d" % i}], arch=arch)
                                for i, arch in enumerate(("amd64", "arm64"))])
        self.far = tinyregistry.Registry(self, far, v1=descriptor).repository + ":v1"
        self.write("os.yml", ocilib.OS_YML)
        os.mkdir(self.path("out"))
        self.ok("cache", "import", "standard")
        self.precious = {"example.test/init:1", "example.test/kernel:1"}  # nobody removes them
        self.works = [
            ["cache", "import", "standard"],
            ["cache", "import", "other"],
            ["cache", "pull", self.far],
            ["cache", "pull", "--all-platforms", self.far],
            ["build", "--offline", "--arch", "amd64", "--dir", "out", "os.yml"],
            ["build", "--offline", "--arch", "amd64", "--dir", "out", "-f", "tar", "os.yml"],
            ["cache", "gc"],
            ["cache", "rm", "example.test/hello:1"],
            ["cache", "rm", "example.test/more:1"],
            ["cache", "rm", self.far],
            ["cache", "export", "-o", "out/x.tar", "example.test/init:1"],
            ["lock", "--offline", "os.yml"],
        ]

    def start_some(self):
        return [(w, self.start("-q", *w, stdout=subprocess.DEVNULL)) for w in self.random.sample(self.works, AT_ONCE)]

    def finish(self, work, p, killed):
        """Those that were not killed end, and well; or because another one took away what they were to use."""
        err = p.communicate(timeout=300)[1].decode()
        if p.returncode == -signal.SIGKILL and killed:
            return
        if p.returncode != 0:
            self.assertEqual(p.returncode, 1, (work, err))
            self.assertRegex(err, r"image \S+ (with the digest \S+ which )?is not in the store|other processes are "
                                  r"using the store", work)
            self.assertNotIn("blob", err)

    def check(self, when):
        result = self.run_wherry("cache", "verify")
        self.assertEqual(result.code, 0, (when, result))
        names = {line.split()[0] for line in self.ok("cache", "ls").out.splitlines()}
        self.assertLessEqual(self.precious, names, when)
        # Outputs are whole or not there: nothing has a name of its own before it is done.
        self.assertLessEqual({f for f in self.files("out") if "." not in f.replace(".img", "").replace(".tar", "")},
                             {"os-kernel", "os-initrd.img", "os-cmdline", "os.tar", "x.tar"})

    def test_kill_at_any_moment(self):
        took = 0.1
        for i in range(KILLS):
            started = time.monotonic()
            running = self.start_some()
            time.sleep(self.random.random() * took)
            victims = running if i % 3 == 0 else running[:1]
            for _, p in victims:
                p.kill()
            for work, p in running:
                self.finish(work, p, (work, p) in victims)
            # Moments are spread over what it takes on this machine.
            took = 0.9 * took + 0.1 * min(5, time.monotonic() - started)
            self.check([w for w, _ in running])
        # Who comes next clears up, and everything works.
        self.ok("cache", "import", "standard")
        self.ok("cache", "gc")
        self.assertEqual(self.files("cache", "ingest"), [])
        self.ok("build", "--offline", "--update-lock", "--arch", "amd64", "--dir", "out", "os.yml")
        unused = self.json_lines(self.ok("cache", "du", "--json").out)[-1]["unused"]
        self.assertEqual(unused, 0)


if __name__ == "__main__":
    main()
