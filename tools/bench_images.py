# SPDX-License-Identifier: Apache-2.0
"""Images for tools/bench: files of this machine's /usr as layers, a base that all share and one of their own."""
import io
import os
import stat
import tarfile

import ocilib

MIB = 1 << 20
SERVICES, BASE, OWN = 5, 40 * MIB, 32 * MIB
YML = """\
kernel: {image: example.test/kernel:1, cmdline: x}
init: [example.test/init:1]
services:
"""


def files(top="/usr"):
    """Regular files up to 20 MiB, in an order that is the same for the same machine."""
    for directory, names, found in os.walk(top):
        names.sort()
        for name in sorted(found):
            path = os.path.join(directory, name)
            st = os.lstat(path)
            if stat.S_ISREG(st.st_mode) and 0 < st.st_size < 20 * MIB:
                yield path, st


def layer(source, size):
    """A tar of the next files, of so many bytes together."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        while size > 0:
            path, st = next(source)
            info = tarfile.TarInfo(path.lstrip("/"))
            info.size, info.mode, info.mtime = st.st_size, st.st_mode & 0o7777, int(st.st_mtime)
            with open(path, "rb") as f:
                tar.addfile(info, f)
            size -= st.st_size
    return out.getvalue()


def make(directory, random_services, random_size):
    """
    A layout with service1 ..., each as :1 and the first also as :2, with one file more; and with random1 ..., each with
    one file that does not compress. Returns how many MiB the former are.
    """
    layout, source = ocilib.standard(directory), files()
    base = layer(source, BASE)
    for i in range(1, SERVICES + 1):
        layers = [base, layer(source, OWN)]
        config = {"Cmd": ["/usr/bin/true"]}
        layout.name("example.test/service%d:1" % i, layout.image(layers, config=config, compress=False))
        if i == 1:
            changed = layers + [{"etc": None, "etc/version": b"2\n"}]
            layout.name("example.test/service1:2", layout.image(changed, config=config, compress=False))
    for i in range(1, random_services + 1):
        layout.name("example.test/random%d:1" % i, layout.image([{"file": os.urandom(random_size)}], config=config,
                                                                compress=False))
    return (BASE + OWN) * SERVICES / MIB


def services(name, n, version=1):
    """Lines of YAML for the images NAME1 ..., the first of this version."""
    return "".join("  - {name: %s, image: \"example.test/%s:%d\"}\n" % (name % i, name % i, version if i == 1 else 1)
                   for i in range(1, n + 1))


def yml(version):
    """An OS with service1 ..., and with this version of the first."""
    return YML + services("service%d", SERVICES, version)
