/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/fields.h"

#include <string.h>

static void trim(struct software_slice *s)
{
	while (s->size && (*s->p == ' ' || *s->p == '\t')) {
		s->p++;
		s->size--;
	}
	while (s->size && strchr(" \t\r", s->p[s->size - 1]))
		s->size--;
}

/* The first value of a key counts. */
static void take_line(const char *line, size_t size, const char *const *keys,
	struct software_slice values[static FIELDS_MAX])
{
	const char *colon = memchr(line, ':', size);
	struct software_slice key = {line, colon ? (size_t)(colon - line) : 0};

	for (size_t i = 0; colon && i < FIELDS_MAX && keys[i]; i++) {
		if (values[i].p || !software_slice_is(&key, keys[i]))
			continue;
		values[i] = (struct software_slice){colon + 1, size - key.size - 1};
		trim(&values[i]);
	}
}

static bool is_blank(const char *line, size_t size)
{
	struct software_slice s = {line, size};

	trim(&s);
	return s.size == 0;
}

int fields_read(const char *text, size_t size, const char *const *keys, fields_visit *visit,
	void *ctx, struct werr **err)
{
	struct software_slice values[FIELDS_MAX] = {0};
	const char *end = text + size;
	bool inside = false;
	int r = 0;

	while (r == 0 && text < end) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((nl ? nl : end) - text);

		if (!is_blank(text, n)) {
			inside = true;
			take_line(text, n, keys, values);
		} else if (inside) {
			r = visit(values, ctx, err);
			memset(values, 0, sizeof(values));
			inside = false;
		}
		text = nl ? nl + 1 : end;
	}
	return r == 0 && inside ? visit(values, ctx, err) : r;
}
