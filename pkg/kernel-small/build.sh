#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From Debian's package of the kernel's sources in $DEBIAN: $OUT/kernel with what config and config-$ARCH ask for,
# $OUT/config, and $OUT/kernel.tar, which says to modprobe what is built in.
set -eu

# Debian's name of the architecture, the kernel's, and the image that QEMU, UEFI and boot loaders start.
set -- $(awk -v arch="$ARCH" '$1 == arch { print $2, $3 }' <<-TABLE
	amd64    x86    bzImage
	arm64    arm64  Image
	riscv64  riscv  Image
TABLE
)
kernel_arch=$1
image=$2

config=$TMPDIR/config
source=$TMPDIR/source
build=$TMPDIR/build
mkdir "$source" "$build"
cat config "config-$ARCH" > "$config"
tar --extract --file "$DEBIAN"/usr/src/linux-source-*.tar.xz --directory "$source" --strip-components=1
# Who compiled it, when and where is not in the kernel.
export KBUILD_BUILD_USER=wherry KBUILD_BUILD_HOST=wherry KBUILD_BUILD_VERSION=1
export KBUILD_BUILD_TIMESTAMP="@$SOURCE_DATE_EPOCH"
build_kernel() {
	make --silent --directory "$source" O="$build" ARCH="$kernel_arch" CROSS_COMPILE="$TRIPLET-" "$@"
}

build_kernel KCONFIG_ALLCONFIG="$config" allnoconfig
# An option that needs another one is dropped without a word.
awk '
	/^#/ || !NF { next }
	FILENAME == ARGV[1] { is[$0] = 1; split($0, part, "="); set[part[1]] = 1; next }
	/=n$/ ? set[substr($0, 1, length($0) - 2)] : !is[$0] {
		print "what it depends on, or what selects it, is against it: " $0
		bad = 1
	}
	END { exit bad }
' "$build/.config" "$config" >&2
./check-hardening "$ARCH" hardening "$build/.config"
build_kernel -j "${JOBS:-1}" KCFLAGS="-ffile-prefix-map=$build=. -ffile-prefix-map=$source=." "$image"

mv "$build/arch/$kernel_arch/boot/$image" "$OUT/kernel"
mv "$build/.config" "$OUT/config"
version=$(cat "$build/include/config/kernel.release")
modules=$OUT/root/lib/modules/$version
mkdir -p "$modules"
cp "$build/modules.builtin" "$modules"
: > "$modules/modules.dep"
tar --create --format=ustar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner \
	--directory "$OUT/root" --file "$OUT/kernel.tar" lib
rm -r "$OUT/root"
