#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""build --format: the files of each format, what goes together, and what an OS's root and initrd are made of."""
import io
import os
import random
import resource
import subprocess
import tarfile

import ocilib
from harness import Case, WHERRY, main


def tar_of(*entries):
    """A tar of (name, type, content or link, {field: value})."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, kind, what, fields in entries:
            info = tarfile.TarInfo(name)
            info.type, info.mode = kind, 0o644
            if kind == tarfile.REGTYPE:
                info.size = len(what)
            else:
                info.linkname = what
            for field, value in fields.items():
                setattr(info, field, value)
            tar.addfile(info, io.BytesIO(what) if kind == tarfile.REGTYPE else None)
    return out.getvalue()


LINKS = tar_of(("z", tarfile.DIRTYPE, "", {"mode": 0o755}), ("z/file", tarfile.REGTYPE, b"bytes", {"uid": 3}),
               ("a", tarfile.DIRTYPE, "", {"mode": 0o755}), ("a/link", tarfile.LNKTYPE, "z/file", {"uid": 4}),
               ("zz", tarfile.LNKTYPE, "z/file", {"mode": 0o600}))


class Formats(Case):
    def setUp(self):
        super().setUp()
        self.layout = ocilib.standard(self.path("layout"))
        self.write("os.yml", ocilib.OS_YML)

    def image(self, name, *layers):
        self.layout.name(name, self.layout.image(list(layers)))

    def build(self, *args, **more):
        self.ok("-q", "cache", "import", "layout")
        return self.ok("build", "--arch", "amd64", *args, **more)

    def as_linuxkit(self):
        os.symlink(WHERRY, self.path("linuxkit"))
        return {"program": self.path("linuxkit"), "env": {"LINUXKIT_CACHE": self.cache}}

    def members(self, path):
        with tarfile.open(self.path(path)) as tar:
            return {m.name: (m, tar.extractfile(m).read() if m.isreg() else None) for m in tar}

    def initrd(self, path):
        """Names in the initrd. zstd complains about the zeros after the last archive."""
        data = subprocess.run(["zstd", "-dcq", self.path(path)], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL).stdout
        names, at = [], 0
        while at < len(data):
            if data[at] == 0:
                at += 1
                continue
            size, name = int(data[at + 54:at + 62], 16), int(data[at + 94:at + 102], 16)
            names.append(data[at + 110:at + 109 + name].decode())
            at = (at + 110 + name + 3) & ~3
            at = (at + size + 3) & ~3
        return names

    def test_kernel_and_initrd_in_a_tar(self):
        self.build("--format", "tar-kernel-initrd,kernel+initrd", "os.yml")
        members = self.members("os-initrd.tar")
        self.assertEqual(list(members), ["kernel", "initrd.img", "cmdline"])
        for name, path in (("kernel", "os-kernel"), ("initrd.img", "os-initrd.img"), ("cmdline", "os-cmdline")):
            info, content = members[name]
            self.assertEqual((info.mode, info.mtime, info.uid), (0o644, 1492533000, 0))
            with open(self.path(path), "rb") as f:
                self.assertEqual(content, f.read(), name)

    def test_what_an_initrd_cannot_hold(self):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for name in "ping", "a", "b", "c":
                info = tarfile.TarInfo(name)
                info.pax_headers = {"SCHILY.xattr.security.capability": "\x01\0\0\x02\0 " + "\0" * 14}
                tar.addfile(info)
        self.image("example.test/init:1", out.getvalue())
        self.write("os.yml", "kernel: {image: 'example.test/kernel:1', tar: none, cmdline: console=ttyS0 rdinit=/a}\n"
                   "init: ['example.test/init:1']\n")
        warning = "warning: an initrd cannot hold file capabilities: a, b, c and 1 more are without"
        for how in "made", "taken from the cache":
            self.assertIn(warning, self.build("os.yml").err, how)
        self.assertNotIn("an initrd", self.build("--format", "tar", "os.yml").err)
        self.assertIn("SCHILY.xattr.security.capability", self.members("os.tar")["ping"][0].pax_headers)
        self.write("os.yml", "init: ['example.test/init:1']\nfiles: [{path: TRAILER!!!, contents: x}]\n")
        self.fails(1, "an initrd cannot hold TRAILER!!! at its root", "build", "--arch", "amd64", "os.yml")

    def test_microcode_comes_first_or_by_itself(self):
        ucode = b"microcode".ljust(512, b"\0")
        self.image("example.test/kernel:1", {"kernel": ocilib.KERNEL, "u/code": ucode})
        self.write("os.yml", "kernel: {image: 'example.test/kernel:1', tar: none, ucode: u/code}\n")
        self.build("--format", "tar-kernel-initrd,kernel+initrd", "os.yml")
        members = self.members("os-initrd.tar")
        self.assertEqual(members["ucode.cpio"][1], ucode)
        with open(self.path("os-initrd.img"), "rb") as f:
            self.assertEqual(f.read(), ucode + members["initrd.img"][1])

    def test_docker(self):
        self.build("--format", "docker", "os.yml")
        members = self.members("os.docker")
        self.assertEqual(list(members)[-1], "Dockerfile")
        self.assertIn(b'\nENTRYPOINT ["/init"]\n', members["Dockerfile"][1])
        self.assertEqual(members["etc/motd"][1], b"hello")

    def test_docker_as_linuxkit(self):
        linuxkit = self.as_linuxkit()
        self.build("--format", "docker", "--o", "x", "os.yml", **linuxkit)
        self.assertIn(b'ENTRYPOINT ["/bin/rc.init"]', self.members("x")["Dockerfile"][1])

    def test_streams_can_be_combined_unless_called_linuxkit(self):
        self.build("-f", "tar", "-f", "kernel+initrd", "os.yml")
        self.assertTrue(os.path.exists(self.path("os.tar")))
        self.fails(2, "format tar cannot be combined with others", "build", "--arch", "amd64", "-f",
                   "tar,kernel+initrd",
                   "os.yml", **self.as_linuxkit())

    def test_one_file(self):
        for formats, message in (("kernel+initrd", "format kernel+initrd is not a single file"),
                                 ("pxe", "format pxe is not a single file"),
                                 ("tar,docker", "2 formats can't be written to one file")):
            result = self.fails(2, "-o x: " + message, "build", "-f", formats, "-o", "x", "os.yml")
            self.assertIn("\n  hint: name several files by --dir DIR and --name NAME\n", result.err)
        self.fails(2, "-o -: format tar-kernel-initrd is not a stream", "build", "-f", "tar-kernel-initrd", "-o", "-",
                   "os.yml")
        self.build("-f", "tar-kernel-initrd", "-o", "x", "os.yml")
        self.assertIn("initrd.img", self.members("x"))
        for option in ("--name", "--dir"):
            self.fails(2, "cannot be combined with " + option, "build", option, "x", "-o", "x", "os.yml")

    def test_a_file_that_cannot_grow(self):
        """As on a full disk half-way: it is named, and nothing is left, of any format."""
        self.write("noise", random.Random(1).randbytes(200000))
        self.write("os.yml", ocilib.OS_YML + "  - {path: noise, source: noise}\n")
        names = ["kernel+initrd", "kernel+squashfs", "kernel+erofs", "kernel+iso", "tar", "docker", "tar-kernel-initrd",
                 "pxe", "firecracker"]
        for name in names:
            self.build("-f", name, "--dir", "whole", "os.yml")
            for limit in 1000, 150000:
                self.fails(1, "File too large", "build", "--arch", "amd64", "--dir", "new/out", "-f", name, "os.yml",
                           preexec_fn=lambda n=limit: resource.setrlimit(resource.RLIMIT_FSIZE, (n, n)))
                self.assertFalse(os.path.exists(self.path("new")), name)

    def test_without_a_kernel(self):
        self.write("os.yml", "init: ['example.test/init:1']\n")
        result = self.build("os.yml")
        self.assertIn("os-kernel is not written", result.err)
        self.assertEqual([n for n in os.listdir(self.dir) if n.startswith("os-")], ["os-initrd.img"])
        self.assertIn("bin/sh", self.initrd("os-initrd.img"))

    def test_an_empty_command_line_is_left_out_by_linuxkit_only(self):
        self.write("os.yml", "kernel: {image: 'example.test/kernel:1'}\n")
        self.build("os.yml")
        self.assertEqual(os.path.getsize(self.path("os-cmdline")), 0)
        self.build("--name", "lk", "os.yml", **self.as_linuxkit())
        self.assertEqual(sorted(n for n in os.listdir(self.dir) if n.startswith("lk-")), ["lk-initrd.img", "lk-kernel"])

    def test_boot_counts_wherever_it_comes_from(self):
        self.write("os.yml", ocilib.OS_YML + """\
  - {path: boot/cmdline, contents: from the files}
  - {path: boot/other, contents: lost}
