# SPDX-License-Identifier: Apache-2.0
"""A registry that means harm: what it sends is refused with a reason, within bounded memory and time."""
import gzip
import hashlib
import http.server
import json
import os
import signal
import threading
import time

import harness
import measurelib
import ocilib

MEMORY_MAX = 64 << 20
TIME_MAX = 40
HUGE = 1 << 40
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Evil(harness.Case):
    """answers: {part of the path: function of the request}; the first that fits is called."""

    def setUp(self):
        super().setUp()
        self.answers, self.seen = {}, []
        case = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def do_GET(self):
                case.seen.append((self.path, dict(self.headers)))
                try:
                    for part, answer in case.answers.items():
                        if part in self.path:
                            return answer(self)
                    return case.say(self, 404, b"")
                except OSError:
                    self.close_connection = True

            do_HEAD = do_POST = do_PUT = do_PATCH = do_GET

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda request, address: None
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.host = "127.0.0.1:%d" % self.server.server_address[1]
        self.layer = os.urandom(5000)
        self.config = json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {
            "type": "layers", "diff_ids": [digest_of(self.layer)]}}).encode()
        self.good()

    @staticmethod
    def say(request, status, body, **fields):
        request.send_response(status)
        for name, value in fields.items():
            request.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in fields and "Transfer_Encoding" not in fields:
            request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(body)

    def gives(self, body, **fields):
        return lambda request: self.say(request, 200, body, **fields)

    @staticmethod
    def descriptor(media_type, data, **more):
        return {"mediaType": media_type, "digest": digest_of(data), "size": len(data), **more}

    def manifest(self, **more):
        return json.dumps({"schemaVersion": 2, "mediaType": ocilib.MANIFEST,
                           "config": self.descriptor(ocilib.CONFIG, self.config),
                           "layers": [self.descriptor(ocilib.LAYER, self.layer)], **more}).encode()

    def good(self):
        """An image that is in order."""
        self.answers = {"/manifests/": self.gives(self.manifest(), Content_Type=ocilib.MANIFEST),
                        digest_of(self.layer): self.gives(self.layer), digest_of(self.config): self.gives(self.config)}

    def answer(self, part, function):
        self.answers = {part: function, **{k: v for k, v in self.answers.items() if k != part}}

    def refused(self, message, *options, timeout=20):
        """The pull fails with this reason, in bounded time and memory, and nothing is named."""
        done = measurelib.cost([harness.WHERRY, "cache", "pull", "--timeout", str(timeout), self.host + "/a/b:1",
                                *options],
                               cwd=self.dir, env=self.env)
        self.assertEqual(done.code, 1, done)
        self.assertIn(message, done.err)
        self.assertNotIn("Sanitizer", done.err)
        self.assertLess(done.seconds, TIME_MAX)
        if not harness.SANITIZED:
            self.assertLess(done.memory, MEMORY_MAX)
        self.assertEqual(self.ok("cache", "ls").out, "")
        return done.err

    def test_the_image_is_in_order_otherwise(self):
        self.ok("cache", "pull", self.host + "/a/b:1")

    # ---- blobs ----

    def test_wrong_bytes(self):
        self.answer(digest_of(self.layer), self.gives(b"?" + self.layer[1:]))
        self.refused("its bytes have the digest")

    def test_wrong_sizes(self):
        for body in self.layer + b"?", self.layer[:-1], b"":
            with self.subTest(len(body)):
                self.answer(digest_of(self.layer), self.gives(body))
                self.refused("instead of 5000")

    def endless(self, request, **fields):
        request.send_response(200)
        for name, value in fields.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        while True:
            request.wfile.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")

    def test_an_endless_blob(self):
        self.answer(digest_of(self.layer), self.endless)
        self.refused("instead of 5000")

    def test_a_huge_blob_that_does_not_come(self):
        self.answer("/manifests/", self.gives(self.manifest(layers=[
            {"mediaType": ocilib.LAYER, "digest": digest_of(self.layer), "size": HUGE}])))
        self.refused("instead of %d" % HUGE)

    def test_another_part_than_was_asked_for(self):
        asked = []

        def part(request):
            if asked:
                return self.say(request, 206, self.layer[:100], Content_Range="bytes 0-99/5000")
            asked.append(request.path)
            self.say(request, 200, self.layer[:2000], Content_Length="5000")
            request.close_connection = True
            return None

        self.answer(digest_of(self.layer), part)
        self.refused("sends another part than the requested one")

    def test_compressed_on_its_way_is_not_unpacked(self):
        bomb = gzip.compress(b"\0" * (64 << 20))
        self.answer(digest_of(self.layer), self.gives(bomb, Content_Encoding="gzip"))
        self.refused("instead of 5000")

    # ---- manifests ----

    def test_an_endless_manifest(self):
        self.answer("/manifests/", self.endless)
        self.refused("larger than")

    def test_a_huge_manifest(self):
        self.answer("/manifests/", self.gives(self.manifest(annotations={"a": "x" * (5 << 20)})))
        self.refused("larger than")

    def test_manifests_that_make_no_sense(self):
        many = [self.descriptor(ocilib.LAYER, b"%d" % i) for i in range(10000)]
        twice = self.manifest()[:-1] + b', "layers": []}'
        for body, message in ((b"", "JSON"), (b"<html>", "JSON"), (b"[]", "not a manifest"), (twice, "twice"),
                              (self.manifest(layers=many), "10000 layers"),
                              (self.manifest(manifests=[]), "both an index and a manifest"),
                              (self.manifest(schemaVersion=1), "schema 1"),
                              (self.manifest(config=None), "config is missing"),
                              (self.manifest(layers=[dict(many[0], digest="sha256:../../x")]), "not a"),
                              (self.manifest(layers=[dict(many[0], size=-1)]), "no valid size")):
            with self.subTest(message):
                self.answer("/manifests/", self.gives(body))
                self.refused(message)

    def test_an_index_that_names_itself(self):
        # Whatever digest it gives for itself, it does not have it.
        index = json.dumps({"schemaVersion": 2, "mediaType": DOCKER_LIST, "manifests": [
            {"mediaType": DOCKER_LIST, "digest": "sha256:" + "1" * 64, "size": 300}]}).encode()
        self.answer("/manifests/", self.gives(index.ljust(300)))
        self.refused("is damaged")

    def test_small_indexes_of_many_ways(self):
        """Each names the next a thousand times: 10^12 ways to one image, which is fetched once."""
        manifest, platform = self.manifest(), {"os": "linux", "architecture": "amd64"}
        made = [json.dumps({"schemaVersion": 2, "mediaType": ocilib.INDEX, "manifests": [
            self.descriptor(ocilib.MANIFEST, manifest, platform=platform)] * 1000}).encode()]
        for _ in range(3):
            made.append(json.dumps({"schemaVersion": 2, "mediaType": ocilib.INDEX, "manifests": [
                self.descriptor(ocilib.INDEX, made[-1])] * 1000}).encode())
        for one in made:
            self.answer("/manifests/" + digest_of(one), self.gives(one))
        self.answer("/manifests/1", self.gives(made[-1], Content_Type=ocilib.INDEX))
        name = self.host + "/a/b:1"
        self.ok("cache", "pull", "--platform", "linux/amd64", name)
        self.ok("cache", "pull", "--all-platforms", name)
        self.assertEqual(len([path for path, _ in self.seen if "/manifests/sha256" in path]), 4)
        os.unlink(self.path("cache", "blobs", "sha256", digest_of(self.layer)[7:]))
        self.ok("cache", "verify", "--repair")
        self.ok("cache", "verify")

    # ---- layers that are elsewhere ----

    def foreign(self, *urls):
        """The layer is not in the registry; the manifest names these URLs for it."""
        layer = self.descriptor("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", self.layer,
                                urls=list(urls))
        self.answer("/manifests/", self.gives(self.manifest(layers=[layer]), Content_Type=ocilib.MANIFEST))
        self.answer(digest_of(self.layer), lambda request: self.say(request, 404, b""))

    def test_foreign_layers(self):
        self.answer("/elsewhere", self.gives(self.layer))
        self.foreign("http://%s/gone" % self.host, "http://%s/elsewhere" % self.host)
        self.ok("cache", "pull", self.host + "/a/b:1")
        self.ok("cache", "verify")
        self.ok("cache", "clean")
        self.answer("/elsewhere", self.gives(b"?" + self.layer[1:]))
        self.refused("its bytes have the digest")

    def test_foreign_layers_where_none_may_be(self):
        def no_tls(request):
            self.say(request, 200, b"")
            request.close_connection = True

        # evil.test is not this machine, as far as can be seen: a proxy leads there.
        self.server.RequestHandlerClass.do_CONNECT = no_tls
        for url, message in (("http://%s/elsewhere" % self.host, "is this machine"), ("http://example.test/x", "http"),
                             ("file:///etc/passwd", "http"), ("https://user:pw@example.test/", "not a URL")):
            with self.subTest(url):
                self.answer("/elsewhere", self.gives(self.layer))
                self.foreign(url)
                env = {"HTTP_PROXY": "http://" + self.host, "http_proxy": "http://" + self.host,
                       "HTTPS_PROXY": "http://" + self.host}
                result = self.run_wherry("cache", "pull", "--timeout", "2", "--insecure-registry", "evil.test",
                                         "evil.test/a/b:1", env=env)
                self.assertEqual(result.code, 1, result)
                self.assertIn(message, result.err)
                self.assertFalse([path for path, _ in self.seen if path.startswith("/elsewhere")
                                  or "example.test" in path])

    def test_indexes_without_end(self):
        def index(of, media_type):
            return json.dumps({"schemaVersion": 2, "mediaType": ocilib.INDEX,
                               "manifests": [self.descriptor(media_type, of)]}).encode()

        made = [index(self.manifest(), ocilib.MANIFEST)]
        for _ in range(8):
            made.append(index(made[-1], ocilib.INDEX))
        for one in made:
            self.answer("/manifests/" + digest_of(one), self.gives(one))
        self.answer("/manifests/1", self.gives(made[-1]))
        self.refused("nested deeper")

    def test_a_digest_in_the_header_that_is_not_true(self):
        self.answer("/manifests/", self.gives(self.manifest(), Docker_Content_Digest="sha256:" + "0" * 64))
        self.refused("damaged in transit")

    def test_another_manifest_than_was_asked_for(self):
        self.fails(1, "what the registry sent is wrong", "cache", "pull", self.host + "/a/b@sha256:" + "2" * 64)

    # ---- redirects ----

    def redirect(self, to):
        return lambda request: self.say(request, 307, b"", Location=to)

    def test_redirects(self):
        self.write("secret", self.layer)
        for to, message in (("file://" + self.path("secret"), "not an http or https URL"),
                            ("gopher://127.0.0.1/x", "not an http or https URL"),
                            ("http://example.test/x", "plain HTTP"), ("http://u:p@%s/x" % self.host, "not a URL"),
                            ("/v2/a/b/blobs/" + digest_of(self.layer), "more than 10 times"), ("", "to nowhere")):
            for part in digest_of(self.layer), "/manifests/":
                with self.subTest(to=to, part=part):
                    self.good()
                    self.answer(part, self.redirect(to if "10" not in message or "manifests" not in part else
                                                    "/v2/a/b/manifests/1"))
                    self.refused(message)

    # ---- HTTP ----

    def test_endless_header_fields(self):
        def fields(request):
            request.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while True:
                request.wfile.write(b"X-Field: " + b"x" * 1000 + b"\r\n")

        for part in digest_of(self.layer), "/manifests/":
            with self.subTest(part):
                self.good()
                self.answer(part, fields)
                self.refused("header fields")

    def test_a_byte_now_and_then(self):
        def slowly(request):
            request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
            for byte in self.layer:
                request.wfile.write(bytes([byte]))
                request.wfile.flush()
                time.sleep(0.3)

        self.answer(digest_of(self.layer), slowly)
        self.refused("too slow", timeout=2)

    def test_silence(self):
        silent = threading.Event()
        self.addCleanup(silent.set)
        self.answer("/manifests/", lambda request: silent.wait(60))
        self.refused("too slow", timeout=2)

    def test_interruption_ends_the_wait_at_once(self):
        silent = threading.Event()
        self.addCleanup(silent.set)
        self.answer("/manifests/", lambda request: silent.wait(60))
        p = self.start("cache", "pull", "--timeout", "300", self.host + "/a/b:1")
        until = time.monotonic() + 60
        while not any("/manifests/" in path for path, _ in self.seen):
            self.assertLess(time.monotonic(), until)
            time.sleep(0.05)
        p.send_signal(signal.SIGINT)
        _, err = p.communicate(timeout=60)
        self.assertEqual((p.returncode, err), (128 + signal.SIGINT, b"wherry: interrupted\n"))

    def test_control_characters_do_not_reach_the_terminal(self):
        error = json.dumps({"errors": [{"code": "X", "message": "\033[2J\033]0;gone\007"}]}).encode()
        self.answer("/manifests/", lambda request: self.say(request, 400, error))
        self.assertNotIn("\033", self.refused("HTTP status 400"))

    # ---- logins ----

    def wants(self, challenge):
        return lambda request: self.say(request, 401, b"", WWW_Authenticate=challenge)

    def test_challenges(self):
        realm = "http://%s/token" % self.host
        for challenge, message in (("", "without saying which login it wants"),
                                   ("Digest realm=x", "unsupported kind of login: Digest"),
                                   ('Bearer realm="', "is malformed"), ("Bearer service=x", "where to get a token"),
                                   ('Bearer realm="file:///etc/passwd"', "not an http or https URL"),
                                   ('Bearer realm="http://example.test/"', "plain HTTP"),
                                   ('Bearer realm="%s"' % realm, "HTTP status 404"), ("a," * 20, "more than 8 logins"),
                                   ("Bearer " + ",".join("a%d=b" % i for i in range(1000)), "parameters")):
            with self.subTest(challenge[:40]):
                self.answer("/manifests/", self.wants(challenge))
                self.refused(message)

    def test_tokens(self):
        self.answer("/manifests/", self.wants('Bearer realm="http://%s/token"' % self.host))
        for body, message in ((b"{}", "without a token"), (b"nonsense", "JSON"), (b'{"token": ""}', "without a token"),
                              (b'{"token": "a\\r\\nX-Evil: yes"}', "without a token"),
                              (json.dumps({"token": "x" * 100000}).encode(), "without a token"),
                              (json.dumps({"token": "x", "y": "x" * 500000}).encode(), "larger than"),
                              (b'{"token": "good"}', "HTTP status 401")):
            with self.subTest(body[:40]):
                self.answer("/token", self.gives(body))
                self.refused(message)
        self.answer("/token", self.endless)
        self.refused("larger than")


if __name__ == "__main__":
    harness.main()
