# SPDX-License-Identifier: Apache-2.0
"""A registry in memory and in a thread of the test, which takes pushes, and answers as oddly as a test's hook wants."""
import hashlib
import http.server
import json
import socket
import ssl
import threading
import urllib.parse

import ocilib


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Registry(http.server.ThreadingHTTPServer):
    """hook(request) is called first and says whether it has answered; request.reply(status, fields, body) does so."""
    daemon_threads = True

    def __init__(self, case, hook=None, tls=None):
        super().__init__(("127.0.0.1", 0), Answer)
        self.blobs, self.manifests, self.uploads, self.asked = {}, {}, {}, []
        self.hook = hook or (lambda request: False)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.host = "127.0.0.1:%d" % self.server_port
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        case.addCleanup(self.server_close)
        case.addCleanup(self.shutdown)

    def handle_error(self, request, client_address):
        pass

    def add(self, name, *layers, media_type=ocilib.MANIFEST, says_type=True, arch="amd64"):
        """An image a/b:1 whose blobs are not layers, which a pull accepts."""
        config = json.dumps({"architecture": arch, "os": "linux", "config": {}, "rootfs": {
            "type": "layers", "diff_ids": [digest_of(layer) for layer in layers]}}).encode()
        manifest = {"schemaVersion": 2, "mediaType": ocilib.MANIFEST, "config": self.descriptor(ocilib.CONFIG, config),
                    "layers": [self.descriptor(ocilib.LAYER, layer) for layer in layers]}
        if not says_type:
            del manifest["mediaType"]
        for blob in config, *layers:
            self.blobs[digest_of(blob)] = blob
        return self.add_manifest(name, manifest, media_type)

    def add_manifest(self, name, manifest, media_type):
        data = json.dumps(manifest).encode()
        repository, tag = name.split(":")
        for reference in tag, digest_of(data):
            self.manifests[repository, reference] = (media_type, data)
        return data

    @staticmethod
    def descriptor(media_type, data, **more):
        return {"mediaType": media_type, "digest": digest_of(data), "size": len(data), **more}

    def methods(self, part):
        return [method for method, path in self.asked if part in path]


def tls(authority, clients=None):
    """clients: the file of the authority that clients' certificates have to be of."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.chain, authority.key)
    if clients:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients)
    return context


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def setup(self):
        """With TLS: a refused client can read the reason before the connection is closed."""
        if hasattr(self.request, "do_handshake"):
            try:
                self.request.do_handshake()
            except OSError:
                with socket.socket(fileno=self.request.detach()) as raw:
                    raw.settimeout(10)
                    while raw.recv(65536):
                        pass
                raise
        super().setup()

    def reply(self, status, fields=None, body=b""):
        self.send_response(status)
        fields = dict(fields or {})
        if not {"content-length", "transfer-encoding"} & {name.lower() for name in fields}:
            fields["Content-Length"] = str(len(body))
        for name, value in fields.items():
            for one in value if isinstance(value, list) else [value]:
                self.send_header(name, one)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        return True

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def any(self):
        self.server.asked.append((self.command, self.path))
        try:
            return self.server.hook(self) or self.default()
        except ConnectionError:
            self.close_connection = True
            return True

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_CONNECT = any

    def default(self):
        url = urllib.parse.urlparse(self.path)
        for part, answer in (("/manifests/", self.manifest), ("/blobs/uploads/", self.upload), ("/blobs/", self.blob)):
            if part in url.path:
                repository, what = url.path[len("/v2/"):].split(part)
                return answer(repository, what, urllib.parse.parse_qs(url.query))
        return self.reply(200 if url.path == "/v2/" else 404, {}, b"{}")

    def manifest(self, repository, name, _):
        known = self.server.manifests
        if self.command == "PUT":
            data = self.body()
            known[repository, name] = known[repository, digest_of(data)] = (self.headers["Content-Type"], data)
            return self.reply(201, {"Location": self.path})
        if (repository, name) not in known:
            return self.reply(404)
        media_type, data = known[repository, name]
        return self.reply(200, {"Content-Type": media_type, "Docker-Content-Digest": digest_of(data)}, data)

    def blob(self, _, digest, __):
        data = self.server.blobs.get(digest)
        return self.reply(404) if data is None else self.reply(200, {}, data)

    def upload(self, repository, upload, query):
        uploads = self.server.uploads
        if self.command == "POST":
            upload = str(len(uploads))
            uploads[upload] = b""
            return self.reply(202, {"Location": "/v2/%s/blobs/uploads/%s" % (repository, upload)})
        if upload not in uploads:
            return self.reply(404)
        if self.command == "GET":
            return self.reply(204, {"Location": self.path, "Range": "0-%d" % max(0, len(uploads[upload]) - 1)})
        uploads[upload] += self.body()
        if self.command == "PATCH":
            return self.reply(202, {"Location": self.path})
        if digest_of(uploads[upload]) != query["digest"][0]:
            return self.reply(400)
        self.server.blobs[query["digest"][0]] = uploads.pop(upload)
        return self.reply(201)
