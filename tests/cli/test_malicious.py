#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Images that mean harm: refused with a reason, in little time and memory, and nothing of them stays."""
import gzip
import io
import json
import os
import tarfile

import measurelib
import ocilib
from harness import Case, SANITIZED, WHERRY, main

MEMORY_MAX = 64 << 20
SECONDS_MAX = 60  # of the processor; a machine that tests is busy


def tar_header(name, size=0, kind=tarfile.REGTYPE, link=""):
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = size, kind, link
    return info.tobuf(tarfile.GNU_FORMAT)


def raw_tar(*entries):
    """Headers as they are: TarInfo.tobuf does not correct names."""
    parts = []
    for name, content, *more in entries:
        parts += [tar_header(name, len(content), *more), content, b"\0" * (-len(content) % 512)]
    return b"".join(parts) + b"\0" * 1024


class Malicious(Case):
    NAME = "example.test/evil:1"

    def setUp(self):
        super().setUp()
        self.layout = ocilib.Layout(self.path("layout"))

    def run_measured(self, *args):
        """Returns (code, stderr), and checks that it took neither long nor much."""
        done = measurelib.cost([WHERRY, *args], cwd=self.dir, env=self.env)
        self.assertLess(done.cpu, SECONDS_MAX, args)
        self.assertLess(done.seconds, 20 * SECONDS_MAX, args)
        if not SANITIZED:
            self.assertLess(done.memory, MEMORY_MAX, args)
        return done.code, done.err

    def refused(self, reason, *args):
        code, text = self.run_measured(*args)
        self.assertEqual(code, 1, text)
        self.assertIn(reason, text)
        self.assertNotIn("Sanitizer", text)

    def import_is_refused(self, reason):
        """The layout is, as a directory and as a tar, and leaves nothing."""
        self.write("layout.tar", self.layout.tar())
        for path in ("layout", "layout.tar"):
            self.refused(reason, "cache", "import", path)
            self.assertEqual(self.ok("cache", "ls").out, "")
            self.assertEqual(self.files("cache", "blobs") + self.files("cache", "ingest"), [])

    def image_is_refused(self, reason, *layers, **config):
        """The layers can be imported, which does not unpack them, and are refused when they are used."""
        self.layout.name(self.NAME, self.layout.image(list(layers), **config))
        self.ok("cache", "import", "layout")
        self.write("os.yml", "init:\n  - %s\n" % self.NAME)
        for args in (["ls", self.NAME],
                     ["cache", "export", "--format", "filesystem", "--arch", "amd64", "-o", "x.tar", self.NAME],
                     ["build", "--arch", "amd64", "-f", "tar", "os.yml"]):
            self.refused(reason, *args)
        self.assertEqual(sorted(os.listdir(self.dir)), ["cache", "layout", "os.yml"])
        self.ok("cache", "verify")

    def put(self, descriptor, content):
        """Other bytes under a blob's name."""
        with open(self.layout.blob_path(descriptor["digest"]), "wb") as f:
            f.write(content)

    # ---- blobs that are not what they are called ----

    def test_wrong_digests(self):
        manifest = self.layout.image([{"f": b"1"}])
        self.layout.name(self.NAME, manifest)
        with open(self.layout.blob_path(manifest["digest"]), "rb") as f:
            layer = json.load(f)["layers"][0]
        with open(self.layout.blob_path(layer["digest"]), "rb") as f:
            content = f.read()
        self.put(layer, content[:-1] + bytes([content[-1] ^ 1]))
        self.import_is_refused("damaged")

    def test_wrong_sizes(self):
        for change, reason in ((1, "damaged"), (-1, "damaged"), (1 << 40, "damaged"), (-1000, "size"),
                               (1 << 63, "size")):
            layer = self.layout.blob(gzip.compress(ocilib.layer({"f": b"1"})), ocilib.LAYER + "+gzip")
            layer["size"] += change
            self.layout.name(self.NAME, self.manifest(layers=[layer]))
            self.import_is_refused(reason)
            self.layout.manifests.clear()

    def manifest(self, layers=None, config=None, **more):
        config = config or self.layout.blob(
            {"architecture": "amd64", "os": "linux", "config": {},
             "rootfs": {"type": "layers", "diff_ids": ["sha256:" + "0" * 64] * len(layers or [])}}, ocilib.CONFIG)
        return self.layout.blob({"schemaVersion": 2, "mediaType": ocilib.MANIFEST, "config": config,
                                 "layers": layers or [], **more}, ocilib.MANIFEST)

    def test_a_layer_swapped_in_the_store(self):
        self.layout.name(self.NAME, self.layout.image([{"f": b"good"}], config={"Entrypoint": ["/f"]}))
        self.ok("cache", "import", "layout")
        digest = json.loads(self.ok("inspect", "--json", self.NAME).out)["layers"][0]["digest"].split(":")[1]
        path = self.path("cache", "blobs", "sha256", digest)
        size = os.path.getsize(path)
        evil = gzip.compress(ocilib.layer({"f": b"evil"}), mtime=0)
        self.write("os.yml", "init:\n  - %s\n" % self.NAME)
        # Another size, the same size, nothing, no archive, a good archive whose end is another one's.
        for content in (evil + b"x", evil[:size].ljust(size, b"\0"), b"", b"x" * size, b"\0" * size):
            os.chmod(path, 0o644)
            with open(path, "wb") as f:
                f.write(content)
            for args in (["build", "--arch", "amd64", "-f", "tar", "os.yml"], ["ls", self.NAME],
                         ["cat", self.NAME, "f"],
                         ["cache", "export", "-o", "x.tar", self.NAME]):
                self.refused("sha256:" + digest, *args)
            self.assertIn("damaged sha256:" + digest, self.fails(1, "", "cache", "verify").out)
        self.assertEqual(sorted(os.listdir(self.dir)), ["cache", "layout", "os.yml"])

    # ---- manifests ----

    def test_a_manifest_that_names_itself(self):
        # No bytes have a digest that is in them, so one that does has another digest than its name.
        text = json.dumps({"schemaVersion": 2, "mediaType": ocilib.INDEX, "manifests": [
            {"mediaType": ocilib.INDEX, "digest": "sha256:" + "0" * 64, "size": 0}]})
        size = len(text) + 2
        text = text.replace('"size": 0', '"size": %d' % size)
        entry = {"mediaType": ocilib.INDEX, "digest": "sha256:" + "0" * 64, "size": len(text)}
        self.put(entry, text.encode())
        self.layout.name(self.NAME, entry)
        self.import_is_refused("damaged")

    def test_indexes_in_indexes(self):
        inner = self.layout.image([{"f": b"1"}])
        for _ in range(50):
            inner = self.layout.index([inner])
        self.layout.name(self.NAME, inner)
        self.import_is_refused("nested deeper")

    def test_indexes_that_grow_with_each_level(self):
        """Each names the next one a thousand times: 10^12 ways to the image, and four blobs."""
        inner = self.layout.image([{"f": b"1"}])
        for _ in range(4):
            inner = self.layout.index([inner] * 1000)
        self.layout.name(self.NAME, inner)
        code, text = self.run_measured("cache", "import", "layout")
        self.assertEqual(code, 0, text)
        self.assertEqual(self.run_measured("ls", self.NAME)[0], 0)

    def test_ten_thousand_layers(self):
        layer = self.layout.blob(gzip.compress(ocilib.layer({"f": b"1"})), ocilib.LAYER + "+gzip")
        self.layout.name(self.NAME, self.manifest(layers=[layer] * 10000))
        self.import_is_refused("layers")

    def test_huge_documents(self):
        start = b'{"architecture":"amd64","os":"linux","x":'
        for config, reason in ((start + b'"' + b"x" * (5 << 20) + b'"}', "more than the"),
                               (start + b"[" * 100000 + b"]" * 100000 + b"}", "nested more than"),
                               (start + b"[" + b"0," * 1000000 + b"0]}", "more than 262144 values")):
            self.layout.name(self.NAME, self.manifest(config=self.layout.blob(config, ocilib.CONFIG)))
            self.import_is_refused(reason)
            self.layout.manifests.clear()

    def test_duplicated_keys(self):
        good = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}})
        config = self.layout.blob(good[:-1].encode() + b', "os": "windows"}', ocilib.CONFIG)
        self.layout.name(self.NAME, self.manifest(config=config))
        self.import_is_refused("the key 'os' is given twice")
        self.layout.manifests.clear()
        config = self.layout.blob(good.encode(), ocilib.CONFIG)
        text = json.dumps({"schemaVersion": 2, "mediaType": ocilib.MANIFEST, "config": config, "layers": []})
        self.layout.name(self.NAME, self.layout.blob(text[:-1].encode() + b', "layers": []}', ocilib.MANIFEST))
        self.import_is_refused("the key 'layers' is given twice")

    def test_digests_that_are_paths(self):
        for digest in ("sha256:../../../../etc/passwd", "sha384:" + "0" * 96, "sha256:" + "0" * 63 + "/",
                       "../x:" + "0" * 64):
            layer = {"mediaType": ocilib.LAYER, "digest": digest, "size": 1}
            self.layout.name(self.NAME, self.manifest(layers=[layer]))
            self.import_is_refused("digest")
            self.layout.manifests.clear()

    # ---- layers ----

    def test_paths_that_lead_out(self):
        self.image_is_refused("leads out", raw_tar(("../../../../tmp/evil", b"x")))

    def test_paths_that_lead_out_in_the_middle(self):
        self.image_is_refused("leads out", raw_tar(("a/b/../../../evil", b"x")))

    def test_whiteouts_that_lead_out(self):
        self.image_is_refused("leads out", raw_tar(("../.wh.evil", b"")))

    def test_hard_links_that_lead_out(self):
        self.image_is_refused("does not exist", raw_tar(("passwd", b"", tarfile.LNKTYPE, "../../etc/passwd")))

    def test_hard_links_to_this_machines_files(self):
        self.image_is_refused("does not exist", raw_tar(("passwd", b"", tarfile.LNKTYPE, "/etc/passwd")))

    def test_absolute_paths_stay_inside(self):
        self.layout.name(self.NAME, self.layout.image([raw_tar(("/etc/evil", b"x"), ("//tmp//evil", b"y"))]))
        self.ok("cache", "import", "layout")
        self.assertEqual(self.ok("ls", "-R", self.NAME).out.split(), ["etc", "etc/evil", "tmp", "tmp/evil"])
        self.assertFalse(os.path.exists("/etc/evil"))

    def test_links_that_are_written_through(self):
        """A link out, and a file below it: the file is where the link leads within the image."""
        self.write("victim/f", b"mine")
        evil = raw_tar(("out", b"", tarfile.SYMTYPE, self.path("victim")), ("out/f", b"evil"),
                       ("up", b"", tarfile.SYMTYPE, ".."),
                       ("up/g", b"evil"))
        self.layout.name(self.NAME, self.layout.image([evil]))
        self.ok("cache", "import", "layout")
        names = self.ok("ls", "-R", self.NAME).out.splitlines()
        self.assertEqual(names, sorted({"g", "out", "up"} | {p for p in names if p in self.path("victim", "f")}))
        self.assertIn(self.path("victim")[1:], names)
        with open(self.path("victim", "f"), "rb") as f:
            self.assertEqual(f.read(), b"mine")

    def test_deep_directories(self):
        self.image_is_refused("longer than 4095 bytes",
                              raw_tar(("/".join("d" for _ in range(45)), b"", tarfile.DIRTYPE),
                                              *deep_entries(2100)))

    def test_many_links_of_one_file(self):
        entries = [("f", b"x" * 512)] + [("l%d" % i, b"", tarfile.LNKTYPE, "f") for i in range(50000)]
        self.layout.name(self.NAME, self.layout.image([raw_tar(*entries)]))
        self.ok("cache", "import", "layout")
        self.assertEqual(self.run_measured("ls", self.NAME)[0], 0)

    def test_a_sparse_file_of_a_petabyte(self):
        header = bytearray(tar_header("sparse", 512, b"S"))
        header[386:398] = b"%011o\0" % 0           # one piece at 0, of 512 bytes
        header[398:410] = b"%011o\0" % 512
        size = (1 << 50).to_bytes(12, "big")
        header[483:495] = bytes([size[0] | 0x80]) + size[1:]
        header[148:156] = b"        "
        header[148:156] = b"%06o\0 " % sum(header)
        self.image_is_refused("which only bombs do", bytes(header) + b"x" * 512 + b"\0" * 1024)

    # ---- bombs ----

    def bomb(self):
        """A gzipped layer whose one file has 4 GiB of zeros, made of members that are all the same."""
        zeros = gzip.compress(b"\0" * (64 << 20), 9, mtime=0)
        size = 64 * (64 << 20)
        header = bytearray(tar_header("zeros", 0))
        header[124:136] = bytes([0x80]) + size.to_bytes(11, "big")
        header[148:156] = b"        "
        header[148:156] = b"%06o\0 " % sum(header)
        return gzip.compress(bytes(header), mtime=0) + zeros * 64

    def test_a_gzip_bomb(self):
        layer = self.layout.blob(self.bomb(), ocilib.LAYER + "+gzip")
        self.layout.name(self.NAME, self.manifest(layers=[layer]))
        self.ok("cache", "import", "layout")
        self.write("os.yml", "init:\n  - %s\n" % self.NAME)
        self.refused("which only bombs do", "ls", self.NAME)
        self.refused("which only bombs do", "build", "--arch", "amd64", "-f", "tar", "os.yml")

    def test_a_bomb_in_what_docker_save_wrote(self):
        """Its layers' digests are those of what is in them."""
        config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [
            "sha256:" + "0" * 64]}}).encode()
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            for name, content in (("layer.tar.gz", self.bomb()), ("c.json", config), ("manifest.json", json.dumps(
                    [{"Config": "c.json", "RepoTags": [self.NAME], "Layers": ["layer.tar.gz"]}]).encode())):
                info = tarfile.TarInfo(name)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
        self.write("saved.tar", out.getvalue())
        self.refused("which only bombs do", "cache", "import", "saved.tar")
        self.assertEqual(self.files("cache", "blobs") + self.files("cache", "ingest"), [])

    def test_an_archive_that_is_a_bomb(self):
        """A compressed layout: a blob of 4 GiB."""
        size = 64 * (64 << 20)
        header = bytearray(tar_header("blobs/sha256/" + "0" * 64, 0))
        header[124:136] = bytes([0x80]) + size.to_bytes(11, "big")
        header[148:156] = b"        "
        header[148:156] = b"%06o\0 " % sum(header)
        self.write("layout.tar.gz", gzip.compress(bytes(header)) + gzip.compress(b"\0" * (64 << 20), 9) * 64)
        self.refused("which only bombs do", "cache", "import", "layout.tar.gz")
        self.assertEqual(self.files("cache", "blobs") + self.files("cache", "ingest"), [])

    def test_an_archive_with_a_sparse_map_without_end(self):
        """A map is kept in memory while its entry's header is read: 50 million lines in 100 kB."""
        fields = b"".join(b"%d %s\n" % (len(f) + 4, f) for f in (
            b"GNU.sparse.major=1", b"GNU.sparse.minor=0", b"GNU.sparse.name=s", b"GNU.sparse.realsize=9"))
        size = 2 * 50 * (1 << 20) + 512
        header = bytearray(tar_header("x", 0))
        header[124:136] = b"%011o\0" % size
        header[148:156] = b"        "
        header[148:156] = b"%06o\0 " % sum(header)
        first = b"050000000\n" + b"1\n" * 251
        lines = gzip.compress(b"1\n" * (1 << 19), 9, mtime=0)
        pax = tar_header("pax", len(fields), b"x") + fields.ljust(512, b"\0")
        self.write("layout.tar.gz", gzip.compress(pax + bytes(header) + first, mtime=0) + lines * 100)
        self.refused("the header of an entry is larger than 1024 KiB", "cache", "import", "layout.tar.gz")

    def test_a_name_that_is_a_path(self):
        for name, reason in (("../../etc/passwd", "is not an image name"),
                             ("example.test/../x:1", "is not an image name"),
                             ("example.test/x:../y", "is not an image name"),
                             ("example.test/" + "x" * 2000, "is too long")):
            self.layout.name(name, self.layout.image([{"f": b"1"}]))
            self.import_is_refused(reason)
            self.layout.manifests.clear()


def deep_entries(depth):
    """A directory that deep; each level has a long name, so PAX records are not needed: GNU's long names are."""
    name = "/".join("d" for _ in range(depth))
    long = name.encode() + b"\0"
    yield ("././@LongLink", long, b"L")
    yield (name[:90], b"", tarfile.DIRTYPE)


if __name__ == "__main__":
    main()
