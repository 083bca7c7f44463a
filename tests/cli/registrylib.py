# SPDX-License-Identifier: Apache-2.0
"""Debian's docker-registry on a port of its own, with or without TLS and logins; and a server of tokens for it."""
import http.client
import os
import shutil
import socket
import ssl
import subprocess
import time

PROGRAM = "docker-registry"
START_LIMIT = 60


def available():
    return shutil.which(PROGRAM) is not None


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Authority:
    """A certificate authority to be thrown away, and a certificate of it for this machine and other `hosts`."""

    def __init__(self, directory, hosts=()):
        self.directory = directory
        os.makedirs(directory, exist_ok=True)
        self.certificate = self.path("ca.pem")
        self._openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Wherry test CA",
                      "-keyout", self.path("ca.key"), "-out", self.certificate)
        self.key, self.chain = self.make(
            "server", ",".join(["DNS:localhost", "IP:127.0.0.1", *("DNS:" + host for host in hosts)]))

    def path(self, name):
        return os.path.join(self.directory, name)

    def _openssl(self, *args):
        subprocess.run(["openssl", *args], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=120,
                       env=dict(os.environ, RANDFILE=self.path("rnd")))

    def make(self, name, names):
        with open(self.path(name + ".ext"), "w", encoding="ascii") as f:
            f.write("subjectAltName=" + names + "\n")
        self._openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=" + name, "-keyout",
                      self.path(name + ".key"),
                      "-out", self.path(name + ".csr"))
        self._openssl("x509", "-req", "-in", self.path(name + ".csr"), "-CA", self.certificate, "-CAkey",
                      self.path("ca.key"), "-CAcreateserial", "-days", "2", "-extfile", self.path(name + ".ext"),
                      "-out", self.path(name + ".pem"))
        return self.path(name + ".key"), self.path(name + ".pem")


class Registry:
    """One that runs until stop(). `enter`: the command that joins the network in which it is to listen."""

    def __init__(self, directory, authority=None, users=None, token=None, everywhere=False, port=None, enter=()):
        self.directory, self.enter = directory, list(enter)
        os.makedirs(directory, exist_ok=True)
        self.port = port or free_port()
        self.host = "127.0.0.1:%d" % self.port
        env = {"PATH": os.environ["PATH"], "HOME": directory,
               "REGISTRY_VERSION": "0.1", "REGISTRY_LOG_LEVEL": "warn", "REGISTRY_STORAGE_DELETE_ENABLED": "true",
               "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY": os.path.join(directory, "data"),
               "REGISTRY_HTTP_ADDR": ":%d" % self.port if everywhere else self.host, "OTEL_TRACES_EXPORTER": "none"}
        if authority:
            env.update(REGISTRY_HTTP_TLS_CERTIFICATE=authority.chain, REGISTRY_HTTP_TLS_KEY=authority.key)
        if users:
            env.update(REGISTRY_AUTH="htpasswd", REGISTRY_AUTH_HTPASSWD_REALM="test",
                       REGISTRY_AUTH_HTPASSWD_PATH=self._htpasswd(users))
        if token:
            env.update(REGISTRY_AUTH="token", **token)
        # The configuration comes from the environment alone.
        config = os.path.join(directory, "config.yml")
        with open(config, "w", encoding="ascii") as f:
            f.write("version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: x\nhttp:\n  addr: x\n")
        self.log = open(os.path.join(directory, "log"), "wb")
        self.process = subprocess.Popen([*enter, PROGRAM, "serve", config], env=env, cwd=directory,
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self._wait(authority)

    def _htpasswd(self, users):
        path = os.path.join(self.directory, "htpasswd")
        for i, (name, password) in enumerate(users.items()):
            subprocess.run(["htpasswd", "-B", "-b", "-C", "4", *(["-c"] if i == 0 else []), path, name, password],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
        return path

    def _answers(self, authority):
        if self.enter:
            url = "%s://%s/v2/" % ("https" if authority else "http", self.host)
            trust = ["--cacert", authority.certificate] if authority else []
            return subprocess.run([*self.enter, "curl", "--silent", *trust, url], stdout=subprocess.DEVNULL, timeout=60,
                                  check=False).returncode == 0
        if authority:
            context = ssl.create_default_context(cafile=authority.certificate)
            c = http.client.HTTPSConnection(self.host, timeout=5, context=context)
        else:
            c = http.client.HTTPConnection(self.host, timeout=5)
        try:
            c.request("GET", "/v2/")
            c.getresponse().read()
            return True
        except OSError:
            return False
        finally:
            c.close()

    def _wait(self, authority):
        until = time.monotonic() + START_LIMIT
        while not self._answers(authority):
            if time.monotonic() > until or self.process.poll() is not None:
                self.stop()
                with open(os.path.join(self.directory, "log"), encoding="utf-8") as f:
                    raise RuntimeError("docker-registry does not start:\n" + f.read())
            time.sleep(0.05)

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.log.close()
