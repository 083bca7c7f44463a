/* SPDX-License-Identifier: Apache-2.0 */
#include "options/option-complete.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

void option_complete_word(
	struct buf *out, const char *typed, const char *word, const char *description)
{
	if (!str_after(word, typed))
		return;
	buf_puts(out, word);
	if (description)
		buf_printf(out, "\t%s", description);
	buf_putc(out, '\n');
}

void option_complete_names(struct buf *out, const char *typed, const struct option_group *groups)
{
	for (const struct option_group *g = groups; g && g->options; g++)
		for (const struct option *o = g->options; o->name; o++) {
			CLEANUP(free) char *text = option_text(o);

			if (o->kind != OPTION_ABSENT && !o->hidden && !g->hidden)
				option_complete_word(out, typed, text, o->help);
		}
}

bool option_complete_values(
	struct buf *out, const char *before, const char *typed, const struct option *o)
{
	const char *const *choices = o->choices ? o->choices() : NULL;
	const char *comma = o->kind == OPTION_LIST ? strrchr(typed, ',') : NULL;
	CLEANUP(free) char *others = str_dup_n(typed, comma ? (size_t)(comma - typed) + 1 : 0);

	for (; choices && *choices; choices++) {
		CLEANUP(free) char *word = str_printf("%s%s", others, *choices);
		CLEANUP(free) char *whole = str_printf("%s%s", before, word);

		if (str_after(word, typed))
			option_complete_word(out, "", whole, NULL);
	}
	return o->choices;
}
