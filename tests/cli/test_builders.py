# SPDX-License-Identifier: Apache-2.0
"""Packages with a Dockerfile: what each builder is called with, by stand-ins; and one that is there."""
import json
import os
import shutil
import subprocess

import ocilib
import ordinaryuser
from harness import Case, WHERRY, main

STANDIN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "standin.py")
BUILDERS = ("buildah", "podman", "docker", "buildctl")
YML = """image: tool
gitrepo: https://git.example.test/x
buildArgs: [BASE=example.test/hello:1, "ONE=a b"]
config: {command: [/x], binds: ["/etc:/etc"]}
"""
DOCKERFILE = """# What LinuxKit's look like.
ARG BASE
FROM ${BASE} AS build
RUN make
FROM --platform=$BUILDPLATFORM example.test/hello:1
FROM scratch
COPY --from=build /x /x
COPY --from=example.test/hello:1 /bin /bin
"""
LABELS = ['org.mobyproject.config={"command":["/x"],"binds":["/etc:/etc"]}',
          "org.opencontainers.image.title=tool", "org.opencontainers.image.revision=v1",
          "org.opencontainers.image.source=https://git.example.test/x"]
ARGS = ["BASE=example.test/hello:1", "ONE=a b"]


def each(option, values, prefix=""):
    return [word for value in values for word in (option, prefix + value)]


class Standin(Case):
    def setUp(self):
        super().setUp()
        for name in ("bin", "tmp"):
            os.mkdir(self.path(name))
        for name in (*BUILDERS, "unshare"):
            os.symlink(STANDIN, self.path("bin", name))
        self.env.update(PATH=self.path("bin") + ":" + self.env["PATH"], TMPDIR=self.path("tmp"),
                        STANDIN_LOG=self.path("log"), STANDIN_RESULT=self.path("made"))
        ocilib.standard(self.path("layout"))
        self.ok("cache", "import", self.path("layout"))
        for arch in ("amd64", "arm64"):
            layout = ocilib.Layout(self.path("made", arch))
            layout.name("x:1", layout.image([{"x": arch.encode()}], arch))
            self.ok("cache", "import", "--cache", "other", "--name", "x:1", self.path("made", arch))
            for form, end in (("oci", ".tar"), ("docker", "-docker.tar")):
                self.ok("cache", "export", "--cache", "other", "--format", form, "--arch", arch, "--outfile",
                        self.path("made", arch + end), "x:1")
            self.ok("cache", "clean", "--cache", "other")
        self.write("pkg/build.yml", YML)
        self.write("pkg/Dockerfile", DOCKERFILE)

    def calls(self):
        with open(self.path("log"), encoding="utf-8") as f:
            return [json.loads(line) for line in f]

    def built(self, *args, program=WHERRY, tag=("--hash", "v1"), **more):
        """Build; the calls of the builder."""
        if os.path.exists(self.path("log")):
            os.remove(self.path("log"))
        result = self.run_wherry("pkg", "build", "--org", "me", *tag, "--force", *args, "pkg", program=program,
                                 **more)
        self.assertEqual(result.code, 0, result)
        self.assertRegex(result.out, "^me/tool:[^ ]+ sha256:")
        self.assertEqual(os.listdir(self.path("tmp")), [])
        return self.calls()


