/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/pkg.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/process.h"
#include "pkg/debian.h"
#include "pkg/dockerfile-build.h"
#include "pkg/pkg-files.h"
#include "pkg/image-settings.h"
#include "pkg/image-write.h"
#include "pkg/package.h"
#include "pkg/snapshot.h"
#include "pkg/step.h"
#include "pkg/step-key.h"

struct building {
	struct store *store;
	const struct pkg *pkg;
	const struct arch *arch;
	bool again; /* run the build step again, too */
	const struct progress *progress;
	struct records records; /* of packages whose files are in the image */
	struct records used;    /* of other packages, and sources, that the build step had */
	struct records inside;  /* of packages in the build step's root */
};

void pkg_result_cleanup(struct pkg_result *r)
{
	free(r->name);
	strv_clear(&r->packages);
	*r = (struct pkg_result){0};
}

static int check_arch(const struct pkg *p, const struct platform *platform, struct werr **err)
{
	if (p->yml->arches.n && !strv_has(&p->yml->arches, platform->arch)) {
		CLEANUP(free) char *arches = strv_join(&p->yml->arches, ", ");

		return werr_set(err, WERR_UNSUPPORTED, "%s is not for %s, only for %s", p->name,
			platform->arch, arches);
	}
	return 0;
}

static int refuse_option(const char *option, const char *why, struct werr **err)
{
	int r = werr_set(err, WERR_UNSUPPORTED, "option %s is not supported: %s", option, why);

	werr_hint(err, "leave it out");
	return r;
}

/* job: of a build from a Dockerfile, if it comes to that. */
static int check_content(struct dockerfile_job *job, struct werr **err)
{
	const struct pkg *p = job->package;
	const struct pkg_options *o = job->options;
	CLEANUP(free) char *why = NULL;

	if (o->unheeded)
		return refuse_option(o->unheeded, "no build of a package heeds it", err);
	if (!pkg_yml_has_content(p->yml))
		return dockerfile_check(job, err);
	if (!o->for_dockerfile)
		return 0;
	why = str_printf("it is for a Dockerfile, which %s is not built from", p->dir);
	return refuse_option(o->for_dockerfile, why, err);
}

/* ---- the tree ---- */

/*
 * With --hash and --dev, the hash that was given is the key, and with --force the package's: what
 * replaces a result must not be shared with those who read it. Whatever the hash says, the key
 * becomes a safe name of a file.
 */
static char *key_of_hash(const struct building *b)
{
	char *key = str_printf("%s-%s-%s", b->pkg->yml->image, b->pkg->hash, b->arch->name);

	for (char *p = key; *p; p++)
		if (*p == '/')
			*p = '_';
	return key;
}

static int find_key(const struct building *b, const char *snapshot, char **ret, struct werr **err)
{
	const struct pkg *p = b->pkg;

	if (!p->hash_is_given && !b->again)
		return step_key(p->yml, p->yml_name, snapshot, b->arch, ret, err);
	*ret = key_of_hash(b);
	return 0;
}

static int run_step(struct building *b, const char *work, const char *snapshot,
	struct step_result *ret, struct werr **err)
{
	CLEANUP(free) char *key = NULL;
	struct step s = {
		.yml = b->pkg->yml,
		.name = b->pkg->dir,
		.snapshot = snapshot,
		.yml_name = b->pkg->yml_name,
		.work = work,
		.cache_dir = store_dir(b->store),
		.arch = b->arch,
		.again = b->again,
		.progress = b->progress,
		.progress_name = b->pkg->name,
	};
	int r = find_key(b, snapshot, &key, err);

	s.key = key;
	if (r == 0)
		r = step_run(&s, ret, err);
	if (r < 0)
		return r;
	b->used = ret->used;
	b->inside = ret->inside;
	ret->used = ret->inside = (struct records){0};
	return 0;
}

