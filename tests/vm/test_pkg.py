# SPDX-License-Identifier: Apache-2.0
"""What the build step of a package from elsewhere sees of this machine, and that its root works."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import images

sys.path.insert(0, os.path.join(images.ROOT, "tests", "cli"))
import terminallib

# The root is that of pkg/kernel, which the images have made.
YML = """image: probe
org: test
build:
  run: ./probe.sh
  packages: [kmod]
files:
  - {path: /seen, source: $OUT/seen}
"""

PROBE = r"""#!/bin/sh
set -eu
exec > "$OUT/seen"
say() { printf '%s: %s\n' "$1" "$2"; }
say user "$(id -u):$(id -g)"
say where "$PWD $OUT $SOURCES $DEBIAN $TMPDIR $HOME"
say environment "$(env | cut -d= -f1 | grep -v -E '^(PWD|OLDPWD|_|SHLVL)$' | sort | xargs)"
say arch "$ARCH $TRIPLET $MULTIARCH $LC_ALL $SOURCE_DATE_EPOCH"
say files "$(ls -A | xargs)"
say yml "$(wc -c < build.yml)"
say umask "$(umask)"
say root "$(ls -A / | xargs)"
say cards "$(grep -c : /proc/net/dev)"
say release "$(cut -d. -f1 /etc/debian_version)"
for path in /package/new /new /etc/new /usr/new; do
	! (echo x > $path) 2> /dev/null || say written $path
done
for tool in awk bash bzip2 depmod diff find grep gzip sed sh tar which xz; do
	command -v $tool > /dev/null || say missing $tool
done
echo x | awk '{ print "awk: " $1 }'
echo x | xz | xz -dc > /dev/null
"""

SEEN = """user: 65534:65534
where: /package /out /sources /debian /tmp /tmp
environment: ARCH DEBIAN HOME JOBS LC_ALL MULTIARCH OUT PATH SOURCES SOURCE_DATE_EPOCH TMPDIR TRIPLET
arch: amd64 x86_64-linux-gnu x86_64-linux-gnu C 1
files: build.yml probe.sh sub
yml: 0
umask: 0022
cards: 1
release: 12
awk: x
"""


class Step(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="wherry-pkg-")
        self.addCleanup(shutil.rmtree, self.dir, True)
        self.pkg = os.path.join(self.dir, "probe")
        self.write("probe/build.yml", YML)
        self.write("probe/probe.sh", PROBE, 0o755)
        self.write("probe/sub/file", "x")
        self.write("probe/ignored.log", "x")
        self.write(".gitignore", "*.log\n")
        self.write("outside", "secret")
        self.git("init", "-q")
        self.git("add", ".")
        self.git("-c", "user.name=t", "-c", "user.email=t@example.test", "commit", "-qm", "x")

    def write(self, name, text, mode=0o644):
        path = os.path.join(self.dir, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, mode)

    def git(self, *args):
        subprocess.run(["git", "-C", self.dir, *args], check=True, timeout=60)

    def test_a_module_that_the_kernel_lacks_is_a_mistake(self):
        kernel = shutil.copytree(os.path.join(images.ROOT, "pkg", "kernel"), os.path.join(self.dir, "kernel"))
        with open(os.path.join(kernel, "modules.list"), "a") as f:
            f.write("maybe another\noverlai\n")
        with self.assertRaisesRegex(AssertionError, r"modules\.list:\d+: this kernel has no module overlai"):
            images.wherry("pkg", "build", "--hash", "lacks", kernel)

    def test_it_sees_its_package_and_its_root(self):
        images.wherry("pkg", "build", self.pkg)
        tag = images.wherry("pkg", "show-tag", self.pkg).strip()
        self.addCleanup(images.wherry, "cache", "rm", tag)
        seen = self.cat(tag)
        root = [line for line in seen.splitlines() if line.startswith("root: ")][0]
        self.assertEqual(seen.replace(root + "\n", ""), SEEN)
        self.assertLessEqual(set(root.split()[1:]), set(
            "bin boot debian dev etc home lib lib32 lib64 libx32 mnt opt out package proc root run sbin sources srv "
            "sys tmp usr var"
            .split()))
        label = json.loads(images.wherry("inspect", "--json", tag))
        self.assertIn("kmod=", json.dumps(label))

    def cat(self, tag):
        saved = os.path.join(self.dir, "saved")
        images.wherry("cache", "export", "--format", "filesystem", "--outfile", saved + ".tar", tag)
        return subprocess.run(["tar", "-xOf", saved + ".tar", "seen"], check=True, text=True,
                              stdout=subprocess.PIPE, timeout=60).stdout

    def test_a_failing_step_says_why(self):
        self.write("probe/probe.sh", "#!/bin/sh\necho before\necho no compiler >&2\nexit 3\n", 0o755)
        with self.assertRaisesRegex(AssertionError, "(?s)\nbefore\n[^\n]*exit code 3: no compiler\n"):
            images.wherry("pkg", "build", self.pkg)

    def test_a_terminal_shows_the_step_and_its_last_line(self):
        script = "#!/bin/sh\necho compiling main.c\nsleep 1\nprintf 'a\\nb\\n' >&2\nexit 3\n"
        self.write("probe/probe.sh", script, 0o755)
        env = dict(os.environ, WHERRY_CACHE=images.CACHE, XDG_STATE_HOME=os.path.join(images.WORK, "state"))
        data, code = terminallib.run([images.WHERRY, "pkg", "build", self.pkg], env, self.dir, 60)
        self.assertEqual(code, 1)
        self.assertRegex(data.decode(), r"package test/probe:\w+\.\.  the packages of")
        self.assertRegex(data.decode(), r"package test/probe:\w+\.\.  compiling main\.c")
        screen = terminallib.Screen(60)
        screen.feed(data)
        self.assertRegex(screen.text(), r"(?s)\ncompiling main\.c\na\nwherry: .*exit code 3: b\n")

    def test_a_step_that_writes_into_its_package_gets_a_hint(self):
        self.write("probe/probe.sh", "#!/bin/sh\ntouch made\n", 0o755)
        with self.assertRaisesRegex(AssertionError,
                                    "Read-only file system\n *hint: a build step can only write below \\$OUT"):
            images.wherry("pkg", "build", self.pkg)

    def test_what_git_ignores_is_not_in_it(self):
        self.write("probe/build.yml", "image: probe\norg: test\nfiles:\n  - {path: /a, source: ignored.log}\n")
        with self.assertRaisesRegex(AssertionError, "build.yml:4:.*git ignores 'ignored.log'"):
            images.wherry("pkg", "build", self.pkg)


if __name__ == "__main__":
    unittest.main()
