#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# xorriso 1.5.4-4 (Debian 12): an EFI image of 32 MiB or more has the size 0 in the boot catalog.
#
# The catalog of El Torito counts blocks of 512 bytes in 16 bits, so that 65535 is its largest number. For an
# EFI image of 33 MiB in an appended partition, xorriso silently writes 0 and exits 0:
#     El Torito boot img :   1  UEFI  y   none  0x0000  0x00      0     35
#     El Torito img blks :   1  16896
# For one of 31 MiB it writes 63488 blocks.
#
# A kernel and an initrd easily exceed 32 MiB. The image still boots as a disk, but firmware that uses the catalog
# (as OVMF does) finds nothing to boot on the CD. Keep the EFI image small, or check the catalog afterwards.

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
for package in xorriso=1.5.4-4 \
    libisoburn1=1.5.4-4 \
    libisofs6=1.5.4-1 \
    libburn4=1.5.4-1 \
    libjte2=1.22-3 \
    libreadline8=8.2-1.3; do
    timeout 120 apt-get -qq -o APT::Sandbox::User=root download "$package" || exit 2
done
for deb in *.deb; do dpkg -x "$deb" root; done
PATH=$dir/root/usr/bin:$PATH
LD_LIBRARY_PATH=$(echo "$dir"/root/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH

mkdir tree
echo hello >tree/readme

# Print the number of 512-byte blocks that the boot catalog has for an EFI image of this many MiB.
blocks_of() {
    rm -f efi.img os.iso
    truncate -s "$1M" efi.img
    timeout 60 xorriso -as mkisofs -quiet -o os.iso -append_partition 2 0xef efi.img \
        -e --interval:appended_partition_2:all:: -no-emul-boot tree >stdout 2>stderr || return 1
    timeout 20 xorriso -indev os.iso -report_el_torito plain 2>/dev/null |
        sed -n 's/^El Torito boot img : .* \([0-9][0-9]*\)  *[0-9][0-9]*$/\1/p'
}

small=$(blocks_of 31) || exit 2
large=$(blocks_of 33) || changed "xorriso refuses 33 MiB"
cat stderr
echo "31 MiB: $small blocks, 33 MiB: $large blocks"
[ "$small" = 63488 ] || changed "31 MiB have $small blocks"
[ "$large" = 0 ] || changed "33 MiB have $large blocks"
if grep -qiE 'warning|sorry|failure|load size' stderr stdout; then changed "xorriso says something now"; fi
echo "as described: 0 blocks, without an error"
