#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""build: kernel modules that another image adds to the kernel's are found as the kernel's own, or are an error."""
import lzma
import tarfile

import modulelib
import ocilib
from harness import Case, main

VERMAGIC = "6.1 SMP preempt mod_unload modversions "
DEP = "kernel/fs/a.ko: kernel/lib/b.ko\nkernel/lib/b.ko:\n"
ALIAS = "alias fs-a a\n"


def own(**values):
    return modulelib.module(vermagic=VERMAGIC, **values)


def layer(release, files):
    """Files of lib/modules/RELEASE."""
    paths = {}
    for name in files:
        path = "lib/modules/%s/%s" % (release, name)
        parts = path.split("/")
        paths.update({"/".join(parts[:i]): None for i in range(1, len(parts))})
    paths.update({"lib/modules/%s/%s" % (release, name): data for name, data in files.items()})
    return paths


class Modules(Case):
    def setUp(self):
        super().setUp()
        self.layout = ocilib.standard(self.path("layout"))
        self.kernel({"modules.dep": DEP.encode(), "modules.alias": ALIAS.encode(),
                     "modules.builtin": b"kernel/lib/inside.ko\n", "kernel/fs/a.ko": own(depends="b"),
                     "kernel/lib/b.ko": own(depends="")})
        self.write("os.yml", ocilib.OS_YML.replace("init:\n", "init:\n  - example.test/added:1\n"))

    def kernel(self, files):
        self.layout.name("example.test/kernel:1", self.layout.image([
            {"kernel": ocilib.KERNEL, "kernel.tar": ocilib.layer(layer("6.1", files))}]))

    def add(self, files, release="6.1"):
        self.layout.name("example.test/added:1", self.layout.image([layer(release, files)]))
        self.ok("-q", "cache", "import", "layout")

    def build(self, *args):
        """The two indexes."""
        self.ok("-q", "build", "--arch", "amd64", "-f", "tar", *args, "os.yml")
        with tarfile.open(self.path("os.tar")) as tar:
            return [tar.extractfile("lib/modules/6.1/" + name).read().decode()
                    for name in ("modules.dep", "modules.alias")]

    def refused(self, *texts):
        for text in texts:
            self.fails(1, text, "build", "--arch", "amd64", "-f", "tar", "os.yml")

    def test_they_are_listed_with_what_they_need(self):
        self.add({"updates/x.ko": own(depends="y,a,inside", alias=["pci:v1d2*", "devname:x"]),
                  "updates/y-z.ko.xz": lzma.compress(own(depends="b"), check=lzma.CHECK_CRC32),
                  "extra/y.ko": own(depends="y_z")})
        dep, alias = self.build()
        self.assertEqual(dep, DEP + "updates/y-z.ko.xz: kernel/lib/b.ko\n"
                         "extra/y.ko: updates/y-z.ko.xz kernel/lib/b.ko\n"
                         "updates/x.ko: kernel/fs/a.ko extra/y.ko updates/y-z.ko.xz kernel/lib/b.ko\n")
        self.assertEqual(alias, ALIAS + "alias pci:v1d2* x\nalias devname:x x\n")
        # An earlier build's tar has them already.
        self.assertEqual(self.build("--input-tar", "os.tar"), [dep, alias])

    def test_any_byte_order_and_word_size(self):
        for wide in (True, False):
            for big in (True, False):
                self.add({"updates/x.ko": modulelib.module(wide, big, vermagic=VERMAGIC, depends="a")})
                self.assertEqual(self.build()[0], DEP + "updates/x.ko: kernel/fs/a.ko kernel/lib/b.ko\n")

    def test_one_for_another_kernel(self):
        self.add({"updates/x.ko": own(depends="")}, "6.2")
        self.refused("/lib/modules/6.2/updates/x.ko is for another kernel: the OS has 6.1")
        other = modulelib.module(vermagic=VERMAGIC.replace("6.1", "6.12"), depends="")
        self.add({"updates/x.ko": other})
        self.refused("/lib/modules/6.1/updates/x.ko was compiled for 6.12 SMP", "headers of the OS's kernel, 6.1 SMP")
        self.add({"updates/x.ko": modulelib.module(vermagic="6.1 mod_unload ", depends="")})
        self.refused("x.ko was compiled for 6.1 mod_unload")
        self.add({"updates/x.ko": modulelib.module(depends="")})
        self.refused("x.ko was compiled for no kernel that it names")

    def test_one_that_cannot_be_loaded(self):
        self.add({"updates/x.ko": own(depends="a,c")})
        self.refused("/lib/modules/6.1/updates/x.ko needs the kernel module c, which the OS does not have")
        self.add({"updates/x.ko": own(depends="y"), "updates/y.ko": own(depends="x"), "extra/z.ko": own(depends="x")})
        self.refused("can't be loaded: it needs the kernel module x, and some of those that they need need each other")
        self.add({"updates/x.ko": own(depends="x")})
        self.refused("/lib/modules/6.1/updates/x.ko can't be loaded: it needs the kernel module x, and")
        self.add({"updates/x.ko": own(depends="c"), "updates/y.ko": own(depends="y")})
        self.refused("/lib/modules/6.1/updates/x.ko needs the kernel module c, which the OS does not have")
        self.add({"updates/a.ko": own(depends="")})
        self.refused("the kernel module a is there twice: kernel/fs/a.ko and updates/a.ko")
        self.add({"extra/a_b.ko": own(depends=""), "updates/a-b.ko.xz": b""})
        self.refused("the kernel module a_b is there twice: ")
        for data in (b"", b"\x7fELF", own(depends="")[:100], modulelib.module(info=b"vermagic=6.1")):
            self.add({"updates/x.ko": data})
            self.refused("/lib/modules/6.1/updates/x.ko: it is no kernel module")

    def test_names_that_an_index_cannot_have(self):
        for name in "updates/a b.ko", "updates/a:b.ko", "updates/a\nb.ko", "up dates/x.ko", "updates/.ko":
            self.add({name: own(depends="")})
            self.refused("that is no name for a module", "name it without spaces and colons, as NAME.ko")
        self.add({"updates/x.ko": own(depends="", alias=["pci:v1*\nalias pci:* y", "two words", "", "pci:v1*"])})
        self.assertEqual(self.build()[1], ALIAS + "alias pci:v1* x\n")

    def test_many_that_need_each_other_in_turn(self):
        """Each round lists one, so reading the index anew for each file would take minutes."""
        names = ["m%03d" % i for i in range(400)]
        self.add({"updates/%s.ko" % name: own(depends=needs) for name, needs in zip(names, [*names[1:], "a"])})
        dep = self.build()[0].removeprefix(DEP).splitlines()
        self.assertEqual(dep[0], "updates/m399.ko: kernel/fs/a.ko kernel/lib/b.ko")
        self.assertEqual(dep[-1].split()[:2], ["updates/m000.ko:", "updates/m001.ko"])

    def test_what_is_left_alone(self):
        self.add({"updates/x.ko": own(depends=""), "updates/x.ko.sig": b"x", "updates/x.ko.bak.gz": b"x"})
        self.assertEqual(self.build()[0], DEP + "updates/x.ko:\n")
        self.add({"kernel/fs/x.ko": b"x"})
        self.assertEqual(self.build(), [DEP, ALIAS])
        self.kernel({"kernel/fs/a.ko": b"a"})
        self.add({"updates/x.ko": b"x"}, "6.2")
        self.ok("-q", "build", "--arch", "amd64", "-f", "tar", "os.yml")

    def test_linuxkit_does_not_look(self):
        self.add({"updates/x.ko": b"x"}, "6.2")
        self.ok("-q", "build", "--compat", "--arch", "amd64", "-f", "tar", "os.yml")


if __name__ == "__main__":
    main()
