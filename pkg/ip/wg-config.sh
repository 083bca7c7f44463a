#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# lk-wg-config configure FILE.conf
# Sets up the interface FILE of WireGuard, which exists, as wg(8)'s setconf would; in the section [Interface] of the
# file there can also be Address, MTU, DNS, PreUp and PostUp, as for wg-quick(8), with lists of addresses separated by
# commas. What peers may send from (AllowedIPs) becomes a route.
set -u

fail() {
	echo "lk-wg-config: $*" >&2
	exit 1
}

# Of the section [Interface], the values of a key, each on a line; of commands the whole rest of the line.
values() {
	awk -v key="$1" '
		/^[ \t]*\[/ { inside = tolower($0) ~ /^[ \t]*\[interface\]/ }
		inside {
			at = index($0, "=")
			name = substr($0, 1, at - 1)
			gsub(/[ \t]/, "", name)
			if (at && tolower(name) == tolower(key)) {
				value = substr($0, at + 1)
				sub(/^[ \t]+/, "", value)
				sub(/[ \t\r]+$/, "", value)
				print value
			}
		}' "$file"
}

list() {
	values "$1" | sed 's/#.*//; s/,/ /g'
}

# What wg itself knows.
for_wg() {
	awk '
		/^[ \t]*\[/ { inside = tolower($0) ~ /^[ \t]*\[interface\]/ }
		inside {
			name = $0
			sub(/=.*/, "", name)
			gsub(/[ \t]/, "", name)
			if (tolower(name) ~ /^(address|mtu|dns|preup|postup)$/)
				next
		}
		{ print }' "$file"
}

run_hooks() {
	values "$1" | sed "s/%i/$interface/g" | while read -r command; do
		(eval "$command") || fail "$1 '$command' failed"
	done || exit 1
}

add_routes() {
	wg show "$interface" allowed-ips | while read -r _ networks; do
		for network in $networks; do
			case $network in
			*:*) family=-6 ;;
			*/*) family=-4 ;;
			*) continue ;; # (none)
			esac
			# Those of the interface's own addresses are there.
			[ -z "$(ip "$family" route show exact "$network" dev "$interface")" ] || continue
			ip "$family" route add "$network" dev "$interface" ||
				fail "can't add the route to $network by $interface"
		done
	done || exit 1
}

set_dns() {
	servers=$(list DNS)
	[ -n "$servers" ] || return 0
	for server in $servers; do
		echo "nameserver $server"
	done > /etc/resolv.conf || fail "can't write DNS to /etc/resolv.conf"
}

if [ "${1:-}" != configure ] || [ $# -ne 2 ]; then
	echo "usage: lk-wg-config configure FILE.conf" >&2
	exit 2
fi
file=$2
interface=$(basename "$file" .conf)
[ -r "$file" ] || fail "there is no $file"
[ "$file" != "${file%.conf}" ] || fail "$file is not INTERFACE.conf"
ip link show dev "$interface" > /dev/null 2>&1 || fail "there is no interface $interface"

run_hooks PreUp
ip link set "$interface" down
ip addr flush dev "$interface" || exit 1
for_wg | wg setconf "$interface" /dev/stdin || fail "$file is not accepted"
for address in $(list Address); do
	ip addr add "$address" dev "$interface" || fail "can't add the address $address to $interface"
done
for mtu in $(list MTU); do
	ip link set "$interface" mtu "$mtu" || exit 1
done
ip link set "$interface" up || exit 1
set_dns
add_routes
run_hooks PostUp
echo "lk-wg-config: $interface is up"
