/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenSSL's older functions: those of EVP load providers and a configuration first, which takes a
 * millisecond, as long as half of all that `wherry check` does.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "hash/sha256.h"

#include <inttypes.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/str.h"

struct sha256 {
	size_t size; /* of the result: which of the two it is */
	union {
		SHA256_CTX sha256;
		SHA512_CTX sha512;
	};
};

/* None of these functions can fail. */
static struct sha256 *hash_new(size_t size)
{
	struct sha256 *h = mem_new(struct sha256);

	h->size = size;
	if (size == SHA512_SIZE)
		SHA512_Init(&h->sha512);
	else
		SHA256_Init(&h->sha256);
	return h;
}

struct sha256 *sha256_new(void)
{
	return hash_new(SHA256_SIZE);
}

void sha256_add(struct sha256 *h, const void *p, size_t size)
{
	if (h->size == SHA512_SIZE)
		SHA512_Update(&h->sha512, p, size);
	else
		SHA256_Update(&h->sha256, p, size);
}

int sha256_add_zeros(struct sha256 *h, uint64_t n, struct werr **err)
{
	static const char zeros[IO_CHUNK];

	while (n > 0) {
		size_t part = n < sizeof(zeros) ? (size_t)n : sizeof(zeros);
		int r = cancel_check(err);

		if (r < 0)
			return r;
		sha256_add(h, zeros, part);
		n -= part;
	}
	return 0;
}

/* raw has room for the result. */
static void finish(struct sha256 *h, unsigned char *raw)
{
	if (h->size == SHA512_SIZE)
		SHA512_Final(raw, &h->sha512);
	else
		SHA256_Final(raw, &h->sha256);
}

/* Works for both kinds of hash. */
static void hash_hex(struct sha256 *h, char *ret)
{
	unsigned char raw[SHA512_SIZE];

	finish(h, raw);
	str_hex(ret, raw, h->size);
}

void sha256_hex(struct sha256 *h, char ret[static SHA256_HEX + 1])
{
	hash_hex(h, ret);
}

void sha256_raw(struct sha256 *h, unsigned char ret[static SHA256_SIZE])
{
	finish(h, ret);
}

void sha256_free(struct sha256 *h)
{
	free(h);
}

void sha256_of(const void *p, size_t size, char ret[static SHA256_HEX + 1])
{
	CLEANUP(sha256) struct sha256 *h = sha256_new();

	sha256_add(h, p, size);
	sha256_hex(h, ret);
}

void sha512_of(const void *p, size_t size, char ret[static SHA512_HEX + 1])
{
	CLEANUP(sha256) struct sha256 *h = hash_new(SHA512_SIZE);

	sha256_add(h, p, size);
	hash_hex(h, ret);
}

void sha256_hmac_raw(const void *key, size_t key_size, const void *p, size_t size,
	unsigned char ret[static SHA256_SIZE])
{
	enum { BLOCK = 64, INNER = 0x36, OUTER = 0x5c };
	CLEANUP(sha256) struct sha256 *inner = sha256_new();
	CLEANUP(sha256) struct sha256 *outer = sha256_new();
	unsigned char padded[BLOCK] = {0}, hash[SHA256_SIZE];

	if (key_size > BLOCK) {
		CLEANUP(sha256) struct sha256 *h = sha256_new();

		sha256_add(h, key, key_size);
		finish(h, padded);
	} else if (key_size > 0) {
		memcpy(padded, key, key_size);
	}
	for (size_t i = 0; i < BLOCK; i++)
		padded[i] ^= INNER;
	sha256_add(inner, padded, BLOCK);
	sha256_add(inner, p, size);
	finish(inner, hash);
	for (size_t i = 0; i < BLOCK; i++)
		padded[i] ^= INNER ^ OUTER;
	sha256_add(outer, padded, BLOCK);
	sha256_add(outer, hash, sizeof(hash));
	finish(outer, ret);
}

