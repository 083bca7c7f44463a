# SPDX-License-Identifier: Apache-2.0
"""A token server for docker-registry (its "token" authentication): signs what it is asked for, and counts."""
import base64
import hashlib
import http.server
import json
import subprocess
import threading
import time
import urllib.parse


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class TokenServer:
    """users: {name: password}; a stranger may only pull what begins with "public/". seconds: how long a token lasts."""

    def __init__(self, authority, users, seconds=60):
        self.authority, self.users, self.seconds = authority, users, seconds
        self.asked, self.refresh = [], "a refresh token"
        with open(authority.chain, encoding="ascii") as f:
            text = f.read()
        self.x5c = [text.split("-----")[2].replace("\n", "")]
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def do_GET(self):
                query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
                user, known = server.user_of(self.headers.get("Authorization"))
                self.give("GET", query.get("scope", []), user, known)

            def do_POST(self):
                form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                known = form.get("refresh_token") == [server.refresh]
                self.give("POST", form.get("scope", [""])[0].split(), "me" if known else None, known)

            def give(self, method, scopes, user, known):
                server.asked.append((method, user, sorted(scopes)))
                if not known:
                    return self.answer(401, {"details": "incorrect username or password"})
                token = server.token(user, scopes)
                return self.answer(200, {"access_token" if method == "POST" else "token": token,
                                         "expires_in": server.seconds})

            def answer(self, status, what):
                body = json.dumps(what).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)
        self.thread.start()
        self.realm = "http://127.0.0.1:%d/token" % self.http.server_address[1]

    def registry_settings(self):
        return {"REGISTRY_AUTH_TOKEN_REALM": self.realm, "REGISTRY_AUTH_TOKEN_SERVICE": "test",
                "REGISTRY_AUTH_TOKEN_ISSUER": "wherry tests",
                "REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE": self.authority.certificate}

    def user_of(self, authorization):
        """(name, is it right); (None, True) without a login."""
        if not authorization:
            return None, True
        name, password = base64.b64decode(authorization.split()[1]).decode().split(":", 1)
        return name, self.users.get(name) == password

    def token(self, user, scopes):
        access = []
        for scope in scopes:
            kind, name, actions = scope.split(":")
            allowed = actions.split(",") if user else ["pull"] if name.startswith("public/") else []
            access.append({"type": kind, "name": name, "actions": allowed})
        now = int(time.time())
        claims = {"iss": "wherry tests", "sub": user or "", "aud": "test", "exp": now + self.seconds, "nbf": now - 10,
                  "iat": now - 10, "jti": hashlib.sha256(str(time.time_ns()).encode()).hexdigest(), "access": access}
        header = {"typ": "JWT", "alg": "RS256", "x5c": self.x5c}
        text = b64url(json.dumps(header).encode()) + "." + b64url(json.dumps(claims).encode())
        signed = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.authority.key], input=text.encode(),
                                stdout=subprocess.PIPE, check=True, timeout=60).stdout
        return text + "." + b64url(signed)

    def stop(self):
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()
