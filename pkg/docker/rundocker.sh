#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#   rundocker [OPTION...]: containerd and dockerd, which has these options.
# Programs have their paths: the shell, which is busybox, prefers its own of the same names.
set -eu

if [ "${1-}" != --grouped ]; then
	exec /usr/bin/own-groups "$0" --grouped "$@"
fi
shift

# The kernel loads by itself what a rule, a link or a socket asks for by its name.
/usr/sbin/modprobe -q -a br_netfilter || echo "docker: the kernel has no br_netfilter" >&2

# A containerd that dockerd starts by itself has to answer within fifteen seconds. Containers do without it for a while.
while :; do
	/usr/bin/containerd --config /usr/share/docker/containerd.toml || true
	sleep 1
done &

set -- /usr/sbin/dockerd --containerd /run/docker/containerd/containerd.sock "$@"
# Containers' shims become children of process 1, so that is no dockerd.
if [ $$ -eq 1 ]; then
	set -- /usr/bin/docker-init -- "$@"
fi
exec "$@"
