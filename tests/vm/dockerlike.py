# SPDX-License-Identifier: Apache-2.0
"""Images like those of Docker Hub: the files of a component image with a configuration as Docker writes it."""
import hashlib
import json
import os
import shutil
import tempfile

import images


class Layout:
    """An image of the tests' store, unpacked as an OCI layout of this machine's platform alone."""

    def __init__(self, name):
        self.dir = tempfile.mkdtemp(prefix="wherry-layout-")
        os.rmdir(self.dir)
        images.wherry("cache", "export", "--format", "oci-dir", "--platform", "linux/amd64", "-o", self.dir, name)

    def close(self):
        shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, digest):
        return os.path.join(self.dir, "blobs", *digest.split(":"))

    def read(self, descriptor):
        with open(self.path(descriptor["digest"]), encoding="utf-8") as f:
            return json.load(f)

    def write(self, value, like):
        content = json.dumps(value).encode()
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        with open(self.path(digest), "wb") as f:
            f.write(content)
        return dict(like, digest=digest, size=len(content))


def configure(source, name, config):
    """Import an image with the files of another one, whose configuration has these keys and no label."""
    layout = Layout(source)
    try:
        with open(os.path.join(layout.dir, "index.json"), encoding="utf-8") as f:
            top = json.load(f)["manifests"][0]
        while "config" not in layout.read(top):
            top = layout.read(top)["manifests"][0]
        manifest = layout.read(top)
        details = layout.read(manifest["config"])
        details["config"] = dict({"Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]},
                                 **config)
        manifest["config"] = layout.write(details, manifest["config"])
        top = layout.write(manifest, top)
        top.pop("annotations", None)
        top.pop("platform", None)
        with open(os.path.join(layout.dir, "index.json"), "w", encoding="utf-8") as f:
            json.dump({"schemaVersion": 2, "manifests": [top]}, f)
        images.wherry("-q", "cache", "import", "--name", name, layout.dir)
    finally:
        layout.close()
    return name
