#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# e2fsprogs 1.47.0-2+b2 (Debian 12): mke2fs -U UUID with a fixed time still makes a different file system each time.
#
# Besides its UUID, ext4 has a seed for the hashes of its directories, which is random unless -E hash_seed=UUID says
# it. -U alone does not cover it:
#     Directory Hash Seed:      (another one each time)
# With both, and the time fixed by E2FSPROGS_FAKE_TIME, two images are the same bytes.
#
# Tools that promise the same bytes from one seed, and hand only the UUID on to mke2fs, don't keep the promise for
# ext4. Compare two builds, or set all three.

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
for package in e2fsprogs=1.47.0-2+b2 \
    libext2fs2=1.47.0-2+b2 \
    libss2=1.47.0-2+b2 \
    libcom-err2=1.47.0-2+b2; do
    timeout 120 apt-get -qq -o APT::Sandbox::User=root download "$package" || exit 2
done
for deb in *.deb; do dpkg -x "$deb" root; done
PATH=$dir/root/usr/sbin:$dir/root/sbin:$dir/root/usr/bin:$PATH
LD_LIBRARY_PATH=$(echo "$dir"/root/usr/lib/*-linux-gnu):$(echo "$dir"/root/lib/*-linux-gnu)
export LD_LIBRARY_PATH

id=01234567-89ab-cdef-0123-456789abcdef
export E2FSPROGS_FAKE_TIME=1500000000

make_image() {
    rm -f "$1"
    timeout 20 mke2fs -q -t ext4 -U $id "$@" 8M </dev/null || exit 2
    timeout 20 dumpe2fs -h "$1" 2>/dev/null | grep 'Directory Hash Seed'
}

first=$(make_image a.img)
second=$(make_image b.img)
echo "$first"
echo "$second"
[ "$first" != "$second" ] || changed "the hash seed is the same twice"
make_image c.img -E hash_seed=$id
make_image d.img -E hash_seed=$id
cmp c.img d.img || changed "the images differ with a hash seed, too"
echo "as described: the hash seed is random unless it is given"
