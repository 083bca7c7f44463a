#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Images whose /lib, /sbin or /etc is a symlink, beside others where it is a directory: nothing gets lost."""
import io
import tarfile

import ocilib
from harness import Case, main

KERNEL_YML = "kernel: {image: 'example.test/kernel:1', cmdline: c}\n"


class Merged(Case):
    def setUp(self):
        super().setUp()
        self.layout = ocilib.Layout(self.path("layout"))

    def image(self, name, *layers):
        self.layout.name("example.test/%s:1" % name, self.layout.image(layers))

    def kernel(self, modules):
        self.image("kernel", {"kernel": ocilib.KERNEL, "kernel.tar": ocilib.layer(modules)})

    def build(self, yml):
        """{path: its last entry} of the OS's tar; the reader of its files under the key None."""
        self.ok("cache", "import", self.path("layout"))
        self.write("os.yml", yml)
        self.ok("build", "--no-sbom", "-o", "os.tar", "os.yml")
        with open(self.path("os.tar"), "rb") as f:
            tar = tarfile.open(fileobj=io.BytesIO(f.read()))
        return {None: tar, **{m.name: m for m in tar}}

    def text(self, got, path):
        return got[None].extractfile(got[path]).read()

    def refused(self, yml, *parts):
        self.ok("cache", "import", self.path("layout"))
        self.write("os.yml", yml)
        for part in parts:
            self.fails(1, part, "build", "--no-sbom", "-o", "os.tar", "os.yml")

    def test_a_symlink_over_the_kernels_modules(self):
        self.kernel({"lib/modules/6.1/x.ko": b"ko"})
        self.image("init", {"usr/lib/libc.so": b"c", "lib": "-> usr/lib", "init": b"i"})
        got = self.build(KERNEL_YML + "init: ['example.test/init:1']\n")
        self.assertEqual(got["lib"].linkname, "usr/lib")
        self.assertEqual(self.text(got, "usr/lib/modules/6.1/x.ko"), b"ko")
        self.assertEqual(self.text(got, "usr/lib/libc.so"), b"c")

    def test_symlinks_and_directories_in_both_orders(self):
        self.image("linked", {"usr/sbin/kmod": b"k", "sbin": "-> /usr/sbin", "usr/lib/ld.so": b"l",
                              "lib": "-> usr/lib"})
        self.image("real", {"sbin": None, "sbin/supervisor": b"s", "lib": None, "lib/firmware/f": b"f"})
        for order in ("linked", "real"), ("real", "linked"):
            got = self.build("init: [%s]\n" % ", ".join("'example.test/%s:1'" % name for name in order))
            self.assertEqual({path for path in got if path and not got[path].isdir()
                              and path.startswith(("usr", "sbin", "lib"))},
                             {"lib", "sbin", "usr/sbin/kmod", "usr/sbin/supervisor", "usr/lib/ld.so",
                              "usr/lib/firmware/f"})
            self.assertEqual((got["lib"].linkname, got["sbin"].linkname), ("usr/lib", "/usr/sbin"))

    def test_files_below_a_symlink(self):
        self.image("init", {"usr/lib/ld.so": b"c", "lib": "-> usr/lib", "etc": None})
        got = self.build("init: ['example.test/init:1']\nfiles:\n- {path: lib/conf.txt, contents: hi}\n"
                         "- {path: lib/new/x, contents: hi, mode: '0644'}\n"
                         "- {path: lib, directory: true, mode: '0750'}\n"
                         "- {path: etc, symlink: usr/etc}\n")
        self.assertTrue(got["lib"].issym())
        self.assertEqual(self.text(got, "usr/lib/conf.txt"), b"hi")
        self.assertEqual((got["usr/lib"].mode, got["usr/lib/new"].mode), (0o750, 0o755))
        self.assertTrue(got["etc"].issym())
        self.assertIn(b"localhost", self.text(got, "usr/etc/hosts"))

    def test_what_cannot_be_merged_is_an_error_that_names_it(self):
        self.image("init", {"opt/a": b"1", "link": "-> opt/a"})
        self.image("other", {"opt": b"2"})
        self.refused("init: ['example.test/init:1', 'example.test/other:1']\n", "os.yml:1:",
                     "image example.test/other:1",
                     "opt is a directory that is not empty")
        self.refused("init: ['example.test/init:1']\nfiles:\n- {path: opt, contents: x}\n", "os.yml:3:",
                     "opt is a directory that is not empty")
        self.refused("init: ['example.test/init:1']\nfiles:\n- {path: link/x, contents: x}\n", "os.yml:3:",
                     "symlink to opt/a, which is not a directory")
        self.refused("init: ['example.test/init:1']\nfiles:\n- {path: opt, symlink: opt}\n", "os.yml:3:",
                     "more than 40")

    def test_an_image_whose_etc_is_a_symlink(self):
        self.image("init", {"private/etc/passwd": b"root", "private/etc/hosts": b"old", "etc": "-> /private/etc"})
        got = self.build("init: ['example.test/init:1']\n"
                         "services: [{name: s, image: 'example.test/init:1', command: [x], readonly: true}]\n")
        for root in "", "containers/services/s/rootfs/":
            self.assertTrue(got[root + "etc"].issym(), root)
            self.assertEqual(self.text(got, root + "private/etc/passwd"), b"root")
            self.assertIn(b"localhost", self.text(got, root + "private/etc/hosts"))
            self.assertIn(root + "private/etc/resolv.conf", got)

    def test_files_in_bundles(self):
        """Directories that the bundle has are left alone, and its image's symlinks lead to places in it."""
        self.image("s", {"usr/lib/a": b"1", "lib": "-> /usr/lib", "etc": None})
        entries = "[{name: s, image: 'example.test/s:1', command: [x], readonly: true}]"
        self.ok("cache", "import", self.path("layout"))
        self.write("os.yml", "services: %s\nvolumes: [{name: v, image: 'example.test/s:1'}]\nfiles:\n" % entries +
                   "".join("- {path: containers/%s, contents: hi}\n" % path for path in (
                       "services/s/rootfs/lib/x", "services/s/rootfs/etc/new/y", "volumes/v/lower/lib/z", "other/x",
                       "services/s/rootfs/lib/new/b", "services/s/notes")))
        before = None
        for again in range(2):
            self.ok("build", "--no-sbom", "-f", "kernel+initrd", "-f", "tar", "os.yml")
            with open(self.path("os.tar"), "rb") as f:
                data = f.read()
            self.assertIn(before, (None, data))
            before = data
        with tarfile.open(self.path("os.tar")) as tar:
            got = {}
            for member in tar:
                got.setdefault(member.name, []).append((member.mode, member.type))
        root = "containers/services/s/rootfs"
        for path in ("containers", "containers/services/s", root, root + "/etc", root + "/usr/lib",
                     "containers/volumes/v/lower"):
            self.assertEqual({mode for mode, _ in got[path]}, {0o755}, path)
        self.assertEqual([kind for _, kind in got[root + "/lib"]], [tarfile.SYMTYPE])
        for path in root + "/etc/new", root + "/usr/lib/new", "containers/other":
            self.assertEqual(got[path], [(0o700, tarfile.DIRTYPE)])
        for path in (root + "/usr/lib/x", root + "/etc/new/y", "containers/volumes/v/lower/usr/lib/z",
                     "containers/other/x",
                     root + "/usr/lib/new/b", "containers/services/s/notes"):
            self.assertEqual(got[path], [(0o600, tarfile.REGTYPE)])
        # The image is part of what the files were made for.
        self.image("s", {"usr/lib64/a": b"1", "lib": "-> usr/lib64"})
        self.ok("cache", "import", self.path("layout"))
        self.ok("build", "--no-sbom", "-f", "kernel+initrd", "-f", "tar", "os.yml")
        with tarfile.open(self.path("os.tar")) as tar:
            self.assertIn(root + "/usr/lib64/x", tar.getnames())
        self.refused("services: %s\nfiles:\n- {path: containers/services/s/rootfs/usr, contents: x}\n" % entries,
                     "os.yml:3:",
                     "usr is a directory that is not empty")

    def test_directories_of_the_os_itself(self):
        self.image("init", {"usr/share/a": b"1", "share": "-> usr/share", "containers": "-> usr", "bin/x": b"2"})
        self.ok("cache", "import", self.path("layout"))
        self.write("os.yml", "init: ['example.test/init:1']\n"
                             "services: [{name: s, image: 'example.test/init:1', command: [/bin/x]}]\n")
        result = self.ok("build", "--sbom-output", "share/doc/sbom/s.json", "-o", "os.tar", "os.yml")
        self.assertIn("'containers': a directory takes its place", result.err)
        with tarfile.open(self.path("os.tar")) as tar:
            got = {m.name: m for m in tar}
        self.assertTrue(got["share"].issym() and got["usr/share/doc/sbom"].isdir() and got["containers"].isdir())
        self.assertNotIn("share/doc", got)

    def test_layers_through_symlinks(self):
        self.image("init", {"usr/lib/a": b"1", "lib": "-> usr/lib", "lib/b": b"2", "./opt/../odd": b"3"})
        got = self.build("init: ['example.test/init:1']\n")
        self.assertEqual({p for p in got if p and p.startswith(("usr", "lib", "odd", "opt"))},
                         {"usr", "usr/lib", "usr/lib/a", "usr/lib/b", "lib", "odd"})
        self.image("out", {"opt/../../odd": b"3"})
        self.refused("init: ['example.test/out:1']\n", "opt/../../odd", "leads out of the tree")


if __name__ == "__main__":
    main()
