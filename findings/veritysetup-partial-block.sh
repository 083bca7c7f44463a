#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# cryptsetup 2:2.6.1-4~deb12u2 (Debian 12): veritysetup leaves a partial last block out, and exits 0.
#
# dm-verity hashes whole data blocks, of 4096 bytes by default. An image of 3 blocks and 100 bytes is taken without a
# word; the hash tree covers 3 blocks:
#     Data blocks:            3
#
# Squashfs images that are not padded, and archives, rarely end with a block. Whoever signs the root hash signs all
# but the end of the image. Pad images to 4096 bytes before hashing them.

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
for package in cryptsetup-bin=2:2.6.1-4~deb12u2 \
    libcryptsetup12=2:2.6.1-4~deb12u2; do
    timeout 120 apt-get -qq -o APT::Sandbox::User=root download "$package" || exit 2
done
for deb in *.deb; do dpkg -x "$deb" root; done
PATH=$dir/root/usr/sbin:$dir/root/sbin:$dir/root/usr/bin:$PATH
LD_LIBRARY_PATH=$(echo "$dir"/root/usr/lib/*-linux-gnu):$(echo "$dir"/root/lib/*-linux-gnu)
export LD_LIBRARY_PATH

head -c 12388 /dev/zero | tr '\0' x >image
timeout 20 veritysetup format image tree >out 2>&1 || changed "format exits $?: $(cat out)"
blocks=$(sed -n 's/^Data blocks:[[:space:]]*//p' out)
echo "12388 bytes: $blocks data blocks"
[ "$blocks" = 3 ] || changed "$blocks data blocks"
echo "as described: the last 100 bytes are in none of them"
