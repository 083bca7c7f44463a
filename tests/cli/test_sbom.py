#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""build: the SBOM that is made of what is installed in the images, and of what is attested of them."""
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import time

import jsonschema

import ocilib
from harness import Case, WHERRY, main

SPDX = "https://spdx.dev/Document"
NAMESPACE = r"https://spdx.org/spdxdocs/sbom-[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-9[0-9a-f]{3}-[0-9a-f]{12}$"


HERE = os.path.dirname(os.path.abspath(__file__))
CORPUS = os.path.join(os.path.dirname(HERE), "fuzz", "corpus")
GO = "example.test/Tool@v1.2.3 example.test/new@v1.0.1 github.com/A/b@v0.1.0 stdlib@1.22.1"


def schema(name):
    return ocilib.read(os.path.join(HERE, "schemas", name))


def validators():
    """By the key that tells the formats apart."""
    cyclonedx = schema("bom-1.6.SNAPSHOT.schema.json")
    others = {s["$id"]: s for s in map(schema, ("spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json"))}
    resolver = jsonschema.RefResolver(cyclonedx["$id"], cyclonedx, store=others)
    return {"bomFormat": jsonschema.Draft7Validator(cyclonedx, resolver=resolver),
            "spdxVersion": jsonschema.Draft7Validator(schema("spdx-2.3.schema.json"))}


VALIDATORS = validators()


def corpus(*names):
    with open(os.path.join(CORPUS, *names), "rb") as f:
        return f.read()


def purls(found):
    """All of them, sorted, in both formats."""
    if "components" in found:
        return sorted(c["purl"] for c in found["components"] if "purl" in c)
    return sorted(r["referenceLocator"] for p in found["packages"] for r in p.get("externalRefs", ()))


def contents(found, how="CONTAINS"):
    """{image: names of its packages}, by the relationships, of which CycloneDX has one kind; None is the OS."""
    if "components" in found:
        names = {c["bom-ref"]: c["name"] for c in found["components"]}
        return {names.get(d["ref"]): sorted(names[r] for r in d.get("dependsOn", ())) for d in found["dependencies"]}
    names, inside = {p["SPDXID"]: p["name"] for p in found["packages"]}, {}
    for r in found["relationships"]:
        if r.get("relationshipType") == how:
            of = r["spdxElementId"]
            of = None if of == "SPDXRef-OS" else names[of]
            inside[of] = sorted(inside.get(of, []) + [names[r["relatedSpdxElement"]]])
    return inside


