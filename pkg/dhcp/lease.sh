#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# udhcpc calls this when something happens; what the server said is in the environment.
set -eu

resolv=/run/resolvconf/resolv.conf

drop_lease() {
	ip addr flush dev "$interface"
	ip link set dev "$interface" up
}

# Option 121 comes as "NET/BITS GATEWAY NET/BITS GATEWAY ...", and then the routers do not count (RFC 3442).
add_routes() {
	if [ -n "${staticroutes:-}" ]; then
		set -- $staticroutes
		while [ $# -ge 2 ]; do
			if [ "$2" = 0.0.0.0 ]; then
				ip route replace "$1" dev "$interface"
			else
				ip route replace "$1" via "$2" dev "$interface"
			fi
			shift 2
		done
		return
	fi
	for gateway in ${router:-}; do
		# A network of one address (as some clouds have it) does not reach its router by itself.
		[ "${mask:-24}" != 32 ] || ip route replace "$gateway" dev "$interface"
		ip route replace default via "$gateway" dev "$interface"
		break
	done
}

# The file is written in place: containers have it bound under their own name. Those that start before
# it is there would have nothing to bind, so it is there at all times.
write_resolv() {
	[ -n "${dns:-}" ] || return 0
	text=
	if [ -n "${search:-${domain:-}}" ]; then
		text="search ${search:-$domain}
"
	fi
	for server in $dns; do
		text="${text}nameserver $server
"
	done
	printf %s "$text" > "$resolv"
}

take_lease() {
	[ -z "${mtu:-}" ] || ip link set dev "$interface" mtu "$mtu" || true
	ip addr flush dev "$interface"
	ip addr add "$ip/${mask:-24}" ${broadcast:+broadcast "$broadcast"} dev "$interface"
	add_routes
	write_resolv
	echo "dhcp: $interface has $ip/${mask:-24}${router:+, router ${router%% *}}${dns:+, name servers $dns}"
}

case $1 in
deconfig) drop_lease ;;
bound) take_lease ;;
renew)
	# The address is the same; taking it away for a moment would end connections.
	write_resolv
	;;
leasefail) echo "dhcp: $interface: no server answers" >&2 ;;
nak) echo "dhcp: $interface: the server says no${message:+: $message}" >&2 ;;
esac
