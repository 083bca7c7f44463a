/* SPDX-License-Identifier: Apache-2.0 */
#include "store/export.h"

#include "base/mem.h"
#include "base/str.h"

enum { TAR_BLOCK = 512, TAR_PATH = 100, TAR_SIZE_DIGITS = 11 };

static void octal(char *field, size_t digits, uint64_t value)
{
	for (size_t i = digits; i-- > 0; value >>= 3)
		field[i] = (char)('0' + (value & 7));
}

/* GNU's form for what octal digits can't hold: a set top bit and the number, big-endian. */
static void binary(char *field, size_t size, uint64_t value)
{
	for (size_t i = size; i-- > 0; value >>= 8)
		field[i] = (char)(value & 0xff);
	field[0] |= (char)0x80;
}

/*
 * A ustar header (POSIX 1003.1, pax) of a file that belongs to root, with the time 0. A name that
 * is too long is cut.
 */
static int write_block(
	struct writer *to, const char *path, char type, uint64_t size, struct werr **err)
{
	char block[TAR_BLOCK] = {0};
	uint64_t sum = 0;

	memcpy(block, path, strnlen(path, TAR_PATH));
	octal(block + 100, 7, 0644);
	octal(block + 108, 7, 0);
	octal(block + 116, 7, 0);
	if (size >> (3 * TAR_SIZE_DIGITS))
		binary(block + 124, 12, size);
	else
		octal(block + 124, TAR_SIZE_DIGITS, size);
	octal(block + 136, 11, 0);
	memset(block + 148, ' ', 8);
	block[156] = type;
	memcpy(block + 257, "ustar\00000", 8);
	for (size_t i = 0; i < sizeof(block); i++)
		sum += (unsigned char)block[i];
	octal(block + 148, 6, sum);
	block[154] = 0;
	return writer_write(to, block, sizeof(block), err);
}

static int fill_block(struct writer *to, uint64_t size, struct werr **err)
{
	return writer_fill(to, 0, (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK, err);
}

/* "LENGTH path=PATH\n", where LENGTH counts its own digits: three, for the paths that there are. */
static int write_long_path(struct writer *to, const char *path, struct werr **err)
{
	enum { AROUND = sizeof("123 path=\n") - 1 };
	CLEANUP(free) char *record = str_printf("%zu path=%s\n", AROUND + strlen(path), path);
	size_t size = strlen(record);
	int r;

	if (size < 100 || size > 999)
		return werr_set(err, WERR_LIMIT, "the name %s is too long for a tar", path);
	r = write_block(to, "PaxHeaders/blob", 'x', size, err);
	if (r == 0)
		r = writer_write(to, record, size, err);
	return r < 0 ? r : fill_block(to, size, err);
}

static int write_header(struct writer *to, const char *path, uint64_t size, struct werr **err)
{
	int r = strlen(path) <= TAR_PATH ? 0 : write_long_path(to, path, err);

	return r < 0 ? r : write_block(to, path, '0', size, err);
}

static int tar_add(struct export_sink *sink, const char *path, uint64_t size,
	struct reader *content, struct werr **err)
{
	struct writer *to = CONTAINER_OF(sink, struct export_tar, sink)->to;
	uint64_t copied;
	int r = write_header(to, path, size, err);

	if (r == 0)
		r = io_copy(content, to, &copied, err);
	if (r == 0 && copied != size)
		r = werr_set(err, WERR_CORRUPT, "%s changed while it was read", path);
	return r < 0 ? r : fill_block(to, size, err);
}

void export_tar_init(struct export_tar *t, struct writer *to)
{
	*t = (struct export_tar){.sink = {tar_add}, .to = to};
}

/* Two blocks of zeros. */
int export_tar_end(struct export_tar *t, struct werr **err)
{
	return writer_fill(t->to, 0, 2 * TAR_BLOCK, err);
}
