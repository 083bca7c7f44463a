# SPDX-License-Identifier: Apache-2.0
"""Pulls and pushes through bad networks: each ends with the right bytes or a clear error, and leaves nothing broken."""
import concurrent.futures
import hashlib
import json
import os
import random
import shutil
import time
import unittest

import faultlib
import harness
import ocilib
from registrycase import RegistryCase

SOAK = bool(os.environ.get("WHERRY_SOAK"))
PULLS = 2000 if SOAK else 40
PUSHES = 200 if SOAK else 8
AT_ONCE = 4
TIME_LIMIT = 120  # of one pull, whatever happens to it


class Faults(RegistryCase):
    def setUp(self):
        super().setUp()
        chance = random.Random(1)
        large = chance.randbytes(900_000)
        self.layout.name("example.test/many:1", self.layout.image(
            [{"large": large}, *({"file%d" % i: chance.randbytes(1000 * i)} for i in range(1, 8))]))
        # Requests show a login, so that it would be seen where it must not be.
        self.upstream = self.registry(users={"me": "secret"})
        self.names, self.digests = [], []
        for image, at in ("many", 3), ("hello", 2), ("init", 1):
            self.push(self.upstream, "example.test/%s:1" % image, "%s:1" % image, "--dest-creds", "me:secret")
            self.names.append("%s:1" % image)
            self.digests.append(self.layout.manifests[at]["digest"])
        self.layout_blobs = self.blobs_of_layout()

    def proxy(self, choose, upstream=None):
        proxy = faultlib.FaultProxy((upstream or self.upstream).host, choose)
        proxy.authorization = "Basic bWU6c2VjcmV0"
        self.addCleanup(proxy.stop)
        self.write(".docker/config.json", json.dumps({"auths": {proxy.host: {"auth": "bWU6c2VjcmV0"}}}))
        return proxy

    def check_store(self, cache):
        """All that is visible in it has its digest; what was begun is gone with its process."""
        blobs = os.path.join(cache, "blobs", "sha256")
        for name in os.listdir(blobs):
            with open(os.path.join(blobs, name), "rb") as f:
                self.assertEqual(hashlib.sha256(f.read()).hexdigest(), name)

    def pull_one(self, proxy, number):
        """Whether it came."""
        cache = self.path("cache-%d" % number)
        name = "%s/%s" % (proxy.host, self.names[number % len(self.names)])
        started = time.monotonic()
        result = self.run_wherry("--cache", cache, "cache", "pull", "--platform", "linux/amd64", name)
        self.assertLess(time.monotonic() - started, TIME_LIMIT)
        self.assertIn(result.code, (0, 1), result)
        self.assertNotIn("Sanitizer", result.err)
        self.check_store(cache)
        if result.code == 0:
            listed = self.ok("--cache", cache, "cache", "ls").out
            self.assertIn(self.digests[number % len(self.names)], listed)
            # Complete: a tar can be made of it, for which every digest is checked.
            self.ok("--cache", cache, "cache", "export", "--platform", "linux/amd64", "-o", cache + ".tar", name)
            os.unlink(cache + ".tar")
        else:
            self.assertRegex(result.err, r"(?m)^(wherry|manifest .*): can't pull %s: ." % name)
        shutil.rmtree(cache)
        return result.code == 0

    def test_pulls(self):
        proxy = self.proxy(faultlib.by_chance(7))
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            came = list(pool.map(lambda i: self.pull_one(proxy, i), range(PULLS)))
        self.assertEqual(proxy.leaks, [])
        self.assertEqual(set(proxy.met), set(faultlib.FAULTS))
        # Most faults can be overcome; a flipped bit can't.
        self.assertGreater(came.count(True), PULLS // 4)
        self.assertGreater(came.count(False), 0)

    def test_what_failed_is_resumed_by_the_next_pull(self):
        cut = faultlib.by_chance(11, 0.8, ("flip", "truncate"))
        proxy = self.proxy(lambda method, path: cut(method, path) if "/blobs/" in path else None)
        name = "%s/many:1" % proxy.host
        for _ in range(30):
            result = self.run_wherry("cache", "pull", name, "--platform", "linux/amd64")
            self.check_store(self.cache)
            if result.code == 0:
                break
        self.assertEqual(result.code, 0, result)

    def test_a_cut_download_is_resumed_where_it_was_cut(self):
        cuts = []

        def choose(method, path):
            if "/blobs/" in path and len(cuts) < 3:
                cuts.append(path)
                return "cut"
            return None

        proxy = self.proxy(choose)
        self.ok("cache", "pull", "%s/many:1" % proxy.host, "--platform", "linux/amd64")
        self.assertEqual(len(cuts), 3)
        self.assertTrue([r for r in proxy.requests if r[2]], "no request had a Range")

    def test_pushes(self):
        target = self.registry("target")
        self.ok("cache", "import", self.path("layout"))
        # What is flipped on its way to the registry it refuses itself; what it answers is not believed.
        faults = ("cut", "reset", "delay", "busy", "error")
        proxy = self.proxy(faultlib.by_chance(5, 0.3, faults), target)

        def push(i):
            name = "r%d/%s" % (i, self.names[i % len(self.names)])
            local = "example.test/" + self.names[i % len(self.names)]
            result = self.run_wherry("cache", "push", local, "--remote-name", "%s/%s" % (proxy.host, name))
            self.assertIn(result.code, (0, 1), result)
            if result.code == 0:
                self.skopeo("copy", "-q", "--all", "--src-tls-verify=false", "docker://%s/%s" % (target.host, name),
                            "dir:" + self.path("copy-%d" % i))
            return result.code == 0

        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            went = list(pool.map(push, range(PUSHES)))
        self.assertGreaterEqual(went.count(True), PUSHES // 2)
        self.assertTrue(set(proxy.met) <= set(faults) and proxy.met)


if __name__ == "__main__":
    harness.main()
