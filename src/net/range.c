/* SPDX-License-Identifier: Apache-2.0 */
#include "net/range.h"

#include <strings.h>

#include "base/mem.h"
#include "base/str.h"

/* Digits, and nothing else that strtoull would accept; *at is moved past them. */
static bool take_number(const char **at, uint64_t *ret)
{
	size_t n = strspn(*at, "0123456789");
	CLEANUP(free) char *digits = str_dup_n(*at, n);

	*at += n;
	return n > 0 && str_to_u64(digits, 10, ret) == 0;
}

/* "FIRST-LAST" */
static bool take_part(const char **at, struct range *ret)
{
	if (!take_number(at, &ret->first) || **at != '-')
		return false;
	*at += 1;
	return take_number(at, &ret->last) && ret->first <= ret->last;
}

bool range_parse_content(const char *text, struct range *ret)
{
	struct range r = {0};

	if (strncasecmp(text, "bytes ", 6) != 0)
		return false;
	text += 6;
	if (!take_part(&text, &r) || *text++ != '/')
		return false;
	r.has_total = *text != '*';
	if (r.has_total ? !take_number(&text, &r.total) || r.last >= r.total : *text++ != '*')
		return false;
	*ret = r;
	return !*text;
}

bool range_parse_upload(const char *text, struct range *ret)
{
	const char *rest = str_after(text, "bytes=");
	struct range r = {0};

	text = rest ? rest : text;
	if (!take_part(&text, &r) || *text)
		return false;
	*ret = r;
	return true;
}
