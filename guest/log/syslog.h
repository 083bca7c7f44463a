/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sending lines to a syslog server: RFC 5424, over UDP (RFC 5426), TCP (RFC 6587, octet counting)
 * or a Unix socket.
 */
#ifndef WHERRY_GUEST_SYSLOG_H
#define WHERRY_GUEST_SYSLOG_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

struct syslog_target;

/*
 * "udp://ADDRESS:PORT", "tcp://ADDRESS:PORT" or "unix:/PATH"; addresses are numeric, and the
 * default port is 514.
 */
int syslog_parse(const char *text, struct syslog_target **ret, struct werr **err);
void syslog_free(struct syslog_target *t);
/*
 * Send a line. Never waits: what can't be sent at once is dropped and counted. wall: from
 * uptime_wall().
 */
void syslog_send(
	struct syslog_target *t, const char *name, int64_t wall, const char *text, size_t size);

/*
 * Format a message as in RFC 5424 section 6: "<30>1 TIME HOST NAME - - - TEXT". What a field must
 * not contain becomes '_'.
 */
void syslog_format(struct buf *out, const char *host, const char *name, int64_t wall,
	const char *text, size_t size);

#endif
