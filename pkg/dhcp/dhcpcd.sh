#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# dhcpcd [OPTION]... [INTERFACE]...
# The command lines that LinuxKit's dhcpcd gets, for dhcp: with -B an address as long as it runs; with -1, or without
# -B, where dhcpcd goes to the background and ends with its container, once. What dhcp does anyway is taken; an option
# that asks for something else is an error, as nothing would do it.
set -u

program=/usr/bin/dhcp
stay=
once=
named=
timeout=

fail() {
	echo "dhcpcd: $1 (dhcp takes dhcpcd's -1, -4, -B, -d, -f, -t and -w, and names of interfaces)" >&2
	exit 2
}

# Of a file nothing is read: the usual one has what dhcp does by itself. One that somebody put there is said.
check_file() {
	[ ! -e "$1" ] || echo "dhcpcd: $1 is not read: options are those of \`dhcp\`" >&2
}

while [ $# -gt 0 ]; do
	case $1 in
	-1 | --oneshot) once=yes ;;
	-B | --nobackground) stay=yes ;;
	-4 | --ipv4only | -d | --debug | -w | --waitip | --waitip=4) ;;
	-f | --config) check_file "${2:?dhcpcd: $1 needs a file}"; shift ;;
	--config=*) check_file "${1#*=}" ;;
	-t | --timeout) timeout=${2:?dhcpcd: $1 needs seconds}; shift ;;
	--timeout=*) timeout=${1#*=} ;;
	--) ;;
	-*) fail "there is no option '$1'" ;;
	*) named="$named -i $1" ;;
	esac
	shift
done
case $timeout in
*[!0-9]*) fail "-t needs seconds, not '$timeout'" ;;
esac
# $named is a list of words.
if [ -n "$stay" ] && [ -z "$once" ]; then
	exec "$program" --renew $named
fi
exec "$program" $named ${timeout:+-t "$timeout"}
