# SPDX-License-Identifier: Apache-2.0
"""Component images and outputs for the tests, made once in the build directory (WHERRY_TEST_DIR).

They are for the architecture WHERRY_ARCH, by default this machine's. `tools/run-tests --arch ARCH` sets it.
"""
import os
import platform
import re
import subprocess

import yaml

WHERRY = os.environ["WHERRY"]
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WORK = os.environ.get("WHERRY_TEST_DIR", os.path.join(ROOT, "build", "test"))
NATIVE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
ARCH = os.environ.get("WHERRY_ARCH", NATIVE)
# Not one store for all: an image that is there for several architectures has another index than one made elsewhere.
CACHE = os.path.join(WORK, "cache" if ARCH == NATIVE else "cache-arches")
PACKAGES = ["kernel", "init", "crun", "sysctl", "dhcp", "getty", "nginx"]
if ARCH == "amd64":
    PACKAGES += ["grub-bios", "efi-stub"]
# Of component images, as docs/components.md has them; each a file.
SIZES = os.path.join(WORK, "components")
SIZE = re.compile(r" ([\d.]+) (KiB|MiB)")
UNIT = {"KiB": 1, "MiB": 1024}
CONSOLE = {"arm64": "ttyAMA0", "ppc64le": "hvc0"}.get(ARCH, "ttyS0")
CMDLINE = "console=%s quiet" % CONSOLE
# MiB that do for a small OS. Debian's kernel for riscv64 is large, and the initramfs gets half of what it leaves.
LITTLE_MEMORY = {"riscv64": 256}.get(ARCH, 128)
# Mirrors have updates of less common architectures late, and then not those that they have signed.
if ARCH not in ("amd64", "arm64"):
    os.environ.setdefault("WHERRY_DEBIAN_SECURITY_MIRROR", "none")


def wherry(*args, **kwargs):
    """Run wherry on the tests' store; its standard output, as bytes with text=False. Fails with what it said."""
    env = dict(os.environ, WHERRY_CACHE=CACHE, XDG_STATE_HOME=os.path.join(WORK, "state"))
    kwargs = {"timeout": 1200, "text": True, **kwargs}
    done = subprocess.run([WHERRY, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, **kwargs)
    if done.returncode:
        raise AssertionError("wherry %s: exit code %d\n%s%s"
                             % (" ".join(args), done.returncode, done.stdout, done.stderr))
    return done.stdout


def make_package(name):
    """Nothing when it is there already. The small kernel takes long to compile."""
    said = wherry("pkg", "build", "--arch", ARCH, os.path.join(ROOT, "pkg", name), timeout=7200)
    if ARCH == "amd64" and "/" not in name:
        note_size(name, SIZE.search(said))


def note_size(name, size):
    """Keep what `tools/check-components-doc --write` puts into docs/components.md: whole KiB, or MiB with a digit.
    It must be about what is there."""
    os.makedirs(SIZES, exist_ok=True)
    with open(os.path.join(SIZES, name), "w", encoding="utf-8") as f:
        f.write("%.*f %s" % (0 if size[2] == "KiB" else 1, float(size[1]), size[2]))
    with open(os.path.join(ROOT, "docs", "components.md"), encoding="utf-8") as f:
        there = re.search(r"\(#%s\) \|%s" % (re.escape(name), SIZE.pattern), f.read())
    if there and not 0.9 < UNIT[there[2]] * float(there[1]) / (UNIT[size[2]] * float(size[1])) < 1.1:
        raise AssertionError("docs/components.md says %s %s of %s, which has %s %s: tools/check-components-doc --write"
                             % (there[1], there[2], name, size[1], size[2]))


def make_packages():
    for name in PACKAGES:
        make_package(name)


def tag(name):
    """The image of a package, as the YAML names it."""
    return wherry("pkg", "show-tag", os.path.join(ROOT, "pkg", name)).strip()


def build(yml, out, *args):
    """Build a YAML file, or its text, into the directory `out`; the path that `run qemu` takes."""
    os.makedirs(out, exist_ok=True)
    if "\n" in yml:
        path = os.path.join(out, "os.yml")
        with open(path, "w") as f:
            f.write(yml)
        yml = path
    wherry("build", "--arch", ARCH, "--dir", out, *args, yml)
    return os.path.join(out, os.path.splitext(os.path.basename(yml))[0])


def base(services="", onboot="", cmdline=CMDLINE, onshutdown="", kernel="kernel"):
    """A YAML text with kernel, init and crun and these sections; each a list of lines below its key."""
    text = 'kernel:\n  image: %s\n  cmdline: "%s"\ninit: [%s, %s]\n' % (tag(kernel), cmdline, tag("init"), tag("crun"))
    for key, body in (("onboot", onboot), ("onshutdown", onshutdown), ("services", services)):
        if body:
            text += "%s:\n%s\n" % (key, body)
    return text


def linuxkit(text):
    """The same YAML with LinuxKit's images where it has the component: `components: wherry` takes ours for them."""
    with open(os.path.join(ROOT, "pkg", "components.yml"), encoding="utf-8") as f:
        rows = yaml.safe_load(f)
    for row in rows:
        if "wherry/%s:" % row.get("ours") in text:
            text = text.replace(tag(row["ours"]), "docker.io/linuxkit/%s:v1" % row["linuxkit"])
    return "components: wherry\n" + text


def plain():
    """An image with busybox whose label asks for nothing; the others' labels do."""
    name = os.path.join("..", "tests", "vm", "plain")
    make_package(name)
    return tag(name)


def program(name, path):
    """Put one of the package `programs` into a file."""
    package = os.path.join("..", "tests", "vm", "programs")
    make_package(package)
    with open(path, "wb") as f:
        f.write(wherry("cat", "--arch", ARCH, tag(package), name, text=False))
    os.chmod(path, 0o755)


def shell(name, script, extra="", image=None):
    """An entry that runs a script in a shell, by default that of the getty image, which has all rights."""
    entry = "  - name: %s\n    image: %s\n    command: [\"/bin/sh\", \"-c\", %s]\n" % (
        name, image or tag("getty"), '"%s"' % script.replace("\\", "\\\\").replace('"', '\\"'))
    return entry + "".join("    %s\n" % line for line in extra.splitlines())


def step(name, package, command, extra=""):
    """An entry with the image of a package and a command, a list of words; extra: lines of YAML, indented."""
    return "  - name: %s\n    image: %s\n    command: [%s]\n%s" % (
        name, tag(package), ", ".join('"%s"' % word for word in command), extra)
