#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# mtools 4.0.33-1+really4.0.32-1 (Debian 12): mcopy writes a character above U+FFFF into a FAT cut to 16 bits.
#
# A long name in a FAT is UTF-16, where U+20BB7, a character of Japanese names, is two units, d842 dfb7. mcopy writes
# one unit, the lower 16 bits, which is another character, U+0BB7:
#     41 b7 0b 2e 00 74 00 78 00 74 00 0f
# It exits 0 without a word, and fsck.vfat -n finds nothing wrong. So does mmd for directories.
#
# A boot partition or SD card filled by mcopy then has the file under another name than the system's manifest, its
# update tool or its boot loader's configuration has. Compare names after writing, or keep to ASCII.

set -eu
export LC_ALL=C.UTF-8

changed() {
    echo "$0: not as described: $*" >&2
    exit 1
}

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
for package in mtools=4.0.33-1+really4.0.32-1 dosfstools=4.2-1; do
    timeout 120 apt-get -qq -o APT::Sandbox::User=root download "$package" || exit 2
done
for deb in *.deb; do dpkg -x "$deb" root; done
PATH=$dir/root/usr/sbin:$dir/root/sbin:$dir/root/usr/bin:$PATH

truncate -s 8M a.img
timeout 20 mkfs.vfat a.img >mkfs.out || exit 2
echo text >file
name=$(printf '\360\240\256\267.txt') # U+20BB7
timeout 20 mcopy -i a.img file "::$name" || changed "mcopy refuses it"
timeout 20 fsck.vfat -n a.img >fsck.out || changed "fsck.vfat finds something"

# The entry of a long name: its number, 41 for the first that is also the last, and five units of UTF-16.
units=$(od -An -v -tx1 -w32 a.img | awk '$1 == "41" && $12 == "0f" { print; exit }' | cut -c 2-36)
echo "$units"
case $units in
"41 b7 0b 2e 00 "*) echo "as described: U+20BB7 became U+0BB7" ;;
"41 42 d8 b7 df "*) changed "it is written as two units" ;;
*) changed "the entry is another one" ;;
esac
