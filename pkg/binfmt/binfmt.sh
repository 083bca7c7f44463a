#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Register each line of binfmt.d(5), of this image and of the OS. What has the same name is replaced. Exit code 1 when
# the kernel refuses one.
set -u
PATH=/bin
failed=0

# One write for each line, as the kernel takes it.
put() {
	{ printf '%s' "$1" > "/binfmt_misc/$2"; } 2>/dev/null
}

register() {
	line=$1
	name=${line#?}
	name=${name%%"${line%"${line#?}"}"*}
	case $name in
	'' | */* | .* | register | status)
		echo "binfmt: '$line' does not begin with a name" >&2
		failed=1
		return
		;;
	esac
	[ ! -e "/binfmt_misc/$name" ] || put -1 "$name"
	if put "$line" register; then
		names="$names $name"
	else
		echo "binfmt: the kernel does not take $name: is its interpreter in this image?" >&2
		failed=1
	fi
}

names=
for file in /usr/lib/binfmt.d/*.conf /hostroot/etc/binfmt.d/*.conf; do
	[ -f "$file" ] || continue
	while IFS= read -r line || [ -n "$line" ]; do
		case $line in
		'' | '#'* | ';'*) ;;
		*) register "$line" ;;
		esac
	done < "$file"
done
echo "binfmt: registered$names"
exit $failed
