#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# util-linux 2.38.1-5+deb12u3, gdisk 1.0.9-2.1 (Debian 12): checks of a GPT that is cut short exit 0.
#
# Of a disk image whose end is missing, with the last partition and the backup table, sfdisk --verify says that there
# are no errors, and sgdisk --verify lists problems; both exit 0:
#     No errors detected.
#     Identified 6 problems!
#
# A download that broke off, or an image written to a disk that is too small, passes a check in CI. Read what the
# tools print: "Problem:" of sgdisk, "size mismatch" of sfdisk.

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
for package in fdisk=2.38.1-5+deb12u3 \
    libfdisk1=2.38.1-5+deb12u3 \
    libsmartcols1=2.38.1-5+deb12u3 \
    gdisk=1.0.9-2.1 \
    libpopt0=1.19+dfsg-1; do
    timeout 120 apt-get -qq -o APT::Sandbox::User=root download "$package" || exit 2
done
for deb in *.deb; do dpkg -x "$deb" root; done
PATH=$dir/root/usr/sbin:$dir/root/sbin:$dir/root/usr/bin:$PATH
LD_LIBRARY_PATH=$(echo "$dir"/root/usr/lib/*-linux-gnu):$(echo "$dir"/root/lib/*-linux-gnu)
export LD_LIBRARY_PATH

truncate -s 64M disk.img
printf 'label: gpt\n2048,32768\n34816,+\n' | timeout 20 sfdisk -q disk.img >out 2>&1 || exit 2
timeout 20 sfdisk --verify disk.img >whole 2>&1 || changed "sfdisk refuses the whole disk"
timeout 20 sgdisk --verify disk.img >whole.sgdisk 2>&1 || changed "sgdisk refuses the whole disk"
truncate -s 40M disk.img
timeout 20 sfdisk --verify disk.img >sfdisk.out 2>&1 || changed "sfdisk exits $?"
timeout 20 sgdisk --verify disk.img >sgdisk.out 2>&1 || changed "sgdisk exits $?"
tail -n 1 sfdisk.out
tail -n 1 sgdisk.out
grep -q 'No errors detected' sfdisk.out || changed "sfdisk sees errors"
grep -qi 'problem' sgdisk.out || changed "sgdisk sees no problem"
echo "as described: both exit 0"
