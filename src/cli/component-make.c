/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/component-make.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/pool.h"
#include "cli/component.h"
#include "pkg/apt.h"
#include "store/registry.h"

enum { AT_ONCE_MAX = 4 }; /* each step runs on all processors by itself */

const struct option component_make_options[] = {
	{.name = "no-build-packages",
		.kind = OPTION_FLAG,
		.help = "Do not make the images of packages that are not in the cache",
		.offset = offsetof(struct component_make_options, off)},
	{0},
};

/* An image to make. */
struct job {
	const struct config_package *package;
	const struct reference *reference;
	struct platform platform;
	const struct node *node; /* that names it */
	struct werr *why;        /* it was not made; owned */
};

struct making {
	const struct context *ctx;
	const struct resolve_options *images;
	struct job *jobs;
	size_t n, cap;
};

static void making_cleanup(struct making *m)
{
	for (size_t i = 0; i < m->n; i++)
		werr_free(m->jobs[i].why);
	free(m->jobs);
}

static bool is_there(const struct store *s, const struct job *j)
{
	CLEANUP(image) struct image *image = NULL;

	return store_find_image(
		       (struct store *)(uintptr_t)s, j->reference, &j->platform, &image, NULL) == 0;
}

static void add_job(struct making *m, const struct config *c, const char *image,
	const struct reference *ref, const struct platform *platform, const struct node *node)
{
	struct job job = {config_package_of(c, image), ref, *platform, node, NULL};

	if (!job.package || is_there(m->images->store, &job))
		return;
	mem_grow(&m->jobs, m->n, &m->cap, sizeof(*m->jobs));
	m->jobs[m->n++] = job;
}

static void add_layout(struct making *m, const struct config *c, const struct config_volume *v)
{
	const struct node *node = node_get(v->node, "image");

	for (size_t i = 0; i < v->n_platforms; i++)
		add_job(m, c, v->image, &v->reference, &v->platforms[i], node);
	if (!v->n_platforms)
		add_job(m, c, v->image, &v->reference, &m->images->platform, node);
}

static int make(const struct making *m, const struct job *j, struct werr **err)
{
	const struct resolve_options *images = m->images;
	const struct pull_options pull = {.platform = &j->platform, .progress = m->ctx->progress};
	struct component_fetching fetching = {m->ctx, images->store, images->net, !images->net};
	struct pkg_options options = component_default_options(m->ctx);
	CLEANUP(pkg_result) struct pkg_result result = {0};
	bool there = false;
	int r = 0;

	if (images->engine)
		r = store_import_engine(images->store, images->net, images->engine, j->reference,
			&pull, &there, err);
	if (r < 0 || there)
		return r;
	options.arch = j->platform.arch;
	options.fetch = component_fetch;
	options.ctx = &fetching;
	options.network = images->net ? PKG_NETWORK_AS_SAID : PKG_NETWORK_OFF;
	return pkg_build(images->store, j->package->dir, &options, m->ctx->progress, &result, err);
}

/* A pool_job: a failure of one does not end the others. */
static int run_job(void *ctx, size_t i, struct werr **err)
{
	struct making *m = ctx;
	struct job *j = &m->jobs[i];
	int r = make(m, j, &j->why);

	if (r == -ECANCELED) {
		werr_pass(err, STEAL(j->why));
		return r;
	}
	if (r < 0)
		node_place(&j->why, j->node);
	return 0;
}

int component_make_missing(const struct context *ctx, const struct input_options *input,
	const struct component_make_options *o, const struct config *c,
	const struct resolve_options *images, struct werr **err)
{
	CLEANUP(making) struct making m = {.ctx = ctx, .images = images};
	CLEANUP(free) struct config_image_use *uses = NULL;
	unsigned threads = pool_processors();
	size_t n;
	int result;

	if (o->off || input_is_compat(ctx, input))
		return 0;
	n = config_images(c, &uses);
	for (size_t i = 0; i < n; i++)
		add_job(&m, c, uses[i].image, uses[i].reference, &images->platform, uses[i].node);
	for (size_t i = 0; i < c->n_volumes; i++)
		if (c->volumes[i].layout)
			add_layout(&m, c, &c->volumes[i]);
	if (!images->net)
		apt_go_offline();
	result = pool_run(threads < AT_ONCE_MAX ? threads : AT_ONCE_MAX, m.n, run_job, &m, err);
	for (size_t i = 0; result != -ECANCELED && i < m.n; i++) {
		struct werr *why = STEAL(m.jobs[i].why);

		if (why)
			werr_collect(err, &result, werr_code(why->kind), why);
	}
	return result;
}
