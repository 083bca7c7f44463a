#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# $OUT/crun, static, small, with the host's C library, libcap and libseccomp and crun's own copy of yajl.
set -eu

[ "$ARCH" = amd64 ] || { echo "crun can be compiled for amd64 only, not for $ARCH" >&2; exit 1; }
# The sources are not to be changed, and where they are is not to be seen in the program.
build=$OUT/build
cp -a "$SOURCES/crun" "$build"
cd "$build"

# Before it does anything crun copies itself into memory, lest a container write to its file, unless that is on a read-only mount.
# It never looks at the mount when the file is on a tmpfs, as all of an initramfs is: there each file has a seal, F_SEAL_SEAL, which
# means that it will never have others. So to have only that says nothing, and the mount is looked at there, too.
sed -i 's/^\tif (ret >= 0) {$/\tif (ret >= 0 \&\& ret != F_SEAL_SEAL) {/' src/libcrun/cloned_binary.c
[ "$(grep -c 'ret != F_SEAL_SEAL' src/libcrun/cloned_binary.c)" = 1 ] || { echo "crun's look at its own file is another" >&2; exit 1; }

CFLAGS="-Os -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables -ffile-prefix-map=$build=." \
	./configure --disable-dependency-tracking --disable-maintainer-mode --disable-shared --disable-dl \
	--disable-systemd --disable-criu --disable-bpf --enable-embedded-yajl
# Not `make all`, which links thirty tests as well.
make -C libocispec -j "${JOBS:-1}"
make .version git-version.h
make -j "${JOBS:-1}" LDFLAGS="-all-static -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,noseparate-code" crun

strip --strip-all --remove-section=.comment --remove-section='.note*' crun
mv crun "$OUT"
cd "$OUT"
rm -r "$build"
