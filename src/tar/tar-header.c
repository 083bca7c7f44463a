/* SPDX-License-Identifier: Apache-2.0 */
#include "tar/tar-header.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

void tar_head_cleanup(struct tar_head *e)
{
	free(e->path);
	free(e->source);
	free(e->location);
	*e = (struct tar_head){0};
}

bool tar_header_read(const struct ustar *h, struct tar_header *ret)
{
	ret->type = h->type;
	return ustar_is_intact(h) && ustar_get_number(h->size, sizeof(h->size), &ret->size);
}

bool tar_has_content(char type)
{
	return !strchr("123456", type) || !type;
}

/* ---- records ---- */

static void keep(char **dst, const char *value, size_t size)
{
	free(*dst);
	*dst = str_dup_n(value, size);
}

static bool keep_record(struct tar_head *e, const char *key, const char *value, size_t size)
{
	CLEANUP(free) char *text = NULL;

	if (str_eq(key, "path"))
		keep(&e->path, value, size);
	else if (str_eq(key, "LINUXKIT.source"))
		keep(&e->source, value, size);
	else if (str_eq(key, "LINUXKIT.location"))
		keep(&e->location, value, size);
	else if (str_eq(key, "linkpath"))
		e->linked = size > 0;
	if (!str_eq(key, "size"))
		return true;
	text = str_dup_n(value, size);
	e->sized = true;
	return str_to_u64(text, 10, &e->size) == 0;
}

bool tar_records_read(struct tar_head *e, const char *p, size_t left)
{
	while (left > 0 && *p) {
		const char *space = memchr(p, ' ', left), *equals;
		CLEANUP(free) char *text = space ? str_dup_n(p, (size_t)(space - p)) : NULL;
		CLEANUP(free) char *key = NULL;
		uint64_t length = 0;
		size_t before = space ? (size_t)(space - p) + 1 : 0;

		if (!text || str_to_u64(text, 10, &length) < 0 || length > left ||
			length < before + 2 || p[length - 1] != '\n')
			return false;
		equals = memchr(p + before, '=', (size_t)length - before);
		if (!equals)
			return false;
		key = str_dup_n(p + before, (size_t)(equals - p) - before);
		if (!keep_record(e, key, equals + 1, (size_t)(p + length - 1 - (equals + 1))))
			return false;
		p += length;
		left -= (size_t)length;
	}
	return true;
}

static size_t digits(size_t n)
{
	size_t count = 1;

	while (n /= 10)
		count++;
	return count;
}

void tar_record_put(struct buf *to, const char *key, const void *value, size_t size)
{
	size_t rest = strlen(key) + size + sizeof(" =\n") - 1, length = rest + 1;

	while (length < rest + digits(length))
		length++;
	buf_printf(to, "%zu %s=", length, key);
	buf_add(to, value, size);
	buf_putc(to, '\n');
}
