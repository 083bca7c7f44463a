#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""size: what weighs how much, of YAML, outputs and images, as text, as JSON and as a page in a browser.

    WHERRY=... tests/cli/test_size.py --write      write docs/size.png and docs/size-phone.png
"""
import html
import html.parser
import json
import os
import random
import re
import shutil
import sys

import browser
import ocilib
from harness import Case, main

DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs")
CORPUS = os.path.join(os.path.dirname(DOCS), "tests", "fuzz", "corpus")
STATUS = """\
Package: libfoo
Status: install ok installed
Architecture: amd64
Version: 1.2-3

Package: tool
Status: install ok installed
Architecture: amd64
Version: 7
"""
APK = "P:musl\nV:1.2.5-r0\nA:x86_64\nF:lib\nR:ld-musl.so.1\n\n"
DEBIAN = {
    "usr": None, "usr/lib": None, "lib": "-> usr/lib", "usr/lib/libfoo.so": b"f" * 40000, "usr/bin": None,
    "usr/bin/tool": b"t" * 20000, "usr/bin/own": b"o" * 10000, "var": None, "var/lib": None, "var/lib/dpkg": None,
    "var/lib/dpkg/status": STATUS.encode(), "var/lib/dpkg/info": None,
    # As it is noted where usr/lib was another directory than lib.
    "var/lib/dpkg/info/libfoo:amd64.list": b"/.\n/lib\n/lib/libfoo.so\n",
    "var/lib/dpkg/info/tool.list": b"/usr\n/usr/bin\n/usr/bin/tool\n",
}
HOSTILE = "</script><img src=x onerror=alert(1)>"
OS_YML = """\
kernel: {image: "example.test/kernel:1", cmdline: console=ttyS0}
init: ["example.test/init:1"]
services:
  - {name: web, image: "example.test/web:1"}
  - {name: alpine, image: "example.test/alpine:1"}
