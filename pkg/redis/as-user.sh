#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# as-user USER DIRECTORY PROGRAM [ARG]...: run a program as this user, in the directory, which the user gets with all
# that is in it unless it is the user's already.
set -eu

busybox=/bin/busybox
user=$1
dir=$2
program=$3
shift 3
[ "$($busybox stat -c %u "$dir")" = "$($busybox id -u "$user")" ] || $busybox chown -hR "$user:$user" "$dir"
cd "$dir"
# What follows "--" is not for su.
exec $busybox su -m -s "$program" -- "$user" "$@"
