/* SPDX-License-Identifier: Apache-2.0 */
/* Plain scalars as booleans and numbers. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "data/node.h"

enum { NUMBER_SIZE_MAX = 64 }; /* longer than any sensible number */

static bool is_plain(const struct node *n)
{
	return n->kind == NODE_SCALAR && !n->quoted && n->size > 0 && strlen(n->text) == n->size;
}

bool node_to_bool(const struct node *n, bool *ret)
{
	static const struct {
		const char *text;
		bool value;
	} words[] = {{"true", true}, {"True", true}, {"TRUE", true}, {"false", false},
		{"False", false}, {"FALSE", false}};

	if (!is_plain(n) || !strchr("tTfF", n->text[0]))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!str_eq(n->text, words[i].text))
			continue;
		*ret = words[i].value;
		return true;
	}
	return false;
}

/* The text without its underscores; false when it can't be a number. */
static bool number_text(const struct node *n, char dst[static NUMBER_SIZE_MAX])
{
	size_t len = 0;

	if (!is_plain(n) || n->size >= NUMBER_SIZE_MAX || !strchr("+-.0123456789", n->text[0]))
		return false;
	for (const char *s = n->text; *s; s++)
		if (*s != '_')
			dst[len++] = *s;
	dst[len] = '\0';
	return true;
}

/* A whole number without its sign. */
static bool parse_magnitude(const char *s, uint64_t *ret)
{
	static const struct {
		const char *prefix, *digits;
		int base;
	} bases[] = {{"0x", "0123456789abcdefABCDEF", 16}, {"0X", "0123456789abcdefABCDEF", 16},
		{"0o", "01234567", 8}, {"0O", "01234567", 8}, {"0b", "01", 2}, {"0B", "01", 2}};

	for (size_t i = 0; i < ARRAY_SIZE(bases); i++) {
		const char *digits = str_after(s, bases[i].prefix);

		if (digits) /* strtoull would take a second prefix */
			return digits[strspn(digits, bases[i].digits)] == '\0' &&
			       str_to_u64(digits, bases[i].base, ret) == 0;
	}
	return str_to_u64(s, s[0] == '0' ? 8 : 10, ret) == 0;
}

static size_t skip_digits(const char **s)
{
	size_t n = strspn(*s, "0123456789");

	*s += n;
	return n;
}

/* 1.5, .5, 5., 1e3, 1.5e-3: the form is checked first, as strtod accepts more. */
static bool parse_float(const char *text, double *ret)
{
	const char *s = text + strspn(text, "+-");
	size_t digits;

	if (s - text > 1)
		return false;
	digits = skip_digits(&s);
	if (*s == '.') {
		s++;
		digits += skip_digits(&s);
	}
	if (digits == 0)
		return false;
	if (*s == 'e' || *s == 'E') {
		s++;
		if (*s == '+' || *s == '-')
			s++;
		if (skip_digits(&s) == 0)
			return false;
	}
	if (*s)
		return false;
	*ret = strtod(text, NULL);
	return true;
}

static bool parse_whole(const struct node *n, bool *negative, uint64_t *ret)
{
	static const double exact_max = 9007199254740992.0; /* 2^53 */
	char text[NUMBER_SIZE_MAX];
	double value;

	if (!number_text(n, text))
		return false;
	*negative = text[0] == '-';
	if (parse_magnitude(text + (text[0] == '-' || text[0] == '+'), ret))
		return true;
	if (!strpbrk(text, ".eE") || !parse_float(text, &value) || fabs(value) > exact_max ||
		value != trunc(value))
		return false;
	*ret = (uint64_t)fabs(value);
	return true;
}

bool node_to_u64(const struct node *n, uint64_t *ret)
{
	bool negative;
	uint64_t value;

	if (!parse_whole(n, &negative, &value) || (negative && value > 0))
		return false;
	*ret = value;
	return true;
}

bool node_to_i64(const struct node *n, int64_t *ret)
{
	bool negative;
	uint64_t value;

	if (!parse_whole(n, &negative, &value) || value > (uint64_t)INT64_MAX + negative)
		return false;
	*ret = negative ? (int64_t)(0 - value) : (int64_t)value;
	return true;
}

static bool is_special_float(const char *text)
{
	static const char *const words[] = {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF",
		"-.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_eq(text, words[i]))
			return true;
	return false;
}

bool node_is_float(const struct node *n)
{
	char text[NUMBER_SIZE_MAX];
	uint64_t whole;

	return node_scalar_type(n) == SCALAR_NUMBER && number_text(n, text) &&
	       !parse_magnitude(text + (text[0] == '-' || text[0] == '+'), &whole);
}

enum scalar_type node_scalar_type(const struct node *n)
{
	char text[NUMBER_SIZE_MAX];
	uint64_t whole;
	double real;
	bool truth;

	if (node_to_bool(n, &truth))
		return SCALAR_BOOL;
	if (!number_text(n, text))
		return SCALAR_TEXT;
	if (parse_magnitude(text + (text[0] == '-' || text[0] == '+'), &whole) ||
		parse_float(text, &real) || is_special_float(n->text))
		return SCALAR_NUMBER;
	return SCALAR_TEXT;
}
