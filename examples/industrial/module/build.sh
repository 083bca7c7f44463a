#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gauge.ko for the kernel whose headers are in $DEBIAN, as $OUT/lib/modules/VERSION/updates/gauge.ko.
set -eu

headers=$(echo "$DEBIAN"/usr/lib/modules/*)
[ -d "$headers" ] || { echo "the headers of one kernel were expected, not: $headers" >&2; exit 1; }
version=${headers##*/}
# kbuild's programs run on this machine, so they are those of the root, from the same version of Debian's package.
tools=$(echo /usr/lib/linux-kbuild-*)
build=$TMPDIR/headers

mkdir "$build"
cp -r "$DEBIAN/usr/src/linux-headers-$version/." "$build"
[ "$(readlink "$build/scripts")" = "../..$(echo "${tools#/usr}")/scripts" ] || {
	echo "the headers need $(readlink "$build/scripts"), and there is $tools" >&2
	exit 1
}
ln -sfn "$tools/scripts" "$build/scripts"
ln -sfn "$tools/tools" "$build/tools"
# With the kernel's own image, the module would get types for BPF, which it has no use for.
rm -f "$build/vmlinux"

cp -r . "$TMPDIR/module"
make --silent -C "$build" M="$TMPDIR/module" modules
mkdir -p "$OUT/lib/modules/$version/updates"
"$TRIPLET-strip" --strip-debug -o "$OUT/lib/modules/$version/updates/gauge.ko" "$TMPDIR/module/gauge.ko"