"""


class Texts(html.parser.HTMLParser):
    """The data of a page, and what it refers to."""

    def __init__(self, text):
        super().__init__()
        self.data, self.tags, self.links, self.in_data = "", [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append(tag)
        self.links += [v for k, v in attrs.items() if k in ("src", "href")]
        self.in_data = attrs.get("id") == "data"

    def handle_endtag(self, tag):
        self.in_data = False

    def handle_data(self, data):
        self.data += data if self.in_data else ""


class Size(Case):
    def setUp(self):
        super().setUp()
        self.take(DEBIAN)
        self.write("os.yml", OS_YML)

    def take(self, web):
        layout = ocilib.standard(self.path("layout"))
        layout.name("example.test/web:1", layout.image([web], config={"Entrypoint": ["/usr/bin/tool"]}))
        layout.name("example.test/alpine:1", layout.image(
            [{"lib": None, "lib/ld-musl.so.1": b"m" * 5000, "lib/apk": None, "lib/apk/db": None,
              "lib/apk/db/installed": APK.encode()}], config={"Entrypoint": ["/lib/ld-musl.so.1"]}))
        self.ok("-q", "cache", "import", "layout")

    def take_shown(self, changes):
        """Larger images, whose files have so many KiB."""
        noise = random.Random(1)
        def files(text, others=None):
            sizes = {**{k: int(v) for k, v in (item.split(":") for item in text.split())}, **(others or {})}
            found = dict.fromkeys(p for name in sizes for p in (name.rsplit("/", n)[0] for n in range(3, 0, -1)))
            return {**found, **{name: noise.randbytes(400 * size) + bytes(624 * size) for name, size in sizes.items()}}
        layout = ocilib.standard(self.path("layout"))
        for name, data in (
                ("web", {**DEBIAN, **files(
                    "usr/lib/libcrypto.so.3:880 usr/lib/libssl.so.3:300 usr/lib/libc.so.6:410 usr/lib/libpcre2.so:240 "
                    "usr/lib/libz.so.1:90 usr/sbin/nginx:460 usr/share/locale:90 usr/share/zoneinfo:130 srv/index:20 "
                    "srv/logo:120 srv/photo-1:340 srv/photo-2:210 etc/nginx/nginx.conf:4 etc/nginx/mime.types:6",
                    changes)}),
                ("alpine", files("bin/busybox:310 lib/ld-musl.so.1:220 lib/libcrypto.so.3:330 usr/bin/curl:150")),
                ("db", files("usr/bin/redis-server:640 usr/bin/redis-cli:280 usr/lib/libjemalloc.so:230 "
                             "var/lib/seed:90")),
                ("kernel", {"kernel": ocilib.KERNEL + noise.randbytes(900 << 10), "kernel.tar": ocilib.layer(files(
                    "lib/modules/net/virtio.ko:60 lib/modules/net/bridge.ko:130 lib/modules/fs/ext4.ko:300 "
                    "lib/modules/fs/overlay.ko:90 lib/modules/drivers/nvme.ko:110 lib/modules/drivers/ahci.ko:70"))})):
            layout.name("example.test/%s:1" % name, layout.image([data], config={"Entrypoint": ["/x"]}))
        self.ok("-q", "cache", "import", "layout")

    def size(self, what="os.yml", *args):
        return json.loads(self.ok("-q", "--json", "size", "--arch", "amd64", "--limit", "0", *args, what).out)

    def build(self, *args):
        self.ok("-q", "build", "--arch", "amd64", "--name", "os", *args, "os.yml")

    def check_sums(self, found):
        self.assertEqual(sum(c["size"] for c in found["components"]), found["size"])
        self.assertEqual(sum(f["size"] for f in found["files"]), found["size"])

    def test_of_yaml(self):
        found = self.size()
        self.check_sums(found)
        self.assertNotIn("since", found)
        parts = {c["name"]: c for c in found["components"] if "image" in c}
        self.assertEqual(parts["services/web"]["image"], "example.test/web:1")
        self.assertNotIn("packed", parts["services/web"])
        packages = {p.get("name"): p for p in found["packages"]}
        self.assertEqual((packages["libfoo"]["version"], packages["libfoo"]["size"]), ("1.2-3", 40000))
        self.assertEqual((packages["tool"]["kind"], packages["tool"]["size"]), ("deb", 20000))
        self.assertEqual((packages["musl"]["kind"], packages["musl"]["version"]), ("apk", "1.2.5-r0"))
        self.assertEqual(packages["musl"]["files"], 1)
        directories = {d["path"]: d["size"] for d in found["directories"]}
        self.assertEqual([v for k, v in directories.items() if k.endswith("web/lower/usr/bin")], [30000])
        self.assertNotIn("containers", directories)

    def test_packages_of_rpm(self):
        """Made by rpm: alpha has a file, a link, a directory and a log that it does not bring; beta has a library."""
        with open(os.path.join(CORPUS, "rpm", "files"), "rb") as f:
            database = f.read()
        self.take({"usr": None, "usr/bin": None, "usr/bin/alpha": b"a" * 3000, "usr/bin/alpha-link": "-> alpha",
                   "usr/bin/tool": b"t" * 500, "usr/lib": None, "usr/lib/libbeta.so": b"b" * 2000,
                   "usr/lib/alpha": None, "usr/lib/alpha/libalpha.so": b"l" * 100, "usr/lib/sysimage": None,
                   "usr/lib/sysimage/rpm": None, "usr/lib/sysimage/rpm/rpmdb.sqlite": database})
        self.build()
        for what in "os.yml", "os-initrd.img", "example.test/web:1":
            found = {p["name"]: p for p in self.size(what)["packages"] if p.get("kind") == "rpm"}
            self.assertEqual({n: (p["version"], p["files"], p["size"]) for n, p in found.items()},
                             {"alpha": ("1.2-3.fc40", 3, 3100), "beta": ("7-1", 1, 2000)}, what)

    def test_packed_and_change(self):
        """What a piece has packed was measured, and is divided among what is in it."""
        self.build()
        found = self.size()
        parts = {c["name"]: c for c in found["components"]}
        self.assertTrue(parts["services/web"]["measured"])
        initrd = os.path.getsize(self.path("os-initrd.img"))
        kernel = sum(f["size"] for f in found["files"] if f["path"].startswith("boot/"))
        self.assertLess(abs(found["packed"] - kernel - initrd), 0.1 * initrd + 2000)
        self.assertNotIn("since", found)  # nothing else was ever built
        self.take({**DEBIAN, "usr/bin/tool": b"t" * 25000, "usr/bin/new": b"n" * 100})
        found = self.size()
        self.assertEqual((found["change"], found["since"] > 0), (5100, True))
        changed = {f["path"]: f["change"] for f in found["files"] if f["change"]}
        web = "containers/services/web/lower/"
        self.assertEqual(changed, {web + "usr/bin/tool": 5000, web + "usr/bin/new": 100})
        self.assertEqual({c["name"]: c["change"] for c in found["components"] if c["change"]}, {"services/web": 5100})
        # Built, and built once more: it is what was different before that counts.
        self.build()
        self.build()
        self.assertEqual(self.size()["change"], 5100)
        self.assertIn("; +4.9 KiB since the build of 20", self.ok("size", "--arch", "amd64", "os.yml").out)

    def test_of_outputs_and_images(self):
        self.build()
        self.build("--format", "kernel+squashfs")
        for what in "os-initrd.img", "os-squashfs.img":
            found = self.size(what)
            self.check_sums(found)
            sizes = {p["name"]: p["size"] for p in found["packages"] if "name" in p}
            self.assertEqual(sizes, {"libfoo": 40000, "tool": 20000, "musl": 5000}, what)
            self.assertIn("services/web", [c["name"] for c in found["components"]])
            self.assertLess(abs(found["packed"] - os.path.getsize(self.path(what))), 100)
        found = self.size("example.test/web:1")
        self.check_sums(found)
        self.assertEqual([(c["name"], c["measured"]) for c in found["components"]], [("layer 1", True)])
        self.assertEqual([p.get("name") for p in found["packages"]], ["libfoo", "tool", None])

    def test_tables(self):
        out = self.ok("size", "--arch", "amd64", "--limit", "2", "--depth", "1", "os.yml").out
        self.assertRegex(out, r"^os\.yml: [\d.]+ KiB in \d+ files\n")
        self.assertRegex(out, r"\n +SIZE +PACKED +COMPONENT +IMAGE\n")
        self.assertRegex(out, r"\nand \d+ more; --limit 0 shows all\n")
        self.assertRegex(out, r"39\.0 KiB +- +libfoo +1\.2-3 +deb +example\.test/web:1\n")
        self.assertNotIn("lower/usr/bin\n", out)

    def page(self, *args):
        self.ok("-q", "size", "--arch", "amd64", "--html", "size.html", *args)
        with open(self.path("size.html"), encoding="utf-8") as f:
            return f.read()

    def test_page_stands_alone(self):
        self.take({**DEBIAN, HOSTILE: b"h" * 5000})
        text = self.page("os.yml")
        parsed = Texts(text)
        self.assertEqual((parsed.links, parsed.tags.count("script"), parsed.tags.count("img")), ([], 2, 0))
        self.assertEqual(re.findall(r"https?://(?!www\.w3\.org/2000/svg)[^\s\"]*|@import|url\(", text), [])
        self.assertIn("default-src 'none'", text)
        data = json.loads(parsed.data)
        self.assertEqual(data["tree"][1], self.size()["size"])
        self.assertIn(HOSTILE.split("/")[-1], json.dumps(data))

    # ---- in a browser ----

    def probe(self, script):
        """What a script finds out in the page; it must not have met with an error."""
        text = self.page("os.yml")
        text = text.replace("<script>", "<script>onerror = m => document.title = 'error ' + m;</script><script>", 1)
        self.write("probe.html", text.replace("</body>", "<script>%s</script></body>" % script))
        title = re.search(r"<title>(.*?)</title>", browser.open_file(self, "probe.html", "--dump-dom"), re.S)
        return json.loads(html.unescape(title[1]))

    @browser.needed
    def test_in_a_browser(self):
        """Drawn; by the keyboard alone into a directory and back; each tile has a name."""
        self.take({**DEBIAN, HOSTILE: b"h" * 5000})
        found = self.probe("""
            const tiles = () => [...document.querySelectorAll("#map > g[role=button]")];
            const key = k => document.activeElement.dispatchEvent(
                new KeyboardEvent("keydown", {key: k, bubbles: true}));
            const path = () => [...document.querySelectorAll("#path button")].map(b => b.textContent).join(" > ");
            setTimeout(() => {
                const found = {labels: tiles().map(g => g.getAttribute("aria-label")), images: document.images.length};
                found.stops = document.querySelectorAll("#map [tabindex='0']").length;
                tiles()[0].focus(); key("ArrowRight"); key("ArrowLeft"); key("Enter");
                found.inside = path();
                key("Escape");
                found.outside = path();
                found.tables = [...document.querySelectorAll("caption")].map(c => c.textContent);
                found.wide = document.documentElement.scrollWidth - innerWidth;
                document.title = JSON.stringify(found);
            }, 500);""")
        self.assertRegex(found["labels"][0], r"^containers/services/web.*, [\d.]+ KiB, directory with \d+ entries$")
        self.assertEqual((found["images"], found["stops"]), (0, 1))
        self.assertEqual((found["inside"], found["outside"]), ("os.yml > services/web", "os.yml"))
        self.assertEqual(found["tables"], ["Components", "Packages", "Directories", "Files"])
        self.assertLessEqual(found["wide"], 0)

    @browser.needed
    def test_screenshots(self):
        """Those of docs/, of an OS with what a small web server has; with --write they are kept."""
        self.write("os.yml", OS_YML + '  - {name: db, image: "example.test/db:1"}\n')
        self.take_shown({})
        self.build()
        self.take_shown({"srv/photo-3": 260, "usr/share/locale": 40})
        self.build()
        self.page("os.yml")
        self.write("phone.html", "<style>body{margin:0;display:flex}iframe{border:0;width:390px;height:700px}</style>"
                   "<iframe src=size.html></iframe><iframe src=size.html style='color-scheme:dark'></iframe>")
        for name, url, size in (("size.png", "size.html", (1280, 800)), ("size-phone.png", "phone.html", (780, 700))):
            browser.screenshot(self, url, name, size)
            if WRITE:
                shutil.copy(self.path(name), os.path.join(DOCS, name))


WRITE = "--write" in sys.argv
if __name__ == "__main__":
    if WRITE:
        sys.argv[1:] = ["Size.test_screenshots"]
    main()
