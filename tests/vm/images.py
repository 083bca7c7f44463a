# SPDX-License-Identifier: Apache-2.0
"""Component images and outputs for the tests, made once in the build directory (WHERRY_TEST_DIR)."""
import os
import subprocess

WHERRY = os.environ["WHERRY"]
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WORK = os.environ.get("WHERRY_TEST_DIR", os.path.join(ROOT, "build", "test"))
CACHE = os.path.join(WORK, "cache")
PACKAGES = ["kernel", "init", "crun", "sysctl", "dhcp", "getty", "nginx", "grub-bios", "efi-stub"]


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
    wherry("pkg", "build", os.path.join(ROOT, "pkg", name), timeout=7200)


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
    wherry("build", "--dir", out, *args, yml)
    return os.path.join(out, os.path.splitext(os.path.basename(yml))[0])


def base(services="", onboot="", cmdline="console=ttyS0 quiet", onshutdown="", kernel="kernel"):
    """A YAML text with kernel, init and crun and these sections; each a list of lines below its key."""
    text = 'kernel:\n  image: %s\n  cmdline: "%s"\ninit: [%s, %s]\n' % (tag(kernel), cmdline, tag("init"), tag("crun"))
    for key, body in (("onboot", onboot), ("onshutdown", onshutdown), ("services", services)):
        if body:
            text += "%s:\n%s\n" % (key, body)
    return text


def plain():
    """An image with busybox whose label asks for nothing; the others' labels do."""
    name = os.path.join("..", "tests", "vm", "plain")
    make_package(name)
    return tag(name)


def shell(name, script, extra="", image=None):
    """An entry that runs a script in a shell, by default that of the getty image, which has all rights."""
    entry = "  - name: %s\n    image: %s\n    command: [\"/bin/sh\", \"-c\", %s]\n" % (
        name, image or tag("getty"), '"%s"' % script.replace("\\", "\\\\").replace('"', '\\"'))
    return entry + "".join("    %s\n" % line for line in extra.splitlines())
