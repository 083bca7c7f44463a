/* SPDX-License-Identifier: Apache-2.0 */
#include "output/identity.h"

#include <string.h>

#include "base/endian.h"
#include "base/mem.h"
#include "hash/sha256-fields.h"

static int add_piece(struct sha256 *h, const struct piece *piece, struct werr **err)
{
	char digest[SHA256_HEX + 1];
	int r = piece_digest(piece, digest, err);

	if (r == 0)
		sha256_add_text(h, digest);
	return r;
}

/* Of a file of boot/, only the last piece goes into an output. */
static int add_encoding(
	struct sha256 *h, const struct pieces *pieces, const struct encoding *e, struct werr **err)
{
	const struct piece *piece = e->file ? pieces_last(pieces, e) : pieces_next(pieces, e, NULL);
	int r = 0;

	sha256_add_text(h, e->name);
	while (r == 0 && piece) {
		r = add_piece(h, piece, err);
		piece = e->file ? NULL : pieces_next(pieces, e, piece);
	}
	return r;
}

int output_identity(const struct output_job *job, struct identity *ret, struct werr **err)
{
	static const struct encoding *const boot[] = {&encoding_kernel, &encoding_cmdline};
	CLEANUP(sha256) struct sha256 *h = sha256_new();
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(boot); i++)
		r = add_encoding(h, job->pieces, boot[i], err);
	for (size_t i = 0; r == 0 && job->root && i < ROOT_ENCODINGS_MAX && job->root->encodings[i];
		i++)
		if (!job->root->encodings[i]->is_warning)
			r = add_encoding(h, job->pieces, job->root->encodings[i], err);
	if (r == 0)
		sha256_raw(h, ret->bytes);
	return r;
}

static void derive(
	const struct identity *i, const char *name, unsigned char ret[static SHA256_SIZE])
{
	CLEANUP(sha256) struct sha256 *h = sha256_new();

	sha256_add_field(h, i->bytes, sizeof(i->bytes));
	sha256_add_text(h, name);
	sha256_raw(h, ret);
}

void identity_guid(const struct identity *i, const char *name, struct guid *ret)
{
	unsigned char bytes[SHA256_SIZE];

	derive(i, name, bytes);
	memcpy(ret->bytes, bytes, GUID_SIZE);
	ret->bytes[6] = (unsigned char)(0x80 | (ret->bytes[6] & 0xf));
	ret->bytes[8] = (unsigned char)(0x80 | (ret->bytes[8] & 0x3f));
}

uint32_t identity_number(const struct identity *i, const char *name)
{
	unsigned char bytes[SHA256_SIZE];
	uint32_t n;

	derive(i, name, bytes);
	n = le32_get(bytes);
	return n ? n : 1;
}
