# SPDX-License-Identifier: Apache-2.0
"""What registries, mirrors and their storage were seen to do, beside what the specification asks of them."""
import base64
import json
import os
import shutil
import socket
import threading
import time
import unittest

import harness
import ocilib
import peerregistry
import registrylib
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
        for patch, put, manifest in (201, 200, 202), (204, 202, 200):
            def hook(request):
                status = {"POST": 201, "PATCH": patch, "PUT": manifest if "/manifests/" in request.path else put}.get(
                    request.command)
                if not status:
                    return False
                reply = request.reply
                request.reply = lambda real, *more: reply(status if real < 300 else real, *more)
                request.default()
                del request.reply
                return True

            with self.subTest(patch=patch):
                registry = self.registry(hook)
                self.push(registry, name)
                self.assertTrue(self.is_whole(registry))

    def test_redirects_of_what_is_sent(self):
        def hook(request):
            if request.command in ("GET", "HEAD") or "moved" in request.path:
                return False
            request.body()
            status = 307 if request.command == "PUT" else 308
            return request.reply(status, {"Location": request.path + ("&" if "?" in request.path else "?") + "moved=1"})

        registry = self.registry(hook)
        self.push(registry, self.image(1200 << 10))
        self.assertTrue(self.is_whole(registry))
        moved = {(method, "/manifests/" in path) for method, path in registry.asked if "moved" in path}
        self.assertEqual(moved, {("POST", False), ("PATCH", False), ("PUT", False), ("PUT", True)})

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
        result = self.fails(1, "127.0.0.1:%d is this machine" % registry.server_port, "cache", "push", name,
                            "--remote-name",
                            "registry.test/c/d:1", "--insecure-registry", "registry.test", "-v", "3",
                            env={"http_proxy": "http://" + registry.host, "HTTPS_PROXY": "http://" + registry.host})
        self.assertNotIn("PUT", asked)
        self.assertNotIn("s3cr3t", result.err)


class Packages(Peers):
    """A tag that is pushed from a machine for each architecture."""

    def push_package(self, registry, arch, *options, machine=None, content="x", code=0, message=""):
        """From a cache of the machine's own, with a hash that is the same on all of them."""
        self.write("tool/build.yml", "image: tool\norg: %s/o\ntag: '1'\nfiles:\n  - {path: /a, contents: %s}\n"
                   % (registry.host, content))
        args = ["pkg", "push", "--hash", "1", "--arch", arch, *options, "--cache", self.path(machine or arch), "tool"]
        return self.fails(code, message, *args)

    def images(self, registry):
        media_type, data = registry.manifests["o/tool", "1"]
        self.assertEqual(media_type, ocilib.INDEX)
        return {m["platform"]["architecture"]: m["digest"] for m in json.loads(data)["manifests"]}

    def test_each_machine_adds_its_image(self):
        registry = self.registry()
        self.push_package(registry, "arm64")
        self.push_package(registry, "amd64")
        both = self.images(registry)
        self.assertEqual(sorted(both), ["amd64", "arm64"])
        self.assertIn("(was there already)", self.push_package(registry, "amd64").out)
        self.ok("cache", "pull", "--all-platforms", registry.host + "/o/tool:1")
        # Another image for a platform that is there has to be wanted, and leaves the rest alone.
        self.push_package(registry, "amd64", machine="third", content="y", code=1, message="--override")
        self.assertEqual(self.images(registry), both)
        self.push_package(registry, "amd64", "--override", machine="third", content="y")
        now = self.images(registry)
        self.assertEqual(now["arm64"], both["arm64"])
        self.assertNotEqual(now["amd64"], both["amd64"])

    def test_what_would_be_lost_is_reported(self):
        registry = self.registry()
        self.push_package(registry, "arm64")
        self.push_package(registry, "amd64", machine="third", code=0)
        other = self.image(1000)
        self.assertIn("removes what it has for linux/amd64, linux/arm64", self.fails(
            1, "another image of this name", "cache", "push", other, "--remote-name", registry.host + "/o/tool:1").err)

    def test_what_others_added_need_not_be_here(self):
        registry = self.registry()
        for arch in "arm64", "amd64":
            self.push_package(registry, arch)
        name = registry.host + "/o/tool:1"
        self.ok("cache", "pull", "--platform", "linux/arm64", name, "--cache", self.path("fourth"))
        self.push_package(registry, "riscv64", machine="fourth")
        self.assertEqual(sorted(self.images(registry)), ["amd64", "arm64", "riscv64"])
        self.ok("cache", "clean", "--cache", self.path("fourth"))

    def test_two_at_once(self):
        registry, other = self.registry(), self.registry()
        self.push_package(other, "arm64")
        theirs = other.manifests["o/tool", "1"]

        def hook(request):
            """Right after our tag the other machine puts its own, which it made before."""
            if request.command == "PUT" and request.path.endswith("/manifests/1") and theirs:
                request.default()
                for (repository, name), manifest in other.manifests.items():
                    if name != "1":
                        registry.manifests[repository, name] = manifest
                registry.blobs.update(other.blobs)
                registry.manifests["o/tool", "1"] = theirs
                registry.hook = lambda request: False
                return True
            return False

        registry.hook = hook
        self.push_package(registry, "amd64")
        self.assertEqual(sorted(self.images(registry)), ["amd64", "arm64"])

    def test_a_registry_out_of_order_is_not_an_empty_one(self):
        registry = self.registry()
        self.push_package(registry, "arm64")
        registry.hook = lambda request: (request.command == "GET" and "/manifests/" in request.path
                                         and request.reply(501))
        self.push_package(registry, "amd64", code=1, message="HTTP status 501")
        self.assertEqual(list(self.images(registry)), ["arm64"])


