#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# $OUT/wherry-guest, static, with musl: the same meson.build as for the tool, with part=guest. The extra sources make
# this directory look like the top of the repository. musl and the kernel's headers are those of $DEBIAN.
set -eu

sed "s|/usr/|$DEBIAN/usr/|g" "$DEBIAN/usr/lib/${MULTIARCH%-gnu}-musl/musl-gcc.specs" >"$TMPDIR/specs"
# Linux's headers are searched after musl's own.
tools/cross-file "$TRIPLET" "-specs=$TMPDIR/specs" -idirafter "$DEBIAN/usr/include" \
	-idirafter "$DEBIAN/usr/include/$MULTIARCH" >"$TMPDIR/cross.ini"

build=$TMPDIR/build
meson setup -Dpart=guest -Dbuildtype=release --cross-file "$TMPDIR/cross.ini" "$build"
ninja -C "$build" -j "${JOBS:-1}"
mv "$build/guest/wherry-guest" "$OUT"
