# SPDX-License-Identifier: Apache-2.0
"""Chromium without a window, for what is looked at. Its tests are skipped where it is not installed."""
import os
import shutil
import subprocess
import unittest

CHROMIUM = shutil.which("chromium")
needed = unittest.skipUnless(CHROMIUM, "chromium is not installed")


def open_file(case, name, *args):
    """Open a file of the test's directory; what the browser prints."""
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
               "--force-device-scale-factor=1", "--virtual-time-budget=5000",
               "--user-data-dir=" + case.path("profile"), *args, "file://" + case.path(name)]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=240, check=True,
                          env={**os.environ, "HOME": case.dir}).stdout.decode()


def screenshot(case, name, picture, size):
    """Of a window of (width, height); the picture is not empty, and small enough for the docs."""
    open_file(case, name, "--window-size=%d,%d" % size, "--screenshot=" + case.path(picture))
    with open(case.path(picture), "rb") as f:
        data = f.read()
    case.assertEqual((int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")), size)
    case.assertTrue(10_000 < len(data) < 150_000, (picture, len(data)))