class Arguments(Standin):
    def local(self, name, work, target):
        """Of buildah and podman."""
        return [name, "--root", work + "/storage", "--runroot", work + "/runroot", "--storage-driver", "vfs", "build",
                "--isolation", "chroot", "--layers=false", "--no-cache", "--pull=never", "--identity-label=false",
                "--disable-compression=false", "--timestamp", "0", "--platform", "linux/arm64",
                *each("--build-arg", ARGS), *each("--label", LABELS), "--ssh", "default", "--file", "Dockerfile",
                "--tag", target, "context"]

    def run_local(self, name, target):
        calls = self.built("--builder", name, "--arch", "arm64", "--ssh", "default")
        work = calls[0]["cwd"]
        expected = self.local(name, work, target)
        if os.geteuid() == 0:
            before = [["unshare", "--net", *expected]]
        else:
            before = [[name, "unshare", "unshare", "--net", *expected], ["unshare", "--net", *expected]]
        self.assertEqual([c["argv"] for c in calls][:len(before) + 1], [*before, expected])
        self.assertEqual(calls[0]["dockerfile"], DOCKERFILE.replace("${BASE}", "oci:image-1").replace(
            "$BUILDPLATFORM example.test/hello:1", "linux/amd64 oci:image-2").replace(
            "example.test/hello:1", "oci:image-1"))
        self.assertEqual(calls[0]["layouts"], ["image-1", "image-2"])
        self.assertEqual(calls[0]["files"], ["Dockerfile", "build.yml"])
        return work, [c["argv"] for c in calls[len(before) + 1:]]

    def test_buildah(self):
        _, rest = self.run_local("buildah", "oci:result")
        if os.geteuid() == 0:
            self.assertEqual(rest, [])

    def test_podman(self):
        work, rest = self.run_local("podman", "localhost/wherry-result:1")
        self.assertEqual(rest[0], ["podman", "--root", work + "/storage", "--runroot", work + "/runroot",
                                   "--storage-driver", "vfs", "save", "--format", "oci-archive", "--output",
                                   "result.tar", "localhost/wherry-result:1"])

    def contexts(self, form):
        digests = []
        for arch in ("arm64", "amd64"):
            shown = json.loads(self.ok("inspect", "--json", "--arch", arch, "example.test/hello:1").out)
            digests.append(shown["manifest"])
        return [word for i, digest in enumerate(digests) for word in form(i + 1, digest)]

    def test_docker(self):
        call, = self.built("--builder", "docker", "--arch", "arm64", "--ssh", "default", "--network")
        contexts = self.contexts(lambda i, digest: ["--build-context", "wherry-image-%d=oci-layout://image-%d@%s" % (
            i, i, digest)])
        self.assertEqual(call["argv"], [
            "docker", "buildx", "build", "--progress", "plain", "--provenance=false", "--sbom=false", "--build-arg",
            "SOURCE_DATE_EPOCH=0", "--output", "type=docker,rewrite-timestamp=true,dest=result.tar", "--platform",
            "linux/arm64", "--network=default", "--no-cache", *each("--build-arg", ARGS), *each("--label", LABELS),
            "--ssh", "default", *contexts, "--file", "Dockerfile", "context"])
        self.assertIn("FROM wherry-image-1 AS build\n", call["dockerfile"])

    def test_buildctl(self):
        call, = self.built("--builder", "buildctl", "--arch", "arm64", "--ssh", "default")
        contexts = self.contexts(lambda i, digest: [
            "--oci-layout", "wherry-image-%d=image-%d" % (i, i), "--opt",
            "context:wherry-image-%d=oci-layout://wherry-image-%d@%s" % (i, i, digest)])
        self.assertEqual(call["argv"], [
            "buildctl", "build", "--progress", "plain", "--frontend", "dockerfile.v0", "--opt",
            "build-arg:SOURCE_DATE_EPOCH=0", "--output", "type=oci,rewrite-timestamp=true,dest=result.tar", "--local",
            "dockerfile=.", "--local", "context=context", "--opt", "filename=Dockerfile", "--opt",
            "force-network-mode=none", "--opt", "platform=linux/arm64", "--no-cache",
            *each("--opt", ARGS, "build-arg:"), *each("--opt", LABELS, "label:"), "--ssh", "default", *contexts])

    def test_with_the_network_there_is_no_namespace(self):
        self.write("pkg/build.yml", YML + "network: true\n")
        self.assertEqual(self.built()[0]["argv"][:2], ["buildah", "--root"])

    def test_each_result_gets_into_the_store(self):
        for name in BUILDERS:
            self.built("--builder", name, "--platforms", "linux/amd64,linux/arm64")
            index = json.loads(self.ok("inspect", "--json", "me/tool:v1").out)
            self.assertEqual(len(index["platforms"]), 2, index)
            for arch in ("amd64", "arm64"):
                self.assertEqual(self.ok("cat", "--arch", arch, "me/tool:v1", "/x").out, arch)


class Choice(Standin):
    def programs(self, **env):
        return {c["argv"][0] for c in self.built(env=env)} - {"unshare"}

    def test_the_first_that_can_be_used(self):
        for i, name in enumerate(BUILDERS):
            self.assertEqual(self.programs(STANDIN_UNUSABLE=" ".join(BUILDERS[:i])), {name})

    def test_the_environment_chooses(self):
        self.assertEqual(self.programs(WHERRY_PKG_BUILDER="buildctl"), {"buildctl"})

    def test_none(self):
        result = self.fails(1, "has to be built from a Dockerfile: none of the builders can be used (buildah, podman, "
                            "docker, buildctl)", "pkg", "build", "pkg", env={"STANDIN_UNUSABLE": " ".join(BUILDERS)})
        self.assertIn("hint: install one: sudo apt-get install buildah\n", result.err)

    def test_one_that_is_not_there(self):
        for name, hint in (("podman", "sudo apt-get install podman"), ("buildctl", "its daemon")):
            result = self.fails(1, "the builder %s can't be used: %s failed with exit code 1: %s has no daemon" % (
                name, name, name), "pkg", "build", "--builder", name, "pkg", env={"STANDIN_UNUSABLE": name})
            self.assertIn(hint, result.err)
        result = self.fails(2, "there is no builder 'kaniko'", "pkg", "build", "--builder", "kaniko", "pkg")
        self.assertIn("hint: builders are: buildah, podman, docker, buildctl\n", result.err)


