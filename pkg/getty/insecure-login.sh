#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Called in place of login when INSECURE=true: no question is asked.
cd /root
export HOME=/root USER=root LOGNAME=root SHELL=/bin/sh
[ ! -f /etc/motd ] || cat /etc/motd
exec sh -l
