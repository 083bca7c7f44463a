/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of what is kept about bytes that anybody may have made. */
#include <string.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/str.h"
#include "hash/poly1305.h"
#include "store/piece-impl.h"

static bool add_all(struct poly1305 *code, struct reader *from, uint64_t *ret_size)
{
	CLEANUP(free) char *chunk = mem_alloc(IO_CHUNK);

	for (*ret_size = 0;;) {
		size_t got = 0;

		if (reader_read(from, chunk, IO_CHUNK, &got, NULL) < 0 || cancel_check(NULL) < 0)
			return false;
		if (got == 0)
			return true;
		poly1305_add(code, chunk, got);
		*ret_size += got;
	}
}

/*
 * The code's key is used for many messages, which would give it away if the codes were seen: what
 * leaves this function is an HMAC of them. Who doesn't know the key can't make two messages that
 * have the same code.
 */
bool store_key_of_bytes(struct store *s, const char *what, struct reader *from, struct digest *ret)
{
	static const char purpose[] = "code of bytes";
	unsigned char secret[SECRET_SIZE], code_key[POLY1305_KEY];
	char hex[POLY1305_HEX + 1], mac[SHA256_HEX + 1];
	CLEANUP(poly1305) struct poly1305 *code = NULL;
	CLEANUP(free) char *text = NULL;
	uint64_t size;

	_Static_assert(sizeof(code_key) == SHA256_SIZE, "the key is a hash");
	if (!store_get_secret(s, true, secret))
		return false;
	sha256_hmac_raw(secret, SECRET_SIZE, purpose, strlen(purpose), code_key);
	code = poly1305_new(code_key);
	if (!code || !add_all(code, from, &size))
		return false;
	poly1305_hex(code, hex);
	text = str_printf("bytes %s %llu %s", what, (unsigned long long)size, hex);
	sha256_hmac(secret, SECRET_SIZE, text, strlen(text), mac);
	return digest_from_hex(mac, ret), true;
}
