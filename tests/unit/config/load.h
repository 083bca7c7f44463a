/* SPDX-License-Identifier: Apache-2.0 */
/* Configurations made of a YAML text. */
#ifndef WHERRY_TESTS_UNIT_CONFIG_LOAD_H
#define WHERRY_TESTS_UNIT_CONFIG_LOAD_H

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

static inline struct document *must_parse(const char *name, const char *text)
{
	struct document *d = NULL;
	struct werr *err = NULL;

	assert_ok(json_parse(name, text, strlen(text), &d, &err), err);
	return d;
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

#endif
