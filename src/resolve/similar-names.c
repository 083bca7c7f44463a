/* SPDX-License-Identifier: Apache-2.0 */
#include "resolve/similar-names.h"

#include <stdlib.h>

#include "base/mem.h"
#include "oci/reference-near.h"
#include "store/registry.h"

void similar_names_cleanup(struct similar_names *e)
{
	strv_clear(&e->names);
}

void similar_names_explain(struct similar_names *e, const struct resolve_options *o,
	const struct reference *ref, struct werr *err)
{
	struct reference_near near = {.wanted = ref};
	char *message;
	const char *name;

	/* It is not asked for a digest. */
	if (!o->engine || ref->digest)
		return;
	if (!e->asked)
		(void)store_engine_names(o->net, o->engine, &e->names, NULL);
	e->asked = true;
	STRV_FOREACH (name, &e->names)
		reference_near_add(&near, name);
	message = str_printf("%s, nor in the engine at %s%s%s", err->message, o->engine,
		near.name ? ", which has " : "", near.name ? near.name : "");
	free(err->message);
	err->message = message;
	free(near.name);
}
