#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# squashfs-tools 1:4.5.1-1 and squashfs-tools-ng 1.2.0-1 (Debian 12): a tar that holds one name twice.
#
# tar -r and every tool that appends to a tar write such archives; when tar unpacks them, the last member wins.
# Of two members etc/motd
#     tar -x     leaves the second
#     sqfstar    stores the first, says "etc/motd already exists in the tar file, ignoring", and exits 0
#     tar2sqfs   says "etc/motd: File exists" and exits 1
# tar2sqfs also rejects a directory that is listed twice.
#
# One tar gives three different root file systems. Write each name only once to a tar that others will
# convert, or sqfstar loses an update that was appended.

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
for package in squashfs-tools=1:4.5.1-1 \
    squashfs-tools-ng=1.2.0-1 \
    libsquashfs1=1.2.0-1 \
    liblzo2-2=2.10-2; do
    timeout 120 apt-get -qq -o APT::Sandbox::User=root download "$package" || exit 2
done
for deb in *.deb; do dpkg -x "$deb" root; done
PATH=$dir/root/usr/bin:$PATH
LD_LIBRARY_PATH=$(echo "$dir"/root/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH

mkdir -p tree/etc out
echo first >tree/etc/motd
tar -C tree -cf os.tar etc
echo second >tree/etc/motd
tar -C tree -rf os.tar etc/motd

tar -C out -xf os.tar
[ "$(cat out/etc/motd)" = second ] || changed "tar leaves $(cat out/etc/motd)"

timeout 20 sqfstar -quiet -no-progress star.img <os.tar 2>stderr || changed "sqfstar refuses it"
cat stderr
kept=$(timeout 20 unsquashfs -cat star.img etc/motd)
[ "$kept" = first ] || changed "sqfstar stores $kept"

if timeout 20 tar2sqfs -q ng.img <os.tar 2>stderr; then changed "tar2sqfs takes it"; fi
cat stderr
grep -q 'etc/motd: File exists' stderr || changed "tar2sqfs gives another reason"
echo "as described: tar has the second, sqfstar the first, tar2sqfs none"
