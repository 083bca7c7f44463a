# SPDX-License-Identifier: Apache-2.0
"""build fetches what the cache lacks: from registries, and from the storage of a local engine."""
import hashlib
import http.server
import io
import json
import os
import shutil
import socketserver
import subprocess
import tarfile
import threading
import time
import unittest
import urllib.parse

import harness
import ocilib
from registrycase import RegistryCase


def os_yml(host):
    return ocilib.OS_YML.replace("example.test/", host + "/")


class BuildCase(RegistryCase):
    def build(self, *options, **more):
        return ["build", "--name", "os", "--format", "tar", "--arch", "amd64", *options, self.path("os.yml")], more

    def member(self, path):
        with tarfile.open(self.path("os.tar")) as tar:
            return tar.extractfile(path).read()


class FromRegistries(BuildCase):
    def setUp(self):
        super().setUp()
        self.upstream = self.registry()
        for image in "kernel", "init", "hello":
            self.push(self.upstream, "example.test/%s:1" % image, "%s:1" % image)
        self.write("os.yml", os_yml(self.upstream.host))

    def test_what_is_missing_is_fetched_once(self):
        args, _ = self.build()
        self.assertIn("pull 3 images", self.ok(*args).err)
        self.assertEqual(self.member("etc/hello"), b"hello\n")
        self.assertEqual(len(self.ok("cache", "ls").out.splitlines()), 3)
        self.upstream.stop()
        self.assertNotIn("pull", self.ok(*args).err)

    def test_offline(self):
        args, _ = self.build("--offline")
        self.fails(1, "is not in the store", *args)
        self.fails(2, "are mutually exclusive", *args, "--pull")

    def test_all_that_is_missing_is_reported_with_its_place(self):
        self.write("os.yml", os_yml(self.upstream.host).replace("/init:1", "/nothing:1")
                   .replace("/kernel:1", "/missing:3"))
        args, _ = self.build()
        err = self.fails(1, "os.yml", *args).err
        for line, image in (2, "missing:3"), (5, "nothing:1"):
            self.assertRegex(err, r"os\.yml:%d:\d+: image %s/%s is not in the store, and can't be pulled: .*404"
                             % (line, self.upstream.host, image))
        self.assertFalse(os.path.exists(self.path("os.tar")))

    def test_pull_takes_what_the_name_stands_for_now(self):
        args, _ = self.build()
        self.ok(*args)
        self.layout.name("example.test/new:1",
                         self.layout.image([{"init": b"#!/bin/sh\n", "etc": None, "etc/hello": b"new\n"}]))
        self.push(self.upstream, "example.test/new:1", "init:1")
        self.ok(*args)
        self.assertEqual(self.member("etc/hello"), b"hello\n")
        self.ok(*args, "--pull")
        self.assertEqual(self.member("etc/hello"), b"new\n")
        # A registry that can't be asked does not make the old one good enough.
        self.upstream.stop()
        self.fails(1, "can't connect", *args, "--pull")


    def test_what_is_locked_is_fetched_by_its_digest(self):
        args, _ = self.build()
        self.ok("lock", "--arch", "amd64", self.path("os.yml"))
        self.layout.name("example.test/new:1",
                         self.layout.image([{"init": b"#!/bin/sh\n", "etc": None, "etc/hello": b"new\n"}]))
        self.push(self.upstream, "example.test/new:1", "init:1")
        self.ok("cache", "clean")
        self.ok(*args)
        self.assertEqual(self.member("etc/hello"), b"hello\n")
        self.ok(*args, "--update-lock")
        self.assertEqual(self.member("etc/hello"), b"new\n")
        self.fails(1, "is not in the store, and can't be pulled", "lock", "--update", self.write(
            "other.yml", "init: [%s/nothing:1]\n" % self.upstream.host))

    def test_a_volume_with_all_its_platforms(self):
        self.write("os.yml", os_yml(self.upstream.host) +
                   "volumes:\n  - name: v\n    image: %s/hello:1\n    format: oci\n" % self.upstream.host)
        args, _ = self.build()
        self.ok(*args)
        with tarfile.open(self.path("os.tar")) as tar:
            blobs = [m.name for m in tar if m.name.startswith("containers/volumes/v/lower/blobs/sha256/")]
        self.assertGreaterEqual(len(blobs), 8)


