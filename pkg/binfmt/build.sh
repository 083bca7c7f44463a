#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# $OUT/usr: the emulators in $DEBIAN, with Debian's lines for binfmt_misc, but that of the machine's own processor: with
# it registered no program would start any more, as the emulator would need itself.
set -eu

own=qemu-$(echo "${TRIPLET%%-*}" | sed s/powerpc/ppc/)
lines=usr/share/qemu/binfmt.d
links=usr/libexec/qemu-binfmt
mkdir -p "$OUT/usr/bin" "$OUT/$links" "$OUT/usr/lib/binfmt.d"
for emulator in "$DEBIAN"/usr/bin/qemu-*; do
	name=${emulator##*/}
	[ "$name" != "$own" ] || continue
	cp "$emulator" "$OUT/usr/bin"
	cp "$DEBIAN/$lines/$name.conf" "$OUT/usr/lib/binfmt.d"
	# The name by which they are started says that they get the program's own first argument as well.
	ln -s "../../bin/$name" "$OUT/$links/${name#qemu-}-binfmt-P"
	grep -q ":/$links/${name#qemu-}-binfmt-P:" "$DEBIAN/$lines/$name.conf"
done
