/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles made of a YAML text and an image that exists in the test only. */
#ifndef WHERRY_TESTS_UNIT_CONFIG_BUNDLE_H
#define WHERRY_TESTS_UNIT_CONFIG_BUNDLE_H

#include "../check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "config/config.h"
#include "data/json.h"

static inline int load_text(const char *text, struct config **ret, struct werr **err)
{
	struct config_text t = {"os.yml", text, strlen(text)};

	return config_load_texts(&t, 1, NULL, ret, err);
}

static inline struct config *must_load(const char *text)
{
	struct config *c = NULL;
	struct werr *err = NULL;

	assert_ok(load_text(text, &c, &err), err);
	return c;
}

struct bundle {
	struct container *container;
	struct document *config, *runtime;
};
static inline void bundle_cleanup(struct bundle *b)
{
	container_free(b->container);
	document_free(b->config);
	document_free(b->runtime);
}

static inline struct document *must_parse(const char *name, const char *text)
{
	struct document *d = NULL;
	struct werr *err = NULL;

	assert_ok(json_parse(name, text, strlen(text), &d, &err), err);
	return d;
}

/* The last entry of the configuration, run from this image. */
static inline struct bundle must_make(
	const struct config *c, const struct image_config *image, const char *shared)
{
	struct bundle b = {0};
	struct werr *err = NULL;

	assert_ok(container_make(c, &c->containers[c->n_containers - 1], image, NULL, shared,
			  &b.container, &err),
		err);
	b.config = must_parse("config.json", b.container->config_json);
	b.runtime = must_parse("runtime.json", b.container->runtime_json);
	return b;
}

/* A service named a with these keys, of an image with this label (or NULL). */
static inline struct bundle make_service(const char *keys, const char *label)
{
	CLEANUP(free) char *text = str_printf("services: [{name: a, image: i, %s}]", keys);
	CLEANUP(config) struct config *c = must_load(text);
	struct annotation labels[] = {{(char[]){"org.mobyproject.config"}, NULL}};
	struct image_config image = {.labels = labels, .n_labels = label ? 1 : 0};
	CLEANUP(free) char *value = str_dup(label);

	labels[0].value = value;
	return must_make(c, &image, NULL);
}

/* A node as JSON on one line; "-" when there is none. */
static inline void assert_json(const struct node *n, const char *expected)
{
	CLEANUP(buf) struct buf out = BUF_INIT(1 << 20);
	struct json_writer w = JSON_WRITER(&out, 0);

	if (n)
		json_node(&w, n);
	assert_string_equal(n ? buf_str(&out) : "-", expected);
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