class Input(Standin):
    """What comes into the build, and what does not."""

    def git(self, *args):
        subprocess.run(["git", "-C", self.dir, "-c", "user.name=t", "-c", "user.email=t@example.test", *args],
                       check=True, timeout=60, env={**self.env, "GIT_CONFIG_NOSYSTEM": "1"})

    def head(self):
        return subprocess.run(["git", "-C", self.dir, "rev-parse", "HEAD"], check=True, stdout=subprocess.PIPE,
                              text=True, timeout=60).stdout.strip()

    def test_the_context_is_what_git_knows_and_extra_sources(self):
        self.write("pkg/build.yml", YML + "extra-sources: ['../common:src/common']\ndockerfile: docker/File.one\n")
        self.write("pkg/docker/File.one", "FROM scratch\nARG PKG_HASH\nARG PKG_IMAGE\nARG SOURCE\nARG REVISION\n")
        self.write("common/a", "a")
        self.write("pkg/new", "n")
        self.write("pkg/ignored", "i")
        self.write(".gitignore", "ignored\n")
        self.git("init", "-q")
        self.git("add", "pkg/build.yml", "pkg/docker", "common")
        self.git("commit", "-qm", "x")
        call = self.built(tag=["--dev", "--org", "me"])[0]
        self.assertIn("ignored", call["files"])
        call = self.built(tag=[])[0]
        tag = self.ok("pkg", "show-tag", "--org", "me", "pkg").out.strip()
        self.assertEqual(call["files"], ["Dockerfile", "build.yml", "docker/File.one", "new", "src/common/a"])
        given = [a for a in call["argv"] if a.split("=")[0] in ("PKG_HASH", "PKG_IMAGE", "SOURCE", "REVISION")]
        self.assertEqual(given, ["PKG_HASH=" + tag.split(":")[1], "PKG_IMAGE=me/tool",
                                 "SOURCE=https://git.example.test/x"])
        os.remove(self.path("pkg/new"))
        self.git("add", "pkg")
        self.git("commit", "-qm", "x")
        self.assertIn("REVISION=" + self.head(), self.built(tag=[])[0]["argv"])
        self.assertEqual(self.built("--dockerfile", "Dockerfile")[0]["layouts"], ["image-1"])

    def test_files_of_arguments(self):
        self.write("more/args", "# remark\n\n  BASE=example.test/init:1\r\nTWO=@lkt:pkg:../one\n"
                   "A_%_Z=@lkt:pkgs:../o*\n")
        for name in ("one", "other-one"):
            self.write(name + "/build.yml", "image: %s\nfiles: [{path: x, contents: x}]\n" % name)
        tags = {name: self.ok("pkg", "show-tag", name).out.strip() for name in ("one", "other-one")}
        argv = self.built("--build-arg-file", "more/args", "--builder", "docker")[0]["argv"]
        given = [argv[i + 1] for i, a in enumerate(argv) if a == "--build-arg"]
        self.assertEqual(given, ["SOURCE_DATE_EPOCH=0", *ARGS, "BASE=example.test/init:1", "TWO=" + tags["one"],
                                 "A_WHERRY_ONE_Z=" + tags["one"], "A_WHERRY_OTHER_ONE_Z=" + tags["other-one"]])
        build = ("pkg", "build", "--force", "--build-arg-file", "more/args", "pkg")
        for text, message in (("x\n", "more/args:1: 'x' must be NAME=VALUE"),
                              ("A=@lkt:file:x\n", "unknown value '@lkt:file:x'"),
                              ("A=@lkt:pkgs:../o*\n", "the name 'A' has no %"),
                              ("A%=@lkt:pkgs:../*/x\n", "only the last name"),
                              ("A%=@lkt:pkgs:../none*\n", "no package matches"),
                              ("A=@lkt:pkg:../none\n", "can't find the directory")):
            self.write("more/args", text)
            self.fails(1, message, *build)
        self.write("pkg/build.yml", "image: tool\nbuildArgs: ['A=@lkt:pkg:../one']\n")
        self.fails(1, "has packages, and is not in a git repository", "pkg", "build", "pkg")

    def test_images_that_are_files_of_the_context(self):
        digest = json.loads(self.ok("inspect", "--json", "example.test/hello:1").out)["digest"]
        name = "example.test/hello@" + digest
        depends = "depends: {docker-images: {%s}}\n"
        self.write("pkg/deep/one.tar/old", "replaced")
        self.write("pkg/names", "# remark\n\n%s\n" % name)
        for key, where, file in (("list: ['%s']" % name, "target: deep/one.tar", "deep/one.tar"),
                                 ("from-file: names", "target-dir: deep", "deep/hello@%s.tar" % digest)):
            self.write("pkg/build.yml", YML + depends % (key + ", " + where))
            call = self.built(env={"STANDIN_KEEP": file})[0]
            self.assertEqual([f for f in call["files"] if f.startswith("deep")], [file])
            self.ok("cache", "import", "--cache", "other", "--name", "from:1", self.path("log.kept"))
            self.assertIn("from:1", self.ok("cache", "ls", "--cache", "other").out)
        os.symlink("/tmp", self.path("pkg/link"))
        for images, message in (("list: ['%s'], target: link/x.tar" % name, "can't make the directory for link/x.tar"),
                                ("list: ['example.test/hello:1'], target: x", "hello:1 has no digest"),
                                ("list: ['wherry/none@sha256:%064d'], target: x" % 0, "not in the store"),
                                ("from-file: none, target: x", "can't open none")):
            self.write("pkg/build.yml", YML + depends % images)
            self.fails(1, message, "pkg", "build", "pkg")
        self.assertFalse(os.path.exists("/tmp/x.tar"))

    def test_images_that_are_missing_have_their_places(self):
        self.write("pkg/Dockerfile", "FROM wherry/none:1\nFROM scratch\nCOPY --from=wherry/none:2 a b\n")
        result = self.fails(1, "pkg/Dockerfile:1: image docker.io/wherry/none:1 is not in the store", "pkg", "build",
                            "pkg")
        self.assertIn("pkg/Dockerfile:3: image docker.io/wherry/none:2 is not in the store", result.err)
        self.write("pkg/Dockerfile", "FROM example.test/none:1\n")
        self.fails(1, "pkg/Dockerfile:1: image example.test/none:1 can't be pulled: ", "pkg", "build", "pkg")
        self.write("pkg/Dockerfile", "FROM example.test/init:1\n")
        self.fails(1, "pkg/Dockerfile:1: image example.test/init:1 can't be pulled: ", "pkg", "build",
                   "--ignore-cached", "pkg")
        self.assertFalse(os.path.exists(self.path("log")))

    def test_what_is_refused(self):
        for yml, options, message in (
                ("dockerfile: ../Dockerfile\n", [], "the Dockerfile '../Dockerfile' is not in the directory"),
                ("dockerfile: None\n", [], "would have to be built from a Dockerfile, and has no None"),
                ("", ["--sbom-scanner", "x"], "option --sbom-scanner is not supported"),
                ("", ["--dockerfile", "/etc/passwd"], "has no etc/passwd"),
                ("buildArgs: [x]\n", [], "build.yml:2:12: 'x' in buildArgs must be \"NAME=VALUE\"")):
            self.write("pkg/build.yml", "image: tool\n" + yml)
            self.fails(1, message, "pkg", "build", *options, "pkg")
        self.write("pkg/build.yml", "image: tool\nfiles: [{path: x, contents: x}]\n")
        self.fails(1, "option --dockerfile is not supported: it is for a Dockerfile, which ", "pkg", "build",
                   "--dockerfile", "x", "pkg")
        self.assertFalse(os.path.exists(self.path("log")))


