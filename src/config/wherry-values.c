/* SPDX-License-Identifier: Apache-2.0 */
#include "config/wherry-values.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/signals.h"
#include "base/str.h"
#include "contract/address.h"
#include "contract/wherry.h"

/* ---- numbers with a unit ---- */

struct unit {
	const char *name;
	uint64_t factor;
};
static const struct unit time_units[] = {
	{"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 3600 * 1000}, {NULL, 0}};
static const struct unit size_units[] = {{"K", 1 << 10}, {"M", 1 << 20}, {NULL, 0}};

/* The unit named by all the letters that text begins with; NULL: none. */
static const struct unit *find_unit(const struct unit *units, const char *text, size_t len)
{
	for (; units->name; units++)
		if (strlen(units->name) == len && strncmp(units->name, text, len) == 0)
			return units;
	return NULL;
}

/* One "10s" of a text, added to *sum, which stays below 2^53; what follows it, or NULL. */
static const char *add_quantity(const char *text, const struct unit *units, uint64_t *sum)
{
	enum { DIGITS_MAX = 12 };
	size_t digits = strspn(text, "0123456789"), letters;
	CLEANUP(free) char *number = NULL;
	const struct unit *unit;
	uint64_t value;

	if (digits == 0 || digits > DIGITS_MAX)
		return NULL;
	letters = strcspn(text + digits, "0123456789");
	unit = find_unit(units, text + digits, letters);
	number = str_dup_n(text, digits);
	if (!unit || str_to_u64(number, 10, &value) < 0 ||
		__builtin_mul_overflow(value, unit->factor, &value) ||
		__builtin_add_overflow(*sum, value, sum))
		return NULL;
	return text + digits + letters;
}

bool value_parse_duration(const struct node *n, uint64_t *ret_ms)
{
	const char *text = n->text;
	uint64_t ms = 0;

	if (node_to_u64(n, &ms))
		return !__builtin_mul_overflow(ms, 1000, ret_ms) && *ret_ms <= WHERRY_TIME_MAX_MS;
	do
		text = add_quantity(text, time_units, &ms);
	while (text && *text);
	*ret_ms = ms;
	return text && ms <= WHERRY_TIME_MAX_MS;
}

bool value_parse_byte_size(const struct node *n, uint64_t *ret)
{
	const char *end;

	if (node_to_u64(n, ret))
		return true;
	*ret = 0;
	end = add_quantity(n->text, size_units, ret);
	return end && !*end;
}

static void check_duration(struct checker *c, const struct node *n)
{
	uint64_t ms;

	if (value_parse_duration(n, &ms))
		return;
	checker_add(c, n, "%s: '%.80s' is not a time", buf_str(&c->where), n->text);
	checker_hint(c,
		"write it like 500ms, 10s, 2m, 1h or 1m30s; a plain number is seconds; at most a "
		"week");
}

const struct form form_duration = {.check = check_duration, .pattern = "^([0-9]+(ms|s|m|h))+$"};

static void check_log_size(struct checker *c, const struct node *n)
{
	uint64_t size;

	if (value_parse_byte_size(n, &size) && size >= WHERRY_LOG_SIZE_MIN &&
		size <= WHERRY_LOG_SIZE_MAX)
		return;
	checker_add(c, n, "%s: '%.80s' is not a valid log size", buf_str(&c->where), n->text);
	checker_hint(c, "write it like 64K or 1M, from 4K to 64M");
}

const struct form form_log_size = {.check = check_log_size, .pattern = "^[0-9]+[KM]$"};

static void check_root_size(struct checker *c, const struct node *n)
{
	enum { DIGITS_MAX = 12, PERCENT_MAX = 100 };
	size_t digits = strspn(n->text, "0123456789");
	const char *unit = n->text + digits;
	CLEANUP(free) char *number = str_dup_n(n->text, digits);
	uint64_t value = 0;
	bool known = !*unit || (unit[1] == '\0' && strchr("KMG%", *unit));

	if (known && digits <= DIGITS_MAX && str_to_u64(number, 10, &value) == 0 && value > 0 &&
		(*unit != '%' || value <= PERCENT_MAX))
		return;
	checker_add(c, n, "%s: '%.80s' is not a valid root size", buf_str(&c->where), n->text);
	checker_hint(c, "write it like 64M or 1G, or like 25%% for a part of the machine's memory");
}

const struct form form_root_size = {.check = check_root_size, .pattern = "^[0-9]+[KMG%]?$"};

/* ---- where to look whether a service is well ---- */

/* As ADDRESS:PORT, with the address filled in; NULL: it is neither that nor a port. */
static char *full_address(const char *text, uint16_t default_port)
{
	CLEANUP(free) char *host = NULL;
	uint16_t port;

	return address_parse(text, default_port, &host, &port) ? address_format(host, port) : NULL;
}

char *value_parse_tcp(const char *text)
{
	return full_address(text, 0);
}

char *value_parse_http(const char *text)
{
	const char *rest = str_after(text, "http://"), *path;
	CLEANUP(free) char *authority = NULL;
	CLEANUP(free) char *address = NULL;

	if (!rest)
		rest = text;
	path = rest + strcspn(rest, "/");
	for (const char *s = path; *s; s++)
		if ((unsigned char)*s <= ' ' || (unsigned char)*s >= 0x7f)
			return NULL;
	authority = str_dup_n(rest, (size_t)(path - rest));
	address = full_address(authority, ADDRESS_HTTP_PORT);
	return address ? str_printf("http://%s%s", address, *path ? path : "/") : NULL;
}

static void check_tcp(struct checker *c, const struct node *n)
{
	CLEANUP(free) char *address = value_parse_tcp(n->text);

	if (address)
		return;
	checker_add(c, n, "%s: '%.80s' is not a port", buf_str(&c->where), n->text);
	checker_hint(c, "write it like 5432, or 10.0.0.1:5432; names are not looked up");
}

const struct form form_tcp = {.check = check_tcp, .pattern = "^(.+:)?[0-9]+$"};

static void check_http(struct checker *c, const struct node *n)
{
	CLEANUP(free) char *url = value_parse_http(n->text);

	if (url)
		return;
	checker_add(
		c, n, "%s: '%.80s' is not a URL that can be checked", buf_str(&c->where), n->text);
	checker_hint(c,
		"write it like 8080/healthz, or http://10.0.0.1:8080/healthz; no https, and names "
		"are not looked up");
}

const struct form form_http = {.check = check_http};

/* ---- the rest ---- */

static void check_signal(struct checker *c, const struct node *n)
{
	CLEANUP(free) char *suggestion = NULL;

	if (signal_name(signal_number(n->text)))
		return;
	suggestion = check_suggestion(n->text, signal_names());
	checker_add(c, n, "%s: unknown signal '%.80s'%s", buf_str(&c->where), n->text, suggestion);
}

static const char *signal_word(size_t i)
{
	return signal_names()[i];
}

const struct form form_signal = {
	.check = check_signal, .pattern = "^([Ss][Ii][Gg])?[A-Za-z0-9]+$", .word = signal_word};

bool value_is_seccomp_file(const char *text)
{
	return !str_eq(text, "default") && !str_eq(text, "none");
}

static void check_seccomp(struct checker *c, const struct node *n)
{
	static const char *const words[] = {"default", "none", NULL};
	CLEANUP(free) char *suggestion = NULL;

	if (!value_is_seccomp_file(n->text) || (!c->label && strpbrk(n->text, "./")))
		return;
	suggestion = check_suggestion(n->text, words);
	checker_add(c, n, "%s: unknown value '%.80s'%s", buf_str(&c->where), n->text, suggestion);
	checker_hint(c, c->label ? "an image can ask for default or none"
				 : "use default, none, or a file such as profile.json");
}

const struct form form_seccomp = {.check = check_seccomp};
