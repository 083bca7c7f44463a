/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of what is kept about bytes that anybody may have made. */
#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/str.h"
#include "hash/poly1305.h"
#include "store/piece-impl.h"

struct store_code {
	unsigned char secret[SECRET_SIZE];
	struct poly1305 *code;
	char *what;
	uint64_t size;
};

void store_code_free(struct store_code *c)
{
	if (!c)
		return;
	poly1305_free(c->code);
	free(c->what);
	explicit_bzero(c->secret, sizeof(c->secret));
	free(c);
}

/*
 * The code's key is used for many messages, which would give it away if the codes were seen: what
 * leaves this file is an HMAC of them. Who doesn't know the key can't make two messages that have
 * the same code.
 */
struct store_code *store_code_new(struct store *s, const char *what)
{
	static const char purpose[] = "code of bytes";
	CLEANUP(store_code) struct store_code *c = mem_new(struct store_code);
	unsigned char key[POLY1305_KEY];

	_Static_assert(sizeof(key) == SHA256_SIZE, "the key is a hash");
	if (!store_get_secret(s, true, c->secret))
		return NULL;
	sha256_hmac_raw(c->secret, SECRET_SIZE, purpose, strlen(purpose), key);
	c->code = poly1305_new(key);
	c->what = str_dup(what);
	return c->code ? STEAL(c) : NULL;
}

void store_code_add(struct store_code *c, const void *p, size_t size)
{
	poly1305_add(c->code, p, size);
	c->size += size;
}

void store_code_key(struct store_code *c, struct digest *ret)
{
	char hex[POLY1305_HEX + 1], mac[SHA256_HEX + 1];
	CLEANUP(free) char *text = NULL;

	poly1305_hex(c->code, hex);
	text = str_printf("bytes %s %llu %s", c->what, (unsigned long long)c->size, hex);
	sha256_hmac(c->secret, SECRET_SIZE, text, strlen(text), mac);
	digest_from_hex(mac, ret);
}

bool store_key_of_bytes(struct store *s, const char *what, struct reader *from, struct digest *ret)
{
	CLEANUP(store_code) struct store_code *c = store_code_new(s, what);
	CLEANUP(free) char *chunk = mem_alloc(IO_CHUNK);

	while (c) {
		size_t got = 0;

		if (reader_read(from, chunk, IO_CHUNK, &got, NULL) < 0 || cancel_check(NULL) < 0)
			return false;
		if (got == 0)
			return store_code_key(c, ret), true;
		store_code_add(c, chunk, got);
	}
	return false;
}
