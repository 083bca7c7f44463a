/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"

const char *str_after(const char *s, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(s, prefix, n) == 0 ? s + n : NULL;
}

bool str_ends_with(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

char *str_dup(const char *s)
{
	return s ? mem_dup(s, strlen(s) + 1) : NULL;
}

char *str_dup_n(const char *s, size_t size)
{
	char *copy = mem_alloc(size + 1);

	memcpy(copy, s, size);
	return copy;
}

char *str_printfv(const char *fmt, va_list ap)
{
	char *s = NULL;

	if (vasprintf(&s, fmt, ap) < 0)
		abort();
	return s;
}

char *str_printf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = str_printfv(fmt, ap);
	va_end(ap);
	return s;
}

int str_format(char *dst, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(dst, size, fmt, ap);
	va_end(ap);
	return n < 0 || (size_t)n >= size ? -E2BIG : 0;
}

void str_hex(char *dst, const void *p, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = p;

	for (size_t i = 0; i < size; i++) {
		dst[2 * i] = digits[bytes[i] >> 4];
		dst[2 * i + 1] = digits[bytes[i] & 15];
	}
	dst[2 * size] = 0;
}

int str_copy(char *dst, size_t size, const char *s)
{
	size_t n = strlen(s) + 1;

	if (n > size) {
		if (size)
			*dst = 0;
		return -E2BIG;
	}
	memcpy(dst, s, n);
	return 0;
}

void str_replace(char **dst, const char *s)
{
	char *copy = str_dup(s);

	free(*dst);
	*dst = copy;
}

int str_to_u64(const char *s, int base, uint64_t *ret)
{
	char *end = NULL;

	/* strtoull accepts spaces and signs, and turns -1 into a large number. */
	if (*s < '0' || *s > 'f' || (*s > '9' && base != 16))
		return -EINVAL;
	errno = 0;
	*ret = strtoull(s, &end, base);
	if (errno)
		return -errno;
	return *end || end == s ? -EINVAL : 0;
}

int str_to_i64(const char *s, int base, int64_t *ret)
{
	bool negative = *s == '-';
	uint64_t value;
	int r = str_to_u64(s + negative, base, &value);

	if (r < 0)
		return r;
	if (value > (uint64_t)INT64_MAX + negative)
		return -ERANGE;
	*ret = negative ? (int64_t)(0 - value) : (int64_t)value;
	return 0;
}

int str_to_size(const char *s, uint64_t *ret)
{
	static const char units[] = "KMGT";
	size_t n = strlen(s);
	const char *unit = n ? strchr(units, s[n - 1]) : NULL;
	unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 20;
	CLEANUP(free) char *digits = str_dup_n(s, unit ? n - 1 : n);
	uint64_t value;
	int r = str_to_u64(digits, 10, &value);

	if (r < 0)
		return r;
	if (value == 0)
		return -EINVAL;
	if (value > UINT64_MAX >> shift)
		return -ERANGE;
	*ret = value << shift;
	return 0;
}

/* Edits (insert, delete, replace, swap of neighbours) from a to b; both are short. */
static size_t distance(const char *a, const char *b)
{
	enum { MAX = 40 };
	size_t n = strlen(a), m = strlen(b);
	unsigned rows[3][MAX + 1];
	unsigned *before = rows[0], *above = rows[1], *row = rows[2];

	if (n > MAX || m > MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= m; j++)
		above[j] = (unsigned)j;
	for (size_t i = 1; i <= n; i++) {
		unsigned *oldest = before;

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= m; j++) {
			unsigned best = above[j - 1] + (a[i - 1] != b[j - 1]);

			if (above[j] + 1 < best)
				best = above[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
				before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			row[j] = best;
		}
		before = above;
		above = row;
		row = oldest;
	}
	return above[m];
}

