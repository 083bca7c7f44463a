#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Say what the machine's TPM is, and stay, so that the tools can be run here.
set -eu
n=0
until [ -e /dev/tpmrm0 ]; do
	n=$((n + 1))
	[ $n -gt 20 ] && { echo "tss: there is no TPM 2.0 (no /dev/tpmrm0)" >&2; exit 1; }
	/bin/busybox sleep 0.5
done
tpm2_getcap properties-fixed
exec /bin/busybox sleep 2147483647