""")
        self.build("os.yml")
        with open(self.path("os-cmdline"), encoding="utf-8") as f:
            self.assertEqual(f.read(), "from the files")
        names = self.initrd("os-initrd.img")
        self.assertIn("boot", names)
        self.assertFalse([n for n in names if n.startswith("boot/")])

    def test_lists_of_alpine_packages_are_joined(self):
        for i in (1, 2, 3):
            files = {"lib": None, "lib/apk": None, "lib/apk/db": None, "lib/apk/db/installed": b"P:%d\n" % i}
            self.image("example.test/apk:%d" % i, files)
        self.write("os.yml", "init: ['example.test/apk:1', 'example.test/init:1', 'example.test/apk:2', "
                             "'example.test/apk:3']\nfiles: [{path: etc/os.yml, metadata: yaml}]\n")
        self.build("-o", "os.tar", "os.yml")
        info, content = self.members("os.tar")["lib/apk/db/installed"]
        self.assertEqual(content, b"P:1\n\n\nP:2\n\n\nP:3\n\n\n")
        self.assertEqual((info.mode, info.mtime), (0o644, 0))
        self.assertEqual(info.pax_headers["LINUXKIT.source"], "LINUXKIT.apkinit")

    def test_records_of_origins(self):
        volume = "volumes:\n  - {name: v, image: 'example.test/init:1'}\n"

        def origins(text, *args):
            self.write("os.yml", text + volume)
            self.build("--format", "tar", *args, "os.yml")
            found = {}
            with tarfile.open(self.path("os.tar")) as tar:
                for m in tar:
                    found.setdefault(m.name, tuple(m.pax_headers.get("LINUXKIT." + k) for k in ("source", "location")))
            return found

        # Nothing could read them.
        self.assertEqual(set(origins(ocilib.OS_YML).values()), {(None, None)})
        self.assertEqual(origins(ocilib.OS_YML + "  - {path: etc/os.yml, metadata: yaml}\n")["init"],
                         ("example.test/init:1", "init[0]"))
        found = origins(ocilib.OS_YML, "--compat", "--no-sbom")
        self.assertEqual(found["containers"], ("example.test/hello:1", "services[0]"))
        self.assertEqual(found["containers/services"], ("example.test/hello:1", "services[0]"))
        self.assertEqual(found["containers/volumes"], ("example.test/init:1", "volume[0]"))
        self.assertNotIn((None, None), found.values())

    def test_one_list_of_alpine_packages_stays(self):
        self.image("example.test/apk:1", {"lib": None, "lib/apk": None, "lib/apk/db": None,
                                          "lib/apk/db/installed": b"P:1\n"})
        self.write("os.yml", "init: ['example.test/apk:1', 'example.test/init:1']\n")
        self.build("-o", "os.tar", "os.yml")
        info, content = self.members("os.tar")["lib/apk/db/installed"]
        self.assertEqual((content, info.mode), (b"P:1\n", 0o755))

    def test_the_root_has_an_entry(self):
        """Once, and first: 0755, whatever the modules' tar says, which may be what its directory was like by chance."""
        no_kernel = "init: ['example.test/init:1']\n"
        for name in ("./", "lib"):
            modules = tar_of((name, tarfile.DIRTYPE, "",
                              {"mode": 0o700, "uid": 5, "pax_headers": {"SCHILY.xattr.user.x": "y"}}))
            self.image("example.test/kernel:1", {"kernel": b"k", "kernel.tar": modules})
            for text in ("kernel: {image: 'example.test/kernel:1'}\n" + no_kernel, no_kernel):
                self.write("os.yml", text)
                for how in ("tar", "docker"):
                    self.build("--format", how, "-o", "os.tar", "os.yml")
                    with tarfile.open(self.path("os.tar")) as tar:
                        members = tar.getmembers()
                    self.assertEqual([m.name for m in members].count("."), 1)
                    first = members[0]
                    self.assertEqual((first.name, first.type, first.mode, first.uid, first.gid, first.mtime,
                                      first.pax_headers),
                                     (".", tarfile.DIRTYPE, 0o755, 0, 0, 1492533000, {}))
                self.build("os.yml")
                names = self.initrd("os-initrd.img")
                self.assertEqual((names[0], names.count(".")), (".", 1))

    def test_as_linuxkit_the_modules_tar_may_describe_the_root(self):
        for name, is_there in (("./", True), ("lib", False)):
            modules = tar_of((name, tarfile.DIRTYPE, "", {"mode": 0o750, "uid": 5}))
            self.image("example.test/kernel:1", {"kernel": b"k", "kernel.tar": modules})
            self.write("os.yml", "kernel: {image: 'example.test/kernel:1'}\ninit: ['example.test/init:1']\n")
            self.build("--compat", "-o", "os.tar", "os.yml")
            members = self.members("os.tar")
            self.assertEqual("." in members, is_there)
            if is_there:
                self.assertEqual((members["."][0].mode, members["."][0].uid), (0o750, 5))

    def test_a_command_line_is_one_line(self):
        for text, line, as_linuxkit in (("|\n    a=1\n    b=2\n", "a=1 b=2", "a=1\nb=2\n"),
                                        ('"a=1\\r\\nb\\tc\\n\\n"', "a=1 b\tc", "a=1\r\nb\tc\n\n"),
                                        ("a=1 b", "a=1 b", "a=1 b")):
            self.write("os.yml", "kernel:\n  image: example.test/kernel:1\n  cmdline: %s\n" % text)
            for args, expected in (((), line), (("--compat",), as_linuxkit)):
                self.build(*args, "os.yml")
                with open(self.path("os-cmdline"), newline="", encoding="utf-8") as f:
                    self.assertEqual(f.read(), expected)

    def test_as_linuxkit_the_modules_tar_must_not_be_compressed(self):
        packed = subprocess.run(["gzip"], input=ocilib.layer({"lib": None}), stdout=subprocess.PIPE, check=True).stdout
        self.image("example.test/kernel:1", {"kernel": b"k", "kernel.tar": packed})
        self.write("os.yml", "kernel: {image: 'example.test/kernel:1'}\n")
        self.build("-o", "os.tar", "os.yml")
        self.fails(1, "kernel.tar is compressed with gzip", "build", "--arch", "amd64", "os.yml", **self.as_linuxkit())

    def names(self, path):
        """Of all entries, in their order."""
        with tarfile.open(self.path(path)) as tar:
            return tar.getnames()

    def test_each_name_comes_once_in_a_tar(self):
        """tar2sqfs refuses a second one, sqfstar ignores it. The first entry of a directory has its attributes."""
        self.image("example.test/links:1", LINKS)
        self.image("example.test/boot:1", {"boot": None, "boot/menu": b"m", "sbom.spdx.json": b"old"})
        self.write("os.yml", "kernel: {image: 'example.test/kernel:1', cmdline: c}\ninit: ['example.test/boot:1']\n"
                             "onboot: [{name: o, image: 'example.test/links:1', command: [x]}]\n"
                             "services: [{name: a, image: 'example.test/links:1', command: [x]}, "
                             "{name: b, image: 'example.test/boot:1', command: [x]}]\n"
                             "volumes: [{name: v, image: 'example.test/links:1'}, {name: w}]\n"
                             "files: [{path: containers/services/a/x, contents: y}, {path: opt/x, contents: y}]\n")
        self.build("-o", "os.tar", "os.yml")
        names = self.names("os.tar")
        self.assertEqual(len(names), len(set(names)), sorted(n for n in names if names.count(n) > 1))
        for name in names:
            directory = os.path.dirname(name)
            self.assertTrue(not directory or names.index(directory) < names.index(name), name)
        self.assertEqual(self.build("-o", "again.tar", "--input-tar", "os.tar", "os.yml").code, 0)
        self.assertEqual(self.names("again.tar"), names)
        self.build("-o", "compat.tar", "os.yml", **self.as_linuxkit())
        self.assertGreater(self.names("compat.tar").count("containers/services"), 1)

    def test_hard_links_stay_the_names_that_they_were(self):
        """As in LinuxKit's tar."""
        self.image("example.test/links:1", LINKS)
        self.write("os.yml", "services: [{name: a, image: 'example.test/links:1', readonly: true}]\n")
        self.build("-o", "os.tar", "os.yml", **self.as_linuxkit())
        root = "containers/services/a/rootfs/"
        members = {n[len(root):]: m for n, (m, _) in self.members("os.tar").items() if n.startswith(root)}
        self.assertTrue(members["z/file"].isreg())
        for name, uid, mode in (("a/link", 4, 0o644), ("zz", 0, 0o600)):
            self.assertTrue(members[name].islnk(), name)
            self.assertEqual(members[name].linkname, root + "z/file")
            self.assertEqual((members[name].uid, members[name].mode), (uid, mode))


