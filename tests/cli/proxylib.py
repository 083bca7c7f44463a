# SPDX-License-Identifier: Apache-2.0
"""An HTTP proxy that makes tunnels (CONNECT, RFC 9110 section 9.3.6) to ports of this machine under other names."""
import http.server
import selectors
import socket
import threading

SILENCE = 30


class Proxy:
    """to: {"host:port": port of this machine}. asked: (authority, login) of each tunnel that was asked for."""

    def __init__(self, to):
        self.to, self.asked = to, []
        self.refusal = None  # what all are answered; None: 403 for what is not in `to`
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tunnel)
        self.server.daemon_threads, self.server.proxy = True, self
        self.host = "127.0.0.1:%d" % self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Tunnel(http.server.BaseHTTPRequestHandler):
    def do_CONNECT(self):
        proxy = self.server.proxy
        proxy.asked.append((self.path, self.headers.get("Proxy-Authorization")))
        if proxy.refusal or self.path not in proxy.to:
            return self.send_error(proxy.refusal or 403)
        with socket.create_connection(("127.0.0.1", proxy.to[self.path])) as far:
            self.send_response(200)
            self.end_headers()
            self.carry(self.connection, far)
        self.close_connection = True

    @staticmethod
    def carry(a, b):
        with selectors.DefaultSelector() as ready:
            for one, other in ((a, b), (b, a)):
                ready.register(one, selectors.EVENT_READ, other)
            while True:
                events = ready.select(SILENCE)
                if not events:
                    return
                for key, _ in events:
                    data = key.fileobj.recv(65536)
                    if not data:
                        return
                    key.data.sendall(data)

    def log_message(self, *args):
        pass
