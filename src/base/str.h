/* SPDX-License-Identifier: Apache-2.0 */
/* Strings, numbers in text, lists of strings. Everything returned is owned by the caller. */
#ifndef WHERRY_BASE_STR_H
#define WHERRY_BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/attr.h"

static inline bool str_eq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}
/* What follows prefix in s, or NULL when s does not begin with it. */
const char *str_after(const char *s, const char *prefix);
bool str_ends_with(const char *s, const char *suffix);

char *str_dup(const char *s);                /* NULL stays NULL */
char *str_dup_n(const char *s, size_t size); /* size bytes and a NUL */
char *str_printf(const char *fmt, ...) ATTR_PRINTF(1, 2);
char *str_printfv(const char *fmt, va_list ap) ATTR_PRINTF(1, 0);
/*
 * snprintf into dst of size bytes; -E2BIG when it did not fit (dst is truncated, NUL-terminated).
 */
int str_format(char *dst, size_t size, const char *fmt, ...) ATTR_PRINTF(3, 4);
/* Two lower-case hex digits a byte, and a NUL: 2 * size + 1 bytes of dst. */
void str_hex(char *dst, const void *p, size_t size);
/* Copy s with its NUL into dst of size bytes; -E2BIG when it does not fit (dst becomes ""). */
int str_copy(char *dst, size_t size, const char *s);
/* *dst = a copy of s; what was there is freed. */
void str_replace(char **dst, const char *s);

/* The whole of s as a number in the given base (0: with 0x and 0); -EINVAL or -ERANGE. */
int str_to_u64(const char *s, int base, uint64_t *ret);
int str_to_i64(const char *s, int base, int64_t *ret);
/*
 * A number of bytes, not 0: "64K", "512M", "2G", "1T", in powers of 1024; a plain number is in MiB,
 * as in LinuxKit. -EINVAL or -ERANGE.
 */
int str_to_size(const char *s, uint64_t *ret);

/*
 * The candidate that is spelled most like s, or begins with it; NULL when none is close. NULL ends
 * the list.
 */
const char *str_nearest(const char *s, const char *const *candidates);

/* "17 B", "4.2 MiB": for people. dst must have 16 bytes. */
char *str_size(char dst[static 16], uint64_t bytes);
/* The same exactly, in the largest unit that has it as a whole number: "17 B", "2041 GiB". */
char *str_exact_size(char dst[static 32], uint64_t bytes);

/* A list of strings; items[n] is always NULL once something was added. {0} is the empty list. */
struct strv {
	char **items;
	size_t n, cap;
};
void strv_add(struct strv *v, const char *s); /* copies */
void strv_take(struct strv *v, char *s);      /* takes over s */
void strv_addf(struct strv *v, const char *fmt, ...) ATTR_PRINTF(2, 3);
void strv_add_all(struct strv *v, const struct strv *from);
bool strv_has(const struct strv *v, const char *s);
void strv_sort(struct strv *v); /* by bytes */
void strv_split(
	struct strv *v, const char *s, char separator); /* adds the parts, including empty ones */
char *strv_join(const struct strv *v, const char *separator);
/* "a, b, c", or as many as fit into so many columns: "a, b and 7 more". Owned by the caller. */
char *strv_list(const struct strv *v, size_t columns);
void strv_clear(struct strv *v);
#define STRV_FOREACH(s_, v_) \
	for (size_t s_##_i = 0; s_##_i < (v_)->n && ((s_) = (v_)->items[s_##_i], true); s_##_i++)
static inline void strv_cleanup(struct strv *v)
{
	strv_clear(v);
}

#endif
