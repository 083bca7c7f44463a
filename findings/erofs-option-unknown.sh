#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# erofs-utils 1.5-1 (Debian 12): mkfs.erofs accepts any name as an extended option.
#
# -Ededupe and -Efragments came with 1.6. Version 1.5 ignores them, as it does -Enosuchthing: it exits 0, prints
# nothing, and writes the same image as without the option. Unknown compressors and unknown long options are
# rejected as they should be.
#
# A build that asks for a smaller image silently gets the usual one on an older builder. A tool that passes
# options on has to check the version, not the exit status.

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
timeout 120 apt-get -qq -o APT::Sandbox::User=root download erofs-utils=1.5-1 || exit 2
dpkg -x ./*.deb root
PATH=$dir/root/usr/bin:$PATH

mkdir tree
i=0
while [ $i -lt 8 ]; do
    seq 1 4000 >tree/same-$i
    i=$((i + 1))
done

image_of() {
    rm -f os.img
    timeout 20 mkfs.erofs --quiet -T0 -U 11111111-2222-3333-4444-555555555555 -zlz4hc "$@" os.img tree \
        2>stderr || return 1
    [ ! -s stderr ] || return 1
    sha256sum <os.img
}

plain=$(image_of) || exit 2
for option in dedupe fragments nosuchthing; do
    image=$(image_of -E$option) || changed "-E$option is refused: $(cat stderr)"
    [ "$image" = "$plain" ] || changed "-E$option makes another image"
done
if image_of -zno-such-compressor >stdout; then changed "an unknown compressor is taken"; fi
echo "as described: -Ededupe, -Efragments and -Enosuchthing all give $plain"
