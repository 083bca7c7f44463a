#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# dhcp [--renew] [-i INTERFACE]... [udhcpc's options]
# Gets an address for each interface that is named, without any for every network card; all are asked for at the same
# time. Of two routers and lists of name servers those of the first interface are in force. A card that gets no answer
# is waited for a short time only once another has its address. With --renew it stays, keeps the addresses, and takes
# interfaces that come later.
set -u

state=/run/dhcp
renew=
named=
while [ $# -gt 0 ]; do
	case $1 in
	--renew) renew=yes ;;
	-i) named="$named ${2:?dhcp: -i needs the name of an interface}"; shift ;;
	*) break ;;
	esac
	shift
done

# In the order in which the kernel found them.
cards() {
	for device in /sys/class/net/*/device; do
		[ -e "$device" ] || continue
		card=${device%/device}
		read -r index < "$card/ifindex" || continue
		echo "$index ${card##*/}"
	done | sort -n | while read -r index card; do echo "$card"; done
}

read -r name < /proc/sys/kernel/hostname || name=

# What lease.sh knows how to use is asked for: routes, the size of packets, where names are looked for.
# -A: seconds between the rounds of -t tries, of -T seconds each. One round is enough where somebody waits for it.
# $metric: the first interface has the smallest, and so its router is in force.
next=200
ask() {
	interface=$1
	shift
	next=$((next + 1))
	metric=$next udhcpc -f -i "$interface" -s /usr/share/dhcp/lease -O staticroutes -O mtu -O search \
		${name:+-x "hostname:$name"} "$@" &
	started="$started $interface:$!"
}

pid_of() {
	for entry in $started; do
		[ "${entry%:*}" != "$1" ] || echo "${entry##*:}"
	done
}

stop() {
	trap '' TERM INT
	for entry in $started; do kill "${entry##*:}" 2>/dev/null; done
	[ -z "$pause" ] || kill "$pause" 2>/dev/null
	wait
	exit 0
}

started=
pause=
trap stop TERM INT
mkdir -p "$state"

if [ -n "$renew" ]; then
	while :; do
		for interface in ${named:-$(cards)}; do
			[ -e "/sys/class/net/$interface" ] || continue
			pid=$(pid_of "$interface")
			[ -z "$pid" ] || ! kill -0 "$pid" 2>/dev/null || continue
			# One that is new, or whose udhcpc ended because it was gone for a while.
			if [ -n "$pid" ]; then
				started=$(for e in $started; do [ "$e" = "$interface:$pid" ] || echo "$e"; done)
			fi
			ask "$interface" -R -t 10 -T 1 -A 5 "$@"
		done
		sleep 2 &
		pause=$!
		wait "$pause"
	done
fi

# A driver may still be at work when this begins; one that is named is waited for longer.
tries=${named:+100}
tries=${tries:-30}
while :; do
	missing=
	wanted=${named:-$(cards)}
	[ -n "$wanted" ] || missing="network card"
	for interface in $wanted; do
		[ -e "/sys/class/net/$interface" ] || missing="interface $interface"
	done
	[ -n "$missing" ] || break
	tries=$((tries - 1))
	if [ "$tries" -le 0 ]; then
		echo "dhcp: there is no $missing" >&2
		exit 1
	fi
	sleep 0.1
done

for interface in $wanted; do
	rm -f "$state/$interface"
	ask "$interface" -q -n -t 15 -T 1 "$@"
done

result=0
have=
left=160
# Tenths of a second for those that have no answer yet when another has its address.
patience=${named:+50}
patience=${patience:-20}
waiting=$started
while [ -n "$waiting" ] && [ "$left" -gt 0 ]; do
	sleep 0.1
	left=$((left - 1))
	still=
	for entry in $waiting; do
		if [ -e "$state/${entry%:*}" ]; then
			wait "${entry##*:}"
			have=yes
		elif kill -0 "${entry##*:}" 2>/dev/null; then
			still="$still $entry"
		else
			echo "dhcp: ${entry%:*} got no address" >&2
			result=1
		fi
	done
	waiting=$still
	if [ -n "$have" ] && [ "$left" -gt "$patience" ]; then
		left=$patience
	fi
done
for entry in $waiting; do
	kill "${entry##*:}" 2>/dev/null
	echo "dhcp: ${entry%:*} got no address" >&2
	result=1
done
# A card that nobody named may be connected to nothing.
[ -z "$have" ] || [ -n "$named" ] || result=0
exit $result
