#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# squashfs-tools 1:4.5.1-1 (Debian 12): unsquashfs shows large device numbers as Linux 2.4 had them.
#
# An image has the block device 259:70000, as a disk by NVMe may have it. unsquashfs unpacks it as that, but lists it,
# with -ll and in the pseudo file of -pf, by its upper 24 and its lower 8 bits:
#     brw-r--r-- root/root     1118467,112 2026-11-29 14:41 squashfs-root/disk
#     disk B 1795977858 644 0 0 1118467 112
#
# mksquashfs cannot make the image anew from such a pseudo file ("Major 1118467 out of range"), and lists of two
# images differ from what is in them. Compare devices by unpacking them.

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
    liblzo2-2=2.10-2; do
    timeout 120 apt-get -qq -o APT::Sandbox::User=root download "$package" || exit 2
done
for deb in *.deb; do dpkg -x "$deb" root; done
PATH=$dir/root/usr/bin:$PATH
LD_LIBRARY_PATH=$(echo "$dir"/root/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH

mkdir empty
timeout 20 mksquashfs empty disk.img -quiet -no-progress -p "disk b 644 0 0 259 70000" || exit 2
timeout 20 unsquashfs -ll disk.img >list
grep -q ' 1118467,112 .* squashfs-root/disk$' list || changed "-ll says $(grep disk list)"
timeout 20 unsquashfs -pf pseudo disk.img >/dev/null || exit 2
grep -aq '^disk B .* 1118467 112$' pseudo || changed "-pf says $(grep -a '^disk' pseudo)"
echo "as described: $(grep -a '^disk' pseudo)"
