# SPDX-License-Identifier: Apache-2.0
"""Metadata services of clouds, at the addresses that they have there: those of a network namespace of the test's own,
which QEMU's user network reaches from inside as any other host. Their names are known to its DNS server.

A page /.cloud/NAME says which one answers from then on. Each refuses what the real one refuses: requests without its
token, its header, its version. What they answer has the shape that their documentation shows."""
import base64
import http.server
import json
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading

LINK_LOCAL, SCALEWAY, AZURE_WIRE, NAMES = "169.254.169.254", "169.254.42.42", "168.63.129.16", "169.254.53.53"
TOKEN = "dG9rZW4tb2YtdGhlLXRlc3Q=="
# Looked up by DNS.
HOSTS = ("metadata.platformequinix.com", "metaldata")
MADE_UP = re.compile(r"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 [\w-]+")
GOAL_STATE = """<?xml version="1.0" encoding="utf-8"?>
<GoalState xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <Version>2012-11-30</Version>
  <Incarnation>3</Incarnation>
  <Machine><ExpectedState>Started</ExpectedState></Machine>
  <Container>
    <ContainerId>c0ffee00-1</ContainerId>
    <RoleInstanceList><RoleInstance><InstanceId>beef.vm-1</InstanceId><State>Started</State></RoleInstance>
    </RoleInstanceList>
  </Container>
</GoalState>
"""
OVF = """<?xml version="1.0" encoding="utf-8"?>
<ns0:Environment xmlns="http://schemas.dmtf.org/ovf/environment/1"
    xmlns:ns0="http://schemas.dmtf.org/ovf/environment/1" xmlns:ns1="http://schemas.microsoft.com/windowsazure">
  <ns1:ProvisioningSection>
    <ns1:Version>1.0</ns1:Version>
    <ns1:LinuxProvisioningConfigurationSet>
      <ns1:ConfigurationSetType>LinuxProvisioningConfiguration</ns1:ConfigurationSetType>
      <ns1:HostName>azure-ovf</ns1:HostName>
      <ns1:CustomData>%s</ns1:CustomData>
    </ns1:LinuxProvisioningConfigurationSet>
  </ns1:ProvisioningSection>
</ns0:Environment>
""" % base64.b64encode(b"custom data of azure\n").decode()


def key(name):
    return "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 %s" % name


def userdata(name):
    return json.dumps({"hostname": {"content": name + ".example"},
                       name: {"entries": {"secret": {"content": "of " + name, "perm": "0600"}}}})


def tree(base, **files):
    return {base + path.replace("__", "/").replace("_", "-"): text for path, text in files.items()}


EC2 = {
    **tree("/latest/meta-data/", hostname="ec2.internal", local_hostname="ec2-local", local_ipv4="10.0.0.7",
           public_ipv4="192.0.2.7", placement__availability_zone="eu-1a", instance_type="t9.nano", instance_id="i-07",
           public_keys__0__openssh_key=key("ec2")),
    "/latest/user-data": userdata("ec2"),
}
AZURE = "/metadata/instance/"
# Whose user data it has, where that is not the cloud's own name.
USER_DATA = {"aws": "ec2", "openstack": "ec2"}
PAGES = {
    "aws": EC2,
    "aws-v1": EC2,
    "openstack": EC2,
    "hetzner": {
        **tree("/latest/meta-data/", hostname="hetzner", public_ipv4="192.0.2.8", local_ipv4="10.0.0.8",
               instance_id="42", public_keys=json.dumps([key("h1"), key("h2")])),
        "/latest/user-data": userdata("hetzner"),
    },
    "gcp": {
        **tree("/computeMetadata/v1/instance/", hostname="gcp.c.project.internal", attributes__ssh_keys="me:%s\n" %
               key("of-the-instance")),
        "/computeMetadata/v1/project/attributes/ssh-keys": "a:%s\nb:%s" % (key("p1"), key("p2")),
        "/computeMetadata/v1/instance/attributes/userdata": userdata("gcp"),
    },
    "digitalocean": {
        "/metadata/v1/": "id\nhostname\n",
        **tree("/metadata/v1/", hostname="droplet", id="2756294", region="nyc3", public_keys=key("d1"),
               interfaces__public__0__ipv4__address="192.0.2.9", interfaces__private__0__ipv4__address="10.0.0.9"),
        "/metadata/v1/user-data": userdata("digitalocean"),
    },
    "vultr": {
        "/v1/": "hostname\ninstanceid\n",
        **tree("/v1/", hostname="vultr", instanceid="77", region__regioncode="AMS", public_keys=key("v1"),
               interfaces__0__ipv4__address="192.0.2.10", interfaces__1__ipv4__address="10.0.0.10",
               interfaces__1__ipv4__netmask="255.255.0.0"),
        "/latest/user-data": userdata("vultr"),
    },
    "metaldata": {
        **tree("/get/meta/", hostname="metal", public_ipv4="192.0.2.11", private_ipv4="10.0.0.11", machine_id="m1",
               failure_domain="f1", machine_type="big", authorized_keys=key("m1")),
        "/get/user": userdata("metaldata"),
    },
    "equinixmetal": {
        "/metadata": json.dumps({"id": "e1", "hostname": "equinix", "ssh_keys": [key("e1")], "network": {}}),
        "/userdata": userdata("equinixmetal"),
    },
    "scaleway": {
        "/conf": "ID=s1\nHOSTNAME=scaleway\nLOCATION_ZONE_ID=par1\nPUBLIC_IP=DYNAMIC ID\nPUBLIC_IP_ADDRESS=192.0.2.12\n"
                 "PRIVATE_IP=10.0.0.12\nSSH_PUBLIC_KEYS=1\nSSH_PUBLIC_KEYS_0_KEY='%s'\n" % key("s1"),
        "/user_data/cloud-init": userdata("scaleway"),
    },
    "azure": {
        AZURE + "compute/name": "azure-imds",
        AZURE + "compute/vmId": "a1",
        AZURE + "compute/zone": "1",
        AZURE + "compute/publicKeys": json.dumps([{"keyData": key("a1"), "path": "/home/me/.ssh/authorized_keys"}]),
        AZURE + "compute/userData": base64.b64encode(userdata("azure").encode()).decode(),
        AZURE + "network/interface/0/ipv4/ipAddress/0/privateIpAddress": "10.0.0.13",
    },
    # Nothing but answers that are of no use.
    "hostile": {},
}


