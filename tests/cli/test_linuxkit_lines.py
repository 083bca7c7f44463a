#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Command lines of the kinds that LinuxKit's users have (linuxkit/lines.txt), each run under the name linuxkit; and the
build steps of LF Edge EVE and Tinkerbell Hook, in words of our own."""
import collections
import gzip
import hashlib
import os
import shlex
import subprocess
import tarfile

import ocilib
from harness import WHERRY, Case, main

LINES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "linuxkit", "lines.txt")
GIT = ["git", "-c", "user.name=t", "-c", "user.email=t@example.test"]
# What a refusal says. These are the kinds of refusals that there may be.
REFUSED = {
    "cloud": (2, "is not supported"),
    "dockerfile": ((1, 2), ("from a Dockerfile", "--dry-run is not supported", "there is no BuildKit")),
    "gone": (2, "unknown option"),
}


def lines():
    with open(LINES, encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                result, _, command = line.partition(" | ")
                yield result, command.strip()


class Users(Case):
    def setUp(self):
        super().setUp()
        self.env["PATH"] = self.path("bin") + ":" + self.env["PATH"]
        os.mkdir(self.path("bin"))
        os.symlink(WHERRY, self.path("bin/linuxkit"))
        for builder in ("buildah", "podman", "docker", "buildctl"):
            self.write("bin/" + builder, "#!/bin/sh\nexit 1\n", 0o755)
        # LinuxKit's own cache; and registries fail at once.
        del self.env["WHERRY_CACHE"]
        self.env["LINUXKIT_CACHE"] = self.path("cache")
        ocilib.standard(self.path("layout"))
        self.ok("cache", "import", self.path("layout"))
        self.write("os.yml", ocilib.OS_YML)
        self.write("local.yml", "init: [\"example.test/init:1@sha256:%s\"]\n" % self.digest("example.test/init:1"))
        self.write("remote.yml", "init: [nosuch/image:1]\n")
        self.write("base.yml", "kernel: {image: \"example.test/kernel:1\", cmdline: quiet}\n")
        self.write("more.yml", "init: [\"example.test/init:1\"]\n")
        self.write("ca.pem", "")
        self.write("args", "A=1\n")
        self.write("secret", "{}\n")
        os.mkdir(self.path("out"))
        self.packages()

    def digest(self, name):
        return [line.split()[1] for line in self.ok("cache", "ls").out.splitlines()
                if line.startswith(name)][0].split(":")[1]

    def packages(self):
        for name in ("one", "two"):
            yml = "image: %s\nfiles: [{path: x, contents: x}]\n" % name
            self.write("pkg/%s/build.yml" % name, yml)
            self.write("pkg/%s/build-dev.yml" % name, yml.replace("image: ", "image: dev-"))
        self.write("pkg/docker/build.yml", "image: docker\nnetwork: true\narches: [amd64, arm64]\n")
        self.write("pkg/docker/Dockerfile", "FROM scratch\nCOPY x /\n")
        self.write("pkg/unbuilt/build.yml", "image: unbuilt\n")
        # The real ones are made of Debian packages, which takes minutes.
        for name in ("efi-stub", "grub-bios", "rpi-firmware"):
            self.write("pkg/%s/build.yml" % name, "image: %s\narches: [amd64, arm64]\n" % name)
        self.git("init", "-q", ".")
        self.git("add", "pkg")
        self.git("commit", "-qm", "packages")
        tag = self.shell("linuxkit pkg show-tag --canonical pkg/docker").strip()
        # As if Docker had built it.
        self.shell("linuxkit pkg build --org from --hash 1 pkg/one && "
                   "linuxkit cache export --format oci --name %s --outfile d.tar from/one:1 && "
                   "linuxkit cache import d.tar" % tag)

    def git(self, *args):
        subprocess.run([*GIT, *args], check=True, timeout=60, cwd=self.dir,
                       env={**self.env, "GIT_CONFIG_NOSYSTEM": "1"})

    def shell(self, script, **env):
        done = subprocess.run(["/bin/sh", "-ec", script], cwd=self.dir, env={**self.env, **env}, timeout=300,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              check=False)
        self.assertEqual(done.returncode, 0, "%s\n%s%s" % (script, done.stdout, done.stderr))
        return done.stdout


class Lines(Users):
    def check(self, expected, command):
        result = self.run_wherry(*shlex.split(command), program=self.path("bin/linuxkit"))
        where = "linuxkit %s\n%s" % (command, result)
        self.assertNotIn("Sanitizer", result.err, where)
        if expected == "ok":
            self.assertEqual(result.code, 0, where)
        elif expected == "starts":
            self.assertIn(result.code, (0, 1), where)
            for word in ("unknown option", "unknown verb", "not supported"):
                self.assertNotIn(word, result.err, where)
        else:
            codes, texts = REFUSED[expected]
            self.assertIn(result.code, codes if isinstance(codes, tuple) else (codes,), where)
            texts = (texts,) if isinstance(texts, str) else texts
            self.assertTrue(any(text in result.err for text in texts), where)

    def test_each(self):
        counts = collections.Counter()
        for expected, command in lines():
            with self.subTest(command):
                self.check(expected, command)
            counts[expected] += 1
            if command == "cache clean" or " rm " in command:
                self.ok("cache", "import", self.path("layout"))
        self.assertGreater(sum(counts.values()), 150)
        self.assertEqual(set(counts) - {"ok", "starts"}, set(REFUSED))


class Scripts(Users):
    """What LinuxKit's own test scripts look for, beyond what is tested elsewhere."""

    def test_each_entry_of_a_tar_says_where_it_is_from(self):
        self.write("big.yml", ocilib.OS_YML + "onboot: [{name: once, image: \"example.test/hello:1\"}]\n"
                   "volumes: [{name: data}]\n")
        self.shell("linuxkit build --no-sbom --format tar --name big big.yml")
        with tarfile.open(self.path("big.tar")) as tar:
            for member in tar:
                if member.name not in (".", ""):
                    for key in ("LINUXKIT.source", "LINUXKIT.location"):
                        self.assertIn(key, member.pax_headers, member.name)

    def test_the_input_tar_is_not_the_output(self):
        self.shell("linuxkit build --format tar --o a.tar os.yml")
        result = self.run_wherry("build", "--format", "tar", "--input-tar", "a.tar", "--o", "a.tar", "os.yml",
                                 program=self.path("bin/linuxkit"))
        self.assertNotEqual(result.code, 0, result)


