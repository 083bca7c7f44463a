/* SPDX-License-Identifier: Apache-2.0 */
/* Configurations from texts that exist in the test only, and the files that they include. */
#ifndef WHERRY_TESTS_UNIT_CONFIG_FILES_H
#define WHERRY_TESTS_UNIT_CONFIG_FILES_H

#include "load.h"

/* Files by name, for `include` and --env-file. */
static const struct config_text *files;

static inline int read_file(
	const char *name, char **ret, size_t *ret_size, ATTR_UNUSED void *ctx, struct werr **err)
{
	for (const struct config_text *f = files; f && f->name; f++)
		if (str_eq(f->name, name)) {
			*ret = str_dup(f->text);
			*ret_size = strlen(f->text);
			return 0;
		}
	return werr_set(err, WERR_NOT_FOUND, "no file %s", name);
}

static inline int load(const char *name, const char *text, struct config_options *options,
	struct config **ret, struct werr **err)
{
	struct config_text t = {name, text, strlen(text)};

	options->read = read_file;
	options->fetch = read_file;
	return config_load_texts(&t, 1, options, ret, err);
}

/* The contents that the file "a" gets. */
static inline void assert_contents(
	const char *text, struct config_options *options, const char *expected)
{
	CLEANUP(config) struct config *c = NULL;
	struct werr *err = NULL;

	assert_ok(load("os.yml", text, options, &c, &err), err);
	assert_int_equal(c->n_files, 1);
	assert_string_equal(c->files[0].contents, expected);
}

static inline void assert_mistake(
	const char *text, struct config_options *options, const char *place, const char *message)
{
	struct config *c = NULL;
	CLEANUP(werr) struct werr *err = NULL;
	CLEANUP(free) char *at = NULL;

	if (load("os.yml", text, options, &c, &err) >= 0)
		fail_msg("%s: was taken", text);
	at = str_printf("%s:%u:%u", err->file ? err->file : "-", err->line, err->column);
	if (!strstr(err->message, message) || !str_eq(at, place) || err->next)
		fail_msg("%s: %s: %s", text, at, err->message);
}

#endif
