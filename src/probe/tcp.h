/* SPDX-License-Identifier: Apache-2.0 */
/* Connections to ports of a machine, which QEMU forwards from 127.0.0.1. */
#ifndef WHERRY_PROBE_TCP_H
#define WHERRY_PROBE_TCP_H

#include "base/buf.h"
#include "probe/probe-file.h"

enum { PROBE_ANSWER_MAX = 1 << 20, PROBE_PORTS_MAX = 256 };

/*
 * A port of the guest, and one of 127.0.0.1 that is reserved for it: nobody else gets it, and QEMU
 * can listen there.
 */
struct probe_port {
	unsigned guest, host;
	int fd;
};
int probe_port_reserve(unsigned guest, struct probe_port *ret, struct werr **err);
void probe_port_release(struct probe_port *p);

/*
 * Connect, send, and receive until the other side ends, until[0 or more bytes] says that it is
 * enough, or the time is over. A guest that does not listen yet looks like one that ends at once.
 * -errno when there is no connection; -ECANCELED with the error.
 */
typedef bool probe_enough(const struct buf *got, void *ctx);
int probe_tcp_ask(unsigned host_port, const char *send, size_t size, uint64_t ms,
	probe_enough *enough, void *ctx, struct buf *got, struct werr **err);
/* Whether a line of size bytes of text matches; lines end with "\n" or "\r\n". */
bool probe_text_matches(const struct probe_pattern *p, const char *text, size_t size);

#endif
