/* SPDX-License-Identifier: Apache-2.0 */
/* The certificates that are trusted for all hosts: the system's, and those of --cert-file. */
#ifndef WHERRY_NET_TRUST_H
#define WHERRY_NET_TRUST_H

#include "base/buf.h"
#include "base/error.h"

struct net;

enum { TRUST_FILE_MAX = 16 << 20 }; /* bytes of a file of certificates */

/* Sets n->certificates, when libcurl's default does not suffice. */
int trust_read(struct net *n, struct werr **err);
/* Whether no authority is trusted, as this machine has no certificates where they are looked for.
 */
bool trust_is_empty(struct net *n);
/* Append all that is trusted everywhere, as PEM. */
int trust_add_all(struct net *n, struct buf *pem, struct werr **err);
/* Append the text of a file. WERR_INVALID when it is not PEM. */
int trust_add(struct buf *pem, const char *path, const char *text, size_t size, struct werr **err);

#endif
