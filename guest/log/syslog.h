/* SPDX-License-Identifier: Apache-2.0 */
/* Lines to a syslog server: RFC 5424, over UDP (RFC 5426), TCP (RFC 6587, octet counting), or a
 * Unix socket. */
#ifndef WHERRY_GUEST_SYSLOG_H
#define WHERRY_GUEST_SYSLOG_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

struct syslog_target;

/* "udp://ADDRESS:PORT", "tcp://ADDRESS:PORT", "unix:/PATH"; addresses are numbers, the port is 514
 * when there is none. */
int syslog_parse(const char *text, struct syslog_target **ret, struct werr **err);
void syslog_free(struct syslog_target *t);
/* Never waits: a line that can't be sent at once is lost, and counted. wall: uptime_wall(). */
void syslog_send(
	struct syslog_target *t, const char *name, int64_t wall, const char *text, size_t size);

/* The message of RFC 5424 section 6: "<30>1 TIME HOST NAME - - - TEXT". What a field may not hold
 * becomes '_'. */
void syslog_format(struct buf *out, const char *host, const char *name, int64_t wall,
	const char *text, size_t size);

#endif
