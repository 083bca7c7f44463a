# SPDX-License-Identifier: Apache-2.0
"""Pushing to a real registry, which skopeo then reads; logging in; tokens."""
import base64
import json
import os
import pty
import stat
import subprocess

import harness
import ocilib
import registrylib
import tokenlib
from registrycase import HELLO, RegistryCase


THREE = ("amd64", "arm64", "riscv64")


class Push(RegistryCase):
    def setUp(self):
        super().setUp()
        self.large = os.urandom(3 << 20)  # more than goes with one request
        three = [self.layout.image([{"bin": None, "bin/x": arch.encode()}, {"shared": b"s" * 9000}], arch=arch)
                 for arch in THREE]
        self.layout.name("example.test/three:1", self.layout.index(three))
        self.layout.name("example.test/large:1", self.layout.image([{"large": self.large}]))
        self.ok("cache", "import", self.path("layout"))

    def inspected(self, name, *options):
        return json.loads(self.skopeo("inspect", "--tls-verify=false", *options, "docker://" + name))

    def test_an_index_of_three_platforms_comes_back_byte_for_byte(self):
        registry = self.registry()
        blobs = lambda exported: {k: v for k, v in exported.items() if k.startswith("blobs")}
        before = blobs(self.exported("example.test/three:1"))
        # The index; of each its manifest, configuration and layer; one shared layer.
        self.assertEqual(len(before), 1 + 3 * 3 + 1)
        name = registry.host + "/a/b/three:2"
        self.ok("cache", "push", "example.test/three:1", "--remote-name", name)
        self.ok("cache", "clean")
        self.ok("cache", "pull", "--all-platforms", name)
        self.assertEqual(blobs(self.exported(name)), before)
        listed = self.json_lines(self.ok("cache", "ls", "--json").out)[0]["platforms"]
        self.assertEqual([p["platform"] for p in listed], ["linux/" + arch for arch in THREE])

    def test_skopeo_reads_it(self):
        registry = self.registry()
        name = registry.host + "/hello:1"
        self.ok("cache", "push", HELLO, "--remote-name", name)
        raw = self.skopeo("inspect", "--raw", "--tls-verify=false", "docker://" + name)
        self.assertEqual(len(json.loads(raw)["manifests"]), 2)
        self.assertEqual(self.inspected(name, "--override-arch", "arm64")["Architecture"], "arm64")
        self.skopeo("copy", "-q", "--all", "--src-tls-verify=false", "docker://" + name, "oci:out:x")
        for blob in self.files("out", "blobs"):
            with open(self.path("out", "blobs", blob), "rb") as f, open(self.path("layout", "blobs", blob), "rb") as g:
                self.assertEqual(f.read(), g.read())

    def test_a_large_blob(self):
        registry = self.registry()
        name = registry.host + "/large:1"
        result = self.ok("cache", "push", "example.test/large:1", "--remote-name", name)
        self.assertIn("push %s: 3" % name, result.err)
        self.ok("cache", "clean")
        self.ok("cache", "pull", name, "--platform", "linux/amd64")

    def test_what_is_there_is_not_sent_again(self):
        registry = self.registry()
        first, second = registry.host + "/one/large:1", registry.host + "/two/large:1"
        self.ok("cache", "push", "example.test/large:1", "--remote-name", first)
        again = self.ok("cache", "push", "example.test/large:1", "--remote-name", first)
        self.assertIn(" (was there already)", again.out)
        # Another repository takes its blobs from the first one, once the store knows that it has them.
        self.ok("cache", "pull", first, "--platform", "linux/amd64")
        result = self.ok("-v", "3", "cache", "push", first, "--remote-name", second)
        self.assertIn("is taken from one/large", result.err)
        self.assertNotIn("blob %s: 3" % "", result.err)
        self.ok("cache", "clean")
        self.ok("cache", "pull", second, "--platform", "linux/amd64")

    def test_another_image_of_the_name_is_only_replaced_when_asked(self):
        registry = self.registry()
        name = registry.host + "/a:1"
        self.ok("cache", "push", HELLO, "--remote-name", name)
        result = self.fails(1, "the registry has another image of this name", "cache", "push", "example.test/large:1",
                            "--remote-name", name)
        self.assertIn("--override", result.err)
        self.ok("cache", "push", "example.test/large:1", "--remote-name", name, "--override")
        self.assertEqual(len(self.inspected(name)["Layers"]), 1)

    def test_tags_for_architectures_and_one_platform(self):
        registry = self.registry()
        name = registry.host + "/hello:1"
        self.ok("cache", "push", HELLO, "--remote-name", name, "--with-arch-tags")
        tags = self.inspected(name, "--override-arch", "arm64")["RepoTags"]
        self.assertEqual(sorted(tags), ["1", "1-amd64", "1-arm64"])
        self.ok("cache", "push", HELLO, "--remote-name", registry.host + "/one:1", "--platform", "linux/arm64")
        raw = self.skopeo("inspect", "--raw", "--tls-verify=false", "docker://%s/one:1" % registry.host)
        self.assertIn("layers", json.loads(raw))

    def test_an_incomplete_index_is_refused(self):
        registry = self.registry()
        name = self.push(registry)
        self.ok("cache", "clean")
        self.ok("cache", "pull", name, "--platform", "linux/amd64")
        result = self.fails(1, "it is incomplete", "cache", "push", name, "--remote-name", registry.host + "/other:1")
        self.assertIn("--all-platforms", result.err)
        self.ok("cache", "push", name, "--remote-name", registry.host + "/other:1", "--platform", "linux/amd64")

    def test_a_damaged_blob_is_not_sent(self):
        registry = self.registry()
        for blob in self.files("cache", "blobs"):
            path = self.path("cache", "blobs", blob)
            if os.path.getsize(path) > 1 << 20:
                with open(path, "r+b") as f:
                    f.write(b"?")
        self.fails(1, "is damaged", "cache", "push", "example.test/large:1", "--remote-name", registry.host + "/a:1")
        self.fails(1, "HTTP status 404", "cache", "pull", registry.host + "/a:1")


    def test_packages(self):
        registry = self.registry()
        self.write("tool/build.yml", "image: tool\norg: %s/me\ntag: '3'\nfiles:\n  - source: tool.sh\n"
                                     "    path: bin/tool\n"
                   % registry.host)
        self.write("tool/tool.sh", "#!/bin/sh\n", 0o755)
        result = self.ok("pkg", "push", "--arch", "amd64", "--hash", "1", "tool")
        name = registry.host + "/me/tool:3"
        self.assertIn(name, result.out)
        self.assertEqual(len(self.inspected(name)["Layers"]), 1)


