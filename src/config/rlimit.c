/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of resources: NAME,SOFT,HARD. */
#include <strings.h>

#include "base/mem.h"
#include "config/values.h"

static const char *const types[] = {"RLIMIT_AS", "RLIMIT_CORE", "RLIMIT_CPU", "RLIMIT_DATA",
	"RLIMIT_FSIZE", "RLIMIT_LOCKS", "RLIMIT_MEMLOCK", "RLIMIT_MSGQUEUE", "RLIMIT_NICE",
	"RLIMIT_NOFILE", "RLIMIT_NPROC", "RLIMIT_RSS", "RLIMIT_RTPRIO", "RLIMIT_RTTIME",
	"RLIMIT_SIGPENDING", "RLIMIT_STACK"};

static const char *find_type(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strcasecmp(types[i], name) == 0 ||
			strcasecmp(str_after(types[i], "RLIMIT_"), name) == 0)
			return types[i];
	return NULL;
}

static int unknown_type(const char *name, struct werr **err)
{
	const char *candidates[ARRAY_SIZE(types) + 1] = {NULL};
	char lower[ARRAY_SIZE(types)][24] = {0};
	CLEANUP(free) char *suggestion = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		const char *from = str_after(types[i], "RLIMIT_");

		for (size_t k = 0; from[k] && k + 1 < sizeof(lower[i]); k++)
			lower[i][k] = (char)(from[k] | 0x20);
		candidates[i] = lower[i];
	}
	suggestion = check_suggestion(name, candidates);
	return werr_set(err, WERR_INVALID, "unknown limit '%.80s'%s", name, suggestion);
}

static int parse_value(const char *text, uint64_t *ret, struct werr **err)
{
	if (strcasecmp(text, "unlimited") == 0) {
		*ret = UINT64_MAX;
		return 0;
	}
	if (str_to_u64(text, 10, ret) == 0)
		return 0;
	werr_set(err, WERR_INVALID, "'%.80s' is not a limit", text);
	werr_hint(err, "write a number, or unlimited");
	return werr_code(WERR_INVALID);
}

/* White space around the parts is ignored. */
static void trim(char *text)
{
	size_t start = strspn(text, " \t\n"), end = strlen(text);

	while (end > start && strchr(" \t\n", text[end - 1]))
		end--;
	memmove(text, text + start, end - start);
	text[end - start] = '\0';
}

int rlimit_parse(const char *text, struct rlimit *ret, struct werr **err)
{
	CLEANUP(strv) struct strv parts = {0};
	struct rlimit limit = {0};
	int r;

	strv_split(&parts, text, ',');
	if (parts.n != 3)
		return werr_set(err, WERR_INVALID,
			"a limit is name,soft,hard, such as nofile,1024,2048; not '%.80s'", text);
	for (size_t i = 0; i < parts.n; i++)
		trim(parts.items[i]);
	limit.type = find_type(parts.items[0]);
	if (!limit.type)
		return unknown_type(parts.items[0], err);
	r = parse_value(parts.items[1], &limit.soft, err);
	if (r == 0)
		r = parse_value(parts.items[2], &limit.hard, err);
	if (r == 0)
		*ret = limit;
	return r;
}

static void check_rlimit(struct checker *c, const struct node *n)
{
	struct rlimit limit;
	struct werr *err = NULL;

	if (rlimit_parse(n->text, &limit, &err) < 0)
		checker_take(c, n, err);
	else if (limit.soft > limit.hard)
		checker_warn(c, n, "the kernel refuses a soft limit above the hard one: '%.80s'",
			n->text);
}

const struct form form_rlimit = {
	.check = check_rlimit, .pattern = "^[A-Za-z_]+,([0-9]+|unlimited),([0-9]+|unlimited)$"};
