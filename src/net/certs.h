/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates for single registries, where Docker and podman look for them (docker-certs.d,
 * containers-certs.d(5)): in ~/.config/containers/certs.d/HOST:PORT,
 * /etc/containers/certs.d/HOST:PORT or /etc/docker/certs.d/HOST:PORT, the first that there is. Each
 * *.crt is an authority that is trusted for this host; NAME.cert with NAME.key is who we are to it.
 */
#ifndef WHERRY_NET_CERTS_H
#define WHERRY_NET_CERTS_H

#include "base/error.h"

struct net;
struct url;

struct certs {
	struct certs *next;
	char *place;      /* "host:port" */
	char *authority;  /* PEM, with the ones that are trusted everywhere; NULL: only those */
	char *cert, *key; /* paths; NULL: none */
};

/* What there is for a host, looked for once; owned by n. */
int certs_find(struct net *n, const struct url *u, const struct certs **ret, struct werr **err);
void certs_free(struct certs *c);

#endif
