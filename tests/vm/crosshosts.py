# SPDX-License-Identifier: Apache-2.0
"""The program compiled for other machines, with Debian's libraries for them, and run here: by QEMU, or by itself.

One root of Debian 13 has the compilers and QEMU, and in sysroot/ the libraries of each machine, which are unpacked and
not installed, so that nothing of another machine runs. What was compiled is kept there, too.
"""
import json
import os
import shutil
from typing import NamedTuple, Optional

import debianroot

MIRROR = "http://deb.debian.org/debian"
TOOLS = ["gcc", "git", "libc6-dev", "meson", "ninja-build", "pkg-config", "qemu-user"]
LIBRARIES = ["base-files", "libarchive-dev", "libbz2-dev", "libc-bin", "libc6-dev", "libcmocka-dev",
             "libcurl4-openssl-dev", "liblz4-dev", "liblzma-dev", "libsquashfs-dev", "libssl-dev", "libyaml-dev",
             "libzstd-dev", "linux-libc-dev", "zlib1g-dev"]


class Host(NamedTuple):
    debian: str  # Debian's name of the architecture
    suite: str
    triplet: str  # of the compiler
    emulator: Optional[str]
    more: tuple = ()  # libraries
    big_endian: bool = False


# Debian 12 where it has the architecture, for the libraries are then those of Debian 12 for amd64.
HOSTS = [
    Host("arm64", "bookworm", "aarch64-linux-gnu", "qemu-aarch64", ("libisal-dev",)),
    Host("i386", "bookworm", "i686-linux-gnu", None),
    Host("riscv64", "trixie", "riscv64-linux-gnu", "qemu-riscv64", ("libisal-dev",)),
    Host("s390x", "bookworm", "s390x-linux-gnu", "qemu-s390x", big_endian=True),
]
# Compared with the others, and tested by itself in test_debian13.py.
DEBIAN13 = Host("amd64", "trixie", "x86_64-linux-gnu", None, ("libisal-dev",))


def make_sysroot(root, host):
    """Updates are left out: mirrors have those of less common architectures late."""
    path = os.path.join(root, "sysroot", host.debian)
    debianroot.bootstrap("--variant=extract", "--architectures=" + host.debian,
                         "--include=" + ",".join(LIBRARIES + list(host.more)), host.suite, path,
                         "deb %s %s main" % (MIRROR, host.suite))
    for name in os.listdir(path):  # or QEMU would show these instead of the machine's /dev and /tmp
        if name != "usr" and not name.startswith("lib"):
            entry = os.path.join(path, name)
            (os.remove if os.path.islink(entry) else shutil.rmtree)(entry)


def make_root(path):
    compilers = ["gcc-" + host.triplet.replace("_", "-") for host in HOSTS]
    debianroot.bootstrap("--variant=minbase", "--include=" + ",".join(TOOLS + compilers), "trixie", path,
                         "deb %s trixie main" % MIRROR)
    os.mkdir(os.path.join(path, "sysroot"))
    for host in HOSTS + [DEBIAN13]:
        make_sysroot(path, host)
    # i386 runs here as it is: its loader, and where that finds libraries. Of amd64 the root itself has some.
    os.symlink("/sysroot/i386/lib/ld-linux.so.2", os.path.join(path, "usr/lib/ld-linux.so.2"))
    with open(os.path.join(path, "etc/ld.so.conf.d/zz-sysroots.conf"), "w", encoding="ascii") as f:
        for place in ("i386/lib/i386-linux-gnu", "i386/usr/lib/i386-linux-gnu", "amd64/usr/lib/x86_64-linux-gnu"):
            f.write("/sysroot/%s\n" % place)


class Cross:
    def __init__(self):
        self.root = debianroot.Root("cross", make_root)
        self.root.run("ldconfig; git config --global --replace-all safe.directory '*'", 60)

    def compile(self, host, *targets):
        """Without targets, all."""
        self.root.run("""
            build=/root/build-%(debian)s sysroot=/sysroot/%(debian)s
            if ! [ -f $build/build.ninja ]; then
                /mnt/tools/cross-file %(triplet)s --sysroot=$sysroot > $build.ini
                {
                    echo "[binaries]"
                    echo "pkg-config = 'pkg-config'"
                    echo "%(wrapper)s"
                    echo "[properties]"
                    echo "sys_root = '$sysroot'"
                    echo "pkg_config_libdir = '$sysroot/usr/lib/$(%(triplet)s-gcc -print-multiarch)/pkgconfig'"
                } > $build-more.ini
                meson setup -Dwerror=true --cross-file $build.ini --cross-file $build-more.ini $build /mnt
            fi
            ninja -C $build %(targets)s
            """ % {"debian": host.debian, "triplet": host.triplet, "targets": " ".join(targets),
                   "wrapper": "exe_wrapper = ['%s', '-L', '/sysroot/%s']" % (host.emulator, host.debian)
                   if host.emulator else ""}, 7200)

    def unit_tests(self, host, left_out):
        """Run them, but for programs that are left out; what meson recorded of each."""
        build = "/root/build-" + host.debian
        listed = json.loads(self.root.run("meson introspect --tests " + build, 60))
        names = [t["name"] for t in listed if any(s.endswith(":unit") for s in t["suite"])
                 and t["name"] not in left_out]
        self.root.run("meson test -C %s --no-rebuild --timeout-multiplier 5 %s || true"
                      % (build, " ".join(names)), 7200)
        log = os.path.join(self.root.path, build[1:], "meson-logs/testlog.json")
        with open(log, encoding="utf-8", errors="replace") as f:
            ran = [json.loads(line) for line in f]
        # Tests of other suites have the names of some, and ran as well.
        return [record for record in ran if ":unit" in record["name"]]

    def wherry(self, host, cache, args):
        """Run it in the sources' directory with a store that is below the root; its standard output."""
        emulator = "%s -L /sysroot/%s" % (host.emulator, host.debian) if host.emulator else ""
        return self.root.run("cd /mnt; WHERRY_CACHE=%s %s /root/build-%s/src/cli/wherry %s"
                             % (cache, emulator, host.debian, args), 3600)
