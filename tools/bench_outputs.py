# SPDX-License-Identifier: Apache-2.0
"""
What tools/bench measures of the formats, as ratios to other programs that run in turn with wherry on the same files. On
a busy machine times vary by a factor; the best of several is taken, and beside it the processor time.
"""
import os
import resource
import shutil
import subprocess
import sys
import time

import bench_images
import measurelib

MIB = 1 << 20
DISK_SERVICES, DISK_SERVICE = 3, 50 * MIB  # what does not compress: an initrd of 150 MiB
# Those that another format of the list has the file name of are measured one by one only.
FORMATS = ("kernel+initrd tar-kernel-initrd tar docker uki pxe firecracker kernel+squashfs kernel+erofs iso iso-efi "
           "iso-efi-initrd raw-bios raw-efi qcow2-efi vmdk vhd vhdx ova aws gcp raw qcow2").split()
ALONE = "kernel+iso iso-bios qcow2-bios dynamic-vhd".split()
MEMORY_THREADS = 7
LOADERS = ("efi-stub", "grub-bios")
PACKAGES = ("kernel", "init", "crun", *LOADERS)


def cost(command):
    """Seconds, and seconds of processor time."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True)
    taken, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit("%s failed:\n%s" % (" ".join(command), done.stderr))
    return taken, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def in_turn(runs, rows):
    """rows: name: commands, the last of which counts. The least seconds and the least processor time of each."""
    taken = {name: [] for name in rows}
    for _ in range(runs):
        for name, commands in rows.items():
            for command in commands[:-1]:
                cost(command)
            taken[name].append(cost(commands[-1]))
    return {name: tuple(min(values) for values in zip(*costs)) for name, costs in taken.items()}


def ratio(best, what, peer, bound=""):
    """As text."""
    return "%.3f s, %.2f times%s; processor %.3f s, %.2f times" % (
        best[what][0], best[what][0] / best[peer][0], bound, best[what][1], best[what][1] / best[peer][1])


class Bench:
    """The images, in a store of their own below `out`."""

    def __init__(self, wherry, root, out, say):
        self.wherry, self.out, self.say = wherry, out, say
        os.makedirs(out)
        os.environ["WHERRY_CACHE"] = os.path.join(out, "cache")
        os.environ["XDG_STATE_HOME"] = os.path.join(out, "state")
        self.packages = {name: os.path.join(root, "pkg", name) for name in PACKAGES}
        # An installed wherry has its loaders in no checkout, of which each build would ask git.
        os.environ["WHERRY_PKG_PATH"] = os.path.join(out, "pkg")
        for name in LOADERS:
            self.packages[name] = shutil.copytree(self.packages[name], os.path.join(out, "pkg", name))
        layout = os.path.join(out, "layout")
        self.size = bench_images.make(layout, DISK_SERVICES, DISK_SERVICE)
        cost([wherry, "-q", "cache", "import", layout])

    def path(self, *names):
        return os.path.join(self.out, *names)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)

    def build(self, yml, formats, *more):
        return [self.wherry, "-q", "build", "--arch", "amd64", "--format", formats, "--dir", self.out, "--name", "os",
                *more, self.path(yml)]

    def component(self, name):
        """The name of a component image, which is made."""
        cost([self.wherry, "-q", "pkg", "build", self.packages[name]])
        return subprocess.run([self.wherry, "pkg", "show-tag", self.packages[name]], check=True, stdout=subprocess.PIPE,
                              text=True).stdout.strip()

    def file_system(self, kind, peer, runs):
        """peer: makes an image of the same tree, self.path("tree"), as self.path("theirs.img")."""
        best = in_turn(runs, {
            "peer": [["rm", "-f", self.path("theirs.img")], peer],
            "first": [[self.wherry, "-q", "cache", "gc", "--pieces-size", "1"],
                      self.build("os1.yml", "kernel+" + kind)],
            "changed": [self.build("os2.yml", "kernel+" + kind)],
            "again": [self.build("os2.yml", "kernel+" + kind)]})
        bound = {"first": " (at most 1.1)", "changed": " (at most 0.3)"} if kind == "squashfs" else {}
        self.say("kernel+%s of %d MiB of images, to %s" % (kind, self.size, peer[0]),
                 ratio(best, "first", "peer", bound.get("first", "")))
        self.say("  one image changed", ratio(best, "changed", "peer", bound.get("changed", "")))
        self.say("  nothing changed", ratio(best, "again", "peer"))
        self.say("  size", "%.2f times" % (os.path.getsize(self.path("os-%s.img" % kind)) /
                                           os.path.getsize(self.path("theirs.img"))))

    def file_systems(self):
        for version in (1, 2):
            self.write("os%d.yml" % version, bench_images.yml(version))
        cost(self.build("os1.yml", "kernel+squashfs"))
        cost(["unsquashfs", "-q", "-n", "-d", self.path("tree"), self.path("os-squashfs.img")])
        self.file_system("squashfs", ["mksquashfs", self.path("tree"), self.path("theirs.img"), "-comp", "zstd",
                                      "-Xcompression-level", "6", "-b", "128K", "-noappend", "-quiet", "-no-progress"],
                         3)
        # It has one thread, and takes as long as all else.
        self.file_system("erofs", ["mkfs.erofs", "-zlz4hc,9", "-C65536", self.path("theirs.img"), self.path("tree")], 1)

    def systems(self):
        """What is built of component images: disk.yml, and all.yml."""
        images = {name: self.component(name) for name in PACKAGES}
        head = "kernel: {image: %(kernel)s, cmdline: x}\ninit: [%(init)s, %(crun)s]\nservices:\n" % images
        self.write("disk.yml", head + bench_images.services("random%d", DISK_SERVICES))
        self.write("all.yml", head + bench_images.services("service%d", bench_images.SERVICES))

    def disk(self):
        """A rebuild with nothing changed, where there is a disk already and where there is none, next to its copy."""
        made, copy, build = self.path("os-efi.img"), self.path("copy.img"), self.build("disk.yml", "raw-efi")
        cost(build)
        best = in_turn(7, {"cp": [["rm", "-f", copy], ["cp", made, copy]],
                           "cp over": [["cp", made, copy]],
                           "synced": [["rm", "-f", copy], ["sh", "-c", "cp \"$0\" \"$1\" && sync \"$1\"", made, copy]],
                           "hash": [["openssl", "sha256", made]],
                           "over": [build],
                           "new": [["rm", "-f", made], build]})
        self.say("cp of a raw-efi disk of %d MiB" % (os.path.getsize(made) / MIB),
                 "%.3f s, processor %.3f s; over another %.3f and %.3f s; with sync %.3f s" % (
                     *best["cp"], *best["cp over"], best["synced"][0]))
        self.say("  SHA-256 of it", ratio(best, "hash", "cp"))
        for what, name, peer in ("where there is none", "new", "cp"), ("over the same", "over", "cp over"):
            self.say("  rebuilt, " + what, ratio(best, name, peer, " (at most 1.5)"))
            self.say("    to cp with sync, as builds do", "%.2f times" % (best[name][0] / best["synced"][0]))

    def look(self):
        """What is in an initrd, and what differs in one of which one image is another, the first time and later."""
        for version in (1, 2):
            self.write("os%d.yml" % version, bench_images.yml(version))
            cost([*self.build("os%d.yml" % version, "kernel+initrd"), "--name", "look%d" % version])
        initrd, fresh = self.path("look1-initrd.img"), ["rm", "-rf", self.path("cache", "pieces")]
        ls = [self.wherry, "-q", "ls", "-R", initrd]
        # It ends with 1, as something differs.
        diff = ["sh", "-c", "\"$0\" -q diff \"$1\" \"$2\" || test $? = 1", self.wherry, self.path("look1"),
                self.path("look2")]
        best = in_turn(5, {"zstdcat": [["zstdcat", initrd]],
                           "list": [["sh", "-c", "zstdcat \"$0\" | bsdtar -tf - --options read_concatenated_archives",
                                     initrd]],
                           "ls first": [fresh, ls], "ls": [ls, ls],
                           "diff first": [fresh, diff], "diff": [diff, diff],
                           "build": [self.build("os1.yml", "kernel+initrd", "--fresh")]})
        self.say("zstdcat of an initrd of %d MiB" % (os.path.getsize(initrd) / MIB),
                 "%.3f s, processor %.3f s" % best["zstdcat"])
        self.say("  with bsdtar, which lists it", ratio(best, "list", "zstdcat"))
        self.say("  ls, the first time", ratio(best, "ls first", "zstdcat"))
        self.say("  ls, later", ratio(best, "ls", "zstdcat", " (at most 0.5)"))
        self.say("diff with one image changed, to a build, first", ratio(best, "diff first", "build"))
        self.say("  later", ratio(best, "diff", "build", " (at most 0.3)"))

    def memory(self):
        """All parts are encoded for each kind of root; what else formats do is done with the kept pieces."""
        def peak(formats, *more):
            done = measurelib.cost(self.build("all.yml", formats, *more))
            if done.code:
                sys.exit("%s failed:\n%s" % (formats, done.err))
            return done.memory / MIB

        for formats in "kernel+initrd", "kernel+squashfs", "kernel+erofs", "kernel+iso", "tar":
            self.say("memory of a first build, " + formats, "%.1f MiB (at most 64)" % peak(formats, "--fresh"))
        peaks = {formats: peak(formats) for formats in FORMATS + ALONE}
        self.say("memory of a later one, the most", "%.1f MiB, by %s (at most 64)" % max(
            (mib, formats) for formats, mib in peaks.items()))
        self.say("  by each format", ", ".join("%s %.1f" % (f, mib) for f, mib in sorted(peaks.items())))
        at_once = peak(",".join(FORMATS), "--fresh", "--threads", str(MEMORY_THREADS))
        self.say("memory of %d formats at once, %d threads" % (len(FORMATS), MEMORY_THREADS),
                 "%.1f MiB (at most 64)" % at_once)


PARTS = {"file-systems": Bench.file_systems, "disk": Bench.disk, "look": Bench.look, "memory": Bench.memory}


def run(wherry, root, out, say, parts):
    """parts: of PARTS; none: all."""
    bench = Bench(wherry, root, out, say)
    bench.systems()
    for part in parts or PARTS:
        PARTS[part](bench)
