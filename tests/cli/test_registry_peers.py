# SPDX-License-Identifier: Apache-2.0
"""What registries, mirrors and their storage were seen to do, beside what the specification asks of them."""
import os
import socket
import time

import harness
import ocilib
import peerregistry
from peerregistry import digest_of


class Peers(harness.Case):
    def registry(self, hook=None, **more):
        return peerregistry.Registry(self, hook, **more)

    def pull(self, registry, *options, name="a/b:1", **more):
        return self.ok("cache", "pull", registry.host + "/" + name, *options, **more)

    def image(self, size, name="example.test/a:1"):
        """One in the cache whose layer has this many bytes, roughly."""
        layout = ocilib.Layout(self.path("layout"))
        layout.name(name, layout.image([{"data": os.urandom(size)}], compress=False))
        self.ok("cache", "import", self.path("layout"))
        return name

    def push(self, registry, name, *options, **more):
        return self.ok("cache", "push", name, "--remote-name", registry.host + "/c/d:1", *options, **more)

    def is_whole(self, registry):
        _, manifest = registry.manifests["c/d", "1"]
        return all(digest.encode() in manifest for digest in registry.blobs) and len(registry.blobs) == 2


class Pushing(Peers):
    def early(self, status):
        """Answers a PUT, or a PATCH, before it has read the body."""
        def hook(request):
            if request.command not in ("PUT", "PATCH") or "/blobs/" not in request.path:
                return False
            original, request.answered = request.reply, False

            def once(*args):
                if not request.answered:
                    request.answered = True
                    original(status, *args[1:])
                    request.wfile.flush()
                    time.sleep(0.05)
                return True

            request.reply = once
            request.reply(status)
            try:
                return request.default()  # reads the body after all
            finally:
                request.reply = original
        return hook

    def test_an_answer_before_the_body_was_read(self):
        name = self.image(900 << 10)
        registry = self.registry(self.early(201))
        self.push(registry, name)
        self.assertTrue(self.is_whole(registry))

    def test_a_refusal_before_the_body_was_read(self):
        def refuse(request):
            if request.command != "PUT":
                return False
            request.close_connection = True
            return request.reply(413, {"Connection": "close"})

        name = self.image(900 << 10)
        self.fails(1, "HTTP status 413", "cache", "push", name, "--remote-name", self.registry(refuse).host + "/c/d:1")

    def test_every_status_of_success_is_one(self):
        name = self.image(1200 << 10)  # more than goes with one request
        for method, part, status in (("PATCH", "/uploads/", 201), ("PATCH", "/uploads/", 204), ("PUT", "/uploads/", 200),
                                     ("PUT", "/uploads/", 202), ("PUT", "/manifests/", 200), ("PUT", "/manifests/", 202),
                                     ("POST", "/uploads/", 201)):
            def hook(request, method=method, part=part, status=status):
                if request.command == method and part in request.path:
                    reply = request.reply
                    request.reply = lambda real, *more: reply(status if real < 300 else real, *more)
                    request.default()
                    del request.reply
                    return True
                return False

            with self.subTest(method=method, part=part, status=status):
                registry = self.registry(hook)
                self.push(registry, name)
                self.assertTrue(self.is_whole(registry))

    def test_redirects_of_what_is_sent(self):
        name = self.image(1200 << 10)
        for method, part, status in (("POST", "/uploads/", 307), ("PATCH", "/uploads/", 308), ("PUT", "/uploads/", 307),
                                     ("PUT", "/manifests/", 308)):
            def hook(request, method=method, part=part, status=status):
                if request.command != method or part not in request.path or "moved" in request.path:
                    return False
                request.body()
                return request.reply(status, {"Location": request.path + ("&" if "?" in request.path else "?") + "moved=1"})

            with self.subTest(method=method, part=part):
                registry = self.registry(hook)
                self.push(registry, name)
                self.assertTrue(self.is_whole(registry))
                self.assertIn((method, True), [(m, "moved" in path) for m, path in registry.asked])

    def test_an_upload_is_not_sent_to_this_machine_by_another(self):
        asked = []

        def hook(request):
            asked.append(request.command)
            if request.command == "CONNECT":  # it has no TLS
                request.close_connection = True
                return True
            return request.command == "POST" and request.reply(
                202, {"Location": "http://127.0.0.1:%d/internal?secret=s3cr3t" % request.server.server_port})

        registry = self.registry(hook)
        name = self.image(1000)
        # By way of a proxy the registry is somebody outside.
        result = self.fails(1, "127.0.0.1:%d is this machine" % registry.server_port, "cache", "push", name, "--remote-name",
                            "registry.test/c/d:1", "--insecure-registry", "registry.test", "-v", "3",
                            env={"http_proxy": "http://" + registry.host, "HTTPS_PROXY": "http://" + registry.host})
        self.assertNotIn("PUT", asked)
        self.assertNotIn("s3cr3t", result.err)


