#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shutdown OPTION...: what agents of virtual machines call, by PID 1's own programs: -r restarts, -H halts, anything
# else turns the machine off, and all of it at once.
set -eu

action=poweroff
for word in "$@"; do
	case $word in
	-r*) action=reboot ;;
	-H) action=halt ;;
	-c | -k) exit 0 ;;
	esac
done
exec /sbin/$action
