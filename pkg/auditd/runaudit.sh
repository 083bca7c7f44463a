#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Give the kernel the rules, first what every set of rules begins with, and record what it says.
set -eu

auditctl=/sbin/auditctl
$auditctl -R /etc/audit/audit.rules > /dev/null
for rules in /hostroot/etc/audit/rules.d/*.rules; do
	[ ! -e "$rules" ] || $auditctl -R "$rules" > /dev/null
done

# In the foreground it writes events to its output.
exec /sbin/auditd -f