def host_name(cloud):
    """That of the user data, which comes last."""
    return USER_DATA.get(cloud, cloud) + ".example"


def refusal(cloud, request):
    """The status of what this service refuses; None: it answers."""
    head = request.headers
    if cloud == "aws" and head.get("X-aws-ec2-metadata-token") != TOKEN:
        return 401
    if cloud == "gcp" and head.get("Metadata-Flavor") != "Google":
        return 403
    if cloud == "azure" and (head.get("Metadata") != "true" or "api-version=" not in request.path):
        return 400
    return None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body=b"", chunked=False):
        self.send_response(status)
        if self.server.clouds.cloud == "gcp":
            self.send_header("Metadata-Flavor", "Google")
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if chunked:
            for at in range(0, len(body), 7):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(body[at:at + 7]), body[at:at + 7]))
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.wfile.write(body)

    def handle_one(self):
        clouds, here = self.server.clouds, self.connection.getsockname()[0]
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        path = self.path.split("?")[0]
        if path.startswith("/.cloud/"):
            clouds.cloud = path[len("/.cloud/"):]
            return self.answer(200)
        clouds.requests.append((clouds.cloud, self.command, here, self.path, dict(self.headers), body))
        if here == AZURE_WIRE:
            return self.wire(path, body)
        if clouds.cloud == "hostile":
            return self.answer(302 if path.startswith("/latest") else 200, b"x" * (3 << 20))
        if self.command == "PUT" and clouds.cloud == "aws" and path == "/latest/api/token":
            ttl = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "")
            return self.answer(200, TOKEN.encode()) if ttl.isdigit() else self.answer(400)
        if self.command != "GET":
            return self.answer(405)
        status = refusal(clouds.cloud, self)
        if status:
            return self.answer(status)
        text = PAGES[clouds.cloud].get(path) if here == (
            SCALEWAY if clouds.cloud == "scaleway" else LINK_LOCAL) else None
        if text is None:
            return self.answer(404, b"<html>not found</html>")
        if clouds.real_key:
            text = MADE_UP.sub(clouds.real_key, text)
        return self.answer(200, text.encode(), chunked=clouds.cloud == "gcp")

    def wire(self, path, body):
        if self.headers.get("x-ms-version") != "2012-11-30" or path != "/machine":
            return self.answer(400)
        if self.command == "POST":
            self.server.clouds.health.append(body)
            return self.answer(200)
        return self.answer(200, GOAL_STATE.encode())

    def do_GET(self):
        self.handle_one()

    do_PUT = do_POST = do_GET


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


class Clouds:
    """In a namespace of its own (enter_namespace)."""

    def __init__(self, cloud="aws", real_key=None):
        """real_key: an SSH key in the place of all those that are only made up."""
        self.cloud, self.real_key, self.requests, self.health = cloud, real_key, [], []
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True, timeout=60)
        for address in (LINK_LOCAL, SCALEWAY, AZURE_WIRE, NAMES):
            subprocess.run(["ip", "address", "add", address + "/32", "dev", "lo"], check=True, timeout=60)
        with tempfile.NamedTemporaryFile("w", prefix="wherry-resolv-") as f:
            f.write("nameserver %s\n" % NAMES)
            f.flush()
            subprocess.run(["mount", "--bind", f.name, "/etc/resolv.conf"], check=True, timeout=60)
        self.server = Server(("0.0.0.0", 80), Handler)
        self.server.clouds = self
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.names.bind((NAMES, 53))
        threading.Thread(target=self.serve_names, daemon=True).start()

    def serve_names(self):
        """DNS (RFC 1035): an A record for each of HOSTS, and no other."""
        while True:
            try:
                query, address = self.names.recvfrom(512)
            except OSError:
                return
            at, labels = 12, []
            while query[at]:
                labels.append(query[at + 1:at + 1 + query[at]].decode())
                at += 1 + query[at]
            question = query[12:at + 5]
            known = ".".join(labels) in HOSTS and query[at + 1:at + 3] == b"\0\1"
            record = b"\xc0\x0c\0\1\0\1" + struct.pack("!IH", 60, 4) + socket.inet_aton(LINK_LOCAL)
            self.names.sendto(query[:2] + (b"\x81\x80" if known else b"\x81\x83") + b"\0\1"
                              + (b"\0\1" if known else b"\0\0") + b"\0\0\0\0" + question + (record if known else b""),
                              address)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.names.close()


def enter_namespace():
    """Run this program again, in namespaces with a network and mounts of its own; returns there."""
    if os.environ.get("WHERRY_TEST_CLOUDS"):
        return
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    os.environ["WHERRY_TEST_CLOUDS"] = "1"
    os.execvp("unshare", ["unshare", *user, "--net", "--mount", sys.executable, *sys.argv])