class Pulling(Peers):
    def test_a_type_that_says_nothing(self):
        for said in ("binary/octet-stream", ocilib.MANIFEST.upper() + ",application/json"):
            with self.subTest(said):
                registry = self.registry()
                registry.add("a/b:1", b"layer", media_type=said, says_type=False)
                self.pull(registry)

    def test_a_mirror_that_has_something_else(self):
        for said, text in (("text/html", b"<html>log in</html>"), ("application/json", b'{"errors":[]}'),
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

    def test_a_mirror_that_is_busy_is_waited_for_when_there_is_nothing_else(self):
        busy = []

        def hook(request):
            if request.path == "/v2/" or request.path in busy:
                return False
            busy.append(request.path)
            return request.reply(503)

        mirror = self.registry(hook)
        mirror.add("a/b:1", b"layer")
        self.ok("cache", "pull", "127.0.0.1:1/a/b:1", "--mirror", "127.0.0.1:1=http://" + mirror.host)

    def test_a_mirror_that_is_silent_is_asked_once(self):
        registry, over = self.registry(), threading.Event()
        self.addCleanup(over.set)
        registry.add("a/b:1", b"layer")
        mirror = self.registry(lambda request: request.path != "/v2/" and (over.wait(30) or True))
        self.pull(registry, "--mirror", "%s=http://%s" % (registry.host, mirror.host), "--timeout", "1")
        self.assertEqual(mirror.methods("/v2/a/"), ["GET"])

    def test_a_mirror_with_the_index_only(self):
        registry, mirror = self.registry(), self.registry()
        manifest = registry.add("a/b:1", b"layer")
        index = {"schemaVersion": 2, "mediaType": ocilib.INDEX, "manifests": [registry.descriptor(
            ocilib.MANIFEST, manifest, platform={"os": "linux", "architecture": "amd64"})]}
        for one in registry, mirror:
            one.add_manifest("a/b:2", index, ocilib.INDEX)
        self.pull(registry, "--platform", "linux/amd64", "--mirror", "%s=http://%s" % (registry.host, mirror.host),
                  name="a/b:2")

    def test_a_download_that_can_not_be_resumed_begins_again(self):
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

        for status in 416, 501, 206, 204:
            with self.subTest(status):
                registry = self.registry(refuses(status))
                registry.add("a/b:1", large)
                self.pull(registry)
                self.ok("cache", "clean")

    def test_what_is_here_already_is_not_sent_again(self):
        registry = self.registry()
        registry.add("a/b:1", b"layer")
        self.pull(registry)
        registry.asked.clear()
        self.pull(registry)
        self.assertEqual(registry.methods("/v2/a/"), ["HEAD"])
        # Something else under the name, or a registry that does not say what: it is asked for.
        registry.add("a/b:1", b"other")
        self.pull(registry)
        self.assertEqual(registry.methods("/manifests/1"), ["HEAD", "HEAD", "GET"])
        registry.hook = lambda request: request.command == "HEAD" and request.reply(405)
        self.pull(registry)
        self.assertEqual(registry.methods("/manifests/1")[3:], ["HEAD", "GET"])

    def test_a_redirect_elsewhere_does_not_decide_about_logins(self):
        elsewhere = self.registry(lambda request: request.reply(401, {"WWW-Authenticate": 'Basic realm="x"'}))
        registry = self.registry(lambda request: "/manifests/" in request.path and request.reply(
            307, {"Location": "http://%s%s?sig=s3cr3t" % (elsewhere.host, request.path)}))
        self.write(".docker/config.json", '{"auths": {"%s": {"username": "me", "password": "pw"}}}' % registry.host)
        result = self.fails(1, "HTTP status 401", "-v", "3", "cache", "pull", registry.host + "/a/b:1")
        self.assertEqual(len(elsewhere.methods("/manifests/")), 1)
        self.assertIn("/manifests/1?...", result.err)
        self.assertNotIn("s3cr3t", result.err)

    def test_the_query_of_a_url_is_not_shown(self):
        registry = self.registry(lambda request: request.reply(200 if "there" in request.path else 404, {},
                                                               b"nonsense: 1\n"))
        for name, message in ("there.yml", "there.yml:1:1"), ("gone.yml", "gone.yml?...: the server does not have it"):
            result = self.fails(1, message, "-v", "3", "check", "http://%s/%s?sig=s3cr3t" % (registry.host, name))
            self.assertNotIn("s3cr3t", result.err)

    def test_how_long_a_server_wants_to_rest(self):
        registry = self.registry(lambda request: "/manifests/" in request.path
                                 and request.reply(429, {"Retry-After": "3600"}))
        self.fails(1, "the server asks for fewer requests; try again in 3600 seconds", "cache", "pull",
                   registry.host + "/a/b:1")


class Configured(Peers):
    """The registries' settings of Podman and Docker count here as well."""

    def registry(self, *args, **more):
        registry = super().registry(*args, **more)
        registry.add("a/b:1", b"layer")
        return registry

    def conf(self, text):
        self.write(".config/containers/registries.conf", text)
        self.env["CONTAINERS_REGISTRIES_CONF"] = ""

    def test_mirrors(self):
        registry, mirror = self.registry(), self.registry()
        wanted = mirror.add("in/here/b:1", b"layer")
        self.conf('[[registry]]\nprefix = "%s/a"\nlocation = "%s/a"\n[[registry.mirror]]\nlocation = "%s/in/here"\n'
                  'pull-from-mirror = "tag-only"\n' % (registry.host, registry.host, mirror.host))
        self.pull(registry)
        self.assertEqual((registry.methods("/manifests/"), registry.methods("/blobs/")), ([], []))
        self.ok("cache", "clean")
        self.pull(registry, name="a/b@" + digest_of(wanted))
        self.assertEqual(registry.methods("/manifests/"), ["GET"])

    def test_another_location(self):
        registry = self.registry()
        self.conf('[[registry]]\nprefix = "*.test"\nlocation = "%s"\n' % registry.host)
        self.ok("cache", "pull", "some.test/a/b:1")

    def test_what_is_blocked(self):
        registry = self.registry()
        self.conf('[[registry]]\nlocation = "%s/a"\nblocked = true\n' % registry.host)
        name = registry.host + "/a/b:1"
        self.fails(1, "registries.conf blocks", "cache", "pull", name)
        self.write(".config/containers/registries.conf.d/1.conf", '[[registry]]\nlocation = "%s/a"\n' % registry.host)
        self.ok("cache", "pull", name)
        self.write(".config/containers/registries.conf.d/2.conf", "[[registry]]\nblocked = 1\n")
        self.fails(1, "2.conf:2: blocked: it is neither true nor false", "cache", "pull", name)
        self.assertEqual(registry.methods("/manifests/"), ["GET"])

    @unittest.skipUnless(shutil.which("openssl"), "openssl is not installed")
    def test_certificates(self):
        authority = registrylib.Authority(self.path("ca"))
        registry = self.registry(tls=peerregistry.tls(authority, authority.certificate))
        name = registry.host + "/a/b:1"
        directory = ".config/containers/certs.d/%s/" % registry.host
        self.fails(1, "its certificate is not trusted", "cache", "pull", name)
        with open(authority.certificate, "rb") as f:
            self.write(directory + "ca.crt", f.read())
        result = self.fails(1, "it asks for a client certificate", "cache", "pull", name)
        self.assertIn(directory + "client.cert", result.err)
        key, certificate = authority.make("client", "DNS:me")
        with open(certificate, "rb") as f:
            self.write(directory + "client.cert", f.read())
        self.fails(1, "client.key is missing", "cache", "pull", name)
        with open(key, "rb") as f:
            self.write(directory + "client.key", f.read(), 0o600)
        self.ok("cache", "pull", name)
        # For this host alone, and without its authority, as its certificate is not verified.
        self.fails(1, "its certificate is not trusted", "cache", "pull", name.replace("127.0.0.1", "localhost"))
        os.unlink(self.path(directory + "ca.crt"))
        self.conf('[[registry]]\nlocation = "%s"\ninsecure = true\n' % registry.host)
        self.ok("cache", "clean")
        self.ok("cache", "pull", name)


BASIC = "Basic " + base64.b64encode(b"me:secret").decode()


def basic(request):
    """Wants me:secret."""
    return request.headers.get("Authorization") != BASIC and request.reply(401, {"WWW-Authenticate": 'Basic realm="x"'})


def anonymous(request):
    """Wants a token, which it gives to everybody."""
    if request.path.startswith("/token"):
        return request.reply(200, {}, b'{"token":"T"}')
    return request.headers.get("Authorization") != "Bearer T" and request.reply(
        401, {"WWW-Authenticate": 'Bearer realm="http://%s/token",service="s"' % request.server.host})


class Logins(Peers):
    def registry(self, hook=basic, **more):
        registry = super().registry(hook, **more)
        registry.add("a/b:1", b"layer")
        return registry

    def config(self, registry, auth=BASIC[6:], **more):
        self.write(".docker/config.json", json.dumps({"auths": {registry.host: {"auth": auth}}, **more}))

    def helper(self, script):
        self.write("bin/docker-credential-test", "#!/bin/sh\ncat >/dev/null\n" + script, 0o755)
        return {"PATH": self.path("bin") + ":" + self.env["PATH"]}

    def test_a_helper_needs_a_name(self):
        registry = self.registry()
        for more in ({"credHelpers": {registry.host: ""}}, {"credsStore": ""}, {"credsStore": None},
                     {"credsStore": "missing", "credHelpers": {registry.host: ""}}):
            with self.subTest(more):
                self.config(registry, **more)
                self.assertNotIn("warning", self.pull(registry).err)
                self.ok("cache", "clean")

    def test_a_helper_that_fails_does_not_keep_what_is_public_away(self):
        registry = self.registry(anonymous)
        self.write(".docker/config.json", '{"credsStore": "test"}')
        for script, says in (("echo pass store is uninitialized; exit 1", "pass store is uninitialized"),
                             ("exit 1", "does not say why"), ("echo reauth >&2; exit 2", "reauth"),
                             ("exit 0", "docker-credential-test get: the output is not a login as JSON")):
            with self.subTest(script):
                result = self.pull(registry, env=self.helper(script))
                self.assertEqual(result.err.count("no login for " + registry.host), 1, result)
                self.assertIn(says, result.err)
                self.ok("cache", "clean")
        os.chmod(self.path("bin/docker-credential-test"), 0o644)
        self.pull(registry, env={"PATH": self.path("bin") + ":" + self.env["PATH"]})

    def test_a_helper_that_fails_is_reported_where_a_login_is_needed(self):
        self.write(".docker/config.json", '{"credsStore": "test"}')
        registry = self.registry()
        result = self.fails(1, "wants a login", "cache", "pull", registry.host + "/a/b:1",
                            env=self.helper("echo no luck; exit 1"))
        self.assertIn("get failed: no luck", result.err)

    def test_auth_in_lines(self):
        registry = self.registry()
        self.config(registry, BASIC[6:10] + "\n" + BASIC[10:] + "\n")
        self.pull(registry)

    def test_auth_that_is_junk_is_reported(self):
        registry = self.registry()
        self.config(registry, "this is no base64!")
        result = self.fails(1, "wants a login", "cache", "pull", registry.host + "/a/b:1")
        self.assertIn('its "auth" is not base64 of USER:PASSWORD', result.err)

    def test_a_pipe_instead_of_a_file_is_not_waited_for(self):
        registry = self.registry(anonymous)
        os.mkdir(self.path(".docker"))
        os.mkfifo(self.path(".docker/config.json"))
        self.assertIn("is not a regular file", self.pull(registry).err)
        self.fails(1, "is not a regular file", "login", registry.host, "--username", "me", "--password-stdin",
                   stdin=b"x\n")

    def test_a_file_as_deep_as_any_is_written_again(self):
        registry = self.registry()
        deep = '{"a": ' + "[" * 63 + "]" * 63 + "}"
        self.write(".docker/config.json", deep)
        self.ok("login", registry.host, "--username", "me", "--password-stdin", stdin=b"secret\n")
        with open(self.path(".docker/config.json"), encoding="utf-8") as f:
            self.assertEqual(json.load(f), {**json.loads(deep), "auths": {registry.host: {"auth": BASIC[6:]}}})
        self.pull(registry)

    def test_a_token_server_without_post(self):
        for status in 401, 405:
            def hook(request, status=status):
                if request.command == "POST" and request.path.startswith("/token"):
                    request.body()
                    return request.reply(status)
                login = "Basic " + base64.b64encode(b"me:identity").decode()
                if request.path.startswith("/token") and request.headers.get("Authorization") != login:
                    return request.reply(401)
                return anonymous(request)

            with self.subTest(status):
                registry = self.registry(hook)
                self.write(".docker/config.json", json.dumps({"auths": {registry.host: {
                    "username": "me", "identitytoken": "identity"}}}))
                self.pull(registry)
                self.assertEqual(registry.methods("/token"), ["POST", "GET"])
                self.ok("cache", "clean")

    def test_a_refusal_without_a_challenge(self):
        registry = self.registry(lambda request: request.reply(401))
        self.fails(1, "without saying which login it wants", "cache", "pull", registry.host + "/a/b:1")


if __name__ == "__main__":
    harness.main()
