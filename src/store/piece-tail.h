/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What follows the bytes of a kept piece. With a digest alone a piece would certify itself, and
 * whoever can write to a store, or has packed one up, could decide what is in an OS; so the user's
 * secret goes into it. A code of the bytes, also keyed with the secret, is checked in a fraction of
 * the time that the digest takes.
 */
#ifndef WHERRY_STORE_PIECE_TAIL_H
#define WHERRY_STORE_PIECE_TAIL_H

#include "hash/poly1305.h"
#include "hash/sha256.h"
#include "oci/digest.h"
#include "store/secret.h"

enum { PIECE_THERE = '+', PIECE_NOT_THERE = '-', PIECE_NONCE = 16 };

/* Text, so that it is the same on all architectures. */
struct piece_tail {
	char sha256[SHA256_HEX]; /* digest of the bytes and the next character */
	char is_there;
	char nonce[2 * PIECE_NONCE]; /* makes the code's key another one for each piece */
	char code[POLY1305_HEX];     /* Poly1305 of the bytes; minus signs: there is none */
	/* HMAC of the file's name and the fields above, keyed with the user's secret. */
	char mac[SHA256_HEX];
	char newline;
};

/* Begin the code of a new piece and set t->nonce; NULL: there is none, and both are minus signs. */
struct poly1305 *piece_tail_begin(
	struct piece_tail *t, const unsigned char secret[static SECRET_SIZE]);
/* Complete a tail that has a digest: with the code, NULL if there is none, and the HMAC. */
void piece_tail_end(struct piece_tail *t, struct poly1305 *code, const struct digest *name,
	const unsigned char secret[static SECRET_SIZE]);
/*
 * Read the tail of a file and check it, and the bytes before it; *size: how many these are. With
 * secret NULL its maker is not checked. -EBADMSG: it is damaged.
 */
int piece_tail_check(int fd, const struct digest *name, const unsigned char *secret,
	struct piece_tail *ret, uint64_t *size);
/* The digest that a tail has of these bytes. Can be interrupted. */
int piece_tail_hash(
	int fd, uint64_t size, char is_there, char ret[static SHA256_HEX + 1], struct werr **err);

#endif