class Login(RegistryCase):
    def setUp(self):
        super().setUp()
        self.authority = registrylib.Authority(self.path("ca"))
        self.users = {"me": "secret"}
        self.ok("cache", "import", self.path("layout"))

    def login(self, registry, password="secret", *options, **more):
        return ["login", registry.host, "--username", "me", "--password-stdin", *self.trust(), *options], {
            "stdin": password.encode() + b"\n", **more}

    def trust(self):
        return ["--cert-file", self.authority.certificate]

    def test_login_push_logout(self):
        registry = self.registry(users=self.users, authority=self.authority)
        push = ["cache", "push", HELLO, "--remote-name", registry.host + "/hello:1", *self.trust()]
        self.fails(1, "wants a login", *push)
        args, more = self.login(registry, "wrong")
        self.fails(1, "does not accept the login", *args, **more)
        self.assertFalse(os.path.exists(self.path(".docker/config.json")))
        self.write(".docker/config.json", '{"proxies": {"x": 1.50}, "auths": {"other.test": {"auth": "eDp5"}}}')
        args, more = self.login(registry)
        self.assertEqual(self.ok(*args, **more).out,
                         "logged in to %s; kept in %s\n" % (registry.host, self.path(".docker/config.json")))
        self.ok(*push)
        path = self.path(".docker/config.json")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        with open(path, encoding="utf-8") as f:
            content = json.load(f)
        self.assertEqual(content["proxies"], {"x": 1.5})
        self.assertEqual(content["auths"], {"other.test": {"auth": "eDp5"}, registry.host: {
            "auth": base64.b64encode(b"me:secret").decode()}})
        # skopeo takes the same login.
        self.skopeo("inspect", "--raw", "--tls-verify=false", "--authfile", path, "docker://%s/hello:1" % registry.host)
        self.assertIn("logged out of", self.ok("logout", registry.host).out)
        self.fails(1, "there is no login for", "logout", registry.host)
        self.fails(1, "wants a login", *push)
        with open(path, encoding="utf-8") as f:
            self.assertEqual(list(json.load(f)["auths"]), ["other.test"])

    def test_a_file_that_is_not_understood_is_left_alone(self):
        registry = self.registry(users=self.users, authority=self.authority)
        self.write(".docker/config.json", "{ nonsense")
        args, more = self.login(registry)
        self.fails(1, "config.json:1:", *args, **more)
        with open(self.path(".docker/config.json"), encoding="utf-8") as f:
            self.assertEqual(f.read(), "{ nonsense")

    def test_a_helper_keeps_the_secret(self):
        registry = self.registry(users=self.users, authority=self.authority)
        self.write("bin/docker-credential-box", '#!/bin/sh\ncase $1 in store) cat >"$HOME/box";; '
                                                'get) cat "$HOME/box";; '
                   'erase) rm "$HOME/box";; esac\n', 0o755)
        env = {"PATH": self.path("bin") + ":" + self.env["PATH"]}
        self.write(".docker/config.json", '{"credsStore": "box"}')
        args, more = self.login(registry, env=env)
        self.assertIn("docker-credential-box", self.ok(*args, **more).out)
        with open(self.path(".docker/config.json"), encoding="utf-8") as f:
            self.assertEqual(json.load(f), {"credsStore": "box", "auths": {registry.host: {}}})
        self.ok("cache", "push", HELLO, "--remote-name", registry.host + "/hello:1", *self.trust(), env=env)
        self.ok("logout", registry.host, env=env)
        self.assertFalse(os.path.exists(self.path("box")))

    def test_the_terminal_does_not_show_the_password(self):
        registry = self.registry(users=self.users, authority=self.authority)
        master, slave = pty.openpty()
        p = subprocess.Popen([harness.WHERRY, "login", registry.host, *self.trust()], stdin=slave, stdout=slave,
                             stderr=slave, env=self.env, cwd=self.dir, start_new_session=True)
        os.close(slave)
        seen = b""
        for question, answer in (b"Username: ", b"me\n"), (b"Password: ", b"secret\n"):
            while question not in seen:
                seen += os.read(master, 1000)
            os.write(master, answer)
        try:
            while True:
                more = os.read(master, 1000)
                if not more:
                    break
                seen += more
        except OSError:
            pass
        self.assertEqual(p.wait(60), 0, seen)
        self.assertIn(b"logged in to", seen)
        self.assertNotIn(b"secret", seen)
        os.close(master)

    def test_without_a_terminal_there_is_nothing_to_ask(self):
        self.fails(2, "no terminal to ask on", "login", "127.0.0.1:1")
        self.fails(2, "is not a registry", "login", "not a registry")
        self.fails(2, "is not a registry", "login", "redis")

    def test_tokens(self):
        tokens = tokenlib.TokenServer(self.authority, self.users)
        self.addCleanup(tokens.stop)
        registry = self.registry(authority=self.authority, token=tokens.registry_settings())
        public, private = registry.host + "/public/hello:1", registry.host + "/private/hello:1"
        push = ["cache", "push", HELLO, "--remote-name", private, *self.trust()]
        result = self.fails(1, "HTTP status 401", *push)
        self.assertIn("wherry login", result.err)
        args, more = self.login(registry, "wrong")
        self.fails(1, "incorrect username or password", *args, **more)
        args, more = self.login(registry)
        self.ok(*args, **more)
        tokens.asked.clear()
        self.ok(*push)
        # One token served all requests.
        self.assertEqual(tokens.asked, [("GET", "me", ["repository:private/hello:pull,push"])])
        self.ok("cache", "push", HELLO, "--remote-name", public, *self.trust())
        self.ok("logout", registry.host)
        self.ok("cache", "clean")
        self.ok("cache", "pull", public, *self.trust())
        self.fails(1, "HTTP status 401", "cache", "pull", private, *self.trust())

    def test_identity_tokens(self):
        tokens = tokenlib.TokenServer(self.authority, self.users)
        self.addCleanup(tokens.stop)
        registry = self.registry(authority=self.authority, token=tokens.registry_settings())
        self.write(".docker/config.json", json.dumps({"auths": {registry.host: {"identitytoken": tokens.refresh}}}))
        name = registry.host + "/private/hello:1"
        self.ok("cache", "push", HELLO, "--remote-name", name, *self.trust())
        self.assertEqual(tokens.asked, [("POST", "me", ["repository:private/hello:pull,push"])])

    def test_a_token_that_expires_is_renewed(self):
        tokens = tokenlib.TokenServer(self.authority, self.users, seconds=-120)  # the registry's leeway is a minute
        self.addCleanup(tokens.stop)
        registry = self.registry(authority=self.authority, token=tokens.registry_settings())
        self.write(".docker/config.json", json.dumps({"auths": {registry.host: {
            "auth": base64.b64encode(b"me:secret").decode()}}}))
        push = ["cache", "push", HELLO, "--remote-name", registry.host + "/hello:1", *self.trust()]
        self.fails(1, "HTTP status 401", *push)
        self.assertGreater(len(tokens.asked), 1)
        original = tokens.token

        def short_lived(user, scopes):
            # Every other one is of no use.
            tokens.seconds = 60 if len(tokens.asked) % 2 else -120
            return original(user, scopes)

        tokens.asked, tokens.token = [("first is bad", None, [])], short_lived
        self.ok(*push)


if __name__ == "__main__":
    harness.main()
