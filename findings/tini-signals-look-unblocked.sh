#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tini 0.19.0-1+b3 (Debian 12), on Linux 6: /proc/PID/status shows no signal of it as blocked or caught.
#
# tini blocks nearly all signals and takes them by sigtimedwait(). While that waits, the kernel shows the signals that
# it waits for as not blocked:
#     SigBlk: 0000000000000000
#     SigIgn: 0000000000300000
#     SigCgt: 0000000000000000
# SIGTERM is delivered all the same: tini passes it on, and exits with 143 as its child does.
#
# The first process of a PID namespace only gets signals that it blocks or catches. What reads these masks to find out
# whether it is of any use to send SIGTERM to a container is wrong about each image whose entrypoint is tini (Docker's
# --init, too): /proc/PID/syscall, with the number of rt_sigtimedwait, says what the masks don't.

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
timeout 120 apt-get -qq -o APT::Sandbox::User=root download tini=0.19.0-1+b3 || exit 2
dpkg -x ./*.deb root

timeout 30 root/usr/bin/tini-static -s -- sleep 20 &
timeout=$!
sleep 1
pid=$(cat /proc/$timeout/task/$timeout/children) || exit 2
pid=${pid% }
grep '^Sig' "/proc/$pid/status" >masks || exit 2
grep -q '^SigBlk:.0000000000000000$' masks || changed "$(grep SigBlk masks)"
grep -q '^SigCgt:.0000000000000000$' masks || changed "$(grep SigCgt masks)"
kill -TERM "$pid"
code=0
wait $timeout || code=$?
[ $code -eq 143 ] || changed "tini exits with $code after SIGTERM"
echo "as described: $(tr '\t\n' '  ' <masks)and SIGTERM ended it"
