# SPDX-License-Identifier: Apache-2.0
"""Images of the same shape as well-known ones of Docker Hub, out of Debian's packages: the same user, entrypoint that
gives directories away and becomes another user, command, directories and ports. They stand in for these in the store,
so that the lines of docs/images/NAME.yml are booted as they are."""
import hashlib
import json
import os
import re
import socket
import tempfile
import time

import boot
import dockerlike
import images

PAGES = os.path.join(images.ROOT, "docs", "images")
APPLETS = ["cat", "chmod", "chown", "cp", "env", "find", "grep", "hostname", "id", "ln", "ls", "mkdir", "mktemp", "rm",
           "sed", "sh", "sleep", "test", "true", "basename", "dirname", "uname", "head", "touch", "tr", "expr", "wc"]
# The first lines of each entrypoint that becomes another user.
BECOME = """#!/bin/sh
set -e
if [ "$1" = %(program)s ] && [ "$(id -u)" = 0 ]; then
\tmkdir -p %(dirs)s
\tfind %(dirs)s ! -user %(user)s -exec chown %(user)s {} +
\texec gosu %(user)s "$0" "$@"
fi
"""


def become(user, program, *dirs, then=""):
    return BECOME % {"user": user, "program": program, "dirs": " ".join(dirs)} + then + 'exec "$@"\n'


class Image:
    """What stands in for an image: Debian's packages and which of their files, further files, and Docker's settings."""

    def __init__(self, packages, keep, user=None, entrypoint=None, dirs=(), files=None, links=None, **config):
        self.packages, self.keep, self.user = packages, keep, user  # user: (name, uid)
        self.entrypoint, self.dirs, self.files = entrypoint, dirs, dict(files or {})
        self.links, self.config = dict(links or {}), config

    def yml(self, name):
        keep = ["/bin/busybox"] + (["/usr/sbin/gosu"] if self.entrypoint and "gosu" in self.entrypoint else [])
        packages = self.packages + ["busybox-static"] + ["gosu"] * (len(keep) - 1)
        passwd, group = "root:x:0:0:root:/root:/bin/sh\n", "root:x:0:\n"
        if self.user:
            passwd += "%s:x:%d:%d::/var/lib/%s:/bin/sh\n" % (self.user[0], self.user[1], self.user[1], self.user[0])
            group += "%s:x:%d:\n" % (self.user[0], self.user[1])
        files = [{"path": "/bin/" + applet, "symlink": "busybox"} for applet in APPLETS]
        files += [{"path": "/etc/passwd", "contents": passwd}, {"path": "/etc/group", "contents": group},
                  {"path": "/tmp", "directory": True, "mode": "1777"}, {"path": "/var/run", "symlink": "/run"},
                  {"path": "/run", "directory": True}]
        files += [{"path": path, "directory": True, "uid": uid, "gid": uid} for path, uid in self.dirs]
        files += [{"path": path, "contents": text} for path, text in self.files.items()]
        files += [{"path": path, "symlink": target} for path, target in self.links.items()]
        if self.entrypoint:
            files.append({"path": "/usr/local/bin/docker-entrypoint.sh", "contents": self.entrypoint, "mode": "0755"})
        return json.dumps({"image": name, "org": "hub", "debian": {"packages": packages, "keep": keep + self.keep},
                           "files": files}, indent=1)

    def make(self, name, reference):
        """Into the store, under the name that the page's lines have."""
        text = self.yml(name)
        digest = hashlib.sha1(text.encode()).hexdigest()
        with tempfile.TemporaryDirectory(prefix="wherry-hub-") as directory:
            with open(os.path.join(directory, "build.yml"), "w", encoding="utf-8") as f:
                f.write(text)
            images.wherry("pkg", "build", "--hash", digest, directory)
        config = dict(self.config)
        if self.entrypoint:
            config.setdefault("Entrypoint", ["docker-entrypoint.sh"])
        dockerlike.configure("hub/%s:%s" % (name, digest), reference, config)