class Pulling(Peers):
    def test_a_type_that_says_nothing(self):
        for said in ("binary/octet-stream", "application/x-gzip", ocilib.MANIFEST.upper(), ocilib.MANIFEST + ",application/json"):
            with self.subTest(said):
                registry = self.registry()
                registry.add("a/b:1", b"layer", media_type=said, says_type=False)
                self.pull(registry)

    def test_a_mirror_that_has_something_else(self):
        for said, text in (("text/html", b"<html>log in</html>"), ("application/json", b'{"errors":[]}'), ("x/y", b""),
                           (ocilib.MANIFEST, b'{"schemaVersion":2,"lay'),
                           ("application/vnd.docker.distribution.manifest.v1+prettyjws", b'{"schemaVersion":1}')):
            with self.subTest(text):
                registry = self.registry()
                registry.add("a/b:1", b"layer")
                mirror = self.registry(lambda request: request.reply(200, {"Content-Type": said}, text))
                self.pull(registry, "--mirror", "%s=http://%s" % (registry.host, mirror.host))
                self.assertTrue(mirror.methods("/manifests/1"))

    def test_a_mirror_with_the_wrong_bytes_for_a_digest(self):
        registry, mirror = self.registry(), self.registry()
        wanted = registry.add("a/b:1", b"layer")
        other = mirror.add("a/b:1", b"other")
        mirror.manifests["a/b", digest_of(wanted)] = (ocilib.MANIFEST, other)
        name = "%s/a/b@%s" % (registry.host, digest_of(wanted))
        self.ok("cache", "pull", name, "--mirror", "%s=http://%s" % (registry.host, mirror.host))

    def test_a_mirror_that_is_busy_is_not_waited_for(self):
        for status, fields in (429, {"Retry-After": "30"}), (503, {}):
            with self.subTest(status):
                registry = self.registry()
                registry.add("a/b:1", b"layer")
                mirror = self.registry(lambda request: request.reply(status, fields))
                self.pull(registry, "--mirror", "%s=http://%s" % (registry.host, mirror.host))
                paths = [path for _, path in mirror.asked if path != "/v2/"]
                self.assertEqual(len(paths), len(set(paths)), "asked for something twice")

    def test_a_mirror_with_the_index_only(self):
        registry, mirror = self.registry(), self.registry()
        manifest = registry.add("a/b:1", b"layer")
        index = {"schemaVersion": 2, "mediaType": ocilib.INDEX, "manifests": [registry.descriptor(
            ocilib.MANIFEST, manifest, platform={"os": "linux", "architecture": "amd64"})]}
        for one in registry, mirror:
            one.add_manifest("a/b:2", index, ocilib.INDEX)
        self.pull(registry, "--platform", "linux/amd64", "--mirror", "%s=http://%s" % (registry.host, mirror.host), name="a/b:2")

    def test_a_download_that_can_not_be_taken_up_begins_anew(self):
        large = os.urandom(600 << 10)

        def refuses(status):
            cut = []

            def hook(request):
                if digest_of(large) not in request.path:
                    return False
                if not cut:
                    cut.append(True)
                    request.reply(200, {"Content-Length": str(len(large))}, large[:400 << 10])
                    request.wfile.flush()
                    request.close_connection = True
                    request.connection.shutdown(socket.SHUT_RDWR)
                    return True
                if "Range" in request.headers:
                    return request.reply(status, {}, large[400 << 10:] if status == 206 else b"")
                return request.reply(200, {}, large)
            return hook

        for status in 416, 400, 501, 403, 206:
            with self.subTest(status):
                registry = self.registry(refuses(status))
                registry.add("a/b:1", large)
                self.pull(registry)
                self.ok("cache", "clean")

    def test_a_redirect_elsewhere_gets_no_say_in_logins(self):
        elsewhere = self.registry(lambda request: request.reply(401, {"WWW-Authenticate": 'Basic realm="x"'}))
        registry = self.registry(lambda request: "/manifests/" in request.path and request.reply(
            307, {"Location": "http://%s%s?sig=s3cr3t" % (elsewhere.host, request.path)}))
        self.write(".docker/config.json", '{"auths": {"%s": {"username": "me", "password": "pw"}}}' % registry.host)
        result = self.fails(1, "HTTP status 401", "-v", "3", "cache", "pull", registry.host + "/a/b:1")
        self.assertEqual(len(elsewhere.methods("/manifests/")), 1)
        self.assertIn("/manifests/1?...", result.err)
        self.assertNotIn("s3cr3t", result.err)

    def test_how_long_a_server_wants_to_rest(self):
        registry = self.registry(lambda request: "/manifests/" in request.path and request.reply(429, {"Retry-After": "3600"}))
        self.fails(1, "the next one in 3600 seconds", "cache", "pull", registry.host + "/a/b:1")


if __name__ == "__main__":
    harness.main()
