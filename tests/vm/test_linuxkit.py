# SPDX-License-Identifier: Apache-2.0
"""A root as LinuxKit assembles it boots under our init: bundles that LinuxKit wrote (tests/compat), gzipped.

One more service is a package of the shape of LinuxKit's, built from its Dockerfile.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import images
import rootdisk
from guest import Guest, shell_service

sys.path.insert(0, os.path.join(images.ROOT, "tests", "cli"))
import ordinaryuser  # noqa: E402

CASES = os.path.join(images.ROOT, "tests", "compat", "cases")
# Case, section, bundles. The first has two writable roots of their own; in the second three containers share one image.
BUNDLES = [("014-initrd-basic", "onboot", ["000-once"]), ("014-initrd-basic", "services", ["app"]),
           ("118-dedup-rw-ro", "services", ["rw", "ro", "ro2"])]
# A package of the shape of theirs.
BUILD_YML = """image: fromdocker
org: linuxkit
config:
  command: ["/bin/hello", "from", "the", "label"]
  readonly: true
"""
DOCKERFILE = """ARG BASE
FROM ${BASE} AS mirror
ARG PKG_IMAGE
RUN busybox mkdir -p /out/bin /out/etc && busybox cp /bin/busybox /out/bin && busybox ln -s busybox /out/bin/sh && \\
    echo "$PKG_IMAGE" > /out/etc/made

FROM scratch
ENTRYPOINT []
CMD []
WORKDIR /
COPY --from=mirror /out/ /
COPY hello /bin/
"""
HELLO = "#!/bin/sh\necho hello $*: $(/bin/busybox cat /etc/made)\nexec /bin/busybox sleep 100000\n"
APP = "#!/bin/sh\ntouch /file 2>/dev/null && echo app $* writable || echo app $* read-only\nexec sleep 100000\n"
TOOL = "#!/bin/sh\necho tool $*\ntest \"$1\" = once\n"


def program(root, path, text):
    path = os.path.join(root, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, 0o755)


class LinuxKit(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory(prefix="wherry-linuxkit-")
        self.addCleanup(self.dir.cleanup)

    def add_bundle(self, root, case, section, name):
        directory = os.path.join(root, "containers", section, name)
        os.makedirs(os.path.join(directory, "rootfs"))
        for kind in ("config", "runtime"):
            shutil.copy(os.path.join(CASES, case, "expect", kind, section, name + ".json"),
                        os.path.join(directory, kind + ".json"))
        with open(os.path.join(directory, "runtime.json")) as f:
            runtime = json.load(f)
        self.assertNotIn("wherry", runtime)
        # A root that can be written to has its files in lower, and there it is that others find them.
        if any(m.get("type") == "overlay" for m in runtime["mounts"]):
            os.makedirs(os.path.join(directory, "tmp"))
            lower = os.path.join(directory, "lower")
            shutil.copytree(os.path.join(root, "containers", "services", "getty", "lower"), lower, symlinks=True)
            program(lower, "bin/app", APP)
            program(lower, "usr/bin/tool", TOOL)
            os.makedirs(os.path.join(lower, "srv", "app"))

    def made_from_dockerfile(self):
        """The entry of a service whose image an ordinary user builds with buildah; "" where that can't be."""
        user = ordinaryuser.User(self.dir.name, images.WHERRY)
        why = user.why_not("buildah")
        if why:
            print("no image from a Dockerfile: " + why)
            return ""
        for name, text in (("build.yml", BUILD_YML), ("Dockerfile", DOCKERFILE), ("hello", HELLO)):
            program(self.dir.name, "pkg/" + name, text)
        base, made = os.path.join(self.dir.name, "base"), os.path.join(user.home, "made.tar")
        images.wherry("cache", "export", "--format", "oci", "--outfile", base, images.plain())
        program(self.dir.name, "args", "BASE=%s\n" % images.plain())
        name = "linuxkit/fromdocker:test"
        for words in (["cache", "import", base],
                      ["pkg", "build", "--builder", "buildah", "--hash", "test", "--build-arg-file",
                       os.path.join(self.dir.name, "args"), os.path.join(self.dir.name, "pkg")],
                      ["cache", "export", "--format", "oci", "--outfile", made, name]):
            done = user.run(user.program, *words)
            self.assertEqual(done.returncode, 0, done.stderr)
        images.wherry("cache", "import", made)
        self.addCleanup(images.wherry, "cache", "rm", name)
        return "  - {name: fromdocker, image: \"%s\"}\n" % name

    def test_bundles_that_linuxkit_wrote(self):
        made = self.made_from_dockerfile()
        root = rootdisk.tree(images.base(services=shell_service() + made), os.path.join(self.dir.name, "tree"))
        for case, section, names in BUNDLES:
            for name in names:
                self.add_bundle(root, case, section, name)
        volume = os.path.join(root, "containers", "volumes", "data")
        for part in ("lower", "tmp", "merged"):
            os.makedirs(os.path.join(volume, part))
        program(volume, "lower/seed", "from the volume\n")
        path = images.build(images.base(), os.path.join(self.dir.name, "out"))
        with open(path + "-initrd.img", "wb") as f:
            subprocess.run("find . | cpio --quiet -o -H newc -R 0:0 | gzip -1", shell=True, cwd=root, stdout=f,
                           check=True, timeout=300)
        with Guest(path) as vm:
            vm.wait_for_shell()
            console = vm.console()
            self.assertRegex(console, r"onboot once: done")
            self.assertIn("ready (%d services)" % (6 if made else 5), console)
            states = vm.states()
            self.assertEqual([states[n][2] for n in ("once", "app", "rw", "ro", "ro2")], ["done"] + ["ready"] * 4)
            for name, kind in (("app", "writable"), ("rw", "writable"), ("ro", "read-only"), ("ro2", "read-only")):
                self.assertRegex(vm.check("service logs %s" % name), r"app --default -v %s" % kind)
            if made:
                self.assertIn("hello from the label: linuxkit/fromdocker", vm.check("service logs fromdocker"))
            vm.check("grep 'from the volume' /proc/1/root/containers/volumes/data/merged/seed; "
                     "echo x > /proc/1/root/containers/volumes/data/merged/new")
            self.assertEqual(vm.power_off(), 0)
        self.assertNotRegex(vm.console(), r"wherry: .*(fail|can't)")


if __name__ == "__main__":
    unittest.main()
