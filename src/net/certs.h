/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates for single registries, where Docker and podman look for them (docker-certs.d,
 * containers-certs.d(5)): in ~/.config/containers/certs.d/HOST:PORT,
 * /etc/containers/certs.d/HOST:PORT or /etc/docker/certs.d/HOST:PORT, whichever of them exists
 * first. Each
 * *.crt is an authority that is trusted for this host; NAME.cert with NAME.key is the certificate
 * that we show it.
 */
#ifndef WHERRY_NET_CERTS_H
#define WHERRY_NET_CERTS_H

#include "base/error.h"

struct net;
struct url;

struct certs {
	struct certs *next;
	char *place;      /* "host:port" */
	char *authority;  /* PEM, including those trusted everywhere; NULL: only those */
	char *cert, *key; /* paths; NULL: none */
};

/* What there is for a host; looked up once, owned by n. */
int certs_find(struct net *n, const struct url *u, const struct certs **ret, struct werr **err);
void certs_free(struct certs *c);

#endif
