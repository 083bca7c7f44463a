#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run --boot-chart, with a script in QEMU's place whose supervisor is ready after a while."""
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree

import browser
import ocilib
import standqemu
from harness import Case, TIME_LIMIT, main

DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs")

SUPERVISOR = r"""
import threading, time
class Supervisor(Client):
    def line(self, q):
        answers = {
            "list": {"uptime-ms": 1, "containers": []},
            "boot": {"boot": [{"name": "kernel", "kind": "kernel", "begin": 0, "end": 900},
                              {"name": "web <&>\u0007", "kind": "service", "begin": 1000, "ready": 2000}]}}
        if q["do"] in answers:
            self.begin(q, answers[q["do"]])
            self.end(q)
            return
        self.begin(q, {"time": "T", "source": "wherry", "msg": "service web: started"})
        if os.path.exists("die"):
            time.sleep(1)
            os._exit(0)
        threading.Timer(1, self.is_ready).start()
    def is_ready(self):
        open("ready", "w").close()
        self.say(b'{"time": "T", "source": "wherry", "msg": "ready (1 service)"}\n')
"""


class BootChart(Case):
    def setUp(self):
        super().setUp()
        self.write("os-kernel", ocilib.KERNEL)
        self.write("os-initrd.img", "")
        self.write("os-cmdline", "console=ttyS0")
        self.env["XDG_STATE_HOME"] = self.path("xdg")
        qemu = self.write("qemu", standqemu.script(SUPERVISOR), 0o755)
        self.args = ["run", "--qemu", qemu, "--accel", "tcg", "--boot-chart", "chart.svg"]

    def check_picture(self):
        self.assertTrue(os.path.exists(self.path("ready")))
        with open(self.path("chart.svg"), encoding="utf-8") as f:
            text = f.read()
        xml.etree.ElementTree.fromstring(text)
        self.assertRegex(text, r"web &lt;&amp;.*\?")
        for word in ("firmware", "kernel"):
            self.assertIn(word, text)
        self.assertFalse(re.search(r"(?:href|src|url)\s*[=(]", text))

    def test_in_the_background(self):
        self.ok(*self.args, "--detached", "os")
        self.check_picture()
        self.ok("run", "stop", "os")

    def test_in_the_foreground(self):
        p = self.start(*self.args, "os", stdin=subprocess.DEVNULL)
        self.assertIn(b"chart.svg shows how the machine started", self.told(p))
        self.check_picture()
        self.ok("run", "stop", "os")
        self.assertEqual(p.wait(timeout=TIME_LIMIT), 0)
        p.communicate()

    def told(self, p):
        for line in p.stderr:
            if b"chart.svg" in line:
                return line
        return b""

    def test_one_that_ends_before(self):
        self.write("die", "")
        p = self.start(*self.args, "os", stdin=subprocess.DEVNULL)
        self.assertRegex(self.told(p), rb"chart.svg was not written: .*ended")
        self.assertEqual(p.wait(timeout=TIME_LIMIT), 0)
        p.communicate()
        self.assertFalse(os.path.exists(self.path("chart.svg")))

    def test_where_nothing_can_be_written(self):
        self.args[-1] = "none/chart.svg"
        self.fails(1, "none/chart.svg", *self.args, "os")
        self.assertFalse(os.path.exists(self.path("up")))

    @browser.needed
    def test_the_picture_of_the_docs(self):
        """It fits a window and a phone, and its words are not cut off."""
        shutil.copy(os.path.join(DOCS, "boot-chart.svg"), self.path("chart.svg"))
        browser.screenshot(self, "chart.svg", "wide.png", (1280, 800))
        browser.screenshot(self, "chart.svg", "phone.png", (390, 700))


if __name__ == "__main__":
    main()
