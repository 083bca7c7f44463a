#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# poweroff.sh [SECONDS]
set -eu

/bin/busybox sleep "${1:-30}"
exec /sbin/poweroff
