#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# dhcp [--renew] [-i INTERFACE]... [udhcpc's options]
# Gets an address for each interface, by default for every network card. With --renew it stays and keeps them.
set -u

renew=
interfaces=
while [ $# -gt 0 ]; do
	case $1 in
	--renew) renew=yes ;;
	-i) interfaces="$interfaces ${2:?dhcp: -i needs the name of an interface}"; shift ;;
	*) break ;;
	esac
	shift
done

cards() {
	for device in /sys/class/net/*/device; do
		[ -e "$device" ] || continue
		card=${device%/device}
		echo "${card##*/}"
	done
}

# A driver may still be at work when this begins: wait up to ten seconds.
tries=100
while :; do
	missing=
	wanted=${interfaces:-$(cards)}
	[ -n "$wanted" ] || missing="a network card"
	for interface in $wanted; do
		[ -e "/sys/class/net/$interface" ] || missing=$interface
	done
	[ -n "$missing" ] || break
	tries=$((tries - 1))
	if [ "$tries" -eq 0 ]; then
		echo "dhcp: there is no $missing" >&2
		exit 1
	fi
	sleep 0.1
done

# -A: seconds between the rounds of -t tries, of -T seconds each. One round is enough where somebody waits for it.
result=0
children=
trap 'kill $children 2>/dev/null; exit 0' TERM INT
for interface in $wanted; do
	if [ -n "$renew" ]; then
		udhcpc -f -R -i "$interface" -s /usr/share/dhcp/lease -t 10 -T 1 -A 5 "$@" &
		children="$children $!"
	elif ! udhcpc -f -q -n -i "$interface" -s /usr/share/dhcp/lease -t 15 -T 1 "$@"; then
		echo "dhcp: $interface got no address" >&2
		result=1
	fi
done
[ -z "$children" ] || wait $children || result=$?
exit $result