POSTGRES = """
if [ "$1" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
	[ -n "$POSTGRES_PASSWORD" ] || { echo "POSTGRES_PASSWORD is missing" >&2; exit 1; }
	echo "$POSTGRES_PASSWORD" > /tmp/password
	initdb -D "$PGDATA" --username=postgres --pwfile=/tmp/password -N
	rm /tmp/password
	echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
	echo "listen_addresses = '*'" >> "$PGDATA/postgresql.conf"
fi
"""
MARIADB = """
if [ "$1" = mariadbd ] && [ ! -d /var/lib/mysql/mysql ]; then
	[ -n "$MARIADB_ROOT_PASSWORD" ] || { echo "MARIADB_ROOT_PASSWORD is missing" >&2; exit 1; }
	mariadb-install-db --datadir=/var/lib/mysql --auth-root-authentication-method=normal --skip-test-db
	echo "ALTER USER root@localhost IDENTIFIED BY '$MARIADB_ROOT_PASSWORD';" > /tmp/init.sql
	set -- "$@" --init-file=/tmp/init.sql
fi
"""
GIVE_AWAY = '#!/bin/sh\n[ "$(id -u)" != 0 ] || chown -R mosquitto:mosquitto /mosquitto || true\nexec "$@"\n'
NGINX = """user nginx;
error_log /dev/stderr notice;
pid /run/nginx.pid;
events {}
http {
  access_log /dev/stdout;
  server { listen 80; root /usr/share/nginx/html; }
}
"""
HTTPD = """ServerRoot /usr/local/apache2
ServerName localhost
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
Listen 80
User www-data
Group www-data
PidFile logs/httpd.pid
ErrorLog /proc/self/fd/2
DocumentRoot /usr/local/apache2/htdocs
"""
REGISTRY = """version: 0.1
storage: {filesystem: {rootdirectory: /var/lib/registry}}
http: {addr: ":5000"}
"""
# It compiles its configuration.
GCC = ["/usr/bin/gcc*", "/usr/bin/*-gcc*", "/usr/bin/as", "/usr/bin/*-as", "/usr/bin/ld*", "/usr/bin/*-ld*",
       "/usr/lib/gcc/**", "/usr/include/**", "/usr/lib/*/crt*.o", "/usr/lib/*/libc.so", "/usr/lib/*/libc_nonshared.a",
       "/usr/lib/*/libpthread.a"]
VARNISH = """#!/bin/sh
set -e
exec varnishd -F -f /etc/varnish/default.vcl -a http=:80 -s malloc,$VARNISH_SIZE
"""
ERLANG = ["/usr/lib/erlang/**", "/usr/lib/rabbitmq/**", "/usr/sbin/rabbitmq*"]


def volumes(*paths):
    return {path: {} for path in paths}


def ports(*names):
    return {"%s/tcp" % name: {} for name in names}


def path(*more):
    return ["PATH=" + ":".join(more + ("/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",))]


