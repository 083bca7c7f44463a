#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# binutils 2.40-2 (Debian 12): objcopy puts a section 2 GiB away, and exits 0.
#
# The usual way to make a unified kernel image is objcopy --add-section .cmdline=FILE --change-section-vma
# .cmdline=0x30000 on an EFI stub. The address is absolute, not relative to the file's ImageBase. With a base of 0,
# as older stubs have, the result is as intended. With a base of 0x180000000 objcopy says
#     objcopy: image.efi:.cmdline: section below image base
# exits 0 and writes a file with the section 0x80030000 bytes after its base:
#     .cmdline      00000005  0000000200030000  0000000200030000
#
# Newer stubs have a base other than 0, so that a recipe that has worked for years writes an image that firmware
# refuses to load, without any error. Read ImageBase and add it to each address.

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
for package in binutils-x86-64-linux-gnu=2.40-2 \
    binutils-common=2.40-2 \
    libbinutils=2.40-2 \
    libctf0=2.40-2 \
    libctf-nobfd0=2.40-2; do
    timeout 120 apt-get -qq -o APT::Sandbox::User=root download "$package" || exit 2
done
for deb in *.deb; do dpkg -x "$deb" root; done
PATH=$dir/root/usr/bin:$PATH
LD_LIBRARY_PATH=$(echo "$dir"/root/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH

printf '.globl _start\n.text\n_start: ret\n' >stub.s
timeout 20 x86_64-linux-gnu-as -o stub.o stub.s || exit 2
printf quiet >cmdline

# Print the address of .cmdline, added at VMA to a stub with this BASE.
address_of() {
    timeout 20 x86_64-linux-gnu-ld -m i386pep --subsystem 10 --image-base "$1" -e _start -o stub.efi stub.o || exit 2
    timeout 20 x86_64-linux-gnu-objcopy --add-section .cmdline=cmdline --change-section-vma .cmdline="$2" \
        stub.efi image.efi 2>stderr || changed "objcopy exits $?"
    timeout 20 x86_64-linux-gnu-objdump -h image.efi | sed -n 's/^ *[0-9]* .cmdline *[0-9a-f]* *\([0-9a-f]*\) .*/\1/p'
}

address=$(address_of 0 0x30000)
[ "$address" = 0000000000030000 ] || changed "base 0: .cmdline is at $address"
address=$(address_of 0x180000000 0x180030000)
[ "$address" = 0000000180030000 ] || changed "base added: .cmdline is at $address"
[ ! -s stderr ] || changed "base added: $(cat stderr)"
address=$(address_of 0x180000000 0x30000)
echo ".cmdline is at 0x$address"
cat stderr
[ "$address" = 0000000200030000 ] || changed "base not added: .cmdline is at $address"
grep -q 'section below image base' stderr || changed "nothing is said of the base"
echo "as described: exit status 0, and the section is 2 GiB after the base"