def own(found):
    """The packages without those that describe the OS and its images."""
    return [p for p in found["packages"] if not p["SPDXID"].startswith(("SPDXRef-OS", "SPDXRef-Image-"))]


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

    def check_valid(self, found):
        key = next(k for k in VALIDATORS if k in found)
        self.assertEqual([(e.json_path, e.message) for e in VALIDATORS[key].iter_errors(found)], [])
        ids = ([c["bom-ref"] for c in found["components"]] if key == "bomFormat"
               else [p["SPDXID"] for p in found["packages"]])
        self.assertEqual(len(ids), len(set(ids)))

    def both(self, yml, *args):
        """The SBOM in both formats, each valid."""
        found = [self.sbom(yml, *args),
                 self.sbom(yml, "--sbom-format", "cyclonedx", *args, path="sbom.cdx.json")]
        for f in found:
            self.check_valid(f)
        return found

    def image(self, name, *layers, **more):
        self.layout.name("example.test/%s:1" % name, self.layout.image(layers, **more))

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
        packages = own(found)
        self.assertEqual([p["name"] for p in packages], ["a", "other", "b", "other", "c", "other"])
        inside = "containers/services/one/lower"
        self.assertEqual([p.get("packageFileName") for p in packages],
                         ["lib/a", None, inside + "/lib/b", inside, inside + "/lib/c", inside])
        self.assertEqual([f["fileName"] for f in found["files"]], ["/bin/a", inside + "/bin/b", inside + "/bin/c"])
        self.assertEqual(found["relationships"][0], {"spdxElementId": "x"})
        self.assertEqual(contents(found), {None: ["example.test/a:1", "example.test/b:1", "example.test/init:1"]})
        self.assertEqual(found["creationInfo"]["created"], "2017-04-18T16:30:00Z")
        self.assertRegex(found["documentNamespace"], NAMESPACE)
        self.assertNotIn("annotations", found)

    def test_without_attestations_it_has_no_packages(self):
        found = self.sbom(ocilib.OS_YML)
        self.assertEqual((found["name"], found["spdxVersion"]), ("sbom", "SPDX-2.3"))
        self.assertEqual(own(found), [])
        self.check_valid(found)

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

    def test_what_is_installed(self):
        self.image("deb", {"var/lib/dpkg/status": corpus("inventory", "status"),
                           "usr/share/doc/acl/copyright": corpus("inventory", "copyright"),
                           "etc/os-release": b"ID=debian\nVERSION_ID=12\n"})
        self.image("apk", {"lib/apk/db/installed": corpus("inventory", "apk")})
        self.image("rpm", {"var/lib/rpm/rpmdb.sqlite": corpus("rpm", "small-pages"),
                           "etc/os-release": b"ID=fedora\nVERSION_ID=40\n"})
        self.image("go", {"tool": corpus("go-build", "elf64").ljust(8192, b"\0")})
        # What a later layer removes is not there.
        self.image("was", {"var/lib/dpkg/status": corpus("inventory", "status")}, {"var/lib/dpkg/.wh.status": b""},
                   labels={"dev.wherry.packages": json.dumps([
                       {"name": "nginx", "version": "1.22.1-9+deb12u1", "architecture": "amd64", "source": "nginx",
                        "sourceVersion": "1.22.1-9+deb12u1"}]), "org.opencontainers.image.licenses": "Apache-2.0"})
        yml = "init: ['example.test/apk:1']\nservices:\n" + "".join(
            "- {name: %s, image: 'example.test/%s:1'}\n" % (n, n) for n in ("deb", "rpm", "go", "was"))
        spdx, cyclonedx = self.both(yml)
        images = ["example.test/%s:1" % n for n in ("apk", "deb", "go", "rpm", "was")]
        for found in (spdx, cyclonedx):
            self.assertEqual([p for p in purls(found) if not p.startswith("pkg:oci/")], [
                "pkg:apk/alpine/busybox@1.36.1-r29?arch=x86_64", "pkg:apk/alpine/musl@1.2.5-r0?arch=x86_64",
                "pkg:deb/debian/acl@2.3.1-3?arch=amd64&distro=debian-12",
                "pkg:deb/debian/libc6@2.36-9%2Bdeb12u1?arch=amd64&distro=debian-12",
                "pkg:deb/debian/nginx@1.22.1-9%2Bdeb12u1?arch=amd64"] + sorted(
                    "pkg:golang/" + p.lower() for p in GO.split()) + [
                "pkg:rpm/fedora/libalpha@1.2-3.fc40?arch=noarch&distro=fedora-40",
                "pkg:rpm/fedora/libbeta@1.2-3.fc40?arch=noarch&distro=fedora-40&epoch=2"])
            self.assertEqual(contents(found), {
                None: images, images[0]: ["busybox", "musl"], images[1]: ["acl", "libc6"],
                images[2]: [p.split("@")[0] for p in GO.split()], images[3]: ["libalpha", "libbeta"],
                images[4]: ["nginx"]})
        packages = {p["name"]: p for p in spdx["packages"]}
        components = {c["name"]: c for c in cyclonedx["components"]}
        self.assertEqual(packages["libc6"]["sourceInfo"], "built from glibc 2.36-9")
        self.assertNotIn("sourceInfo", packages["acl"])
        unknown = spdx["hasExtractedLicensingInfos"]
        self.assertEqual([u["extractedText"] for u in unknown], ["GPLv2+ and Public Domain"])
        for name, said in (("acl", "GPL-2.0-or-later AND MIT"), ("libc6", None), ("musl", "MIT"),
                           ("libalpha", unknown[0]["licenseId"]), (images[4], "Apache-2.0"),
                           ("libbeta", "MIT AND (GPL-2.0-or-later OR Artistic-1.0-Perl)")):
            self.assertEqual(packages[name].get("licenseDeclared"), said)
            licenses = components[name].get("licenses")
            self.assertEqual(licenses, None if said is None else [{"expression": said}] if name != "libalpha"
                             else [{"license": {"name": "GPLv2+ and Public Domain"}}])
        for image in images:
            digest = packages[image]["versionInfo"]
            self.assertEqual("sha256:" + packages[image]["checksums"][0]["checksumValue"], digest)
            self.assertEqual("sha256:" + components[image]["hashes"][0]["content"], digest)
            self.assertTrue(components[image]["purl"].startswith(
                "pkg:oci/%s@%s?" % (image.split("/")[1].split(":")[0], digest)))

    def test_what_an_image_was_made_from(self):
        """Not in it as it was: a source package, and a library that was compiled in."""
        def package(name, **more):
            return {"name": name, "version": "1", "architecture": "amd64", "source": name, "sourceVersion": "1", **more}
        self.image("a", {"x": b""}, labels={"dev.wherry.packages": json.dumps(
            [package("libc6"), package("crun", step=True, architecture="source"), package("libseccomp", step=True),
             package("zlib", step=False)])})
        self.image("b", {"x": b"", "y": b""}, labels={"dev.wherry.packages": json.dumps(
            [package("libseccomp"), package("libc6"), package("libc6", step=True)])})
        spdx, cyclonedx = self.both("init: ['example.test/a:1', 'example.test/b:1']")
        a, b = "example.test/a:1", "example.test/b:1"
        self.assertEqual(contents(spdx), {None: [a, b], a: ["libc6", "zlib"], b: ["libc6", "libseccomp"]})
        self.assertEqual(contents(spdx, "GENERATED_FROM"), {a: ["crun", "libseccomp"]})
        self.assertEqual(contents(cyclonedx), {None: [a, b], a: ["crun", "libc6", "libseccomp", "zlib"],
                                               b: ["libc6", "libseccomp"]})
        names = {c["purl"]: c["name"] for c in cyclonedx["components"]}
        made = {c["name"]: [names[p["value"]] for p in c.get("properties", ()) if p["name"] == "wherry:madeFrom"]
                for c in cyclonedx["components"] if c["type"] == "container"}
        self.assertEqual(made, {a: ["crun", "libseccomp"], b: []})

    def test_the_same_package_in_two_images(self):
        """It is described once, by the one that says more of it."""
        self.image("one", {"var/lib/dpkg/status": corpus("inventory", "status")})
        self.image("two", {"var/lib/dpkg/status": corpus("inventory", "status"),
                           "usr/share/doc/libc6/copyright": corpus("inventory", "copyright")})
        for found in self.both("init: ['example.test/one:1', 'example.test/two:1']"):
            self.assertEqual(contents(found), {None: ["example.test/one:1", "example.test/two:1"],
                                               "example.test/one:1": ["acl", "libc6"],
                                               "example.test/two:1": ["acl", "libc6"]})
            self.assertEqual(len([p for p in purls(found) if "libc6" in p]), 1)
            self.assertIn('"GPL-2.0-or-later AND MIT"', json.dumps(found))

    def test_the_same_bytes(self):
        self.image("deb", {"var/lib/dpkg/status": corpus("inventory", "status")})
        for args in ((), ("--sbom-format", "cyclonedx")):
            texts = set()
            for cache in ("one", "one", "two"):
                env = {"WHERRY_CACHE": self.path(cache)}
                self.write("os.yml", "services: [{name: a, image: 'example.test/deb:1'}]")
                self.ok("-q", "cache", "import", "layout", env=env)
                self.ok("build", "--arch", "amd64", "--o", "os.tar", *args, "os.yml", env=env)
                with open(self.path("os.tar"), "rb") as f:
                    texts.add(f.read())
            self.assertEqual(len(texts), 1)

    def test_what_is_installed_is_kept(self):
        """A build with nothing changed does not read the layers again."""
        self.image("deb", {"var/lib/dpkg/status": corpus("inventory", "status")})
        self.write("os.yml", "services: [{name: a, image: 'example.test/deb:1'}]")
        self.ok("-q", "cache", "import", "layout")
        build = ("build", "--offline", "--arch", "amd64", "os.yml")
        self.ok(*build)
        with open(self.path("os-initrd.img"), "rb") as f:
            before = f.read()
        for name in self.files("cache", "blobs", "sha256"):
            with open(self.path("cache", "blobs", "sha256", name), "r+b") as f:
                if f.read(2) == b"\x1f\x8b":
                    f.write(b"broken")
        self.ok(*build)
        with open(self.path("os-initrd.img"), "rb") as f:
            self.assertEqual(f.read(), before)

    def test_images_about_which_nothing_is_known(self):
        self.image("deb", {"var/lib/dpkg/status": corpus("inventory", "status")})
        self.image("old", {"var/lib/rpm/Packages": b"x"})
        self.image("none", {"x": b""}, labels={"dev.wherry.packages": "[]"})
        self.write("os.yml", "init: ['example.test/%s:1']" % ":1', 'example.test/".join(
            ("deb", "init", "old", "hello", "none")))
        self.ok("-q", "cache", "import", "layout")
        # Also when what an earlier build has left is taken.
        for args in (("--o", "os.tar"), (), ()):
            said = self.ok("-v", "2", "build", "--arch", "amd64", *args, "os.yml").err
            self.assertEqual([line for line in said.splitlines() if "SBOM" in line], [
                "warning: the SBOM lacks packages of image example.test/old:1: /var/lib/rpm/Packages is a database of "
                "rpm in an older format than SQLite",
                "warning: the SBOM only names images of which nothing is known: example.test/init:1, "
                "example.test/old:1, example.test/hello:1"])
        self.assertIn("sbom has not changed", said)
        for args in (("--no-sbom",), ("--compat",)):
            said = self.ok("build", "--arch", "amd64", "--o", "os.tar", *args, "os.yml").err
            self.assertNotIn("SBOM", said)

    def test_an_image_that_is_broken(self):
        """What can't be read is left out; the rest is there."""
        self.image("bad", {"var/lib/rpm/rpmdb.sqlite": b"SQLite format 3\0" + bytes(200),
                           "var/lib/dpkg/status": corpus("inventory", "status")})
        self.write("os.yml", "init: ['example.test/bad:1']")
        self.ok("-q", "cache", "import", "layout")
        said = self.ok("build", "--arch", "amd64", "--o", "os.tar", "os.yml").err
        self.assertIn("/var/lib/rpm/rpmdb.sqlite can't be read: broken SQLite database", said)
        self.assertEqual(contents(self.sbom("init: ['example.test/bad:1']"))["example.test/bad:1"], ["acl", "libc6"])

    def test_what_is_attested_in_cyclonedx(self):
        attested = document("a")
        attested["packages"][0].update(
            versionInfo="1.0", licenseDeclared="MIT", downloadLocation="NOASSERTION",
            externalRefs=[{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                           "referenceLocator": "pkg:pypi/a@1.0"}])
        self.attest("a", attested)
        found = self.sbom("init: ['example.test/a:1']", "--sbom-format", "cyclonedx", path="sbom.cdx.json")
        self.check_valid(found)
        self.assertEqual(contents(found), {None: ["example.test/a:1"], "example.test/a:1": ["a", "other"]})
        component = next(c for c in found["components"] if c["name"] == "a")
        self.assertEqual((component["version"], component["purl"], component["licenses"]),
                         ("1.0", "pkg:pypi/a@1.0", [{"expression": "MIT"}]))

    def test_the_format(self):
        self.fails(2, "cyclonedx", "build", "--sbom-format", "xml", "os.yml")
        self.sbom(ocilib.OS_YML, "--sbom-format", "cyclonedx", "--sbom-output", "bom.json", path="bom.json")

    def test_an_earlier_tar_without_its_images(self):
        self.image("deb", {"var/lib/dpkg/status": corpus("inventory", "status")})
        yml = "services: [{name: a, image: 'example.test/deb:1'}]\nfiles: [{path: etc/os.yml, metadata: yaml}]\n"
        self.sbom(yml)
        os.rename(self.path("os.tar"), self.path("old.tar"))
        os.rename(self.path("cache"), self.path("gone"))
        result = self.ok("build", "--offline", "--arch", "amd64", "--o", "os.tar", "--input-tar", "old.tar", "os.yml")
        self.assertIn("image example.test/deb:1 is not in the store and is left out of the SBOM", result.err)

    def test_what_could_not_be_read_is_not_kept(self):
        """An SBOM without the packages of an image is not taken for the next build, which has the image again."""
        self.image("deb", {"var/lib/dpkg/status": corpus("inventory", "status")})
        self.sbom("services: [{name: a, image: 'example.test/deb:1'}]\nfiles: [{path: etc/os.yml, metadata: yaml}]\n")
        os.rename(self.path("os.tar"), self.path("old.tar"))
        shutil.rmtree(self.path("cache", "pieces"))
        broken = []
        for name in self.files("cache", "blobs", "sha256"):
            with open(self.path("cache", "blobs", "sha256", name), "r+b") as f:
                if f.read(2) == b"\x1f\x8b":
                    f.write(b"broken")
                    broken.append(f.name)
        build = ("build", "--offline", "--arch", "amd64", "--input-tar", "old.tar", "os.yml")
        self.assertIn("the SBOM lacks what is in image example.test/deb:1", self.ok(*build).err)
        for name in broken:
            os.remove(name)
        self.ok("-q", "cache", "import", "layout")
        self.assertNotIn("SBOM", self.ok(*build).err)

    def test_as_linuxkit(self):
        os.symlink(WHERRY, self.path("linuxkit"))
        found = self.sbom(ocilib.OS_YML, program=self.path("linuxkit"), env={"LINUXKIT_CACHE": self.cache})
        self.assertEqual(found["creationInfo"]["creators"], ["Organization: LinuxKit", "Tool: linuxkit"])
        self.assertTrue(re.match("https://github.com/linuxkit/linuxkit/sbom-", found["documentNamespace"]))
        self.assertNotIn("packages", found)

    def test_other_statements_say_nothing(self):
        self.attest("a", document("a"), predicate="https://slsa.dev/provenance/v0.2")
        self.assertEqual(own(self.sbom("init: ['example.test/a:1']")), [])

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