class Eve(Users):
    """A root file system from components and templates, as a tar, which another program makes an image of."""
    TEMPLATE = ("kernel: {image: KERNEL_TAG, cmdline: quiet}\ninit: [INIT_TAG, ONE_TAG]\n"
                "services:\n  - {name: two, image: TWO_TAG, command: [x]}\n"
                "files:\n  - {path: etc/linuxkit.yml, metadata: yaml}\n")
    PARSE = """
        for dir in pkg/one pkg/two; do
            tag=$(linuxkit pkg $ORG_TARGET show-tag ${HASH:+--hash $HASH} ${YML:+--build-yml $YML} $dir)
            echo "$(basename $dir | tr a-z A-Z)_TAG=$tag"
        done
    """

    def test_the_tags_of_all_components(self):
        trees = [self.shell("git rev-parse HEAD:pkg/" + name).strip() for name in ("one", "two")]
        self.assertEqual(self.shell(self.PARSE), "ONE_TAG=linuxkit/one:%s\nTWO_TAG=linuxkit/two:%s\n" % tuple(trees))
        self.assertIn("ONE_TAG=acme/one:", self.shell(self.PARSE, ORG_TARGET="--org acme"))
        self.assertIn("ONE_TAG=linuxkit/dev-one:", self.shell(self.PARSE, YML="build-dev.yml"))
        self.assertIn("TWO_TAG=linuxkit/two:1.2.3\n", self.shell(self.PARSE, HASH="1.2.3"))
        self.assertIn("ONE_TAG=acme/one:", self.shell(self.PARSE, LINUXKIT_PKG_ORG="acme"))

    def image(self):
        """From the template to the first tar."""
        self.write("rootfs.yml.in", self.TEMPLATE)
        self.shell("linuxkit pkg build --platforms linux/amd64 pkg/one pkg/two")
        self.shell("(echo KERNEL_TAG=example.test/kernel:1; echo INIT_TAG=example.test/init:1; %s) >tags\n"
                   "sed $(sed 's,\\([A-Z_]*\\)=\\(.*\\),-e s|\\1|\\2|,' tags) rootfs.yml.in >rootfs.yml\n"
                   "linuxkit build --docker --arch amd64 --o rootfs.tar rootfs.yml" % self.PARSE)

    def sum(self, name):
        with open(self.path(name), "rb") as f:
            return hashlib.sha256(f.read()).hexdigest()

    def test_a_tar_from_a_template_and_again_from_the_tar(self):
        self.image()
        listed = self.shell("tar tf rootfs.tar 2>/dev/null").splitlines()
        self.assertIn("containers/services/two/config.json", listed)
        self.assertIn("etc/linuxkit.yml", listed)
        self.shell("linuxkit build --docker --arch amd64 --input-tar rootfs.tar --o again.tar rootfs.yml")
        self.assertEqual(self.sum("rootfs.tar"), self.sum("again.tar"))

    def test_either_pulled_or_built(self):
        """A component that needs Docker, whose tag the cache has; with all of the options that go with it."""
        self.shell("linuxkit pkg build --pull --platforms linux/amd64 --hash-path pkg/docker --build-yml build.yml "
                   "--build-arg-file args --release 1.0 pkg/docker")
        tag = self.shell("linuxkit pkg show-tag --canonical pkg/docker").strip()
        self.assertEqual(self.shell("linuxkit cache ls 2>&1 | grep -c '%s '" % tag).strip(), "1")

    def test_parts_of_an_image(self):
        self.shell("linuxkit pkg build pkg/one; mkdir fs")
        tag = self.shell("linuxkit pkg show-tag pkg/one").strip()
        self.shell("linuxkit cache export --platform linux/amd64 --format filesystem --outfile - %s | tar x -C fs x"
                   % tag)
        self.assertEqual(self.files("fs"), ["x"])
        self.shell("linuxkit cache export --platform linux/amd64 --format docker --outfile d.tar %s" % tag)
        self.assertIn("manifest.json", self.shell("tar tf d.tar"))

    def test_an_sbom_of_components_that_docker_builds(self):
        self.write("sbom.yml", "init: [\"@pkg:pkg/docker\"]\n")
        self.shell("linuxkit pkg build pkg/docker && linuxkit build --format tar --name sbom sbom.yml && "
                   "tar -tvf sbom.tar sbom.spdx.json")