const char *str_nearest(const char *s, const char *const *candidates)
{
	enum { SHORT = 3 };
	const char *best = NULL;
	size_t n = strlen(s), least = n > SHORT ? n / 3 + 2 : 2;

	for (const char *const *c = candidates; *c; c++) {
		size_t d = distance(s, *c);

		/* Some letter must be the same, or "x" would be near "ls". */
		if (d < least && d < n) {
			least = d;
			best = *c;
		}
	}
	for (; !best && n >= SHORT && *candidates; candidates++)
		if (str_after(*candidates, s))
			best = *candidates;
	return best;
}

static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

char *str_size(char dst[static 16], uint64_t bytes)
{
	uint64_t whole = bytes, tenths = 0;
	size_t unit = 0;

	while (whole >= 1024 && unit + 1 < ARRAY_SIZE(units)) {
		tenths = whole % 1024 * 10 / 1024;
		whole /= 1024;
		unit++;
	}
	if (unit == 0)
		str_format(dst, 16, "%u B", (unsigned)whole);
	else
		str_format(dst, 16, "%u.%u %s", (unsigned)whole, (unsigned)tenths, units[unit]);
	return dst;
}

char *str_exact_size(char dst[static 32], uint64_t bytes)
{
	size_t unit = 0;

	for (; bytes && bytes % 1024 == 0 && unit + 1 < ARRAY_SIZE(units); unit++)
		bytes /= 1024;
	str_format(dst, 32, "%llu %s", (unsigned long long)bytes, units[unit]);
	return dst;
}

void strv_take(struct strv *v, char *s)
{
	if (v->n + 1 >= v->cap) {
		v->cap = v->cap ? v->cap * 2 : 8;
		v->items = mem_resize(v->items, v->cap, sizeof(*v->items));
	}
	v->items[v->n++] = s;
	v->items[v->n] = NULL;
}

void strv_add(struct strv *v, const char *s)
{
	strv_take(v, str_dup(s));
}

void strv_addf(struct strv *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strv_take(v, str_printfv(fmt, ap));
	va_end(ap);
}

void strv_add_all(struct strv *v, const struct strv *from)
{
	for (size_t i = 0; i < from->n; i++)
		strv_add(v, from->items[i]);
}

bool strv_has(const struct strv *v, const char *s)
{
	for (size_t i = 0; i < v->n; i++)
		if (str_eq(v->items[i], s))
			return true;
	return false;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strv_sort(struct strv *v)
{
	if (v->n)
		qsort(v->items, v->n, sizeof(*v->items), compare);
}

void strv_split(struct strv *v, const char *s, char separator)
{
	const char *end;

	while ((end = strchr(s, separator))) {
		strv_take(v, str_dup_n(s, (size_t)(end - s)));
		s = end + 1;
	}
	strv_add(v, s);
}

char *strv_join(const struct strv *v, const char *separator)
{
	CLEANUP(buf) struct buf b = BUF_INIT(SIZE_MAX / 2);

	for (size_t i = 0; i < v->n; i++) {
		if (i)
			buf_puts(&b, separator);
		buf_puts(&b, v->items[i]);
	}
	return buf_steal(&b);
}

char *strv_list(const struct strv *v, size_t columns)
{
	CLEANUP(buf) struct buf b = BUF_INIT(SIZE_MAX / 2);
	CLEANUP(free) char *all = strv_join(v, ", ");
	size_t n = 0;

	if (strlen(all) <= columns)
		return STEAL(all);
	for (; n < v->n && b.len + strlen(v->items[n]) + strlen(", and 99 more") <= columns; n++)
		buf_printf(&b, "%s%s", n ? ", " : "", v->items[n]);
	buf_printf(&b, "%s%zu%s", n ? " and " : "", v->n - n, n ? " more" : "");
	return buf_steal(&b);
}

void strv_clear(struct strv *v)
{
	for (size_t i = 0; i < v->n; i++)
		free(v->items[i]);
	free(v->items);
	*v = (struct strv){0};
}
