/* SPDX-License-Identifier: Apache-2.0 */
/* What each build says of a part, also one that takes the part from an earlier build. */
#include <string.h>

#include "base/str.h"
#include "output/encoding.h"

static bool is_there(ATTR_UNUSED const struct encoding *e, const struct part_content *c)
{
	return c->warnings.n > 0;
}

static int encode(ATTR_UNUSED const struct encoding *e, const struct part_content *c,
	struct writer *to, struct werr **err)
{
	const char *text;
	int r = 0;

	STRV_FOREACH (text, &c->warnings)
		if (r == 0)
			r = writer_write(to, text, strlen(text) + 1, err);
	return r;
}

const struct encoding encoding_warnings = {.name = "warnings",
	.is_kept = true,
	.is_warning = true,
	.is_late = true,
	.is_there = is_there,
	.encode = encode};
