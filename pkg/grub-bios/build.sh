#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From Debian's GRUB in $DEBIAN: what is in $OUT, see build.yml.
set -eu

from=$DEBIAN/usr/lib/grub/i386-pc
modules=$(sed '/^#/d' modules.list)

# FORMAT PREFIX FILE MODULE...: a core with early.cfg. grub-mkimage takes the modules' order from the command line.
make_core() {
	format=$1 prefix=$2 file=$3
	shift 3
	# shellcheck disable=SC2086 # one word for each module
	grub-mkimage --format "$format" --directory "$from" --prefix "$prefix" --config early.cfg \
		--output "$OUT/$file" $modules "$@"
}

# Without a disk's name: the one that the BIOS has started.
make_core i386-pc '(,gpt2)' core-disk.img fat
make_core i386-pc-eltorito /boot/grub eltorito.img iso9660
for file in boot.img boot_hybrid.img; do
	head -c 440 "$from/$file" > "$OUT/$file"
done
