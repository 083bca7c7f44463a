# SPDX-License-Identifier: Apache-2.0
"""The Debian package: built here, without a complaint of lintian, and unpacked. In the soak also built on Debian 13,
and installed in fresh roots of Debian 12 and 13, where an OS is built in an empty home directory."""
import glob
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import debianroot
import images
from installed import commands, run

LIMIT = 1800
ROOTS = os.path.join(debianroot.ROOTS, "packages")
FIRST_OS = """
mkdir -p /root/first && cd /root/first
wherry version
linuxkit version
wherry new first --from nginx
wherry check first.yml
wherry build first.yml
for file in first-kernel first-initrd.img first-cmdline /usr/share/man/man1/wherry.1.gz \\
	/usr/share/man/man5/wherry.yml.5.gz /usr/share/bash-completion/completions/wherry; do
	test -s "$file"
done
"""


@unittest.skipUnless(shutil.which("dpkg-buildpackage") and shutil.which("dh"), "debhelper is not installed")
class Deb(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="wherry-deb-")
        cls.addClassCleanup(shutil.rmtree, cls.dir, ignore_errors=True)
        # Quickly compiled, as other tests are about the code; the soak builds the package as it is shipped.
        env = dict(os.environ, DEB_BUILD_OPTIONS="nocheck noopt")
        run(os.path.join(images.ROOT, "tools", "make-deb"), cls.dir, env=env)
        cls.deb, = glob.glob(cls.dir + "/wherry_*.deb")
        cls.top = os.path.join(cls.dir, "root")
        run("dpkg", "-x", cls.deb, cls.top)

    @unittest.skipUnless(shutil.which("lintian"), "lintian is not installed")
    def test_lintian_has_nothing_to_say(self):
        said = run("lintian", "--allow-root", "--pedantic", "--fail-on", "warning,error",
                   *glob.glob(self.dir + "/*.changes"))
        self.assertEqual(said, "")

    def test_it_depends_on_what_it_loads(self):
        depends = run("dpkg-deb", "--field", self.deb, "Depends")
        for name in ("libcurl4", "libc6", "libisal2"):
            self.assertIn(name, depends)

    def test_unpacked_it_works_by_itself(self):
        home = os.path.join(self.dir, "home")
        os.makedirs(home)
        env = {"HOME": home, "PATH": self.top + "/usr/bin:" + os.environ["PATH"]}
        self.assertRegex(run("wherry", "version", env=env, cwd=home), r"^wherry \d")
        run("wherry", "new", "first", "--from", "nginx", env=env, cwd=home)
        run("wherry", "check", "first.yml", env=env, cwd=home)
        names = [os.path.relpath(os.path.join(where, name), self.top)
                 for where, _, files in os.walk(self.top) for name in files]
        for name in ("man/man1/wherry.1.gz", "man/man5/wherry.yml.5.gz", "bash-completion/completions/wherry",
                     "zsh/vendor-completions/_wherry", "fish/vendor_completions.d/wherry.fish"):
            self.assertIn("usr/share/" + name, names)


@unittest.skipUnless(os.environ.get("WHERRY_SOAK"), "only in the soak: makes roots of Debian, and builds in them")
@unittest.skipUnless(os.getuid() == 0 and shutil.which("mmdebstrap"), "needs root and mmdebstrap")
class FreshRoots(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        os.makedirs(ROOTS, exist_ok=True)
        cls.dir = tempfile.mkdtemp(prefix="wherry-debs-")
        cls.addClassCleanup(shutil.rmtree, cls.dir, ignore_errors=True)

    def root(self, suite, name):
        """A fresh root that is removed afterwards; the first one of a suite is made by mmdebstrap and kept."""
        kept = os.path.join(ROOTS, suite + ".tar")
        if not os.path.exists(kept):
            run("mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", suite, kept + ".new.tar")
            os.rename(kept + ".new.tar", kept)
        root = os.path.join(self.dir, name)
        os.makedirs(root)
        self.addCleanup(shutil.rmtree, root, ignore_errors=True)
        run("tar", "xpf", kept, "-C", root)
        for conf in glob.glob("/etc/apt/apt.conf.d/*"):  # how the network is reached
            if not os.path.exists(root + conf):
                shutil.copy(conf, root + conf)
        with open(root + "/etc/apt/apt.conf.d/99test", "w", encoding="ascii") as f:
            f.write('APT::Get::Assume-Yes "true";\nAPT::Install-Recommends "false";\n')
        return root

    def inside(self, root, outside, script):
        env = {k: v for k, v in os.environ.items() if k.lower() in ("http_proxy", "https_proxy", "no_proxy")}
        env.update(HOME="/root", PATH="/usr/sbin:/usr/bin:/sbin:/bin", DEBIAN_FRONTEND="noninteractive")
        return run("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", debianroot.ENTER, "sh", root,
                   outside, "sh", "-exc", script, env=env)

    def try_package(self, suite, deb):
        """Install it as a user does, and build the first OS in an empty home directory."""
        root = self.root(suite, suite)
        os.mkdir(root + "/root/dist")
        shutil.copy(deb, root + "/root/dist")
        install = commands("The Debian package").replace("tools/make-deb dist\n", "").replace("sudo ", "")
        said = self.inside(root, self.dir, "apt-get -q update\n" + install + FIRST_OS)
        self.assertIn("first-initrd.img", said)

    def test_debian_12(self):
        out = os.path.join(self.dir, "bookworm-deb")
        run(os.path.join(images.ROOT, "tools", "make-deb"), out)
        self.try_package("bookworm", *glob.glob(out + "/wherry_*.deb"))

    def test_debian_13(self):
        builder = self.root("trixie", "builder")
        os.makedirs(builder + "/source")
        archive = subprocess.Popen(["git", "-C", images.ROOT, "archive", "HEAD"], stdout=subprocess.PIPE)
        subprocess.run(["tar", "x", "-C", builder + "/source"], stdin=archive.stdout, check=True, timeout=LIMIT)
        archive.wait(LIMIT)
        self.inside(builder, self.dir, "apt-get -q update; cd /source; apt-get install dpkg-dev; "
                    "cp -r packaging/debian .; apt-get build-dep ./; rm -r debian; tools/make-deb /out")
        self.try_package("trixie", *glob.glob(builder + "/out/wherry_*.deb"))


if __name__ == "__main__":
    unittest.main()
