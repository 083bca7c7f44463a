# SPDX-License-Identifier: Apache-2.0
"""Tiny OCI images: layouts (directories or tars) written the way other tools write them, and ways to break them."""
import gzip
import hashlib
import io
import json
import os
import tarfile

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"


def read(path):
    """A JSON file."""
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def layer(files, modes=None):
    """A tar of {path: bytes, None for a directory, "-> target" as str for a symlink}; modes: others than 0755."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path, content in files.items():
            info = tarfile.TarInfo(path)
            info.mode = (modes or {}).get(path, 0o755)
            if content is None:
                info.type = tarfile.DIRTYPE
                tar.addfile(info)
            elif isinstance(content, str):
                info.type, info.linkname = tarfile.SYMTYPE, content.replace("-> ", "", 1)
                tar.addfile(info)
            else:
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


class Layout:
    """An OCI image layout in a directory."""

    def __init__(self, directory):
        self.directory, self.manifests = directory, []
        os.makedirs(os.path.join(directory, "blobs", "sha256"), exist_ok=True)
        with open(os.path.join(directory, "oci-layout"), "w", encoding="utf-8") as f:
            json.dump({"imageLayoutVersion": "1.0.0"}, f)

    def blob_path(self, digest):
        return os.path.join(self.directory, "blobs", *digest.split(":"))

    def blob(self, content, media_type):
        content = content if isinstance(content, bytes) else json.dumps(content).encode()
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        with open(self.blob_path(digest), "wb") as f:
            f.write(content)
        return {"mediaType": media_type, "digest": digest, "size": len(content)}

    def image(self, layers, arch="amd64", config=None, labels=None, compress=True):
        """One platform's manifest; returns its descriptor."""
        descriptors, diff_ids = [], []
        for files in layers:
            data = files if isinstance(files, bytes) else layer(files)
            diff_ids.append("sha256:" + hashlib.sha256(data).hexdigest())
            if compress:
                descriptors.append(self.blob(gzip.compress(data, mtime=0), LAYER + "+gzip"))
            else:
                descriptors.append(self.blob(data, LAYER))
        details = dict(config or {})
        if labels:
            details["Labels"] = labels
        settings = self.blob({"architecture": arch, "os": "linux", "config": details,
                              "rootfs": {"type": "layers", "diff_ids": diff_ids}}, CONFIG)
        manifest = self.blob({"schemaVersion": 2, "mediaType": MANIFEST, "config": settings, "layers": descriptors},
                             MANIFEST)
        return dict(manifest, platform={"architecture": arch, "os": "linux"})

    def index(self, descriptors):
        return self.blob({"schemaVersion": 2, "mediaType": INDEX, "manifests": descriptors}, INDEX)

    def name(self, name, descriptor):
        """Give a manifest or index a name, in the layout's index.json."""
        entry = {k: v for k, v in descriptor.items() if k != "platform"}
        entry["annotations"] = {"org.opencontainers.image.ref.name": name}
        self.manifests.append(entry)
        with open(os.path.join(self.directory, "index.json"), "w", encoding="utf-8") as f:
            json.dump({"schemaVersion": 2, "manifests": self.manifests}, f)

    def tar(self):
        """The whole layout as a tar."""
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            for name in ("oci-layout", "index.json", "blobs"):
                tar.add(os.path.join(self.directory, name), name)
        return out.getvalue()


KERNEL = b"\0" * 0x202 + b"HdrS" + b"kernel" * 100


def standard(directory):
    """A layout with a kernel, an init and a service, all that a small OS needs: example.test/{kernel,init,hello}:1."""
    layout = Layout(directory)
    modules = layer({"lib": None, "lib/modules": None, "lib/modules/6.1": None, "lib/modules/6.1/a.ko": b"module"})
    layout.name("example.test/kernel:1", layout.image([{"kernel": KERNEL, "kernel.tar": modules}]))
    layout.name("example.test/init:1", layout.image([
        {"init": b"#!/bin/sh\n", "bin": None, "bin/sh": b"shell" * 1000, "etc": None, "etc/hello": b"hello\n"}]))
    layout.name("example.test/hello:1", layout.index([
        layout.image([{"bin": None, "bin/hello": arch.encode() * 5000}, {"bin/.wh.none": b""}], arch=arch,
                     config={"Entrypoint": ["/bin/hello"]}) for arch in ("amd64", "arm64")]))
    return layout


OS_YML = """\
kernel:
  image: example.test/kernel:1
  cmdline: "console=ttyS0"
init:
  - example.test/init:1
services:
  - name: hello
    image: example.test/hello:1
files:
  - path: etc/motd
    contents: "hello"
"""
