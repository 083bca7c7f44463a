/* SPDX-License-Identifier: Apache-2.0 */
/* Seccomp profiles in files: `wherry.seccomp: FILE`. They are read with the YAML, so that their
 * mistakes are reported together. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "config/model-build.h"
#include "config/model.h"
#include "config/sources.h"
#include "config/wherry-values.h"
#include "data/json.h"

static int parse(
	const char *path, const char *text, size_t size, struct document **ret, struct werr **err)
{
	CLEANUP(document) struct document *d = NULL;
	CLEANUP(checker) struct checker checker = CHECKER_INIT;
	int r = json_parse(path, text, size, &d, err);

	if (r < 0)
		return r;
	buf_puts(&checker.where, "profile");
	if (d->root->kind == NODE_MAP)
		check_map(&checker, &schema_seccomp, d->root);
	else
		checker_add(&checker, d->root, "expected a map, not %s", node_kind_name(d->root));
	r = checker_finish(&checker, err);
	if (r == 0)
		*ret = STEAL(d);
	return r;
}

static const struct config_profile *find_path(const struct config *c, const char *path)
{
	for (size_t i = 0; i < c->n_profiles; i++)
		if (str_eq(c->profiles[i].document->name, path))
			return &c->profiles[i];
	return NULL;
}

static void add_profile(
	struct config *c, size_t *cap, const struct node *n, struct document *d, bool owned)
{
	mem_grow(&c->profiles, c->n_profiles, cap, sizeof(*c->profiles));
	c->profiles[c->n_profiles++] = (struct config_profile){n, d, owned};
}

static void load_profile(struct config *c, struct checker *checker,
	const struct config_options *options, const struct node *n, size_t *cap)
{
	const char *file = n->document->name;
	CLEANUP(free) char *path = source_resolve(file, n->text);
	const struct config_profile *known = find_path(c, path);
	CLEANUP(free) char *text = NULL;
	CLEANUP(document) struct document *d = NULL;
	struct werr *err = NULL;
	size_t size;

	if (known) {
		add_profile(c, cap, n, known->document, false);
	} else if (source_is_url(file) && n->text[0] == '/') {
		checker_add(checker, n, "a file from the network can't name '%.80s'", n->text);
	} else if (sources_read(options, path, &text, &size, &err) < 0) {
		checker_take(checker, n, err);
	} else if (parse(path, text, size, &d, &err) < 0) {
		checker->n_errors++;
		werr_append(&checker->errors, err);
	} else {
		add_profile(c, cap, n, STEAL(d), true);
	}
}

void config_load_profiles(
	struct config *c, struct checker *checker, const struct config_options *options)
{
	size_t cap = 0;

	for (size_t i = 0; i < c->n_containers && !checker_is_full(checker); i++) {
		const struct node *wherry = node_get(c->containers[i].node, "wherry");
		const char *text = node_get_text(wherry, "seccomp");

		if (text && value_is_seccomp_file(text) && strpbrk(text, "./"))
			load_profile(c, checker, options, node_get(wherry, "seccomp"), &cap);
	}
}

const struct document *config_profile_of(const struct config *c, const struct node *n)
{
	for (size_t i = 0; i < c->n_profiles; i++)
		if (c->profiles[i].node == n)
			return c->profiles[i].document;
	return NULL;
}

void config_profiles_free(struct config *c)
{
	for (size_t i = 0; i < c->n_profiles; i++)
		if (c->profiles[i].owned)
			document_free(c->profiles[i].document);
	free(c->profiles);
}
