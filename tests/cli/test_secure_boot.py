#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""build --sign-key --sign-cert: what other programs say of the signatures, in each format; the same bytes; keys in
tokens; mistakes. vm-secure-boot asks firmware.
"""
import hashlib
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import unittest

import grublib
import ocilib
import pelib
from harness import Case, main

KERNEL = pelib.program(sections=((".text", b"Linux version 6.1-test \n" + b"k" * 5000),))
ARM64_KERNEL = pelib.program(pelib.ARM64, sections=((".text", b"arm" * 1000),))
STUB = "usr/lib/systemd/boot/efi/linux%s.efi.stub"
BUILD_YML = """image: %s
arches: [amd64, arm64]
files:
"""
CONFIG = "directories.tokendir = {0}\nobjectstore.backend = file\nlog.level = ERROR\n"
MODULE = "/usr/lib/softhsm/libsofthsm2.so"
ENGINE = any(os.path.exists("/usr/lib/%s-linux-gnu/engines-3/pkcs11.so" % arch) for arch in ("x86_64", "aarch64"))


class Signed(Case):
    @classmethod
    def setUpClass(cls):
        keys = tempfile.TemporaryDirectory(prefix="wherry keys ")
        cls.addClassCleanup(keys.cleanup)
        cls.keys = keys.name
        for name in "ours", "other":
            pelib.make_key(cls.keys, name)

    def setUp(self):
        super().setUp()
        layout = ocilib.standard(self.path("layout"))
        for name, machine, kernel in ("amd64", pelib.AMD64, KERNEL), ("arm64", pelib.ARM64, ARM64_KERNEL):
            files = {"kernel": kernel, "kernel.tar": ocilib.layer({"lib": None})}
            layout.name("example.test/kernel-%s:1" % name, layout.image([files], arch=name))
        layout.name("example.test/init:1", layout.index([
            layout.image([{"init": b"#!/bin/sh\n"}], arch=arch) for arch in ("amd64", "arm64")]))
        self.ok("-q", "cache", "import", "layout")
        self.write("os.yml", ocilib.OS_YML.replace("kernel:1", "kernel-amd64:1"))
        self.component("efi-stub", {STUB % "x64": pelib.program(base=0x14df90000),
                                    STUB % "aa64": pelib.program(pelib.ARM64)})
        self.component("grub-bios", {"grub/" + name: data for name, data in grublib.files().items()})
        for name in os.listdir(self.keys):
            shutil.copy(os.path.join(self.keys, name), self.path(name))

    def component(self, name, files):
        text = BUILD_YML % name
        for number, (path, data) in enumerate(files.items()):
            self.write("pkg/%s/%d" % (name, number), data)
            text += "  - {path: /%s, source: \"%d\"}\n" % (path, number)
        self.write("pkg/%s/build.yml" % name, text)

    def read(self, *names):
        with open(self.path(*names), "rb") as f:
            return f.read()

    def tool(self, *command, code=0, **more):
        done = subprocess.run(command, cwd=self.dir, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                              check=False, **more)
        self.assertEqual(done.returncode == 0, code == 0, (command, done.stdout))
        return done.stdout.decode("utf-8", "replace")

    def build(self, *args, key="ours.key", certificate="ours.crt", **more):
        args = args or ("-f", "uki")
        return self.ok("build", "--arch", "amd64", "--sign-key", key, "--sign-cert", certificate, *args, "os.yml",
                       **more)

    def accepts(self, path, certificate="ours.crt"):
        self.assertIn("Signature verification OK", self.tool("sbverify", "--cert", certificate, path))

    def refuses(self, path, certificate="ours.crt"):
        self.assertIn("Signature verification failed", self.tool("sbverify", "--cert", certificate, path, code=1))


class Signatures(Signed):
    def test_other_programs_accept_it(self):
        self.build()
        self.accepts("os.efi")
        self.refuses("os.efi", "other.crt")
        said = self.tool("osslsigncode", "verify", "-in", "os.efi", "-CAfile", "ours.crt")
        # A checksum is for drivers of Windows, and the program notices that there is none.
        self.assertIn("Signature verification: ok", said)
        self.assertIn("Number of verified signatures: 1", said)
        sum_of_file = re.search(r"Current message digest *: *([0-9A-F]{64})", said)[1]
        self.assertEqual(sum_of_file, pelib.digest(self.read("os.efi")).hex().upper())
        self.assertNotEqual(self.tool("osslsigncode", "verify", "-in", "os.efi", "-CAfile", "other.crt", code=1), said)

    def test_the_table_is_all_that_is_added(self):
        self.build()
        data = self.read("os.efi")
        at, size = pelib.certificates(data)
        self.assertEqual((at % 8, size % 8, at + size), (0, 0, len(data)))
        self.assertEqual(at % pelib.ALIGN, 0)
        self.ok("build", "--arch", "amd64", "-f", "uki", "os.yml")
        self.assertEqual(self.read("os.efi"), pelib.unsigned(data))
        self.assertIn("No signature table present", self.tool("sbverify", "--cert", "ours.crt", "os.efi", code=1))

    def test_what_is_in_it(self):
        self.build("-f", "uki,kernel+initrd")
        data = self.read("os.efi")
        self.assertEqual(list(pelib.sections(data)),
                         [".text", ".sbat", ".osrel", ".cmdline", ".uname", ".initrd", ".linux"])
        self.assertEqual(pelib.section(data, ".sbat"), pelib.SBAT)
        self.assertEqual(pelib.section(data, ".cmdline"), b"console=ttyS0")
        self.assertEqual(pelib.section(data, ".uname"), b"6.1-test")
        self.assertEqual(pelib.section(data, ".initrd"), self.read("os-initrd.img"))
        self.assertEqual(pelib.section(data, ".linux"), self.read("os-kernel"))
        self.assertIn(b"\nBUILD_ID=", pelib.section(data, ".osrel"))
        # Relative to the stub's base, which is not 0: as its own sections are.
        said = self.tool("objdump", "-h", "os.efi")
        self.assertEqual(re.findall(r"^ +\d+ (\S+) +\w+ +00000001(4df9\w+)", said, re.M)[2][0], ".osrel")
        self.assertEqual(len(re.findall(r"00000001(?:4df9\w\w\w\w) +00000001", said)), 7)

    def test_a_flipped_bit_is_noticed(self):
        self.build()
        data = self.read("os.efi")
        for name, (at, size) in [("headers", (2, 1)), *pelib.sections(data).items()]:
            self.write("flipped.efi", pelib.flipped(data, at + size // 2))
            self.refuses("flipped.efi")
            self.assertNotEqual(pelib.digest(self.read("flipped.efi")), pelib.digest(data), name)

    def test_all_certificates_of_the_file(self):
        """A key whose certificate another one has issued, which the firmware trusts."""
        pelib.openssl(self.dir, "req", "-newkey", "rsa:2048", "-noenc", "-subj", "/CN=leaf", "-keyout", "leaf.key",
                      "-out", "leaf.csr")
        pelib.openssl(self.dir, "x509", "-req", "-in", "leaf.csr", "-CA", "ours.crt", "-CAkey", "ours.key", "-days",
                      "30", "-set_serial", "0x00ff", "-out", "leaf.crt")
        self.write("chain.crt", self.read("leaf.crt") + self.read("ours.crt"))
        self.build("-f", "uki", key="leaf.key", certificate="chain.crt")
        self.accepts("os.efi")
        self.refuses("os.efi", "other.crt")
        self.assertIn("CN=leaf", self.tool("sbverify", "--list", "os.efi").replace(" ", ""))

    def test_an_expired_certificate_signs(self):
        """Firmware does not look at the dates, and the same build has to be possible later."""
        pelib.openssl(self.dir, "req", "-new", "-key", "ours.key", "-subj", "/CN=old", "-out", "old.csr")
        pelib.openssl(self.dir, "x509", "-req", "-in", "old.csr", "-signkey", "ours.key", "-days", "-1", "-out",
                      "old.crt")
        self.build("-f", "uki", certificate="old.crt")
        self.accepts("os.efi", "old.crt")


class Formats(Signed):
    """Each output that UEFI boots has a unified kernel image that is signed, and it is the same one."""
    program = "::EFI/BOOT/BOOTX64.EFI"

    def image_of_disk(self, name):
        """The FAT is the first or second partition."""
        table = self.tool("sfdisk", "-d", name)
        start = int(re.search(r"start= *(\d+),.*type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B", table)[1])
        self.tool("mcopy", "-o", "-i", "%s@@%d" % (name, start * 512), self.program, "found.efi")

    def image_of_cd(self, name):
        self.tool("7z", "x", "-y", "-ocd", name)
        self.tool("mcopy", "-o", "-i", "cd/boot/efi.img", self.program, "found.efi")

    def image_of(self, name):
        if name.endswith(".efi"):
            shutil.copy(self.path(name), self.path("found.efi"))
        elif name.endswith(".iso"):
            self.image_of_cd(name)
        elif name.endswith((".tar.gz", ".ova")):
            with tarfile.open(self.path(name)) as tar:
                inner = next(m for m in tar if m.name.endswith((".raw", ".vmdk")))
                tar.extract(inner, self.dir)
            self.image_of(inner.name)
        elif name.endswith((".img", ".raw")):
            self.image_of_disk(name)
        else:
            self.tool("qemu-img", "convert", "-O", "raw", name, "disk.img")
            self.image_of_disk("disk.img")

    def signed_formats(self):
        """(name, path) of each output that is signed, as long as it is there; out/os-oci.tar has it, too."""
        verb = next(v for v in self.json_lines(self.ok("help", "--json", "build").out) if v["verb"] == "build")
        for name in next(o["choices"] for o in verb["options"] if o["name"] == "format"):
            done = self.run_wherry("build", "--arch", "amd64", "--sign-key", "ours.key", "--sign-cert", "ours.crt",
                                   "-f", name, "-f", "oci", "--json", "--dir", "out", "os.yml")
            if "--sign-key is for none of these formats" in done.err or "is for arm64" in done.err:
                continue
            self.assertEqual(done.code, 0, done)
            yield name, re.search(r'"path":"([^"]+)"', done.out)[1]

    def test_each(self):
        found = {}
        for name, path in self.signed_formats():
            blob = "blobs/sha256/" + hashlib.sha256(self.read(path)).hexdigest()
            self.assertIn(blob, self.tool("tar", "tf", "out/os-oci.tar"), name)
            os.replace(self.path(path), self.path("as-" + os.path.basename(path)))
            self.image_of("as-" + os.path.basename(path))
            self.accepts("found.efi")
            self.refuses("found.efi", "other.crt")
            found[name] = pelib.section(self.read("found.efi"), ".cmdline"), self.read("found.efi")
        self.assertGreater(len(found), 12)
        self.assertEqual(len({data for _, data in found.values()}), len({line for line, _ in found.values()}))
        self.assertIn(b" root=/dev/", found["iso-efi"][0])
        self.assertEqual({found[name][0] for name in ("uki", "raw", "iso", "vmdk")}, {b"console=ttyS0"})

    def test_a_root_that_nobody_verifies(self):
        """It is said of each format that has one, and of no other."""
        done = self.build("-f", "uki,raw-efi,kernel+initrd", "--root", "squashfs")
        self.assertIn("warning: raw-efi: the signature does not cover the root on the disk; ", done.err)
        self.assertIn("uki can't have --root squashfs, and keeps initrd\n", done.err)
        self.assertEqual(done.err.count("the signature"), 1)
        self.assertNotIn("the signature", self.build("-f", "uki,raw-efi,raw,iso").err)
        self.assertIn("warning: iso-efi: the signature", self.build("-f", "iso-efi").err)
        done = self.ok("build", "--arch", "amd64", "-f", "raw-efi", "--root", "squashfs", "os.yml")
        self.assertNotIn("the signature", done.err)

    def test_arm64(self):
        """Those for both kinds of firmware as well, of which there is but one."""
        self.program = "::EFI/BOOT/BOOTAA64.EFI"
        self.write("os.yml", ocilib.OS_YML.replace("kernel:1", "kernel-arm64:1"))
        self.ok("build", "--arch", "arm64", "-f", "uki,raw-efi,raw,iso,aws", "--sign-key", "ours.key", "--sign-cert",
                "ours.crt", "os.yml")
        for name in "os.efi", "os-efi.img", "os.img", "os.iso", "os.raw":
            self.image_of(name)
            self.accepts("found.efi")
            self.refuses("found.efi", "other.crt")
            self.assertEqual(self.read("found.efi"), self.read("os.efi"))
        self.assertEqual(pelib.section(self.read("os.efi"), ".linux"), ARM64_KERNEL)
        self.assertNotIn("eltorito", self.tool("bsdtar", "tf", "os.iso"))


class Bytes(Signed):
    def setUp(self):
        super().setUp()
        self.build("-f", "uki,raw-efi,iso")
        self.outputs = {name: self.read(name) for name in ("os.efi", "os-efi.img", "os.iso")}

    def test_the_same_elsewhere(self):
        os.mkdir(self.path("else where"))
        self.build("-f", "raw-efi,iso,uki", "--fresh", "--threads", "1", "--dir", self.path("else where"),
                   key=self.path("ours.key"), certificate=self.path("ours.crt"), env={"TZ": "Pacific/Kiritimati"},
                   umask=0o77)
        self.assertEqual({name: self.read("else where", name) for name in self.outputs}, self.outputs)
        self.build("-f", "uki", "--threads", "3", "--fresh", key="other.key", certificate="other.crt")
        self.assertNotEqual(self.read("os.efi"), self.outputs["os.efi"])
        self.assertEqual(pelib.unsigned(self.read("os.efi")), pelib.unsigned(self.outputs["os.efi"]))

    @unittest.skipUnless(ENGINE and os.path.exists(MODULE), "softhsm2 or openssl's engine for PKCS#11 is not installed")
    def test_the_same_by_a_token(self):
        os.mkdir(self.path("tokens"))
        self.env.update(SOFTHSM2_CONF=self.write("softhsm2.conf", CONFIG.format(self.path("tokens"))),
                        PKCS11_MODULE_PATH=MODULE)
        for command in (["--init-token", "--free", "--label", "T", "--so-pin", "4321"],
                        ["--import", "ours.key", "--token", "T", "--label", "KEY", "--id", "01"]):
            self.tool("softhsm2-util", *command, "--pin", "123456", env=self.env)
        self.write("PIN", "123456")
        key = "pkcs11:token=T;object=KEY;type=private?pin-source=%s" % self.path("PIN").replace(" ", "%20")
        self.build("-f", "uki,raw-efi,iso", "--fresh", key=key)
        self.assertEqual({name: self.read(name) for name in self.outputs}, self.outputs)
        self.mistakes_with_a_token(key)

    def mistakes_with_a_token(self, key):
        for wrong, says in (("token=T", "token=X"), "there is no such"), (("object=KEY", "object=X"), "no such key"):
            self.mistake(key.replace(*wrong), "ours.crt", "can't sign with the token's key", says)
        self.mistake(key, "other.crt", "the token's key and the certificate other.crt are not for each other")
        self.write("PIN", "123456\n")
        self.assertNotIn("123456", self.mistake(key, "ours.crt", "its PIN is wrong").err)

    def mistake(self, key, certificate, *says):
        said = self.fails(1, says[0], "build", "--arch", "amd64", "-f", "uki", "--sign-key", key, "--sign-cert",
                          certificate, "--dir", "new", "os.yml")
        for part in says:
            self.assertIn(part, said.err)
        self.assertFalse(os.path.exists(self.path("new")))
        return said


class Mistakes(Signed):
    def mistake(self, key, certificate, message, hint, code=1):
        said = self.fails(code, message, "build", "--arch", "amd64", "-f", "uki", "--sign-key", key, "--sign-cert",
                          certificate, "--dir", "new", "os.yml")
        self.assertIn(hint, said.err)
        self.assertFalse(os.path.exists(self.path("new")))

    def test_files(self):
        self.write("text", "no key\n")
        pelib.openssl(self.dir, "x509", "-in", "ours.crt", "-outform", "DER", "-out", "ours.der")
        self.mistake("missing.key", "ours.crt", "can't open missing.key: No such file", "make a key and")
        self.mistake("ours.key", "missing.crt", "can't open missing.crt: No such file", "req -new -x509 -key KEY")
        for key, certificate, file, hint in (
                ("text", "ours.crt", "text has no private key in PEM", "PEM is text"),
                ("ours.key", "text", "text has no certificate in PEM", "PEM is text"),
                ("ours.key", "ours.der", "ours.der has no certificate in PEM", "-inform DER"),
                ("ours.crt", "ours.key", "ours.crt has no private key", "a certificate, which is for --sign-cert"),
                ("ours.key", "ours.key", "ours.key has no certificate in PEM", "a key, which is for --sign-key")):
            self.mistake(key, certificate, file, hint)
        self.mistake(".", "ours.crt", ". is a directory", "")

    def test_keys(self):
        self.mistake("other.key", "ours.crt", "the key other.key and the certificate ours.crt are not for each other",
                     "openssl x509 -noout -pubkey -in ours.crt")
        pelib.openssl(self.dir, "pkey", "-in", "ours.key", "-aes128", "-passout", "pass:x", "-out", "locked.key")
        self.mistake("locked.key", "ours.crt", "the key in locked.key is encrypted", "openssl pkey -in locked.key")
        pelib.make_key(self.dir, "curve", "-pkeyopt", "ec_paramgen_curve:prime256v1", kind="ec")
        self.mistake("curve.key", "curve.crt", "curve.crt is no RSA key", "UEFI takes RSA with SHA-256")
        pelib.make_key(self.dir, "short", kind="rsa:1024")
        self.mistake("short.key", "short.crt", "short.crt has 1024 bits, and not 2048 to 8192", "2048 bits")

    def test_one_without_the_other(self):
        for option in "--sign-key", "--sign-cert":
            self.fails(2, "--sign-key and --sign-cert need each other", "build", "-f", "uki", option, "ours.key",
                       "os.yml")

    def test_a_machine_that_would_verify_nothing(self):
        """OVMF starts any kernel that QEMU hands over."""
        self.ok("build", "--arch", "amd64", "os.yml")
        said = self.fails(1, "no firmware verifies os-kernel", "run", "--secure-boot", "ours.crt", "os")
        self.assertIn("wherry build --format uki --sign-key", said.err)
        self.assertFalse(os.path.exists(self.path("os-state")))
        self.build()
        said = self.fails(1, "ours.key has no certificate in PEM", "run", "--secure-boot", "ours.key", "os.efi")

    def test_a_key_that_others_can_read(self):
        os.chmod(self.path("ours.key"), 0o644)
        self.assertIn("ours.key can be read by everybody: chmod 600 ours.key", self.build().err)
        os.chmod(self.path("ours.key"), 0o640)
        self.assertNotIn("read by everybody", self.build().err)


if __name__ == "__main__":
    main()
