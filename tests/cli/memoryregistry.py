# SPDX-License-Identifier: Apache-2.0
"""A registry in memory, in a thread: it takes pushes, and checks nothing but digests."""
import hashlib
import http.server
import json
import threading
import time
import urllib.parse

import ocilib


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def blobs_of(manifest):
    """The descriptors of a manifest's layers and configuration; none of an index."""
    return manifest.get("layers", []) + ([manifest["config"]] if "config" in manifest else [])


class Repository:
    def __init__(self):
        self.blobs, self.manifests, self.tags = {}, {}, {}

    def missing(self, digest):
        """What is not here of all that a manifest needs."""
        if digest not in self.manifests:
            return [digest]
        m = json.loads(self.manifests[digest][1])
        missing = [d["digest"] for d in blobs_of(m) if d["digest"] not in self.blobs]
        return missing + [x for d in m.get("manifests", []) for x in self.missing(d["digest"])]


class Registry(http.server.ThreadingHTTPServer):
    daemon_threads = True
    pieces = 1  # a blob is sent in so many, with a pause before each but the first
    request_queue_size = 64

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.host = "127.0.0.1:%d" % self.server_port
        self.repositories = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def repository(self, name):
        return self.repositories.setdefault(name, Repository())

    def stop(self):
        self.shutdown()
        self.server_close()

    def fill(self, name, tag, layout, descriptor):
        """Give a repository an image of a layout of ocilib's, all blobs of the layout with it."""
        def add(digest):
            with open(layout.blob_path(digest), "rb") as f:
                data = f.read()
            m = json.loads(data)
            r.manifests[digest] = (m["mediaType"], data)
            for d in blobs_of(m):
                with open(layout.blob_path(d["digest"]), "rb") as f:
                    r.blobs[d["digest"]] = f.read()
            for d in m.get("manifests", []):
                add(d["digest"])

        r = self.repository(name)
        add(descriptor["digest"])
        r.tags[tag] = descriptor["digest"]


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True

    def say(self, status, body=b"", **fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def exactly(self, size):
        data = self.rfile.read(size)
        if len(data) != size:
            raise ConnectionError("the client has gone")
        return data

    def chunk_size(self):
        line = self.rfile.readline()
        if not line.endswith(b"\n"):
            raise ConnectionError("the client has gone")
        return int(line, 16)

    def body(self):
        if self.headers.get("Transfer-Encoding", "") != "chunked":
            return self.exactly(int(self.headers.get("Content-Length") or 0))
        data = b""
        while size := self.chunk_size():
            data += self.exactly(size)
            self.exactly(2)
        self.exactly(2)
        return data

    def parts(self):
        """(repository, "manifests" or "blobs", the rest)."""
        path = urllib.parse.urlsplit(self.path).path
        for kind in "manifests", "blobs":
            name, found, rest = path.removeprefix("/v2/").rpartition("/%s/" % kind)
            if found:
                return self.server.repository(name), kind, rest
        return Repository(), "", ""

    def do_GET(self):
        r, kind, what = self.parts()
        if self.path == "/v2/":
            return self.say(200, b"{}")
        if kind == "manifests":
            digest = r.tags.get(what, what)
            if digest in r.manifests:
                media_type, data = r.manifests[digest]
                return self.say(200, data, Content_Type=media_type, Docker_Content_Digest=digest)
        elif what in r.blobs:
            return self.send_blob(r.blobs[what])
        return self.say(404, b'{"errors":[{"code":"MANIFEST_UNKNOWN"}]}')

    def send_blob(self, data):
        if self.server.pieces == 1 or self.command == "HEAD":
            return self.say(200, data, Content_Type="application/octet-stream")
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        size = len(data) // self.server.pieces + 1
        for at in range(0, len(data), size):
            if at:
                time.sleep(0.1)
            self.wfile.write(data[at:at + size])
        return None

    do_HEAD = do_GET

    def do_POST(self):
        self.body()
        return self.say(202, Location=urllib.parse.urlsplit(self.path).path + "1")

    def do_PUT(self):
        r, kind, what = self.parts()
        data = self.body()
        digest = digest_of(data)
        if kind == "manifests":
            r.manifests[digest] = (self.headers.get("Content-Type", ocilib.MANIFEST), data)
            if ":" not in what:
                r.tags[what] = digest
            return self.say(201, Docker_Content_Digest=digest)
        wanted = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query).get("digest", [""])[0]
        if wanted != digest:
            return self.say(400, b'{"errors":[{"code":"DIGEST_INVALID"}]}')
        r.blobs[digest] = data
        return self.say(201, Docker_Content_Digest=digest)

    def log_message(self, *args):
        pass

    def handle(self):
        try:
            super().handle()
        except OSError:
            pass  # the client has gone
