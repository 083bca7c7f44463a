#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From Debian's package of the kernel's sources in $DEBIAN: $OUT/kernel with what the file `config` asks for, and
# $OUT/kernel.tar, which says to modprobe what is built in.
set -eu

[ "$ARCH" = amd64 ] || { echo "the small kernel is there for amd64 only, not for $ARCH" >&2; exit 1; }

config=$PWD/config
source=$TMPDIR/source
build=$TMPDIR/build
mkdir "$source" "$build"
tar --extract --file "$DEBIAN"/usr/src/linux-source-*.tar.xz --directory "$source" --strip-components=1
# Who compiled it, when and where is not in the kernel.
export KBUILD_BUILD_USER=wherry KBUILD_BUILD_HOST=wherry KBUILD_BUILD_VERSION=1
export KBUILD_BUILD_TIMESTAMP="@$SOURCE_DATE_EPOCH"
# What is amd64 to Debian is x86_64 to the kernel.
build_kernel() {
	make --silent --directory "$source" O="$build" ARCH=x86_64 "$@"
}

build_kernel KCONFIG_ALLCONFIG="$config" allnoconfig
# An option that needs another one is dropped without a word.
awk '
	/^#/ || !NF { next }
	FILENAME == ARGV[1] { is[$0] = 1; split($0, part, "="); set[part[1]] = 1; next }
	/=n$/ ? set[substr($0, 1, length($0) - 2)] : !is[$0] { print "the kernel has it otherwise: " $0; bad = 1 }
	END { exit bad }
' "$build/.config" "$config" >&2
build_kernel -j "${JOBS:-1}" KCFLAGS="-ffile-prefix-map=$build=. -ffile-prefix-map=$source=." bzImage

mv "$build/arch/x86/boot/bzImage" "$OUT/kernel"
version=$(cat "$build/include/config/kernel.release")
modules=$OUT/root/lib/modules/$version
mkdir -p "$modules"
cp "$build/modules.builtin" "$modules"
: > "$modules/modules.dep"
tar --create --format=ustar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner \
	--directory "$OUT/root" --file "$OUT/kernel.tar" lib
rm -r "$OUT/root"
