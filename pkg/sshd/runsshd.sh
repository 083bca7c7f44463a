#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Make the keys that do not exist yet, collect those that may come in, and serve.
set -eu
umask 077
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH

# Every program that busybox is, under its name.
/bin/busybox --install -s

keys=/var/lib/sshd
mkdir -p "$keys"
for type in ed25519 ecdsa; do
	[ -s "$keys/$type" ] && continue
	# A key has its name once it is whole.
	rm -f "$keys/$type.new"
	dropbearkey -t "$type" -f "$keys/$type.new" > /dev/null
	sync
	mv "$keys/$type.new" "$keys/$type"
	dropbearkey -y -f "$keys/$type" | grep Fingerprint
done

# Unless somebody has bound the directory here, as for LinuxKit's image.
allowed=/root/.ssh/authorized_keys
if [ ! -e "$allowed" ]; then
	mkdir -p /root/.ssh
	for file in /hostroot"$allowed" /run/config/ssh/authorized_keys; do
		[ ! -f "$file" ] || cat "$file"
	done > "$allowed"
fi
[ -s "$allowed" ] || echo "sshd: nobody can log in: $allowed of the OS has no keys" >&2

exec dropbear -F -E -s -r "$keys/ed25519" -r "$keys/ecdsa"
