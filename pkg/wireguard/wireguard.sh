#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# wireguard: an interface for each file in /etc/wireguard; one that fails keeps no other from being tried.
set -u

result=1
for file in /etc/wireguard/*.conf; do
	if [ ! -e "$file" ]; then
		echo "wireguard: there is no file /etc/wireguard/*.conf" >&2
		exit 1
	fi
	interface=$(basename "$file" .conf)
	[ "$result" != 1 ] || result=0
	ip link show dev "$interface" > /dev/null 2>&1 || ip link add "$interface" type wireguard || result=2
	/usr/bin/lk-wg-config configure "$file" || result=2
done
exit "$result"
