#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""serve: files of a directory over HTTP, and nothing else."""
import os
import re
import signal
import socket
import urllib.error
import urllib.request

from harness import Case, TIME_LIMIT, WHERRY, main


class Serve(Case):
    def setUp(self):
        super().setUp()
        self.write("www/os-kernel", os.urandom(300000))
        self.write("www/sub/index.html", "<p>")
        self.write("www/empty", "")
        self.write("secret", "secret")
        os.symlink("../secret", self.path("www/link-out"))
        os.symlink("/etc/passwd", self.path("www/link-abs"))
        os.symlink("sub/index.html", self.path("www/link-in"))
        os.mkfifo(self.path("www/pipe"))
        os.makedirs(self.path("www/dir"))
        self.proc = None

    def serve(self, *args, program=WHERRY):
        # The search for leaks opens files of /proc, which Landlock refuses it then.
        self.proc = self.start("serve", "--directory", "www", *args, program=program,
                               env={"ASAN_OPTIONS": "detect_leaks=0"})
        self.addCleanup(self.end)
        line = self.proc.stderr.readline().decode()
        self.url = re.match("serving www at (http://.*/)\n$", line).group(1)
        self.port = int(self.url.rsplit(":", 1)[1].rstrip("/"))

    def end(self):
        if self.proc:
            self.proc.send_signal(signal.SIGINT)
            self.said = self.proc.communicate(timeout=TIME_LIMIT)[1].decode()
            self.code, self.proc = self.proc.returncode, None

    def get(self, path, method="GET"):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(urllib.request.Request(self.url + path, method=method), timeout=TIME_LIMIT) as answer:
                return answer.status, answer.read(), answer.headers
        except urllib.error.HTTPError as e:
            return e.code, e.read(), e.headers

    def raw(self, data):
        with socket.create_connection(("127.0.0.1", self.port), timeout=TIME_LIMIT) as s:
            s.sendall(data)
            got = b""
            try:
                while part := s.recv(65536):
                    got += part
            except ConnectionResetError:
                pass
            return got

    def test_files(self):
        self.serve("--port", "0")
        self.assertTrue(self.url.startswith("http://127.0.0.1:"))
        with open(self.path("www/os-kernel"), "rb") as f:
            content = f.read()
        status, got, headers = self.get("os-kernel?x=1")
        self.assertEqual((status, got, headers["Content-Length"]), (200, content, "300000"))
        self.assertEqual(headers["Content-Type"], "application/octet-stream")
        status, got, headers = self.get("os-kernel", "HEAD")
        self.assertEqual((status, got, headers["Content-Length"]), (200, b"", "300000"))
        for path in "sub", "sub/", "link-in":
            self.assertEqual(self.get(path)[:2], (200, b"<p>"))
        self.assertEqual(self.get("empty")[:2], (200, b""))
        self.assertEqual(self.get("none")[0], 404)
        self.end()
        self.assertEqual(self.code, 130)
        self.assertIn("200 HEAD /os-kernel\n", self.said)
        self.assertIn("404 GET /none\n", self.said)

    def test_nothing_else(self):
        self.serve("--port", "0")
        for path in ("link-out", "link-abs", "pipe", "", "dir", "..%2fsecret", "%2e%2e/secret", "/etc/passwd",
                     "sub/%2e%2e/%2e%2e/secret"):
            status, got, _ = self.get(path)
            self.assertIn(status, (403, 404), path)
            self.assertEqual(got, b"")
        self.assertEqual(self.get("os-kernel", "POST")[0], 405)
        self.assertEqual(self.raw(b"GET /../secret HTTP/1.1\r\n\r\n").split()[1], b"404")
        self.assertEqual(self.raw(b"\x16\x03\x01 tls\n\n").split()[1], b"400")
        self.assertEqual(self.raw(b"GET / HTTP/1.1\r\nX: " + b"x" * 8192)[9:12], b"431")
        self.assertEqual(self.raw(b"GET /a%1b[31m HTTP/1.1\r\n\r\n").split()[1], b"404")
        self.end()
        self.assertNotIn("\x1b", self.said)

    def test_many_at_once_and_those_that_do_nothing(self):
        self.serve("--port", "0")
        idle = [socket.create_connection(("127.0.0.1", self.port), timeout=TIME_LIMIT) for _ in range(50)]
        for _ in range(20):
            self.assertEqual(self.get("sub")[0], 200)
        for s in idle[:25]:
            s.sendall(b"GET /empty HTTP/1.1\r\n\r\n")
        for s in idle[:25]:
            self.assertTrue(s.recv(4096).startswith(b"HTTP/1.1 200 OK\r\n"))
        for s in idle:
            s.close()
        self.assertEqual(self.get("sub")[0], 200)

    def test_where_it_listens(self):
        os.symlink(WHERRY, self.path("linuxkit"))
        self.serve("--port", ":0", program=self.path("linuxkit"))
        self.assertTrue(self.url.startswith("http://0.0.0.0:"))
        result = self.fails(1, "port %d of 127.0.0.1 is taken" % self.port, "serve", "--port", str(self.port))
        for port in "x", "70000", "::1:80", "[::1]", "localhost:80x":
            result = self.fails(2, "'%s' is not a port to listen on\n" % port, "serve", "--port", port)
            self.assertIn("hint: write 8080, ", result.err)
        self.fails(1, "can't open the directory none", "serve", "--port", "0", "--directory", "none")


if __name__ == "__main__":
    main()