IMAGES = {
    "redis": Image(["redis-server", "redis-tools"], ["/usr/bin/redis-server", "/usr/bin/redis-check-rdb"],
                   ("redis", 999), become("redis", "redis-server", "/data"), [("/data", 999)],
                   Cmd=["redis-server", "--protected-mode", "no"], WorkingDir="/data", Volumes=volumes("/data"),
                   ExposedPorts=ports(6379)),
    "nginx": Image(["nginx"], ["/usr/sbin/nginx", "/etc/nginx/mime.types"], ("nginx", 101),
                   '#!/bin/sh\nset -e\necho "ok" > /usr/share/nginx/html/index.html\nexec "$@"\n',
                   [("/var/lib/nginx", 0), ("/usr/share/nginx/html", 0), ("/var/log/nginx", 0)],
                   {"/etc/nginx/nginx.conf": NGINX}, Cmd=["nginx", "-g", "daemon off;"], StopSignal="SIGQUIT",
                   ExposedPorts=ports(80)),
    "memcached": Image(["memcached"], ["/usr/bin/memcached"], ("memcache", 11211), '#!/bin/sh\nexec "$@"\n',
                       Cmd=["memcached"], User="memcache", ExposedPorts=ports(11211)),
    "postgres": Image(["postgresql-15"],
                      ["/usr/lib/postgresql/15/bin/postgres", "/usr/lib/postgresql/15/bin/initdb",
                       "/usr/lib/postgresql/15/lib/plpgsql.so", "/usr/lib/postgresql/15/lib/dict_snowball.so",
                       "/usr/share/postgresql/15/**", "/usr/share/zoneinfo/**"],
                      ("postgres", 999), become("postgres", "postgres", "$PGDATA", "/run/postgresql", then=POSTGRES),
                      [("/var/lib/postgresql/data", 999)], Cmd=["postgres"], StopSignal="SIGINT",
                      Env=path("/usr/lib/postgresql/15/bin") + ["PGDATA=/var/lib/postgresql/data"],
                      Volumes=volumes("/var/lib/postgresql/data"), ExposedPorts=ports(5432)),
    "httpd": Image(["apache2-bin"], ["/usr/sbin/apache2", "/usr/lib/apache2/modules/mod_mpm_event.so",
                                     "/usr/lib/apache2/modules/mod_authz_core.so"], ("www-data", 33),
                   dirs=[("/usr/local/apache2/logs", 0)],
                   files={"/usr/local/apache2/conf/httpd.conf": HTTPD, "/usr/local/apache2/htdocs/index.html": "ok\n"},
                   Cmd=["apache2", "-DFOREGROUND", "-f", "/usr/local/apache2/conf/httpd.conf"],
                   StopSignal="SIGWINCH", ExposedPorts=ports(80)),
    "mosquitto": Image(["mosquitto"], ["/usr/sbin/mosquitto"], ("mosquitto", 1883), GIVE_AWAY,
                       [("/mosquitto/config", 1883), ("/mosquitto/data", 1883), ("/mosquitto/log", 1883)],
                       {"/mosquitto/config/mosquitto.conf": "# local only\n"},
                       Cmd=["/usr/sbin/mosquitto", "-c", "/mosquitto/config/mosquitto.conf"],
                       Volumes=volumes("/mosquitto/data", "/mosquitto/log"), ExposedPorts=ports(1883)),
    "registry": Image(["docker-registry"], ["/usr/bin/docker-registry"],
                      entrypoint='#!/bin/sh\nset -- docker-registry serve "$@"\nexec "$@"\n',
                      dirs=[("/var/lib/registry", 0)], files={"/etc/docker/registry/config.yml": REGISTRY},
                      Cmd=["/etc/docker/registry/config.yml"], Volumes=volumes("/var/lib/registry"),
                      ExposedPorts=ports(5000)),
    "mariadb": Image(["mariadb-server-core", "mariadb-client-core"],
                     ["/usr/sbin/mariadbd", "/usr/bin/mariadb-install-db", "/usr/bin/my_print_defaults",
                      "/usr/bin/resolveip", "/usr/share/mysql/**"],
                     ("mysql", 999), become("mysql", "mariadbd", "/var/lib/mysql", "/run/mysqld", then=MARIADB),
                     [("/var/lib/mysql", 999), ("/run/mysqld", 999)], Cmd=["mariadbd"],
                     Volumes=volumes("/var/lib/mysql"), ExposedPorts=ports(3306)),
    "haproxy": Image(["haproxy"], ["/usr/sbin/haproxy"], ("haproxy", 99), '#!/bin/sh\nexec "$@"\n',
                     [("/var/lib/haproxy", 99), ("/usr/local/etc/haproxy", 0)],
                     {"/usr/local/etc/haproxy/haproxy.cfg": "# the user's\n"}, User="haproxy",
                     Cmd=["haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"], StopSignal="SIGUSR1",
                     WorkingDir="/var/lib/haproxy"),
    "etcd": Image(["etcd-server"], ["/usr/bin/etcd"], links={"/usr/local/bin/etcd": "/usr/bin/etcd"},
                  Cmd=["/usr/local/bin/etcd"], ExposedPorts=ports(2379, 2380)),
    "nats": Image(["nats-server"], ["/usr/sbin/nats-server"], links={"/nats-server": "/usr/sbin/nats-server"},
                  Entrypoint=["/nats-server"], Cmd=["-m", "8222"], ExposedPorts=ports(4222, 6222, 8222)),
    "caddy": Image(["caddy"], ["/usr/bin/caddy"], dirs=[("/config/caddy", 0), ("/data/caddy", 0), ("/srv", 0)],
                   files={"/etc/caddy/Caddyfile": ":80\nroot * /usr/share/caddy\nfile_server\n",
                          "/usr/share/caddy/index.html": "ok\n"},
                   Env=path() + ["XDG_CONFIG_HOME=/config", "XDG_DATA_HOME=/data"], WorkingDir="/srv",
                   Cmd=["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"],
                   ExposedPorts=ports(80, 443, 2019)),
    "prometheus": Image(["prometheus"], ["/usr/bin/prometheus"], ("nobody", 65534),
                        dirs=[("/prometheus", 65534), ("/etc/prometheus", 65534)],
                        files={"/etc/prometheus/prometheus.yml": "global: {}\n"},
                        User="nobody", WorkingDir="/prometheus", Entrypoint=["/bin/prometheus"],
                        Cmd=["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"],
                        Volumes=volumes("/prometheus"), ExposedPorts=ports(9090)),
    "node-exporter": Image(["prometheus-node-exporter"], ["/usr/bin/prometheus-node-exporter"], ("nobody", 65534),
                           links={"/bin/node_exporter": "/usr/bin/prometheus-node-exporter"}, User="nobody",
                           Entrypoint=["/bin/node_exporter"], ExposedPorts=ports(9100)),
    "influxdb": Image(["influxdb"], ["/usr/bin/influxd"], entrypoint='#!/bin/sh\nexec "$@"\n',
                      dirs=[("/var/lib/influxdb", 0)],
                      files={"/etc/influxdb/influxdb.conf": '[meta]\ndir = "/var/lib/influxdb/meta"\n[data]\ndir = '
                             '"/var/lib/influxdb/data"\nwal-dir = "/var/lib/influxdb/wal"\n'},
                      Cmd=["influxd"], Volumes=volumes("/var/lib/influxdb"), ExposedPorts=ports(8086)),
    "varnish": Image(["varnish", "gcc", "libc6-dev", "binutils"], GCC + ["/usr/sbin/varnishd", "/usr/lib/*/varnish/**"],
                     ("varnish", 1000), VARNISH, [("/var/lib/varnish", 1000), ("/var/lib/varnish/varnishd", 1000)],
                     {"/etc/varnish/default.vcl": "# the user's\n"}, User="varnish", WorkingDir="/etc/varnish",
                     Env=path() + ["VARNISH_SIZE=100M", "VSM_NOPID=1"], ExposedPorts=ports(80, 8443)),
    "rabbitmq": Image(["rabbitmq-server"], ERLANG, ("rabbitmq", 999),
                      become("rabbitmq", "rabbitmq-server", "/var/lib/rabbitmq", "/var/log/rabbitmq"),
                      [("/var/lib/rabbitmq", 999), ("/var/log/rabbitmq", 999), ("/etc/rabbitmq", 999)],
                      Cmd=["rabbitmq-server"], Volumes=volumes("/var/lib/rabbitmq"),
                      Env=path("/usr/lib/rabbitmq/bin", "/usr/lib/erlang/bin") + ["HOME=/var/lib/rabbitmq",
                                                                                  "LANG=C.UTF-8"],
                      ExposedPorts=ports(5672, 15692)),
}


