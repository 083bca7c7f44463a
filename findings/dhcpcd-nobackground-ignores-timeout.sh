#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# dhcpcd 9.4.1-24~deb12u5 (Debian 12; 10.1.0 of Debian 13 as well): --nobackground has --oneshot ignore --timeout.
#
# With --oneshot dhcpcd ends when a card has an address. When no server answers it ends after --timeout, 30 seconds by
# default, with exit code 1:
#     timed out
# With --nobackground, too, it never does: it asks for ever. dhcpcd(8) says of --nobackground only that it does not run
# in the background when it acquires a lease. --waitip is ignored in the same way.
#
# Images of LinuxKit call it with both, to get an address on boot: a machine without a server does not boot then.
# Whoever starts it like that needs a limit of one's own, or leaves out --nobackground, which --oneshot does not need.

set -eu
export LC_ALL=C

changed() {
    echo "$0: not as described: $*" >&2
    exit 1
}

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
timeout 120 apt-get -qq -o APT::Sandbox::User=root download dhcpcd-base=9.4.1-24~deb12u5 || exit 2
dpkg -x ./*.deb root

# A network of its own, whose one card is connected to nobody, and places to write to.
# try LIMIT OPTION...: the last line of `out` is the exit code, 124 if it was stopped after the limit.
try() {
    unshare --user --map-root-user --net --mount --pid --fork --kill-child sh -ec '
        mount -t tmpfs none /run
        mount -t tmpfs none /var/lib
        mkdir /var/lib/dhcpcd
        ip link add eth0 type veth peer name other
        ip link set other up
        limit=$1
        shift
        code=0
        timeout "$limit" root/usr/sbin/dhcpcd --config /dev/null --script /bin/true --ipv4only --noipv4ll "$@" eth0 ||
            code=$?
        echo "exit code $code"' sh "$@" > out 2>&1 || { cat out; exit 2; }
    echo "$*: $(tail -n 1 out)"
}
try 20 --oneshot --timeout 3
grep -q '^timed out$' out || changed "it did not end by itself"
grep -q '^exit code 1$' out || changed "the exit code is another one"
try 20 --nobackground --oneshot --timeout 3
grep -q '^exit code 124$' out || changed "it ended within 20 s"
! grep -q '^timed out$' out || changed "it timed out"
echo "as described: with --nobackground it goes on asking"
