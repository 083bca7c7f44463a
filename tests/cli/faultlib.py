# SPDX-License-Identifier: Apache-2.0
"""
A proxy in front of a registry that does to its answers what networks and bad servers do. Which fault a request meets
comes from `choose`: a function of the method and path that returns a name of FAULTS, or None.
"""
import http.client
import http.server
import random
import socket
import threading
import time

FAULTS = ("cut", "reset", "delay", "truncate", "flip", "busy", "error", "elsewhere", "here")


def by_chance(seed, share=0.4, among=FAULTS):
    """A fault for this share of the requests, the same ones for the same seed and order."""
    chance, lock = random.Random(seed), threading.Lock()

    def choose(method, path):
        with lock:
            return chance.choice(among) if chance.random() < share else None
    return choose


class FaultProxy:
    """leaks: what requests had Authorization that must not have it."""

    def __init__(self, upstream, choose=lambda method, path: None):
        self.upstream, self.choose = upstream, choose
        self.requests, self.leaks, self.met = [], [], []
        self.authorization = None  # what the storage that requests are sent on to shows to the registry
        self.servers = [self._serve(storage) for storage in (False, True)]
        self.host, self.storage = ("127.0.0.1:%d" % s.server_address[1] for s in self.servers)

    def _serve(self, storage):
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def log_message(self, *args):
                pass

            def handle_one_request(self):
                try:
                    super().handle_one_request()
                except OSError:  # the client has gone
                    self.close_connection = True

            def do_GET(self):
                proxy.handle(self, storage)

            do_HEAD = do_GET
            do_POST = do_PUT = do_PATCH = do_GET

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        server.handle_error = lambda request, address: None
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def stop(self):
        for server in self.servers:
            server.shutdown()
            server.server_close()

    def handle(self, request, storage):
        size = int(request.headers.get("Content-Length") or 0)
        fault = None if storage or request.path in ("/v2", "/v2/") else self.choose(request.command, request.path)
        self.requests.append((request.command, request.path, request.headers.get("Range")))
        if fault:
            self.met.append(fault)
        if storage and "Authorization" in request.headers:
            self.leaks.append(request.path)
        if fault in ("cut", "reset") and size:
            # In the middle of what is sent to us.
            request.rfile.read(size // 2)
            return self.hang_up(request, fault)
        body = request.rfile.read(size) if size else None
        if fault == "busy":
            return self.say(request, 429, {"Retry-After": "0"})
        if fault == "error":
            return self.say(request, random.choice((500, 502, 503)))
        if fault == "elsewhere" and request.command in ("GET", "HEAD"):
            return self.say(request, 307, {"Location": "http://%s%s" % (self.storage, request.path)})
        if fault == "here" and request.command in ("GET", "HEAD"):
            return self.say(request, 302, {"Location": request.path})
        if fault == "delay":
            time.sleep(0.2)
        return self.forward(request, storage, body, fault)

    @staticmethod
    def say(request, status, fields=None, body=b""):
        request.send_response(status)
        for name, value in (fields or {}).items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(body)

    @staticmethod
    def hang_up(request, fault):
        request.close_connection = True
        if fault == "reset":
            request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        request.connection.close()

    def forward(self, request, storage, body, fault):
        fields = {k: v for k, v in request.headers.items() if k.lower() not in ("host", "connection")}
        fields["Host"] = self.host
        if storage and self.authorization:
            fields["Authorization"] = self.authorization
        upstream = http.client.HTTPConnection(self.upstream, timeout=60)
        try:
            upstream.request(request.command, request.path, body=body, headers=fields)
            answer = upstream.getresponse()
            data = answer.read()
        finally:
            upstream.close()
        fields = [(k, v) for k, v in answer.getheaders() if k.lower() not in ("connection", "transfer-encoding")]
        has_body = data and request.command != "HEAD"
        if fault == "flip" and has_body:
            data = bytearray(data)
            data[random.randrange(len(data))] ^= 1 << random.randrange(8)
        if fault == "truncate" and has_body:
            # Shorter than it should be, and the server says that this is all.
            data = data[:random.randrange(len(data))]
            fields = [(k, v) for k, v in fields if k.lower() != "content-length"] + [("Content-Length", str(len(data)))]
        request.send_response(answer.status)
        for name, value in fields:
            request.send_header(name, value)
        request.end_headers()
        if fault in ("cut", "reset"):
            request.wfile.write(data[:random.randrange(len(data) + 1)] if has_body else b"")
            return self.hang_up(request, fault)
        if request.command != "HEAD":
            request.wfile.write(data)
        return None
