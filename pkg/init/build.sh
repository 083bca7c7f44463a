#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# $OUT/wherry-guest, static, with musl: the same meson.build as for the tool, with part=guest. The extra sources make
# this directory look like the top of the repository. musl and the kernel's headers are those of $DEBIAN.
set -eu

musl=$DEBIAN/usr/lib/${TRIPLET%-gnu}-musl
sed "s|/usr/|$DEBIAN/usr/|g" "$musl/musl-gcc.specs" > "$TMPDIR/specs"

compiler=$TRIPLET-gcc
endian=$("$compiler" -dM -E -xc /dev/null | sed -n 's/.*__BYTE_ORDER__ __ORDER_\(.*\)_ENDIAN__/\1/p' |
	tr '[:upper:]' '[:lower:]')
cpu=${TRIPLET%%-*}
# Linux's headers are searched after musl's own.
cat > "$TMPDIR/cross.ini" <<END
[binaries]
c = ['$compiler', '-specs=$TMPDIR/specs', '-idirafter', '$DEBIAN/usr/include',
  '-idirafter', '$DEBIAN/usr/include/$TRIPLET']
ar = '$TRIPLET-ar'
strip = '$TRIPLET-strip'
[host_machine]
system = 'linux'
cpu_family = '$cpu'
cpu = '$cpu'
endian = '$endian'
END

build=$TMPDIR/build
meson setup -Dpart=guest -Dbuildtype=release --cross-file "$TMPDIR/cross.ini" "$build"
ninja -C "$build" -j "${JOBS:-1}"
mv "$build/guest/wherry-guest" "$OUT"