class Variants(Case):
    """Of two variants the better one is taken; LinuxKit takes the first."""

    def setUp(self):
        super().setUp()
        layout = ocilib.Layout(self.path("layout"))
        images = []
        for variant in ("v6", "v7"):
            image = layout.image([{"variant": variant.encode()}], arch="arm")
            image["platform"]["variant"] = variant
            images.append(image)
        layout.name("example.test/arm:1", layout.index(images))
        layout.name("example.test/single:1", layout.image([{"variant": b"arm64"}], arch="arm64"))
        self.ok("-q", "cache", "import", "layout")
        os.symlink(WHERRY, self.path("linuxkit"))

    def variant(self, image, **more):
        self.write("os.yml", "init: ['%s']\n" % image)
        self.ok("build", "--arch", "arm", "--o", "os.tar", "os.yml", **more)
        with tarfile.open(self.path("os.tar")) as tar:
            return tar.extractfile("variant").read()

    def test_of_an_index(self):
        self.assertEqual(self.variant("example.test/arm:1"), b"v7")
        self.assertEqual(self.variant("example.test/arm:1", program=self.path("linuxkit"),
                                      env={"LINUXKIT_CACHE": self.cache}), b"v6")

    def test_an_image_that_has_no_index(self):
        self.write("os.yml", "init: ['example.test/single:1']\n")
        self.fails(1, "not available for linux/arm; the store has it for linux/arm64", "build", "--arch", "arm",
                   "os.yml")
        self.assertEqual(self.variant("example.test/single:1", program=self.path("linuxkit"),
                                      env={"LINUXKIT_CACHE": self.cache}), b"arm64")


if __name__ == "__main__":
    main()
