# SPDX-License-Identifier: Apache-2.0
"""Other processors: the unit tests compiled for them, and the same bytes as here from the same store.

Byte order, alignment, the size of words and the sign of char differ among them. Part of the soak.
"""
import json
import os
import shutil
import unittest

import crosshosts
import images
import outputs

# Programs that hang, and tests that fail, because of how QEMU runs programs; not because of the processor.
CHILD = "qemu-user forks where a child would share its parent's memory, and the parent sees nothing of what it writes"
MOUNT = "qemu-user has no system calls for mounts of Linux 5.2 and later, so the test does not see the usual reason"
OTHER = "the cp whose program it takes as one of the machine that is emulated is one of the machine that emulates"
LEFT_OUT = {"guest-scripts": CHILD}
FAIL_IN_QEMU = {
    "guest-keeper": (CHILD, {"test_one_that_cannot_be_started_is_tried_again",
                             "test_shutdown_without_one_that_cannot_be_started"}),
    "guest-spawn": (CHILD, {"test_no_such_program", "test_it_does_not_begin_before_the_witness_returns",
                            "test_what_no_witness_saw_never_begins", "test_what_a_witness_saw_outlives_its_parent"}),
    "pkg-pkg": (OTHER, {"a_program_without_its_library_is_refused"}),
    "pkg-sandbox": (MOUNT, {"nothing_but_what_is_named_is_there", "what_it_says_and_how_it_ends_is_told",
                            "what_it_leaves_behind_ends", "it_ends_with_who_started_it",
                            "a_root_that_is_none_is_told"}),
}
# Where libraries may write other bytes (docs/reproducibility.md): liblz4 by its byte order, all by their versions.
BY_LZ4 = ("-erofs.img", "lz4-initrd.img")
BY_VERSION = ("-squashfs.img", "-erofs.img")
COMPRESSED = [("kernel+initrd", "--compress " + how) for how in ("gzip", "zstd:9", "xz:1", "lz4")] + \
    [("qcow2-efi", "--disk-compress " + how) for how in ("zlib", "zstd")]


def failures(record):
    """Names of the tests of a program that failed; its own where none of them says so."""
    if record["result"] in ("OK", "SKIP"):
        return set()
    lines = [line for line in record.get("stdout", "").splitlines() if line.startswith("[  FAILED  ] ")]
    said = {line.split()[-1] for line in lines if "test(s)" not in line}
    return said or {record["result"]}


@unittest.skipUnless(os.environ.get("WHERRY_SOAK"), "in the soak")
class Cross(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.cross = crosshosts.Cross()

    def test_unit_tests(self):
        for host in crosshosts.HOSTS:
            with self.subTest(host.debian):
                self.cross.compile(host)
                left_out, known = (LEFT_OUT, FAIL_IN_QEMU) if host.emulator else ((), {})
                ran = self.cross.unit_tests(host, left_out)
                self.assertGreater(len(ran), 200)
                found = {r["name"].split(" / ")[-1]: failures(r) for r in ran}
                wrong = {name: found[name] - known.get(name, ("", set()))[1] for name in found}
                self.assertEqual({name: wrong[name] for name in wrong if wrong[name]}, {})

    def builds(self):
        """(name, options of build) in an order; what writes the same file goes apart."""
        directory = os.path.join(images.WORK, "cross-first")
        shutil.rmtree(directory, ignore_errors=True)
        os.makedirs(directory)
        self.addCleanup(shutil.rmtree, directory, True)
        for group in outputs.build_groups(directory, outputs.formats()):
            formats = ",".join(group.names)
            yield "%s " % formats, "--format " + formats
            yield "%s, plain " % formats, "--compress none --format " + formats
        for name, option in COMPRESSED:
            how = option.split()[-1].replace(":", "-")
            yield "%s " % option, "%s --name %s --format %s" % (option, how, name)

    def digests(self, builds, run):
        """Of each output by build and name; what compresses, by version."""
        found, versions = {}, None
        for name, options in builds:
            text = run("build --json --fresh --offline --no-build-packages --arch amd64 %s" % options)
            for line in map(json.loads, text.splitlines()):
                versions = line.get("compressors", versions)
                if "output" in line:
                    found[name + os.path.basename(line["output"])] = line["sha256"]
        return found, versions

    def here(self, options):
        out = os.path.join(images.WORK, "cross-here")
        shutil.rmtree(out, ignore_errors=True)
        self.addCleanup(shutil.rmtree, out, True)
        return outputs.run(*options.split(), "--dir", out, outputs.OS).stdout

    def there(self, host):
        store = os.path.join(self.cross.root.path, "root/store")
        shutil.rmtree(store, ignore_errors=True)
        shutil.copytree(images.CACHE, store, ignore=shutil.ignore_patterns("wherry-*", "*lock", "ingest"))
        return lambda options: self.cross.wherry(host, "/root/store", "%s --dir /root/out %s; rm -rf /root/out"
                                                 % (options, outputs.OS))

    def test_the_same_bytes(self):
        images.make_packages()
        images.plain()
        builds = list(self.builds())
        known = [self.digests(builds, self.here)]
        self.assertGreater(len(known[0][0]), 50)
        for host in [crosshosts.DEBIAN13] + crosshosts.HOSTS:
            with self.subTest(host.debian):
                self.cross.compile(host, "src/cli/wherry")
                digests, versions = self.digests(builds, self.there(host))
                like = next((d for d, v in known if v == versions), None)
                self.compare(digests, like or known[0][0], host, like)
                known.append((digests, versions))

    def compare(self, digests, expected, host, same_versions):
        """All, or what is not compressed."""
        self.assertEqual(set(digests), set(expected))
        names = set(digests) if same_versions else \
            {n for n in digests if "plain " in n and not n.endswith(BY_VERSION)}
        if host.big_endian:
            names = {n for n in names if not n.endswith(BY_LZ4)}
        self.assertGreater(len(names), 20)
        self.assertEqual({n: digests[n] for n in names}, {n: expected[n] for n in names})


if __name__ == "__main__":
    unittest.main()
