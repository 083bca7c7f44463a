/* SPDX-License-Identifier: Apache-2.0 */
#include "hash/poly1305.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"

struct poly1305 {
	EVP_MAC_CTX *context;
};

struct poly1305 *poly1305_new(const unsigned char key[static POLY1305_KEY])
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "POLY1305", NULL);
	CLEANUP(poly1305) struct poly1305 *c = mem_new(struct poly1305);

	c->context = mac ? EVP_MAC_CTX_new(mac) : NULL;
	EVP_MAC_free(mac);
	return c->context && EVP_MAC_init(c->context, key, POLY1305_KEY, NULL) ? STEAL(c) : NULL;
}

/* Neither this nor the end can fail once there is a key. */
void poly1305_add(struct poly1305 *c, const void *p, size_t size)
{
	EVP_MAC_update(c->context, p, size);
}

void poly1305_hex(struct poly1305 *c, char ret[static POLY1305_HEX + 1])
{
	unsigned char raw[POLY1305_HEX / 2] = {0};
	size_t size = 0;

	EVP_MAC_final(c->context, raw, &size, sizeof(raw));
	str_hex(ret, raw, sizeof(raw));
}

void poly1305_free(struct poly1305 *c)
{
	if (!c)
		return;
	EVP_MAC_CTX_free(c->context);
	free(c);
}
