#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# squashfs-tools 1:4.5.1-1 (Debian 12): sqfstar ignores the metadata of the root directory.
#
# The tar has an entry "./" with mode 0755 and a fixed time. sqfstar says on stderr
#     Empty tar filename after skipping leading /, ./, or ../, ignoring
# and exits 0; the root of the image has mode 0777 and the current time:
#     drwxrwxrwx root/root    26 2026-11-29 14:41 squashfs-root
# The workaround, -root-mode, works only before the name of the image. mksquashfs takes its options after the
# names; sqfstar silently takes what follows the name for files to exclude, and exits 0.
#
# A root file system made from a tar has a world-writable "/", and is a different image each time, unless
# -root-mode and -root-time (and -mkfs-time) come before the name.

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

mkdir -p tree/etc
echo hello >tree/etc/motd
chmod 0755 tree tree/etc
tar --mtime=@0 --owner=0 --group=0 --numeric-owner -C tree -cf os.tar .
tar -tvf os.tar | grep -q '^drwxr-xr-x .* \./$' || exit 2

mode_of() {
    timeout 20 unsquashfs -lls "$1" | sed -n 's/ .* squashfs-root$//p'
}

timeout 20 sqfstar -quiet -no-progress plain.img <os.tar 2>stderr || changed "sqfstar fails"
cat stderr
grep -q 'Empty tar filename' stderr || changed "there is no message about ./"
[ "$(mode_of plain.img)" = drwxrwxrwx ] || changed "the root directory is $(mode_of plain.img)"

timeout 20 sqfstar -quiet -no-progress after.img -root-mode 0755 <os.tar 2>stderr ||
    changed "an option at the end is refused"
[ "$(mode_of after.img)" = drwxrwxrwx ] || changed "-root-mode at the end has an effect"
timeout 20 sqfstar -quiet -no-progress -root-mode 0755 before.img <os.tar 2>stderr || exit 2
[ "$(mode_of before.img)" = drwxr-xr-x ] || changed "-root-mode before the name has no effect"
echo "as described: / is $(mode_of plain.img), and still is with -root-mode after the name"