static int fill_tree(struct building *b, const char *work, struct tree *t, struct werr **err)
{
	const struct pkg_yml *y = b->pkg->yml;
	CLEANUP(free) char *snapshot = path_join(work, "package");
	CLEANUP(step_result) struct step_result step = {0};
	struct pkg_files_from from = {.dir = b->pkg->dir, .snapshot = snapshot};
	int r;

	if (mkdir(snapshot, 0755) < 0 || chmod(snapshot, 0755) < 0)
		return werr_errno(err, errno, "can't make the directory %s", snapshot);
	r = snapshot_make(b->pkg, snapshot, err);
	if (r == 0 && y->build.run)
		r = run_step(b, work, snapshot, &step, err);
	from.out = step.out;
	if (r == 0)
		r = pkg_files_add(y, &from, t, err);
	return r;
}

static int make_tree(struct building *b, struct tree *t, struct werr **err)
{
	const struct pkg_yml *y = b->pkg->yml;
	CLEANUP(werr) struct werr *problem = NULL;
	CLEANUP(free) char *work = NULL;
	int r = file_temp_dir(file_temp_parent(), "wherry", &work, err);

	if (r < 0)
		return r;
	r = fill_tree(b, work, t, err);
	if (file_remove_all(work, &problem) < 0)
		log_warning("can't remove %s: %s", work, problem->message);
	if (r == 0 && y->debian.packages.n)
		progress_tell(b->progress, "package", b->pkg->name, "its Debian packages");
	if (r == 0)
		r = debian_copy(&y->debian, store_dir(b->store), b->arch, t, &b->records, err);
	records_sort(&b->records);
	records_sort(&b->used);
	records_remove(&b->used, &b->records);
	return r;
}

/* ---- the image ---- */

static int make_config(const struct building *b, const struct platform *platform,
	struct image_config **ret, struct werr **err)
{
	CLEANUP(image_config) struct image_config *c = mem_new(struct image_config);
	CLEANUP(free) char *packages = NULL;
	int r = records_json(&b->records, &b->used, &packages, err);

	if (r < 0)
		return r;
	c->platform = *platform;
	/* A time that never changes, as some tools fail without one. */
	c->created = str_dup("1970-01-01T00:00:00Z");
	pkg_set_image(b->pkg->yml, c);
	if (b->pkg->yml->config)
		image_config_set_label(c, "org.mobyproject.config", b->pkg->yml->config);
	image_config_set_label(c, "org.opencontainers.image.title", b->pkg->yml->image);
	image_config_set_label(c, "org.opencontainers.image.revision", b->pkg->hash);
	image_config_set_label(c, RECORD_LABEL, packages);
	if (b->inside.n) {
		CLEANUP(free) char *inside = records_text(&b->inside);

		image_config_set_label(c, RECORD_INSIDE_LABEL, inside);
	}
	*ret = STEAL(c);
	return 0;
}

static int store_image(const struct building *b, const struct platform *platform,
	const struct tree *t, struct pkg_result *result, struct werr **err)
{
	CLEANUP(image_config) struct image_config *config = NULL;
	struct descriptor manifest = {0};
	int r = make_config(b, platform, &config, err);

	if (r == 0)
		r = pkg_write_image(b->store, t, config, &manifest, &result->size, err);
	if (r < 0)
		return r;
	r = pkg_write_name(b->store, b->pkg->reference.name, &manifest, err);
	result->digest = manifest.digest;
	descriptor_cleanup(&manifest);
	return r;
}

static void list_packages(const struct records *r, struct strv *ret)
{
	for (size_t i = 0; i < r->n; i++)
		strv_addf(ret, "%s %s", r->items[i].name, r->items[i].version);
}

static int build(struct building *b, const struct platform *platform, struct pkg_result *result,
	struct werr **err)
{
	CLEANUP(tree) struct tree *t = NULL;
	int r = 0;

	b->arch = debian_arch(platform->arch);
	if (!b->arch)
		return werr_set(
			err, WERR_UNSUPPORTED, "images for %s can't be built", platform->arch);
	r = tree_new(&t, store_spool_dir(b->store), err);
	if (r == 0)
		r = make_tree(b, t, err);
	if (r == 0)
		r = store_image(b, platform, t, result, err);
	if (r == 0) {
		list_packages(&b->records, &result->packages);
		list_packages(&b->used, &result->packages);
	}
	return r;
}

