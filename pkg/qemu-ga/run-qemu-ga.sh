#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Wait for the port that the host gave to the agent, whatever its number, and serve there.
set -eu

name=org.qemu.guest_agent.0
waited=0
while :; do
	for port in /sys/class/virtio-ports/*; do
		[ -r "$port/name" ] && [ "$(/bin/busybox cat "$port/name")" = "$name" ] && break 2
	done
	[ $waited != 30 ] || echo "qemu-ga: waiting for a virtio-serial port with the name $name" >&2
	waited=$((waited + 1))
	/bin/busybox sleep 1
done
exec /usr/sbin/qemu-ga --method virtio-serial --path "/dev/${port##*/}" --pidfile /run/qemu-ga.pid --statedir /run