class Engine:
    """Docker's API as far as it is needed, on a Unix socket: archives are {name: the bytes of docker save}."""

    def __init__(self, path, archives, arch="amd64"):
        self.asked, self.loaded, self.ids = [], [], {}
        self.answer = b'{"stream": "Loaded image"}\n'
        engine = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def address_string(self):
                return "socket"

            def do_GET(self):
                _, kind, rest = urllib.parse.unquote(self.path).split("/", 2)
                if rest == "json":
                    self.send_response(200)
                    self.end_headers()
                    self.wfile.write(json.dumps([{"RepoTags": [name]} for name in archives] + [{}]).encode())
                    return
                name, what = rest.rsplit("/", 1)
                engine.asked.append((kind, name, what))
                body = archives.get(name)
                if body is not None and what == "json":
                    body = json.dumps({"Os": "linux", "Architecture": arch, "Id": engine.ids.get(name)}).encode()
                self.send_response(404 if body is None else 200)
                self.end_headers()
                self.wfile.write(body or b'{"message": "no such image"}')

            def do_POST(self):
                engine.loaded.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(engine.answer)

        class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
            daemon_threads = True

        self.server = Server(path, Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class FromEngines(BuildCase):
    def setUp(self):
        super().setUp()
        self.write("os.yml", ocilib.OS_YML)
        self.archives = {}
        for image in "kernel", "init", "hello":
            name = "example.test/%s:1" % image
            self.skopeo("--override-arch", "amd64", "copy", "-q", "oci:layout:" + name,
                        "docker-archive:%s.tar:%s" % (image, name))
            with open(self.path(image + ".tar"), "rb") as f:
                self.archives[name] = f.read()

    def engine(self, archives, **more):
        # The path of a socket is short.
        engine = Engine(self.path("e.sock"), archives, **more)
        self.addCleanup(engine.stop)
        self.env["DOCKER_HOST"] = "unix://" + self.path("e.sock")
        return engine

    def test_images_come_from_it(self):
        engine = self.engine(self.archives)
        args, _ = self.build("--docker")
        self.ok(*args)
        self.assertEqual(self.member("etc/hello"), b"hello\n")
        self.assertIn(("images", "example.test/init:1", "get"), engine.asked)

    def test_what_has_not_changed_is_not_sent_again(self):
        """An engine's id of an image is the digest of its configuration."""
        engine = self.engine(self.archives)
        args, _ = self.build("--docker")
        self.ok(*args)
        for name, archive in self.archives.items():
            with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
                config = json.load(tar.extractfile("manifest.json"))[0]["Config"]
                engine.ids[name] = "sha256:" + hashlib.sha256(tar.extractfile(config).read()).hexdigest()
        engine.ids["example.test/init:1"] = "sha256:" + "1" * 64
        del engine.asked[:]
        self.ok(*args)
        self.assertEqual([name for _, name, what in engine.asked if what == "get"], ["example.test/init:1"])
        self.assertEqual(len([name for _, name, what in engine.asked if what == "json"]), 3)

    def test_it_comes_before_the_cache_and_what_it_lacks_from_there(self):
        self.ok("cache", "import", self.path("layout"))
        self.layout.name("example.test/other:1",
                         self.layout.image([{"init": b"x", "etc": None, "etc/hello": b"engine\n"}]))
        self.skopeo("copy", "-q", "oci:layout:example.test/other:1", "docker-archive:o.tar:example.test/init:1")
        with open(self.path("o.tar"), "rb") as f:
            self.engine({"example.test/init:1": f.read()})
        args, _ = self.build("--docker")
        self.ok(*args)
        self.assertEqual(self.member("etc/hello"), b"engine\n")

    def test_images_for_other_machines_are_left_there(self):
        self.engine(self.archives, arch="s390x")
        args, _ = self.build("--docker")
        self.fails(1, "is not in the store", *args)

    def test_what_it_has_under_a_similar_name(self):
        self.engine({"localhost/hello:1": b"", "example.test/hello:2": b"", "localhost/hello:0": b""})
        args, _ = self.build("--docker")
        err = self.fails(1, "image example.test/hello:1 is not in the store, nor in the engine at %s, which has "
                            "localhost/hello:1" % self.path("e.sock"), *args).err
        self.assertIn("example.test/init:1 is not in the store, nor in the engine at " + self.path("e.sock"), err)
        self.assertEqual(err.count("which has"), 1)

    def test_an_archive_that_is_cut_is_not_an_image(self):
        name = "example.test/init:1"
        self.engine(dict(self.archives, **{name: self.archives[name][:3000]}))
        args, _ = self.build("--docker")
        self.fails(1, "can't import " + name, *args)

    def test_a_component_is_given_to_it(self):
        engine = self.engine({})
        self.write("one/build.yml", "image: one\nfiles: [{path: x, contents: y}]\n")
        build = ("pkg", "build", "--org", "me", "--hash", "1", "one")
        self.ok(*build)
        self.assertEqual(engine.loaded, [])
        # Also one that was in the cache.
        self.assertIn("was in the cache", self.ok(*build, "--docker").out)
        (path, tar), = engine.loaded
        self.assertTrue(path.startswith("/images/load"), path)
        with tarfile.open(fileobj=io.BytesIO(tar)) as members:
            manifest, = json.load(members.extractfile("manifest.json"))
        self.assertEqual(manifest["RepoTags"], ["docker.io/me/one:1"])
        engine.answer = b'{"stream": "..."}\n{"errorDetail": {"message": "no room"}, "error": "no room"}\n'
        self.fails(1, "can't give docker.io/me/one:1 to the engine: ", *build, "--docker")
        self.env["DOCKER_HOST"] = "unix://" + self.path("nobody")
        self.fails(1, "can't connect", *build, "--docker")

    def test_no_engine(self):
        args, _ = self.build("--docker")
        self.env["DOCKER_HOST"] = "tcp://127.0.0.1:1"
        self.fails(1, "only unix:///PATH is supported", *args)
        self.env["DOCKER_HOST"] = "unix://" + self.path("nobody")
        self.fails(1, "can't connect: No such file or directory", *args)
        # What is in the cache is good enough.
        self.ok("cache", "import", self.path("layout"))
        self.assertIn("is the one in the store: ", self.ok(*args).err)
        self.env["DOCKER_HOST"] = ""
        if not os.path.exists("/var/run/docker.sock") and not os.path.exists("/run/podman/podman.sock"):
            self.assertIn("--docker: neither Docker nor Podman offers its API here: images come from the cache",
                          self.ok(*args).err)


@unittest.skipUnless(shutil.which("podman"), "podman is not installed")
class FromPodman(BuildCase):
    def test_a_real_engine(self):
        self.write("os.yml", ocilib.OS_YML)
        podman = ["podman", "--root", self.path("storage"), "--runroot", self.path("run"), "--storage-driver", "vfs"]
        env = dict(self.peer_env, CONTAINERS_CONF="/dev/null")

        def run(*args):
            done = subprocess.run([*podman, *args], env=env, cwd=self.dir, timeout=120, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            if done.returncode:
                self.skipTest("podman can't work here: " + done.stdout.strip()[-200:])

        for image in "kernel", "init", "hello":
            name = "example.test/%s:1" % image
            self.skopeo("--override-arch", "amd64", "copy", "-q", "oci:layout:" + name,
                        "docker-archive:%s.tar:%s" % (image, name))
            run("load", "-q", "-i", image + ".tar")
        self.addCleanup(subprocess.run, [*podman, "rmi", "-a", "-f"], env=env, timeout=120, check=False,
                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        socket = self.path("p.sock")
        service = subprocess.Popen([*podman, "system", "service", "--time", "0", "unix://" + socket], env=env,
                                   cwd=self.dir, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        self.addCleanup(service.wait)
        self.addCleanup(service.kill)
        until = time.monotonic() + 60
        while not os.path.exists(socket):
            if service.poll() is not None or time.monotonic() > until:
                self.skipTest("podman's service does not start here")
            time.sleep(0.1)
        args, _ = self.build("--docker", "--offline")
        self.fails(2, "are mutually exclusive", *args)
        args, _ = self.build("--docker")
        self.ok(*args, env={"DOCKER_HOST": "unix://" + socket})
        self.assertEqual(self.member("etc/hello"), b"hello\n")


if __name__ == "__main__":
    harness.main()