class Hook(Users):
    """Kernel and initrd from a template, which are then packed by other programs."""
    TEMPLATE = ("kernel: {image: \"${HOOK_KERNEL}\", cmdline: \"console=ttyS0 $HOOK_CMDLINE\"}\n"
                "init: [\"${HOOK_INIT}\"]\nservices:\n  - {name: hello, image: \"example.test/hello:1\"}\n"
                "files:\n  - path: etc/init.d/002-vlan\n    mode: \"0755\"\n"
                "    contents: |\n      #!/bin/sh\n      true\n")

    def test_from_the_template_to_the_archive(self):
        variables = {"HOOK_KERNEL": "example.test/kernel:1", "HOOK_INIT": "example.test/init:1",
                     "HOOK_CMDLINE": "quiet"}
        text = self.TEMPLATE
        for name, value in variables.items():
            text = text.replace("${%s}" % name, value).replace("$" + name, value)
        self.write("hook.yml", text)
        self.shell("linuxkit build --docker --arch amd64 --format kernel+initrd --name hook --dir out hook.yml")
        # Steps of the build script: a look at the compression, and another one instead.
        self.assertIn("hook-initrd.img", self.shell("gzip -l out/hook-initrd.img"))
        with gzip.open(self.path("out/hook-initrd.img")) as f:
            unpacked = f.read()
        self.assertTrue(unpacked.startswith(b"070701"))
        self.assertIn(b"etc/init.d/002-vlan\0", unpacked)
        self.shell("linuxkit build --docker --arch amd64 --format tar --o hook.tar hook.yml && tar tf hook.tar")
        with open(self.path("out/hook-cmdline")) as f:
            self.assertEqual(f.read().strip(), "console=ttyS0 quiet")

    def test_the_template_itself(self):
        """Without --compat the variables are Wherry's own."""
        self.write("hook.yml", self.TEMPLATE.replace("$HOOK_CMDLINE", "${HOOK_CMDLINE}"))
        self.write("env", "HOOK_KERNEL=example.test/kernel:1\nHOOK_INIT=example.test/init:1\nHOOK_CMDLINE=quiet\n")
        self.ok("build", "--env-file", "env", "hook.yml")
        with open(self.path("hook-cmdline")) as f:
            self.assertEqual(f.read(), "console=ttyS0 quiet")


if __name__ == "__main__":
    main()
