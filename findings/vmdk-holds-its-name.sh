#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# qemu-utils 1:7.2+dfsg-7+deb12u18+b3 (Debian 12): a VMDK contains its own file name, and a random number.
#
# qemu-img convert -O vmdk writes different bytes for the same disk each time: the descriptor within the file has
#     CID=3dee448a
#     RW 2048 SPARSE "first.vmdk"
# a random content ID, and the name that the file had when it was written. No option sets either. A qcow2 file
# is the same each time, whatever its name.
#
# VMDKs can't be compared by digest, not even after overwriting the CID, unless they were also written under the
# same name; a file that is written as NAME.tmp and renamed when it is complete contains NAME.tmp forever.

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
for package in qemu-utils=1:7.2+dfsg-7+deb12u18+b3 \
    libaio1=0.3.113-4 \
    liburing2=2.3-3 \
    libnuma1=2.0.16-1 \
    libglib2.0-0=2.74.6-2+deb12u9; do
    timeout 120 apt-get -qq -o APT::Sandbox::User=root download "$package" || exit 2
done
for deb in *.deb; do dpkg -x "$deb" root; done
PATH=$dir/root/usr/bin:$PATH
LD_LIBRARY_PATH=$(echo "$dir"/root/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH

seq 1 100000 | head -c 524288 >disk.raw
truncate -s 1M disk.raw

line_of() {
    strings_of "$1" | grep -m 1 "^$2"
}
# The descriptor is text in the first 64 KiB.
strings_of() {
    head -c 65536 "$1" | tr -c '[:print:]\n' '\n'
}

for name in first second; do
    timeout 20 qemu-img convert -f raw -O qcow2 disk.raw $name.qcow2 || exit 2
    timeout 20 qemu-img convert -f raw -O vmdk disk.raw $name.vmdk || exit 2
    line_of $name.vmdk CID=
    line_of $name.vmdk 'RW '
    [ "$(line_of $name.vmdk 'RW ')" = "RW 2048 SPARSE \"$name.vmdk\"" ] || changed "the name is not in the descriptor"
done
cmp -s first.qcow2 second.qcow2 || changed "qcow2 differs as well"
if [ "$(line_of first.vmdk CID=)" = "$(line_of second.vmdk CID=)" ]; then changed "the CID is the same twice"; fi

mv first.vmdk renamed.vmdk
line_of renamed.vmdk 'RW ' | grep -q '"first.vmdk"' || changed "the name follows the file"
timeout 20 qemu-img info renamed.vmdk | grep -q 'virtual size: 1 MiB' || changed "it is not read after it was renamed"
echo "as described: two files of one disk differ in CID and name"
