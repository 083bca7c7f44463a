/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/facet.h"

#include "base/attr.h"

static const struct facet facets[] = {
#define AT(field_) offsetof(struct image_config, field_)
	{"created", "created", NULL, FACET_TEXT, AT(created)},
	{"author", "author", NULL, FACET_TEXT, AT(author)},
	{"entrypoint", "entrypoint", "entrypoint", FACET_ARGV, AT(entrypoint)},
	{"cmd", "cmd", "cmd", FACET_ARGV, AT(cmd)},
	{"env", "env", "env", FACET_LIST, AT(env)},
	{"directory", "workingDir", "directory", FACET_TEXT, AT(working_dir)},
	{"user", "user", "user", FACET_TEXT, AT(user)},
	{"stop signal", "stopSignal", "stop signal", FACET_TEXT, AT(stop_signal)},
	{"ports", "ports", "port", FACET_LIST, AT(exposed_ports)},
	{"volumes", "volumes", "volume", FACET_LIST, AT(volumes)},
#undef AT
};

size_t facet_list(const struct facet **ret)
{
	*ret = facets;
	return ARRAY_SIZE(facets);
}

static const void *value(const struct facet *f, const struct image_config *c)
{
	return (const char *)c + f->offset;
}

const char *facet_text(const struct facet *f, const struct image_config *c)
{
	return *(char *const *)value(f, c);
}

const struct strv *facet_words(const struct facet *f, const struct image_config *c)
{
	return value(f, c);
}
