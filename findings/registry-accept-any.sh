#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# docker-registry 2.8.2+ds1-1 (Debian 12, distribution 2.8.2): "Accept: */*" does not accept everything.
#
# The answer for an OCI manifest that has just been pushed is 404 when the client sends Accept: */* or application/*:
#     404 {"errors":[{"code":"MANIFEST_UNKNOWN","message":"OCI manifest found, but accept header does not
#     support OCI manifests"}]}
# and 200 when exactly its type is listed. In HTTP, */* matches every type; curl and most libraries send it by default.
#
# A tool that checks for a tag without listing types concludes that the tag does not exist, and builds or pushes the
# image again. A client has to list each type of manifest and index that it supports, in HEAD requests, too.

set -eu
export LC_ALL=C

changed() {
    echo "$0: not as described: $*" >&2
    exit 1
}

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
timeout 120 apt-get -qq -o APT::Sandbox::User=root download docker-registry=2.8.2+ds1-1 || exit 2
dpkg -x ./*.deb root
PATH=$dir/root/usr/bin:$PATH

cat >try.py <<'EOF'
import hashlib, json, socket, subprocess, time, urllib.error, urllib.request

TYPE = "application/vnd.oci.image.manifest.v1+json"
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    address = "127.0.0.1:%d" % probe.getsockname()[1]
with open("registry.yml", "w") as f:
    f.write("{version: 0.1, storage: {filesystem: {rootdirectory: store}}, http: {addr: '%s'}}" % address)
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(method, url, data=None, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        return opener.open(urllib.request.Request(url, data, headers, method=method), timeout=10)
    except urllib.error.HTTPError as error:
        return error


registry = subprocess.Popen(["docker-registry", "serve", "registry.yml"], stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)
try:
    base = "http://%s/v2/a/" % address
    for _ in range(100):
        try:
            place = ask("POST", base + "blobs/uploads/", b"").headers["Location"]
            break
        except OSError:
            time.sleep(0.1)
    digest = "sha256:" + hashlib.sha256(b"{}").hexdigest()
    octets = "application/octet-stream"
    assert ask("PUT", place + "&digest=" + digest, b"{}", Content_Type=octets).status == 201
    config = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": 2}
    manifest = {"schemaVersion": 2, "mediaType": TYPE, "config": config, "layers": []}
    assert ask("PUT", base + "manifests/x", json.dumps(manifest).encode(), Content_Type=TYPE).status == 201
    for accept in ("*/*", "application/*", TYPE):
        answer = ask("GET", base + "manifests/x", Accept=accept)
        print(accept, answer.status, answer.read().decode().strip())
finally:
    registry.kill()
    registry.wait()
EOF
timeout 60 python3 try.py >answers || exit 2
cat answers
grep -q '^\*/\* 404 .*MANIFEST_UNKNOWN' answers || changed "*/* is answered otherwise"
grep -q '^application/\* 404 .*MANIFEST_UNKNOWN' answers || changed "application/* is answered otherwise"
grep -q '^application/vnd.oci.image.manifest.v1+json 200' answers || changed "the type itself is answered otherwise"
echo "as described: 404 unless exactly its type is listed"