void sha256_hmac(const void *key, size_t key_size, const void *p, size_t size,
	char ret[static SHA256_HEX + 1])
{
	unsigned char raw[SHA256_SIZE];

	sha256_hmac_raw(key, key_size, p, size, raw);
	str_hex(ret, raw, sizeof(raw));
}

struct check_reader {
	struct reader reader, *from;
	struct sha256 *hash;
	uint64_t seen, size;
	bool done;
	char *name, hex[SHA512_HEX + 1];
	char found[SHA512_HEX + 1]; /* valid once done */
};

/* May be called again with the same result, since some callers go on reading after an error. */
static int check_reader_end(struct check_reader *c, struct werr **err)
{
	if (!c->done) {
		hash_hex(c->hash, c->found);
		c->done = true;
	}
	if (c->seen != c->size)
		return werr_set(err, WERR_CORRUPT, "%s has %" PRIu64 " bytes instead of %" PRIu64,
			c->name, c->seen, c->size);
	if (!str_eq(c->found, c->hex))
		return werr_set(err, WERR_CORRUPT, "%s is damaged: its bytes have the digest %s:%s",
			c->name, strlen(c->found) == SHA512_HEX ? "sha512" : "sha256", c->found);
	return 0;
}

static int too_long(const struct check_reader *c, struct werr **err)
{
	return werr_set(
		err, WERR_CORRUPT, "%s has more than its %" PRIu64 " bytes", c->name, c->size);
}

static int check_reader_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	struct check_reader *c = CONTAINER_OF(r, struct check_reader, reader);
	int res;

	if (c->seen > c->size)
		return too_long(c, err);
	res = reader_read(c->from, p, size, got, err);
	if (res < 0)
		return res;
	if (*got == 0)
		return check_reader_end(c, err);
	c->seen += *got;
	if (c->seen > c->size)
		return too_long(c, err);
	sha256_add(c->hash, p, *got);
	return 0;
}

static void check_reader_free(struct reader *r)
{
	struct check_reader *c = CONTAINER_OF(r, struct check_reader, reader);

	reader_free(c->from);
	sha256_free(c->hash);
	free(c->name);
	free(c);
}

struct reader *sha256_check_reader_new(
	struct reader *from, const char *name, const char *hex, uint64_t size)
{
	struct check_reader *c = mem_new(struct check_reader);

	c->reader = (struct reader){check_reader_read, check_reader_free};
	c->from = from;
	c->hash = hash_new(strlen(hex) == SHA512_HEX ? SHA512_SIZE : SHA256_SIZE);
	c->size = size;
	c->name = str_dup(name);
	/* A hash of any other length never matches. */
	str_copy(c->hex, sizeof(c->hex), hex);
	return &c->reader;
}

struct hash_writer {
	struct writer writer, *to;
	struct sha256 *hash;
};

static int hash_writer_write(struct writer *w, const void *p, size_t size, struct werr **err)
{
	struct hash_writer *h = CONTAINER_OF(w, struct hash_writer, writer);

	sha256_add(h->hash, p, size);
	return h->to ? writer_write(h->to, p, size, err) : 0;
}

static int hash_writer_skip(struct writer *w, uint64_t n, struct werr **err)
{
	struct hash_writer *h = CONTAINER_OF(w, struct hash_writer, writer);
	int r = sha256_add_zeros(h->hash, n, err);

	return r == 0 && h->to ? writer_skip(h->to, n, err) : r;
}

static int hash_writer_finish(struct writer *w, struct werr **err)
{
	struct hash_writer *h = CONTAINER_OF(w, struct hash_writer, writer);

	return h->to ? writer_finish(h->to, err) : 0;
}

static void hash_writer_free(struct writer *w)
{
	free(CONTAINER_OF(w, struct hash_writer, writer));
}

struct writer *sha256_writer_new(struct writer *to, struct sha256 *h)
{
	struct hash_writer *w = mem_new(struct hash_writer);

	w->writer = (struct writer){
		hash_writer_write, hash_writer_finish, hash_writer_free, hash_writer_skip};
	w->to = to;
	w->hash = h;
	return &w->writer;
}
