/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles made of a YAML text and an image that exists in the test only. */
#ifndef WHERRY_TESTS_UNIT_BUNDLE_MADE_H
#define WHERRY_TESTS_UNIT_BUNDLE_MADE_H

#include "../config/load.h"

#include "base/mem.h"
#include "bundle/bundle.h"

struct made {
	struct bundle *bundle;
	struct document *config, *runtime;
};
static inline void made_cleanup(struct made *b)
{
	bundle_free(b->bundle);
	document_free(b->config);
	document_free(b->runtime);
}

/* The last entry of the configuration, run from this image. */
static inline struct made must_make(
	const struct config *c, const struct image_config *image, const char *shared)
{
	struct made b = {0};
	struct werr *err = NULL;

	assert_ok(bundle_make(c, &c->containers[c->n_containers - 1], image, NULL, shared,
			  &b.bundle, &err),
		err);
	b.config = must_parse("config.json", b.bundle->config_json);
	b.runtime = must_parse("runtime.json", b.bundle->runtime_json);
	return b;
}

/* A service named a with these keys, of an image with this label (or NULL). */
static inline struct made make_service(const char *keys, const char *label)
{
	CLEANUP(free) char *text = str_printf("services: [{name: a, image: i, %s}]", keys);
	CLEANUP(config) struct config *c = must_load(text);
	struct annotation labels[] = {{(char[]){"org.mobyproject.config"}, NULL}};
	struct image_config image = {.labels = labels, .n_labels = label ? 1 : 0};
	CLEANUP(free) char *value = str_dup(label);

	labels[0].value = value;
	return must_make(c, &image, NULL);
}

/* "process.user.uid" */
static inline const struct node *find(const struct document *d, const char *path)
{
	const struct node *n = d->root;
	CLEANUP(strv) struct strv parts = {0};
	const char *part;

	strv_split(&parts, path, '.');
	STRV_FOREACH (part, &parts)
		n = node_get(n, part);
	return n;
}

#endif
