/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/replaced.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "data/json.h"

static int compare_images(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void keep(void *p)
{
	(void)p;
}

/* Adds it to a tree that keeps the first one of a name. */
static bool is_first(void **seen, const char *image)
{
	const void *const *found = tsearch(image, seen, compare_images);

	if (!found)
		abort();
	return *found == image;
}

void replaced_log(const struct config *c)
{
	void *seen = NULL;

	for (size_t i = 0; i < c->n_replaced; i++) {
		const struct config_replacement *r = &c->replaced[i];

		if (!is_first(&seen, r->image))
			continue;
		if (r->component)
			log_info("%s is built with %s", r->image, r->component);
		else
			log_info("%s is left out: %s", r->image, r->why);
	}
	tdestroy(seen, keep);
}

void replaced_add_lines(const struct config *c, struct buf *out)
{
	for (size_t i = 0; i < c->n_replaced; i++) {
		const struct config_replacement *r = &c->replaced[i];
		struct json_writer w = JSON_WRITER_SHOWN(out);

		json_open_object(&w);
		json_key_string(&w, "replaced", r->image);
		json_key_string_opt(&w, "component", r->component);
		json_key_string_opt(&w, "why", r->why);
		json_close_object(&w);
		buf_putc(out, '\n');
	}
}
