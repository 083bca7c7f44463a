#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#   own-groups PROGRAM [ARGUMENT...]: run a program that makes control groups, in a cgroup namespace of its own: what it
# and its containers see as /sys/fs/cgroup is the group of this container.
# Programs have their paths: the shell, which is busybox, prefers its own of the same names.
set -eu

if [ "$1" != --inside ]; then
	exec /usr/bin/unshare --cgroup "$0" --inside "$@"
fi
shift

groups=/sys/fs/cgroup
umount "$groups" 2> /dev/null || true
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$groups"
# A group with groups below it that have limits has no processes itself.
mkdir -p "$groups/daemon"
while read -r pid; do
	echo "$pid" > "$groups/daemon/cgroup.procs" 2> /dev/null || true
done < "$groups/cgroup.procs"
for controller in $(cat "$groups/cgroup.controllers"); do
	echo "+$controller" > "$groups/cgroup.subtree_control"
done
exec "$@"
