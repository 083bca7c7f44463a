#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# $OUT/certs: what update-ca-certificates would make of Debian's package.
set -eu

mkdir "$OUT/certs"
cd "$DEBIAN/usr/share/ca-certificates/mozilla"
for name in *.crt; do
	cp "$name" "$OUT/certs/${name%.crt}.pem"
done
openssl rehash "$OUT/certs"
cat ./*.crt > "$OUT/certs/ca-certificates.crt"
