#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""build: the SBOM that is made of what is attested of the images."""
import io
import json
import os
import re
import subprocess
import tarfile
import time

import ocilib
from harness import Case, WHERRY, main

SPDX = "https://spdx.dev/Document"
NAMESPACE = r"https://spdx.org/spdxdocs/sbom-[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-9[0-9a-f]{3}-[0-9a-f]{12}$"


def document(name, **more):
    return {"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": name,
            "packages": [{"SPDXID": "SPDXRef-Package-" + name, "name": name, "packageFileName": "lib/" + name},
                         {"SPDXID": "SPDXRef-Package-other", "name": "other"}],
            "files": [{"SPDXID": "SPDXRef-File-" + name, "fileName": "/bin/" + name}], **more}


class Sbom(Case):
    def setUp(self):
        super().setUp()
        self.layout = ocilib.standard(self.path("layout"))

    def attest(self, name, *documents, predicate=SPDX):
        """An image in an index, and beside it what is attested of it, as BuildKit lays it out."""
        image = self.layout.image([{"bin": None, "bin/" + name: name.encode()}])
        layers = []
        for d in documents:
            statement = d if isinstance(d, bytes) else {"predicateType": SPDX, "predicate": d}
            layers.append(dict(self.layout.blob(statement, "application/vnd.in-toto+json"),
                               annotations={"in-toto.io/predicate-type": predicate}))
        config = self.layout.blob({"architecture": "unknown", "os": "unknown", "config": {},
                                   "rootfs": {"type": "layers", "diff_ids": [d["digest"] for d in layers]}},
                                  ocilib.CONFIG)
        manifest = self.layout.blob({"schemaVersion": 2, "mediaType": ocilib.MANIFEST, "config": config,
                                     "layers": layers},
                                    ocilib.MANIFEST)
        about = dict(manifest, platform={"architecture": "unknown", "os": "unknown"},
                     annotations={"vnd.docker.reference.type": "attestation-manifest",
                                  "vnd.docker.reference.digest": image["digest"]})
        self.layout.name("example.test/%s:1" % name, self.layout.index([image, about]))
        return layers

    def sbom(self, yml, *args, path="sbom.spdx.json", **more):
        self.write("os.yml", yml)
        self.ok("-q", "cache", "import", "layout")
        self.ok("build", "--arch", "amd64", "--o", "os.tar", *args, "os.yml", **more)
        with tarfile.open(self.path("os.tar")) as tar:
            self.info = tar.getmember(path)
            return json.load(tar.extractfile(path))

    def test_documents_are_joined(self):
        self.attest("a", document("a"))
        self.attest("b", document("b", relationships=[{"spdxElementId": "x"}]), document("c"))
        found = self.sbom("""
init: ['example.test/a:1', 'example.test/init:1']
services:
  - {name: one, image: 'example.test/b:1'}
  - {name: two, image: 'example.test/b:1', readonly: true}
""")
        self.assertEqual((self.info.mode, self.info.mtime), (0o644, 1492533000))
        self.assertEqual([p["name"] for p in found["packages"]], ["a", "other", "b", "other", "c", "other"])
        inside = "containers/services/one/lower"
        self.assertEqual([p.get("packageFileName") for p in found["packages"]],
                         ["lib/a", None, inside + "/lib/b", inside, inside + "/lib/c", inside])
        self.assertEqual([f["fileName"] for f in found["files"]], ["/bin/a", inside + "/bin/b", inside + "/bin/c"])
        self.assertEqual(found["relationships"], [{"spdxElementId": "x"}])
        self.assertEqual(found["creationInfo"]["created"], "2017-04-18T16:30:00Z")
        self.assertRegex(found["documentNamespace"], NAMESPACE)
        self.assertNotIn("annotations", found)

    def test_without_attestations_it_has_no_packages(self):
        found = self.sbom(ocilib.OS_YML)
        self.assertEqual((found["name"], found["spdxVersion"]), ("sbom", "SPDX-2.3"))
        self.assertNotIn("packages", found)

    def test_the_namespace_is_that_of_the_content(self):
        self.attest("a", document("a"))
        self.attest("b", document("b"))
        first = self.sbom("init: ['example.test/a:1']")
        self.assertEqual(self.sbom("init: ['example.test/a:1']"), first)
        self.assertNotEqual(self.sbom("init: ['example.test/b:1']")["documentNamespace"], first["documentNamespace"])

    def test_the_current_time(self):
        before = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.assertGreaterEqual(self.sbom(ocilib.OS_YML, "--sbom-current-time")["creationInfo"]["created"], before)

    def test_another_place(self):
        self.sbom(ocilib.OS_YML, "--sbom-output", "/usr/share/sbom.json", path="usr/share/sbom.json")
        for path in ("", "/", "../x"):
            self.fails(2, "is not a valid path in the OS", "build", "--sbom-output", path, "os.yml")

    def test_directories_of_another_place(self):
        """Those that are missing come into being once; those that are there stay what they are."""
        self.write("os.yml", ocilib.OS_YML + "  - {path: kept, directory: true, mode: '1777'}\n")
        self.ok("-q", "cache", "import", "layout")
        build = ("build", "--offline", "--arch", "amd64", "--sbom-output", "kept/new/deep/sbom.json", "os.yml")
        self.ok(*build, "-o", "os.tar")
        with tarfile.open(self.path("os.tar")) as tar:
            modes = {}
            for m in tar:
                self.assertFalse(m.name.startswith("kept") and m.name in modes)
                modes[m.name] = m.mode
        self.assertEqual([modes.get(name) for name in ("kept", "kept/new", "kept/new/deep", "kept/new/deep/sbom.json")],
                         [0o1777, 0o755, 0o755, 0o644])
        self.ok(*build)
        archive = subprocess.run(["zstd", "-dcq", self.path("os-initrd.img")], stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL)
        names = [name for name in ("kept", "kept/new", "kept/new/deep")
                 if archive.stdout.count(name.encode() + b"\0") != 1]
        self.assertEqual(names, [])

    def test_none(self):
        self.write("os.yml", ocilib.OS_YML)
        self.ok("-q", "cache", "import", "layout")
        self.ok("build", "--arch", "amd64", "--no-sbom", "--o", "os.tar", "os.yml")
        with tarfile.open(self.path("os.tar")) as tar:
            self.assertNotIn("sbom.spdx.json", tar.getnames())

    def test_as_linuxkit(self):
        os.symlink(WHERRY, self.path("linuxkit"))
        found = self.sbom(ocilib.OS_YML, program=self.path("linuxkit"), env={"LINUXKIT_CACHE": self.cache})
        self.assertEqual(found["creationInfo"]["creators"], ["Organization: LinuxKit", "Tool: linuxkit"])
        self.assertTrue(re.match("https://github.com/linuxkit/linuxkit/sbom-", found["documentNamespace"]))

    def test_other_statements_say_nothing(self):
        self.attest("a", document("a"), predicate="https://slsa.dev/provenance/v0.2")
        self.assertNotIn("packages", self.sbom("init: ['example.test/a:1']"))

    def test_what_is_not_a_document_is_refused(self):
        for number, (content, message) in enumerate((
                (b"{", "blob sha256:"), (b"[]", "not a statement with an SPDX document"),
                (b'{"predicateType": "x", "predicate": {}}', "not a statement with an SPDX document"),
                (b'{"predicateType": "%s", "predicate": {"files": {}}}' % SPDX.encode(),
                 "files must be a list, not a map"),
                (b'{"predicateType": "%s", "predicate": {"files": [1]}}' % SPDX.encode(), "files must hold maps"))):
            name = "bad%d" % number
            self.attest(name, content)
            self.write("os.yml", "init: ['example.test/%s:1']" % name)
            self.ok("-q", "cache", "import", "layout")
            self.fails(1, message, "build", "--arch", "amd64", "os.yml")

    def test_a_document_that_is_not_in_the_store_is_left_out_with_a_warning(self):
        layers = self.attest("a", document("a"))
        self.write("os.yml", "init: ['example.test/a:1']")
        self.ok("-q", "cache", "import", "layout")
        os.remove(self.path("cache", "blobs", "sha256", layers[0]["digest"].split(":")[1]))
        result = self.ok("build", "--arch", "amd64", "os.yml")
        self.assertIn("is left out of the SBOM", result.err)


if __name__ == "__main__":
    main()