class Results(Standin):
    def test_a_failure_shows_the_builders_last_lines(self):
        result = self.fails(1, "wherry: package pkg: ", "pkg", "build", "--builder", "buildctl", "pkg",
                            env={"STANDIN_FAILS": "no such step"})
        self.assertRegex(result.err, "(?s)^(.*\n)?first\nsecond\nwherry: .* failed with exit code 1: no such step\n")
        self.assertEqual(os.listdir(self.path("tmp")), [])

    def test_known_failures_have_a_way_out(self):
        for text, hint in (("Build error: Unknown instruction: \"ECHO\"", "the builder is too old"),
                           ("setting supplemental groups list: operation not permitted", "usermod --add-subuids"),
                           ("sh: Exec format error", "qemu-user-static"),
                           ("dial tcp: connect: network is unreachable", "say network: true"),
                           ("Temporary failure resolving 'deb.debian.org'", "say network: true")):
            build = ("pkg", "build", "--builder", "buildctl", "pkg")
            result = self.fails(1, text, *build, env={"STANDIN_FAILS": text})
            self.assertIn(hint, result.err.splitlines()[-1])
        result = self.fails(1, text, *build, "--network", env={"STANDIN_FAILS": text})
        self.assertNotIn("network: true", result.err)

    def test_an_image_for_another_platform_is_none(self):
        self.fails(1, "what buildctl made: ", "pkg", "build", "--builder", "buildctl", "--arch", "amd64", "pkg",
                   env={"STANDIN_ARCH": "arm64"})
        self.assertNotIn("tool", self.ok("cache", "ls").out)

    def test_a_build_makes_it(self):
        self.write("os.yml", ocilib.OS_YML + "onboot: [{name: tool, image: \"@pkg:./pkg\"}]\n")
        self.ok("build", "--format", "tar", "--arch", "amd64", "os.yml")
        self.assertIn("wherry/tool:", self.ok("cache", "ls").out)

    def test_as_linuxkit(self):
        os.symlink(WHERRY, self.path("linuxkit"))
        calls = self.built("--dockerfile", "Dockerfile", "--progress", "plain", "--sbom-scanner=false",
                           program=self.path("linuxkit"), env={"LINUXKIT_CACHE": self.cache})
        self.assertIn("buildah", calls[-1]["argv"][0])


