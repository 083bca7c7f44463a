/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What decodes gzip (RFC 1952) for the reader in decompress-gzip.c. One of two files has it:
 * decompress-gzip-isal.c, or where there is no ISA-L, decompress-gzip-zlib.c.
 */
#ifndef WHERRY_CODEC_GZIP_IMPL_H
#define WHERRY_CODEC_GZIP_IMPL_H

#include <stdint.h>

struct gzip_decoder;

/* The bytes of a step, and how many of them are left: the step moves all four on. */
struct gzip_bytes {
	uint8_t *in, *out;
	uint32_t n_in, n_out;
};

enum gzip_result {
	GZIP_MOVED, /* though there may not be any output yet */
	GZIP_STUCK, /* nothing has changed: it needs more input */
	GZIP_ENDED, /* with this, all of a member is decoded */
	GZIP_BROKEN,
};

/* Never fails. To be freed with gzip_decoder_free. */
struct gzip_decoder *gzip_decoder_new(void);
void gzip_decoder_free(struct gzip_decoder *d);
/* Decode some bytes; n_out > 0. After GZIP_ENDED, the next step begins another member. */
enum gzip_result gzip_decoder_step(struct gzip_decoder *d, struct gzip_bytes *b);
/* After GZIP_BROKEN: "wrong checksum", "bad header" or "bad data"; static. */
const char *gzip_decoder_problem(const struct gzip_decoder *d);

#endif
