#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# zstd 1.5.4+dfsg2-5+deb12u1 (Debian 12): input from a pipe gets the largest window of the level.
#
# With zstd --ultra -22 and 20000 bytes of input, the frame requires a window of 20000 bytes when they come from a
# file, but 128 MiB when they come from a pipe, as the size is not known when the header is written:
#     Window Size: 19.5 KiB (20000 B)
#     Window Size: 128 MiB (134217728 B)
# zstd -d accepts up to 128 MiB. --stream-size=N specifies the size explicitly.
#
# `cpio -o | zstd --ultra -22` is a common way to make an initrd. The kernel allocates the window before it unpacks:
# a tiny initrd needs 128 MiB more memory, and a small machine that boots the same archive compressed from a file
# does not boot this one. The size of the archive does not show the difference.

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
timeout 120 apt-get -qq -o APT::Sandbox::User=root download zstd=1.5.4+dfsg2-5+deb12u1 || exit 2
dpkg -x ./*.deb root
PATH=$dir/root/usr/bin:$PATH

seq 1 10000 | head -c 20000 >archive
[ "$(wc -c <archive)" = 20000 ] || exit 2

window_of() {
    timeout 20 zstd -lv "$1" 2>/dev/null | sed -n 's/^Window Size: .*(\([0-9]*\) B)$/\1/p'
}

timeout 60 zstd -q --ultra -22 archive -o file.zst || exit 2
cat archive | timeout 60 zstd -q --ultra -22 >pipe.zst || exit 2
cat archive | timeout 60 zstd -q --ultra -22 --stream-size=20000 >sized.zst || exit 2
for name in file pipe sized; do
    echo "$name: $(wc -c <$name.zst) bytes, window $(window_of $name.zst)"
    timeout 20 zstd -q -t $name.zst || changed "zstd does not read $name.zst"
done
[ "$(window_of file.zst)" = 20000 ] || changed "from a file the window is $(window_of file.zst)"
[ "$(window_of pipe.zst)" = 134217728 ] || changed "from a pipe the window is $(window_of pipe.zst)"
[ "$(window_of sized.zst)" -le 32768 ] || changed "with --stream-size the window is $(window_of sized.zst)"
echo "as described: the same bytes need 128 MiB when they came through a pipe"
