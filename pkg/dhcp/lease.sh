#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# udhcpc calls this when something happens; what the server said is in the environment. What can't be done of it is
# said, and the rest is done: a route that makes no sense costs nobody the name servers.
set -u

resolv=/run/resolvconf/resolv.conf
state=/run/dhcp
metric=${metric:-200}

complain() {
	echo "dhcp: $interface: $*" >&2
}

drop_lease() {
	ip -4 addr flush dev "$interface"
	ip link set dev "$interface" up
	if [ -e "$state/$interface" ]; then
		rm -f "$state/$interface"
		write_resolv
	fi
}

# add_route NET GATEWAY. A router need not be in the lease's own network: in some clouds it is in none. Then the way to
# it comes first.
add_route() {
	if [ "$2" = 0.0.0.0 ]; then
		ip route replace "$1" dev "$interface" metric "$metric" && return
	else
		ip route replace "$1" via "$2" dev "$interface" metric "$metric" 2>/dev/null && return
		ip route replace "$2" dev "$interface" metric "$metric" &&
			ip route replace "$1" via "$2" dev "$interface" metric "$metric" && return
		ip route del "$2" dev "$interface" metric "$metric" 2>/dev/null
	fi
	complain "can't set the route to $1 by $2"
}

# Option 121 comes as "NET/BITS GATEWAY NET/BITS GATEWAY ...", and then the routers do not count (RFC 3442).
add_routes() {
	if [ -n "${staticroutes:-}" ]; then
		set -- $staticroutes
		while [ $# -ge 2 ]; do
			add_route "$1" "$2"
			shift 2
		done
	elif [ -n "${router:-}" ]; then
		add_route default "${router%% *}"
	fi
}

# What each interface was told, its metric first, is in a file of its own.
note_lease() {
	{
		echo "$metric"
		echo "${search:-${domain:-}}"
		echo "${dns:-}"
	} > "$state/.$interface" && mv "$state/.$interface" "$state/$interface"
}

# $1 with the words of $2 that it hasn't yet.
merge() {
	all=$1
	for word in $2; do
		case " $all " in
		*" $word "*) ;;
		*) all="$all${all:+ }$word" ;;
		esac
	done
	echo "$all"
}

# The files' names, the smallest metric first.
leases() {
	for file in "$state"/*; do
		[ -e "$file" ] && read -r first < "$file" && echo "$first $file"
	done | sort -n | while read -r first file; do echo "$file"; done
}

# The name servers of all, those of the first interface first; no resolver looks at more than three. The file is written
# in place, as containers have it bound under their own name, and where no server is known it stays as it is.
write_resolv() {
	domains=
	servers=
	for file in $(leases); do
		{
			read -r first
			read -r words
			domains=$(merge "$domains" "$words")
			read -r words
			servers=$(merge "$servers" "$words")
		} < "$file"
	done
	[ -n "$servers" ] || return 0
	set -- $servers
	text=${domains:+search $domains
}
	for server in "$1" "${2:-}" "${3:-}"; do
		text="$text${server:+nameserver $server
}"
	done
	printf %s "$text" > "$resolv"
}

take_lease() {
	if [ -n "${mtu:-}" ] && { [ "$mtu" -lt 576 ] || ! ip link set dev "$interface" mtu "$mtu"; }; then
		complain "packets of $mtu bytes can't be had"
	fi
	ip -4 addr flush dev "$interface"
	ip addr add "$ip/${mask:-24}" ${broadcast:+broadcast "$broadcast"} dev "$interface" ||
		complain "can't take the address $ip/${mask:-24}"
	add_routes
	note_lease
	write_resolv
	echo "dhcp: $interface has $ip/${mask:-24}${router:+, router ${router%% *}}${dns:+, name servers $dns}"
}

mkdir -p "$state"
# Those of other interfaces run at the same time. One that was killed in here is not waited for longer than the rest
# could take.
tries=50
until mkdir "$state/.lock" 2>/dev/null || [ "$tries" -eq 0 ]; do
	tries=$((tries - 1))
	sleep 0.1
done
trap 'rmdir "$state/.lock" 2>/dev/null' EXIT

case $1 in
deconfig) drop_lease ;;
bound) take_lease ;;
renew)
	# The address is the same; taking it away for a moment would end connections.
	add_routes
	note_lease
	write_resolv
	;;
leasefail) complain "no server answers" ;;
nak) complain "the server says no${message:+: $message}" ;;
esac
