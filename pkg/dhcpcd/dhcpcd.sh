#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# dhcpcd [OPTION]... [INTERFACE]...
# Debian's dhcpcd, which looks at `timeout` and `waitip` only where it may go to the background: with -1 and
# --nobackground it would wait for ever for a server, or end with an IPv6 address while IPv4 is asked for. As it never
# gets there with -1, --nobackground is left out then.
# Where -1 waits for IPv4, IPv6 is left to the kernel: dhcpcd would turn off what the kernel does of it, and then end
# before it has done it.
set -u

once=
config=/etc/dhcpcd.conf
protocol=
previous=
for word; do
	case $previous in
	-f | --config) config=$word ;;
	esac
	case $word in
	-1 | --oneshot) once=yes ;;
	-f?*) config=${word#-f} ;;
	--config=*) config=${word#*=} ;;
	-4 | -6 | --ipv4only | --ipv6only | -w | --waitip*) protocol=said ;;
	esac
	previous=$word
done

if [ -n "$once" ]; then
	for word; do
		shift
		case $word in
		-B | --nobackground) ;;
		*) set -- "$@" "$word" ;;
		esac
	done
	waits=$(sed -n 's/^[[:space:]]*waitip[[:space:]]*//p' "$config" 2>/dev/null)
	[ -n "$protocol" ] || [ "$waits" != 4 ] || set -- -4 "$@"
fi
exec /usr/lib/dhcpcd/dhcpcd "$@"
