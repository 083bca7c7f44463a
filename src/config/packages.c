/* SPDX-License-Identifier: Apache-2.0 */
#include "config/packages.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "config/replacement.h"
#include "config/sources.h"

void config_packages_free(struct config_package *packages, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(packages[i].base);
		free(packages[i].word);
		free(packages[i].dir);
		free(packages[i].image);
	}
	free(packages);
}

const struct config_package *config_package_of(const struct config *c, const char *image)
{
	for (size_t i = 0; i < c->n_packages; i++)
		if (str_eq(c->packages[i].image, image))
			return &c->packages[i];
	return NULL;
}

/* The nodes of a document that have "@pkg:", and what they name. */
struct found {
	struct node **nodes;
	struct config_package *packages;
	size_t n, nodes_cap, cap;
};

static void found_cleanup(struct found *f)
{
	config_packages_free(f->packages, f->n);
	free(f->nodes);
}

/* LinuxKit leaves the text as it is, so it may be anything. The network's second entry has the
 * image of its first, and nothing more to say about it. */
static void unresolved(
	const struct config *c, struct checker *checker, const struct node *n, struct werr *err)
{
	if (n == c->network_images[1]) {
		werr_free(err);
		return;
	}
	if (!checker->compat) {
		checker_take(checker, n, err);
		return;
	}
	checker_warn(checker, n, "'%.80s' is left as it is: %s", n->text, err->message);
	werr_free(err);
}

/* One of ours that the YAML did not name itself: none beside the file is meant. */
static bool is_component(const struct config *c, const struct node *n)
{
	return replacement_has(c, n) || n == c->network_images[0] || n == c->network_images[1];
}

static void find(const struct config *c, struct document *d, struct checker *checker,
	struct node *n, const struct config_options *options, struct found *ret)
{
	const char *word = n->kind == NODE_SCALAR ? str_after(n->text, "@pkg:") : NULL;
	bool component = word && is_component(c, n);
	struct werr *err = NULL;

	if (word && (!options->find_packages || (source_is_url(d->name) && !component))) {
		werr_set(&err, WERR_INVALID, "'%.80s' can't be resolved here", n->text);
		unresolved(c, checker, n, err);
	} else if (word) {
		mem_grow(&ret->nodes, ret->n, &ret->nodes_cap, sizeof(*ret->nodes));
		mem_grow(&ret->packages, ret->n, &ret->cap, sizeof(*ret->packages));
		ret->nodes[ret->n] = n;
		ret->packages[ret->n++] = (struct config_package){
			.base = component ? NULL : source_resolve(d->name, ""),
			.word = str_dup(word)};
	}
	for (size_t i = 0; i < n->n; i++)
		find(c, d, checker, n->items[i], options, ret);
}

void packages_resolve(struct config *c, struct document *d, struct checker *checker,
	const struct config_options *options)
{
	CLEANUP(found) struct found f = {0};
	CLEANUP(free) struct werr **errs = NULL;

	find(c, d, checker, d->root, options, &f);
	if (!f.n)
		return;
	errs = mem_new_array(struct werr *, f.n);
	options->find_packages(f.packages, f.n, errs, options->ctx);
	c->packages = mem_resize(c->packages, c->n_packages + f.n, sizeof(*c->packages));
	for (size_t i = 0; i < f.n; i++) {
		if (errs[i]) {
			unresolved(c, checker, f.nodes[i], errs[i]);
			continue;
		}
		node_set_text(f.nodes[i], f.packages[i].image, strlen(f.packages[i].image));
		c->packages[c->n_packages++] = f.packages[i];
		f.packages[i] = (struct config_package){0};
	}
}
