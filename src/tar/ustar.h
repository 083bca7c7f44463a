/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header block of an entry of a tar: POSIX.1-2001 pax, "ustar Interchange Format", with GNU
 * tar's encoding of large numbers. pax records are in tar/tar-header.h.
 */
#ifndef WHERRY_TAR_USTAR_H
#define WHERRY_TAR_USTAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TAR_BLOCK = 512,
	TAR_END = 2 * TAR_BLOCK, /* zeros that end a tar */
	USTAR_NAME = 100,
	USTAR_PREFIX = 155,
};

/* Text has no NUL when it fills its field; numbers are octal digits ended by a NUL or a space. */
struct ustar {
	char name[USTAR_NAME];
	char mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8];
	char type;
	char link[USTAR_NAME];
	char magic[6], version[2];
	char user[32], group[32];
	char major[8], minor[8];
	char prefix[USTAR_PREFIX];
	char end[12];
};
_Static_assert(sizeof(struct ustar) == TAR_BLOCK, "a header is one block");

/* The zeros that fill the last block of an entry of size bytes. */
static inline size_t tar_padding(uint64_t size)
{
	return (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
}

/* Initialize the header of an empty entry: mode 0644, 0:0, time 0. A long name is truncated. */
void ustar_init(struct ustar *h, char type, const char *name);
/* Set the magic, the version and the checksum; to be called when everything else is set. */
void ustar_seal(struct ustar *h);
/* Set the checksum alone, for a header that was read and changed. */
void ustar_set_checksum(struct ustar *h);
/* Whether the checksum is right; it is not when the header is broken, or not a header at all. */
bool ustar_is_intact(const struct ustar *h);

/* Text that is longer than the field is truncated. */
void ustar_put_text(char *field, size_t size, const char *text);
/* Write octal digits and a NUL. When the number does not fit, writes 0 and returns false. */
bool ustar_put_octal(char *field, size_t size, uint64_t value);
/* Write a number that octal digits can't hold, as GNU does: base 256, first bit set. size > 8. */
void ustar_put_base256(char *field, size_t size, uint64_t value);
/* Read a number in either form; false when it is neither, or does not fit. */
bool ustar_get_number(const char *field, size_t size, uint64_t *ret);
/* The entry's path, joined from prefix and name; owned by the caller. */
char *ustar_path(const struct ustar *h);

#endif
