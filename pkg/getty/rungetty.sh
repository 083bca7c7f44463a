#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A getty on every console that the kernel uses. With INSECURE=true it gives a shell to whoever is there; otherwise it
# asks for a password, which must be in the OS's /etc/getty.shadow or /etc/shadow (files: in the YAML).
set -u
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH

# Every program that busybox is, under its name.
/bin/busybox --install -s
# Names are looked up as the OS does, also when a lease comes later.
# It is the machine's already, unless the OS was built with --compat.
ln -sf /run/resolvconf/resolv.conf /etc/resolv.conf 2>/dev/null || :

for file in /hostroot/etc/shadow /hostroot/etc/getty.shadow; do
	[ ! -f "$file" ] || { cat "$file" > /etc/shadow; chmod 600 /etc/shadow; }
done
[ ! -f /hostroot/etc/motd ] || cat /hostroot/etc/motd > /etc/motd

login=/bin/login
options=
case ${INSECURE:-} in
true | yes | 1)
	login=/usr/bin/insecure-login
	options=-n
	;;
esac

# getty ends when somebody logs out; another one follows.
serve() {
	while :; do
		begun=$(date +%s)
		setsid getty $options -L -l "$login" 0 "$1" "$2"
		# A console that does not work must not keep the processor busy.
		[ $(($(date +%s) - begun)) -ge 2 ] || sleep 2
	done
}

# A TERMINAL and its type for each, at once. A pipeline does that; what runs by `&` would ignore Ctrl-C for ever, and
# the shells of whoever logs in with it.
serve_all() {
	if [ $# -gt 2 ]; then
		serve "$1" "$2" | { shift 2; serve_all "$@"; }
	else
		serve "$1" "$2"
	fi
}

set --
for tty in $(cat /sys/class/tty/console/active); do
	term=vt102
	case $tty in
	tty0)
		# The console of the screen is whichever terminal is in front; a login needs one that stays.
		tty=tty1
		term=linux
		;;
	tty[0-9]*) term=linux ;;
	esac
	[ -c "/dev/$tty" ] || continue
	set -- "$@" "$tty" "$term"
done
if [ $# = 0 ]; then
	echo "getty: the kernel has no console; use console= on its command line" >&2
	exit 1
fi
serve_all "$@"
