#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""OVAs: tar, xmllint, sha256 and qemu-img agree with what each says of itself.

usage: test-ova-peers.py OVA_TOOL
"""

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree as ElementTree

OVA_TOOL = sys.argv[1]
OVF = "{http://schemas.dmtf.org/ovf/envelope/1}"
RASD = "{http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData}"
MIB, SECTOR = 1 << 20, 512


def expect(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: {found!r} instead of {expected!r}")


def make(path, name, threads, size, texts):
    with open(path, "wb") as f:
        subprocess.run([OVA_TOOL, name, str(threads), str(size)] + [str(x) for text in texts for x in text], stdout=f,
                       check=True)


def check_descriptor(path, vmdk, size):
    subprocess.run(["xmllint", "--noout", "--nonet", path], check=True)
    root = ElementTree.parse(path).getroot()
    expect("version", root.get(f"{OVF}version"), "1.0")
    file = root.find(f"{OVF}References/{OVF}File")
    expect("the disk's file", file.get(f"{OVF}href"), os.path.basename(vmdk))
    expect("the file's size", int(file.get(f"{OVF}size")), os.path.getsize(vmdk))
    disk = root.find(f"{OVF}DiskSection/{OVF}Disk")
    expect("the disk's size", int(disk.get(f"{OVF}capacity")), size)
    expect("the disk is the file", disk.get(f"{OVF}fileRef"), file.get(f"{OVF}id"))
    items = list(root.iter(f"{OVF}Item"))
    for item in items:
        # The schema's order is that of the alphabet.
        names = [element.tag for element in item]
        expect("the order of an item", names, sorted(names))
    by_type = {int(item.find(f"{RASD}ResourceType").text): item for item in items}
    expect("hardware", sorted(by_type), [3, 4, 5, 10, 17])
    expect("the disk's place", by_type[17].find(f"{RASD}Parent").text, by_type[5].find(f"{RASD}InstanceID").text)
    # pkg/kernel has drivers for these, and none for AHCI and E1000.
    expect("the devices", [by_type[n].find(f"{RASD}ResourceSubType").text for n in (5, 10)], ["PIIX4", "VmxNet3"])
    expect("which disk", by_type[17].find(f"{RASD}HostResource").text, "ovf:/disk/" + disk.get(f"{OVF}diskId"))
    networks = [n.get(f"{OVF}name") for n in root.iter(f"{OVF}Network")]
    expect("the network", [by_type[10].find(f"{RASD}Connection").text], networks)


def check(top, name, expected, size, texts):
    path, again, model = (os.path.join(top, n) for n in ("a.ova", "b.ova", "model"))
    make(path, name, 1, size, texts)
    make(again, name, 3, size, texts)
    with open(path, "rb") as a, open(again, "rb") as b:
        expect("the same bytes by more threads", a.read() == b.read(), True)
    with tarfile.open(path) as tar:
        expect("members", tar.getnames(), [expected + end for end in (".ovf", ".mf", ".vmdk")])
        expect("the format", {m.type for m in tar.getmembers()}, {tarfile.REGTYPE})
        tar.extractall(top)
    subprocess.run(["tar", "tf", path], check=True, stdout=subprocess.DEVNULL)
    file = os.path.join(top, expected)
    check_descriptor(f"{file}.ovf", f"{file}.vmdk", size)
    with open(f"{file}.mf", encoding="ascii") as f:
        lines = f.read().splitlines()
    for line, end in zip(lines, (".ovf", ".vmdk"), strict=True):
        with open(file + end, "rb") as f:
            expect("the manifest", line, f"SHA256({expected}{end})= {hashlib.sha256(f.read()).hexdigest()}")
    check_disk(f"{file}.vmdk", model, size, texts)


def check_disk(vmdk, model, size, texts):
    """As a whole, or only where the texts are: of a terabyte, QEMU would look at every grain."""
    if size > 1 << 30:
        for at, text in texts:
            subprocess.run(["qemu-img", "dd", "-f", "vmdk", "-O", "raw", f"bs={SECTOR}", f"skip={at // SECTOR}",
                            f"count={at // SECTOR + 1}", f"if={vmdk}", f"of={model}"], check=True)
            with open(model, "rb") as f:
                expect("the bytes of the disk", f.read()[at % SECTOR:].rstrip(b"\0"), text.encode())
        return
    with open(model, "wb") as f:
        f.truncate(size)
        for at, text in texts:
            f.seek(at)
            f.write(text.encode())
    subprocess.run(["qemu-img", "compare", "-q", "-f", "raw", "-F", "vmdk", model, vmdk], check=True)


with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
    check(directory, "nginx", "nginx", 64 * MIB, [(0, "hello"), (40 * MIB - 2, "world")])
    check(directory, "dir/a<b> & \"c\"", "a_b_____c_", 3 << 40 >> 1, [(1 << 40, "far")])
    check(directory, "../..", "_.", MIB, [])
    check(directory, "x" * 300, "x" * 80, MIB, [])
print("tar, xmllint and qemu-img find OVAs to be right")
