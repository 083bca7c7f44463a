/* SPDX-License-Identifier: Apache-2.0 */
#include "config/wherry-values.h"

#include <arpa/inet.h>

#include "base/mem.h"
#include "base/signals.h"
#include "base/str.h"

/* ---- numbers with a unit ---- */

struct unit {
	const char *name;
	uint64_t factor;
};
static const struct unit time_units[] = {
	{"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 3600 * 1000}, {NULL, 0}};
static const struct unit size_units[] = {{"K", 1 << 10}, {"M", 1 << 20}, {NULL, 0}};

/* The unit that is the whole of the letters text begins with; NULL: none is. */
static const struct unit *find_unit(const struct unit *units, const char *text, size_t len)
{
	for (; units->name; units++)
		if (strlen(units->name) == len && strncmp(units->name, text, len) == 0)
			return units;
	return NULL;
}

/* One "10s" of a text, added to *sum, which stays below 2^53; what is behind it, or NULL. */
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

bool duration_parse(const struct node *n, uint64_t *ret_ms)
{
	const char *text = n->text;
	uint64_t ms = 0;

	if (node_to_u64(n, &ms))
		return !__builtin_mul_overflow(ms, 1000, ret_ms) && *ret_ms <= DURATION_MAX_MS;
	do
		text = add_quantity(text, time_units, &ms);
	while (text && *text);
	*ret_ms = ms;
	return text && ms <= DURATION_MAX_MS;
}

bool byte_size_parse(const struct node *n, uint64_t *ret)
{
	const char *end;

	if (node_to_u64(n, ret))
		return true;
	*ret = 0;
	end = add_quantity(n->text, size_units, ret);
	return end && !*end;
}

void check_duration(struct checker *c, const struct node *n)
{
	uint64_t ms;

	if (duration_parse(n, &ms))
		return;
	checker_add(c, n, "%s: '%.80s' is not a time", buf_str(&c->where), n->text);
	checker_hint(c,
		"write it like 500ms, 10s, 2m, 1h or 1m30s; a plain number is seconds; a week is "
		"the most");
}

void check_log_size(struct checker *c, const struct node *n)
{
	uint64_t size;

	if (byte_size_parse(n, &size) && size >= LOG_SIZE_MIN && size <= LOG_SIZE_MAX)
		return;
	checker_add(c, n, "%s: '%.80s' is not a size of a log", buf_str(&c->where), n->text);
	checker_hint(c, "write it like 64K or 1M, from 4K to 64M");
}

void check_root_size(struct checker *c, const struct node *n)
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
	checker_add(c, n, "%s: '%.80s' is not a size of a root", buf_str(&c->where), n->text);
	checker_hint(c, "write it like 64M or 1G, or like 25%% for a part of the machine's memory");
}

/* ---- where to look whether a service is well ---- */

static bool is_port(const char *text)
{
	uint64_t port;

	return str_to_u64(text, 10, &port) == 0 && port > 0 && port <= UINT16_MAX;
}

/* As it is written in front of a port: "127.0.0.1", "[::1]"; NULL: not numeric. */
static char *address_of(const char *text)
{
	unsigned char bytes[16];
	CLEANUP(free) char *inner = NULL;
	size_t size = strlen(text);

	if (size == 0 || str_eq(text, "localhost"))
		return str_dup("127.0.0.1");
	if (inet_pton(AF_INET, text, bytes) == 1)
		return str_dup(text);
	if (size < 2 || text[0] != '[' || text[size - 1] != ']')
		return NULL;
	inner = str_dup_n(text + 1, size - 2);
	return inet_pton(AF_INET6, inner, bytes) == 1 ? str_dup(text) : NULL;
}

/* A text that is digits only is a port; otherwise the port is behind the last colon that is not in
 * brackets. */
static char *address_and_port(const char *text, const char *otherwise)
{
	const char *colon = strrchr(text, ':'), *bracket = strrchr(text, ']'), *port = otherwise;
	CLEANUP(free) char *host = NULL;
	CLEANUP(free) char *address = NULL;

	if (is_port(text))
		return str_printf("127.0.0.1:%s", text);
	if (colon && (!bracket || bracket < colon)) {
		port = colon + 1;
		host = str_dup_n(text, (size_t)(colon - text));
	} else {
		host = str_dup(text);
	}
	address = address_of(host);
	if (!address || !*host || !port || !is_port(port))
		return NULL;
	return str_printf("%s:%s", address, port);
}

char *health_tcp(const char *text)
{
	return address_and_port(text, NULL);
}

char *health_http(const char *text)
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
	address = address_and_port(authority, "80");
	return address ? str_printf("http://%s%s", address, *path ? path : "/") : NULL;
}

void check_tcp(struct checker *c, const struct node *n)
{
	CLEANUP(free) char *address = health_tcp(n->text);

	if (address)
		return;
	checker_add(c, n, "%s: '%.80s' is not a port", buf_str(&c->where), n->text);
	checker_hint(c, "write it like 5432, or 10.0.0.1:5432; names are not looked up");
}

void check_http(struct checker *c, const struct node *n)
{
	CLEANUP(free) char *url = health_http(n->text);

	if (url)
		return;
	checker_add(
		c, n, "%s: '%.80s' is not a URL that can be asked", buf_str(&c->where), n->text);
	checker_hint(c,
		"write it like 8080/healthz, or http://10.0.0.1:8080/healthz; no https, and names "
		"are not looked up");
}

void check_health(struct checker *c, const struct node *n)
{
	static const char *const kinds[] = {"command", "tcp", "http"};
	const struct node *command = node_get(n, "command");
	const char *found[ARRAY_SIZE(kinds)] = {NULL};
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (node_get(n, kinds[i]))
			found[count++] = kinds[i];
	if (count == 0)
		checker_add(c, n, "%s needs one of 'command', 'tcp', 'http'", buf_str(&c->where));
	else if (count > 1)
		checker_add(
			c, n, "%s has both '%s' and '%s'", buf_str(&c->where), found[0], found[1]);
	else if (command && command->n == 0)
		checker_add(c, command, "%s.command must not be empty", buf_str(&c->where));
}

/* ---- the rest ---- */

void check_signal(struct checker *c, const struct node *n)
{
	CLEANUP(free) char *suggestion = NULL;

	if (signal_name(signal_number(n->text)))
		return;
	suggestion = check_suggestion(n->text, signal_names());
	checker_add(c, n, "%s: unknown signal '%.80s'%s", buf_str(&c->where), n->text, suggestion);
}
