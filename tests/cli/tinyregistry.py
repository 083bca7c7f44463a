# SPDX-License-Identifier: Apache-2.0
"""A small registry in a thread of the test: it serves the blobs of a layout as one repository, and accepts nothing."""
import http.server
import os
import threading

import ocilib


class Registry(http.server.ThreadingHTTPServer):
    """The repository a/hello; its tags are names of manifests or indexes in the layout."""
    daemon_threads = True

    def __init__(self, case, layout, **tags):
        super().__init__(("127.0.0.1", 0), Answer)
        self.layout, self.tags = layout, tags
        self.repository = "127.0.0.1:%d/a/hello" % self.server_port
        threading.Thread(target=self.serve_forever, daemon=True).start()
        case.addCleanup(self.server_close)
        case.addCleanup(self.shutdown)


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        kind, _, what = self.path.rpartition("/")
        digest = self.server.tags[what]["digest"] if what in self.server.tags else what
        path = self.server.layout.blob_path(digest) if ":" in digest else None
        body = b"{}"
        if path and os.path.exists(path):
            with open(path, "rb") as f:
                body = f.read()
        elif self.path != "/v2/":
            return self.send_error(404)
        self.send_response(200)
        if kind.endswith("/manifests"):
            self.send_header("Content-Type", ocilib.INDEX if b'"manifests"' in body else ocilib.MANIFEST)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *args):
        pass

    def handle(self):
        try:
            super().handle()
        except ConnectionError:
            pass  # the client was killed
