#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# $OUT/wherry: what the static tarball has (docs/install.md). The program needs no shared library. glibc's resolver
# would load some, so libcurl resolves names with c-ares; OpenSSL reads no configuration, which could name others. The
# extra sources make this directory look like the top of the repository.
set -eu

here=$PWD
deps=$TMPDIR/deps
export CC="$TRIPLET-gcc --sysroot=$DEBIAN" AR="$TRIPLET-ar" RANLIB="$TRIPLET-ranlib"
export CFLAGS="-O2 -fPIE -fstack-protector-strong"
# No PKG_CONFIG_SYSROOT_DIR, which would precede $deps as well: the compiler finds Debian's libraries by itself.
export PKG_CONFIG=pkg-config PKG_CONFIG_LIBDIR="$deps/lib/pkgconfig:$DEBIAN/usr/lib/$MULTIARCH/pkgconfig"
mkdir -p "$deps/include/isa-l" "$deps/lib/pkgconfig"

# A library's sources with Debian's patches, which mend what has become known since the release.
unpack()
{
	cp -a "$SOURCES/$1" "$TMPDIR/$1"
	cd "$TMPDIR/$1"
	while read -r name _; do
		case "$name" in ''|'#'*) ;; *) patch -s -p1 <"debian/patches/$name" ;; esac
	done <debian/patches/series
}

# Only what a registry, a proxy and a local engine need.
unpack curl
for made in aclocal.m4 configure Makefile.in lib/Makefile.in lib/curl_config.h.in; do
	touch "$made" # newer than what the patches change, or make would want to make them again
done
./configure -q --host="$TRIPLET" --prefix="$deps" \
	--disable-shared --disable-dependency-tracking --disable-maintainer-mode \
	--with-openssl --enable-ares --disable-openssl-auto-load-config --without-ca-bundle --without-ca-path \
	--disable-dict --disable-file --disable-ftp --disable-gopher --disable-imap --disable-ldap --disable-ldaps \
	--disable-mqtt --disable-pop3 --disable-rtsp --disable-smb --disable-smtp --disable-telnet --disable-tftp \
	--disable-manual --disable-ntlm --disable-ntlm-wb --disable-tls-srp --disable-alt-svc --disable-hsts \
	--disable-cookies --disable-netrc --disable-doh --disable-mime --disable-form-api --disable-libcurl-option \
	--without-brotli --without-zstd --without-zlib --without-libidn2 --without-libpsl --without-librtmp \
	--without-libssh2 --without-nghttp2 --without-libgsasl --without-gssapi
make -s -j "${JOBS:-1}" -C lib install
make -s -C include install
cp libcurl.pc "$deps/lib/pkgconfig"

# Meson takes zlib where it is not: for other processors it is not complete.
made=curl
case $TRIPLET in
x86_64-*|aarch64-*)
	unpack libisal
	make -s -j "${JOBS:-1}" -f Makefile.unx host_cpu="${TRIPLET%%-*}" CC="$CC" AR="$AR" \
		units="igzip crc" bin/isa-l.a
	cp bin/isa-l.a "$deps/lib/libisal.a"
	cp include/*.h "$deps/include/isa-l"
	sed "s|@prefix@|$deps|; s|@exec_prefix@|$deps|; s|@libdir@|$deps/lib|; s|@includedir@|$deps/include|
		s|@VERSION@|2|" libisal.pc.in >"$deps/lib/pkgconfig/libisal.pc"
	made="$made libisal"
	;;
esac

unset AR CC CFLAGS RANLIB
cd "$here"
tools/cross-file "$TRIPLET" --sysroot="$DEBIAN" >"$TMPDIR/cross.ini"
meson setup --cross-file "$TMPDIR/cross.ini" -Dstatic=true -Dtests=false -Ddebug=false -Doptimization=2 -Dprefix=/ \
	-Dwerror=true "$TMPDIR/build"
ninja -C "$TMPDIR/build" -j "${JOBS:-1}"
DESTDIR="$OUT/wherry" meson install --no-rebuild -C "$TMPDIR/build"
"$TRIPLET-strip" --strip-all --remove-section=.comment "$OUT/wherry/bin/wherry"

# The licences of all that is linked in, and the texts that they refer to.
licences="$OUT/wherry/share/doc/wherry"
mkdir -p "$licences/licences"
cp LICENSE "$licences"
cp "$DEBIAN"/usr/share/common-licenses/* "$licences/licences"
cp "$DEBIAN"/usr/share/doc/gcc-*-base/copyright "$licences/licences/gcc"
for library in libarchive-dev libbz2-1.0 libc-ares-dev libc6-dev liblz4-dev liblzma-dev libsquashfs-dev \
	libssl-dev libyaml-dev libzstd-dev zlib1g-dev; do
	cp -L "$DEBIAN/usr/share/doc/$library/copyright" "$licences/licences/$library"
done
for library in $made; do
	cp "$SOURCES/$library/debian/copyright" "$licences/licences/$library"
done

# update-ca-certificates is a maintainer script, which don't run here.
cat "$DEBIAN"/usr/share/ca-certificates/mozilla/*.crt >"$OUT/ca-certificates.crt"