/* Whether the store has the image. */
static bool find_image(struct store *store, const struct reference *ref,
	const struct platform *platform, struct pkg_result *result)
{
	CLEANUP(image) struct image *i = NULL;

	if (store_find_image(store, ref, platform, &i, NULL) < 0)
		return false;
	result->digest = i->descriptor.digest;
	for (size_t k = 0; k < i->manifest->n; k++)
		result->size += i->manifest->items[k].size;
	return true;
}

/* Whether the store has the image already, or can have it without a build. */
static bool find_built(struct store *store, const struct pkg *p, const struct pkg_options *o,
	const struct platform *platform, struct pkg_result *result, struct werr **why)
{
	if (o->force || o->dev)
		return false;
	result->was_cached = find_image(store, &p->reference, platform, result);
	if (result->was_cached || !o->fetch)
		return result->was_cached;
	o->fetch(&p->reference, platform, PKG_FETCH_RESULT, o->ctx, why);
	result->was_fetched = !*why && find_image(store, &p->reference, platform, result);
	return result->was_fetched;
}

static int build_from_dockerfile(
	const struct dockerfile_job *job, struct pkg_result *result, struct werr **err)
{
	struct descriptor manifest = {0};
	int r = dockerfile_build(job, &manifest, &result->size, err);

	if (r == 0)
		r = pkg_write_name(job->store, job->package->reference.name, &manifest, err);
	result->digest = manifest.digest;
	descriptor_cleanup(&manifest);
	return r;
}

/* fetch: why the image could not be fetched instead, or NULL. */
static void tell_fetch(const struct pkg *p, const struct werr *fetch, int r, struct werr **err)
{
	if (!fetch)
		return;
	if (r == 0) {
		log_line(fetch->kind == WERR_NOT_FOUND ? LOG_INFO : LOG_WARNING,
			"%s can't be pulled: %s", p->name, fetch->message);
	} else if (err && *err && (*err)->kind == WERR_UNSUPPORTED) {
		CLEANUP(free) char *what = (*err)->message;

		(*err)->message =
			str_printf("%s, and its image can't be pulled: %s", what, fetch->message);
	}
}

static int build_missing(struct building *b, const struct pkg_options *options,
	const struct platform *platform, const struct werr *fetch, const struct progress *progress,
	struct pkg_result *result, struct werr **err)
{
	const struct pkg *p = b->pkg;
	struct dockerfile_job job = {.store = b->store,
		.package = p,
		.options = options,
		.platform = platform,
		.progress = progress};
	int r = check_arch(p, platform, err);

	if (r == 0) {
		r = check_content(&job, err);
		tell_fetch(p, fetch, r, err);
	}
	if (r < 0)
		return r;
	b->again = options->force || options->dev || options->no_kept_step;
	progress_report(progress, PROGRESS_BEGIN, "package", p->name, 0, 0);
	r = job.builder ? build_from_dockerfile(&job, result, err)
			: build(b, platform, result, err);
	progress_report(progress, PROGRESS_END, "package", p->name, result->size, result->size);
	return r;
}

int pkg_build(struct store *store, const char *dir, const struct pkg_options *options,
	const struct progress *progress, struct pkg_result *ret, struct werr **err)
{
	CLEANUP(pkg) struct pkg *p = NULL;
	CLEANUP(pkg_result) struct pkg_result result = {0};
	CLEANUP(werr) struct werr *fetch = NULL;
	struct building b = {.store = store, .progress = progress};
	struct platform platform;
	int r = pkg_open(dir, options, &p, err);

	platform_host(&platform);
	if (r == 0 && options->arch)
		r = platform_parse(options->arch, &platform, err);
	if (r < 0)
		return r;
	b.pkg = p;
	result.name = str_dup(p->name);
	if (!find_built(store, p, options, &platform, &result, &fetch))
		r = build_missing(&b, options, &platform, fetch, progress, &result, err);
	records_cleanup(&b.records);
	records_cleanup(&b.used);
	records_cleanup(&b.inside);
	if (r < 0) {
		/* Mistakes in build.yml have a place already. */
		if (err && !(*err)->file)
			werr_wrap(err, "package %s", dir);
		return r;
	}
	*ret = result;
	result = (struct pkg_result){0};
	return 0;
}
