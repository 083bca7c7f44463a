#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# $OUT/wherry-guest, static, with musl: the same meson.build as for the tool, with part=guest. The extra sources make
# this directory look like the top of the repository.
set -eu

[ "$ARCH" = amd64 ] || { echo "musl-gcc compiles for amd64 only, not for $ARCH" >&2; exit 1; }
build=$TMPDIR/build
CC=musl-gcc meson setup -Dpart=guest -Dbuildtype=release "$build"
ninja -C "$build" -j "${JOBS:-1}"
mv "$build/guest/wherry-guest" "$OUT"