def page(name):
    with open(os.path.join(PAGES, name + ".yml"), encoding="utf-8") as f:
        return f.read()


def make(name):
    IMAGES[name].make(name, re.search(r"^    image: (.*)$", page(name), re.M)[1])


# ---- what is asked at the ports ----

def ask(vm, port, question, answer, limit=boot.LIMIT):
    """Send bytes, and wait for an answer that has others in it; connect anew until it comes."""
    end = time.monotonic() + limit
    got = problem = None
    while time.monotonic() < end and vm.process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", vm.port(port)), timeout=10) as s:
                s.sendall(question)
                got = b""
                while answer not in got:
                    more = s.recv(4096)
                    if not more:
                        break
                    got += more
            if answer in got:
                return got
        except OSError as e:
            problem = e
        time.sleep(0.5)
    raise boot.BootError("port %d answered %r (%s); the console's end:\n%s"
                         % (port, got, problem, vm.console()[-4000:]))


def http(port, where, part):
    return port, ("GET %s HTTP/1.0\r\nHost: x\r\n\r\n" % where).encode(), part


# Of PostgreSQL: version 3.0, for the user postgres. Of MQTT: CONNECT, version 3.1.1, a clean session of the client "x".
HELLO = b"\0\0\0\x17\0\3\0\0user\0postgres\0\0"
QUESTIONS = {
    "redis": (6379, b"PING\r\n", b"+PONG"),
    "nginx": http(80, "/", b"\nok\n"),
    "memcached": (11211, b"version\r\n", b"VERSION 1."),
    "postgres": (5432, HELLO, b"SCRAM-SHA-256"),
    "httpd": http(80, "/index.html", b"\nok\n"),
    "mosquitto": (1883, b"\x10\x0d\0\4MQTT\4\2\0\x3c\0\1x", b"\x20\2\0\0"),
    "registry": http(5000, "/v2/_catalog", b"repositories"),
    "mariadb": (3306, b"", b"MariaDB"),
    "haproxy": http(80, "/", b"503 Service Unavailable"),
    "etcd": http(2379, "/health", b'"health":"true"'),
    "nats": (4222, b"PING\r\n", b"INFO {"),
    "caddy": http(80, "/", b"\nok\n"),
    "prometheus": http(9090, "/-/ready", b"200 OK"),
    "node-exporter": http(9100, "/metrics", b"node_memory_MemTotal_bytes"),
    "influxdb": http(8086, "/ping", b"204 No Content"),
    "varnish": http(80, "/", b"503 Backend fetch failed"),
    "rabbitmq": (5672, b"AMQP\0\0\x09\1", b"RabbitMQ"),
}
