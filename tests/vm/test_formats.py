# SPDX-License-Identifier: Apache-2.0
"""test_formats.py NUMBER/OF: the cells of formats.yml (in the soak also those of formats-soak.yml) that are for the
architecture WHERRY_ARCH, every OF-th of them, booted by `wherry test`: none may fail or be skipped.
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

import yaml

import images

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = ["formats.yml"] + (["formats-soak.yml"] if os.environ.get("WHERRY_SOAK") else [])
LIMIT = 7000
NUMBER, OF = 1, 1


def read(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as f:
        return yaml.safe_load(f)


def single_cells(rows):
    """A row for each format of this architecture, so that it is built once for all its cells."""
    for row in rows:
        if images.ARCH in row.get("arch", ["amd64"]):
            for name in row["format"]:
                yield dict(row, format=[name], arch=[images.ARCH])


class Formats(unittest.TestCase):
    def test_each_cell_boots(self):
        if not any([self.boot(name) for name in FILES]):
            self.skipTest("in the soak")

    def boot(self, name):
        """False: the file has no cell for this."""
        test = read(name)
        test["matrix"] = list(single_cells(test["matrix"]))[NUMBER - 1::OF]
        test["os"] = [os.path.join(HERE, path) for path in test["os"]]
        if not test["matrix"]:
            return False
        out = os.path.join(images.WORK, "formats")
        os.makedirs(out, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", suffix=".yml", delete=False) as f:
            yaml.safe_dump(test, f)
        self.addCleanup(os.unlink, f.name)
        keys = tempfile.TemporaryDirectory(prefix="wherry-keys-")
        self.addCleanup(keys.cleanup)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test",
                        "-keyout", "key.pem", "-out", "cert.pem"], cwd=keys.name, check=True, timeout=300,
                       stderr=subprocess.DEVNULL)
        env = dict(os.environ, WHERRY_CACHE=images.CACHE, XDG_STATE_HOME=os.path.join(images.WORK, "state"))
        results = os.path.join(out, "%s-%s-%d.xml" % (name, images.ARCH, NUMBER))
        # Standard error, on which wherry says what it makes and boots, goes to the log as it comes.
        done = subprocess.run([images.WHERRY, "test", "--strict", "--json", "--junit", results, f.name],
                              stdout=subprocess.PIPE, text=True, env=env, cwd=keys.name, timeout=LIMIT, check=False)
        cells = [json.loads(line) for line in done.stdout.splitlines()]
        for cell in cells:
            print("%(format)s %(firmware)s %(arch)s: %(result)s, %(ms)d ms" % cell, file=sys.stderr)
        bad = ["%(format)s %(firmware)s %(arch)s: %(result)s" % cell + "\n%s\n%s" % (
            cell.get("why", ""), cell.get("console", "")) for cell in cells if cell["result"] != "passed"]
        self.assertEqual(bad, [])
        self.assertEqual((done.returncode, bool(cells)), (0, True))
        return True


if __name__ == "__main__":
    if len(sys.argv) > 1:
        NUMBER, OF = (int(part) for part in sys.argv.pop(1).split("/"))
    unittest.main()
