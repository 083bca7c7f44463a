/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/tail.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

void tail_cleanup(struct tail *t)
{
	for (size_t i = 0; i < TAIL_LINES; i++)
		free(t->lines[i]);
}

void tail_add(const char *line, void *ctx)
{
	struct tail *t = ctx;

	log_detail("%s", line);
	if (*line)
		progress_tell(t->progress, "package", t->progress_name, line);
	str_replace(&t->lines[t->n++ % TAIL_LINES], line);
}

static const char *line_of(const struct tail *t, size_t i)
{
	return t->lines[i % TAIL_LINES];
}

void tail_explain(const struct tail *t, struct werr **err)
{
	size_t end = t->n;

	if (!err || !*err)
		return;
	if ((*err)->kind == WERR_FAILED && end > 0) {
		CLEANUP(free) char *what = (*err)->message;

		(*err)->message = str_printf("%s: %s", what, line_of(t, --end));
	}
	if ((*err)->kind != WERR_CANCELLED)
		for (size_t i = t->n > TAIL_LINES ? t->n - TAIL_LINES : 0; i < end; i++)
			log_info("%s", line_of(t, i));
	werr_hint(err, "-v 2 shows all of its output");
}

bool tail_has(const struct tail *t, const char *text)
{
	for (size_t i = 0; i < TAIL_LINES; i++)
		if (t->lines[i] && strstr(t->lines[i], text))
			return true;
	return false;
}
