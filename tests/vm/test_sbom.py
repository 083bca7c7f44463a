# SPDX-License-Identifier: Apache-2.0
"""The SBOM of examples/nginx.yml has every Debian package that is in it. No machine is booted."""
import json
import os
import re
import sys
import tarfile
import tempfile
import unittest
import urllib.parse

import yaml

import images

os.environ.setdefault("WHERRY_BUILD_ROOT", os.path.dirname(images.WORK))
sys.path.insert(0, os.path.join(images.ROOT, "tests", "cli"))
import test_sbom as sbom  # noqa: E402

EXAMPLE = os.path.join(images.ROOT, "examples", "nginx.yml")
PURL = re.compile(r"pkg:deb/debian/([^@]+)@([^?]+)\?arch=(\w+)")


def components():
    """The packages of the tree that the example names."""
    with open(EXAMPLE, encoding="utf-8") as f:
        return re.findall(r'"@pkg:([\w-]+)"', f.read())


def recorded(name):
    """What `pkg build` found to be in the component's image: (name, version, architecture)."""
    about = json.loads(images.wherry("inspect", "--json", "--arch", images.ARCH, images.tag(name)))
    return {(p["name"], p["version"], p["architecture"])
            for p in json.loads(about["labels"]["dev.wherry.packages"])}


def wanted(name):
    """The packages that build.yml takes files of."""
    with open(os.path.join(images.ROOT, "pkg", name, "build.yml"), encoding="utf-8") as f:
        return (yaml.safe_load(f).get("debian") or {}).get("packages", [])


class Example(unittest.TestCase):
    def build(self, *args):
        with tempfile.TemporaryDirectory(prefix="wherry-sbom-") as out:
            path = images.build(EXAMPLE, out, "--format", "tar", *args) + ".tar"
            with tarfile.open(path) as tar:
                name = next(n for n in tar.getnames() if n.startswith("sbom."))
                return tar.extractfile(name).read()

    def test_it_lists_every_debian_package(self):
        packages = set().union(*map(recorded, components()))
        self.assertTrue({"nginx", "busybox-static", "crun"} <= {p[0] for p in packages}, packages)
        for name in components():
            self.assertTrue(set(wanted(name)) <= {p[0] for p in recorded(name)}, name)
        for args in ((), ("--sbom-format", "cyclonedx")):
            text = self.build(*args)
            found = json.loads(text)
            key = next(k for k in sbom.VALIDATORS if k in found)
            self.assertEqual([e.message for e in sbom.VALIDATORS[key].iter_errors(found)], [])
            listed = {tuple(map(urllib.parse.unquote, PURL.match(p).groups()))
                      for p in sbom.purls(found) if p.startswith("pkg:deb/")}
            self.assertEqual(listed, packages)
            self.assertEqual(len(sbom.contents(found)[None]), len(components()))
            self.assertEqual(self.build(*args), text)


if __name__ == "__main__":
    unittest.main()
