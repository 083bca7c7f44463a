#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# zstd 1.5.4+dfsg2-5 (Debian 12), for amd64 and for i386: the same version and level write other bytes.
#
# libzstd has two ways to search for matches at the levels 5 to 12. Inputs of up to 128 KiB are searched in rows
# only where it was compiled for SSE2 or NEON, which decides between other matches than the older way. So the same
# file of 100 kB gets other bytes, and another size, on amd64 than on i386 (and other processors without SSE2 and
# NEON); the levels 3 and 15 give the same. No flag of the program says so, and --single-thread makes no difference.
# Seen, for the levels 3, 5, 6, 8, 10 and 15: same, differs, differs, differs, differs, same.
#
# File systems compress blocks of that size (a squashfs' have 128 KiB): an image that is to have the same digest
# wherever it is made needs ZSTD_c_useRowMatchFinder set, which only libzstd's static API has, or another level.

set -eu
export LC_ALL=C

changed() {
    echo "$0: not as described: $*" >&2
    exit 1
}

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"

key=/usr/share/keyrings/debian-archive-keyring.gpg
[ -f "$key" ] || exit 2
mkdir -p lists/partial archives/partial
echo "deb [arch=i386,amd64 signed-by=$key] http://deb.debian.org/debian bookworm main" >sources.list
cat >apt.conf <<END
APT::Sandbox::User "root";
APT::Architecture "i386";
APT::Architectures {"i386"; "amd64";};
Dir::State::Lists "$dir/lists";
Dir::State::status "/dev/null";
Dir::Cache "$dir";
Dir::Etc::SourceList "$dir/sources.list";
Dir::Etc::SourceParts "/dev/null";
END
export APT_CONFIG="$dir/apt.conf"
timeout 240 apt-get -qq update || exit 2
for package in zstd=1.5.4+dfsg2-5 \
    libc6=2.36-9+deb12u14 \
    libgcc-s1=12.2.0-14+deb12u1 \
    liblz4-1=1.9.4-1 \
    liblzma5=5.4.1-1+deb12u1 \
    libstdc++6=12.2.0-14+deb12u1 \
    zlib1g=1:1.2.13.dfsg-1; do
    for arch in amd64 i386; do
        timeout 120 apt-get -qq download "${package%%=*}:$arch=${package#*=}" || exit 2
    done
done
for arch in amd64 i386; do
    for deb in *_"$arch".deb; do dpkg -x "$deb" "$arch"; done
done

compress() {
    "$dir/$1/$2" --library-path "$(echo "$dir/$1"/lib/*-linux-gnu):$(echo "$dir/$1"/usr/lib/*-linux-gnu)" \
        "$dir/$1/usr/bin/zstd" -q --single-thread -c "-$3" input
}

seq 1 20000 | head -c 100000 >input
compress amd64 lib64/ld-linux-x86-64.so.2 3 >amd64.zst || exit 2
compress i386 lib/ld-linux.so.2 3 >i386.zst || exit 2
seen=
for level in 3 5 6 8 10 15; do
    compress amd64 lib64/ld-linux-x86-64.so.2 "$level" >amd64.zst
    compress i386 lib/ld-linux.so.2 "$level" >i386.zst
    if cmp -s amd64.zst i386.zst; then seen="$seen same"; else seen="$seen differs"; fi
done
[ "$seen" = " same differs differs differs differs same" ] || changed "$seen"
echo "as described: amd64 and i386 agree at the levels 3 and 15, and not between"