class Real(Case):
    def setUp(self):
        super().setUp()
        self.user = ordinaryuser.User(self.dir, WHERRY)
        why = self.user.why_not("buildah")
        if why:
            self.skipTest(why)

    def wherry(self, *args):
        done = self.user.run(self.user.program, *args)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def add_base(self):
        with open(shutil.which("busybox"), "rb") as f:
            busybox = f.read()
        layout = ocilib.Layout(self.path("layout"))
        layout.name("example.test/base:1", layout.image([{"bin/busybox": busybox, "bin/sh": "-> busybox"}]))
        self.wherry("cache", "import", self.path("layout"))

    def test_what_was_interrupted_leaves_nothing(self):
        """Not even files of ids that are the user's, too."""
        self.add_base()
        before = set(os.listdir(self.user.home))
        self.write("pkg/build.yml", "image: tool\n")
        self.write("pkg/Dockerfile", "FROM example.test/base:1\nRUN busybox mkdir -m 700 /mine && "
                   "busybox touch /mine/file && busybox chown -R 77:88 /mine && echo made && exec busybox sleep 300\n")
        p = self.user.start(self.user.program, "pkg", "build", "-v", "2", "--builder", "buildah", self.path("pkg"))
        for line in p.stderr:
            if line == "made\n":
                break
        p.terminate()
        _, err = p.communicate(timeout=60)
        self.assertEqual(p.returncode, 143, err)
        self.assertNotIn("can't remove", err)
        self.assertEqual(set(os.listdir(self.user.home)) - {".local"}, before)

    def test_an_ordinary_user_builds_with_buildah(self):
        self.add_base()
        self.write("pkg/build.yml", "image: tool\nconfig: {command: [/bin/busybox, echo, up]}\n")
        self.write("pkg/Dockerfile", "FROM example.test/base:1 AS build\nARG PKG_HASH\n"
                   "RUN busybox grep -c : /proc/net/dev > /cards && busybox mkdir -m 700 /mine && "
                   "busybox chown 77:88 /mine && echo $PKG_HASH > /hash\n"
                   "FROM scratch\nCOPY --from=build /bin/busybox /bin/busybox\nCOPY --from=build /cards /hash /\n"
                   "COPY --from=build --chown=5:6 /hash /owned\nENTRYPOINT []\n")
        build = ("pkg", "build", "--builder", "buildah", "--hash", "v1", self.path("pkg"))
        before = set(os.listdir(self.user.home))
        first = self.wherry(*build)
        # All times are the same, so it is the same image.
        self.assertEqual(self.wherry(*build, "--force"), first)
        self.assertEqual(self.wherry("cat", "wherry/tool:v1", "/cards"), "1\n")
        self.assertEqual(self.wherry("cat", "wherry/tool:v1", "/hash"), "v1\n")
        self.assertRegex(self.wherry("ls", "-l", "wherry/tool:v1", "/"), " 5:6 +3 1970-01-01 00:00:00 owned\n")
        shown = json.loads(self.wherry("inspect", "--json", "wherry/tool:v1"))
        self.assertIn("/bin/busybox", json.dumps(shown["labels"]))
        # wherry's own is in .local.
        self.assertEqual(set(os.listdir(self.user.home)) - {".local"}, before)


if __name__ == "__main__":
    main()
