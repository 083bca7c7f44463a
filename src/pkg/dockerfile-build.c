/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/dockerfile-build.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "pkg/beneath.h"
#include "pkg/builder.h"
#include "pkg/dockerfile-args.h"
#include "pkg/dockerfile-depends.h"
#include "pkg/dockerfile-images.h"
#include "pkg/snapshot.h"

#define CONTEXT   "context"
#define FILE_NAME "Dockerfile"

struct build {
	const struct dockerfile_job *in;
	struct builder_job job;
	char *work, *file, *text; /* file: for messages */
	size_t size;
	struct strv args, labels;
	struct dockerfile dockerfile;
	struct dockerfile_bases bases;
};

static void build_cleanup(struct build *b)
{
	free(b->work);
	free(b->file);
	free(b->text);
	strv_clear(&b->args);
	strv_clear(&b->labels);
	dockerfile_cleanup(&b->dockerfile);
	dockerfile_bases_cleanup(&b->bases);
}

/* ---- whether ---- */

static const char *file_name(const struct pkg *p, const struct pkg_options *o)
{
	return o->dockerfile ? o->dockerfile : p->yml->dockerfile ? p->yml->dockerfile : FILE_NAME;
}

static int check_file(const struct pkg *p, const struct pkg_options *o, struct werr **err)
{
	CLEANUP(free) char *name = path_inside(file_name(p, o));
	CLEANUP(free) char *path = path_join(p->dir, name ? name : "");
	int r;

	if (!name || !*name)
		return werr_set(err, WERR_INVALID, "the Dockerfile '%s' is not in the directory %s",
			file_name(p, o), p->dir);
	if (file_exists(path))
		return 0;
	r = werr_set(err, WERR_UNSUPPORTED,
		"%s would have to be built from a Dockerfile, and has no %s", p->dir, name);
	werr_hint(err, "its build.yml has none of build, debian and files");
	return r;
}

int dockerfile_check(struct dockerfile_job *j, struct werr **err)
{
	const struct pkg *p = j->package;
	int r = check_file(p, j->options, err);

	if (r < 0)
		return r;
	r = builder_find(j->options->builder, &j->builder, err);
	if (r < 0 && r != -ECANCELED)
		werr_wrap(err, "%s has to be built from a Dockerfile", p->dir);
	return r;
}

/* ---- the context ---- */

static int make_context(struct build *b, struct werr **err)
{
	CLEANUP(free) char *context = path_join(b->work, CONTEXT);
	int r;

	/* The builder's processes may be other users'. */
	if (chmod(b->work, 0711) < 0 || mkdir(context, 0755) < 0 || chmod(context, 0755) < 0)
		return werr_errno(err, errno, "can't make the directory %s", context);
	r = snapshot_make(b->in->package, context, err);
	return r < 0 || !b->in->package->yml->depends.node
		       ? r
		       : dockerfile_depends_write(b->in, context, err);
}

static int read_dockerfile(struct build *b, struct werr **err)
{
	CLEANUP(free) char *context = path_join(b->work, CONTEXT);
	CLEANUP(fd) int dir = open(context, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd = -1;
	const char *name = file_name(b->in->package, b->in->options);
	struct stat st;
	int r;

	if (dir < 0)
		return werr_errno(err, errno, "can't open %s", context);
	b->file = path_join(b->in->package->dir, name);
	r = beneath_open(dir, name, O_RDONLY | O_NONBLOCK, b->file, &fd, err);
	if (r == -ENOENT)
		werr_hint(err, "git does not know it: the package's hash must cover it");
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return werr_set(err, WERR_INVALID, "%s is not a regular file", b->file);
	return file_read_fd(fd_steal(&fd), b->file, DOCKERFILE_SIZE_MAX, &b->text, &b->size, err);
}

static int parse(struct build *b, struct werr **err)
{
	struct platform host;
	struct dockerfile_input in = {.name = b->file,
		.text = b->text,
		.size = b->size,
		.args = &b->args,
		.target = b->in->platform,
		.host = &host};
	int r;

	platform_host(&host);
	r = dockerfile_args_read(b->in->package, b->in->options, &b->args, err);
	if (r == 0)
		r = dockerfile_parse(&in, &b->dockerfile, err);
	return r < 0 ? r
		     : dockerfile_args_complete(b->in->package, &b->dockerfile.args, &b->args, err);
}

static int write_dockerfile(struct build *b, struct werr **err)
{
	CLEANUP(free) char *path = path_join(b->work, FILE_NAME), *text = NULL;
	size_t size;

	text = dockerfile_bases_apply(
		&b->bases, &b->dockerfile, b->in->builder, b->text, b->size, &size);
	return file_write_atomic(path, 0644, text, size, err);
}

/* ---- the image ---- */

static void list_labels(const struct pkg *p, struct strv *labels)
{
	if (p->yml->config)
		strv_addf(labels, "org.mobyproject.config=%s", p->yml->config);
	strv_addf(labels, "org.opencontainers.image.title=%s", p->yml->image);
	strv_addf(labels, "org.opencontainers.image.revision=%s", p->hash);
	if (p->yml->gitrepo)
		strv_addf(labels, "org.opencontainers.image.source=%s", p->yml->gitrepo);
}

static int take_result(
	struct build *b, struct descriptor *ret, uint64_t *ret_size, struct werr **err)
{
	CLEANUP(free) char *path = path_join(b->work, b->in->builder->result);
	CLEANUP(image) struct image *image = NULL;
	struct descriptor top = {0};
	int r = store_hold(b->in->store, err);

	if (r == 0)
		r = store_import_unnamed(b->in->store, path, NULL, &top, err);
	if (r == 0)
		r = store_choose(
			b->in->store, b->in->package->name, &top, b->in->platform, &image, err);
	descriptor_cleanup(&top);
	if (r < 0) {
		werr_wrap(err, "what %s made", b->in->builder->name);
		return r;
	}
	descriptor_copy(ret, &image->descriptor);
	ret->has_platform = true;
	ret->platform = image->config->platform;
	*ret_size = 0;
	for (size_t i = 0; i < image->manifest->n; i++)
		*ret_size += image->manifest->items[i].size;
	return 0;
}

static int run(struct build *b, struct werr **err)
{
	static const struct strv none = {0};
	const struct pkg_yml *y = b->in->package->yml;

	list_labels(b->in->package, &b->labels);
	b->job = (struct builder_job){
		.work = b->work,
		.context = CONTEXT,
		.file = FILE_NAME,
		.platform = b->in->platform,
		.args = &b->args,
		.labels = &b->labels,
		.ssh = b->in->options->ssh ? b->in->options->ssh : &none,
		.images = b->bases.digests,
		.n_images = b->bases.n,
		.network = y->network,
		.no_cache =
			y->disable_cache || b->in->options->no_kept_step || b->in->options->force,
		.name = b->in->package->name,
		.progress = b->in->progress,
	};
	log_detail("%s builds %s", b->in->builder->name, b->in->package->name);
	return builder_run(b->in->builder, &b->job, err);
}

static int build(struct build *b, struct descriptor *ret, uint64_t *ret_size, struct werr **err)
{
	int r = make_context(b, err);

	if (r == 0)
		r = read_dockerfile(b, err);
	if (r == 0)
		r = parse(b, err);
	if (r == 0)
		r = dockerfile_bases_make(b->in->store, b->in->options, &b->dockerfile,
			b->in->platform, b->work, b->file, &b->bases, err);
	if (r == 0)
		r = write_dockerfile(b, err);
	if (r == 0)
		r = run(b, err);
	return r < 0 ? r : take_result(b, ret, ret_size, err);
}

static void remove_work(const struct build *b)
{
	CLEANUP(werr) struct werr *problem = NULL;
	int r = b->job.work ? builder_clean(b->in->builder, &b->job, &problem) : 0;

	if (r == 0)
		r = file_remove_all(b->work, &problem);
	if (r < 0)
		log_warning("can't remove %s: %s%s%s", b->work, problem->message,
			problem->hint ? "; " : "", problem->hint ? problem->hint : "");
}

int dockerfile_build(const struct dockerfile_job *j, struct descriptor *ret, uint64_t *ret_size,
	struct werr **err)
{
	struct build b = {.in = j};
	int r = file_temp_dir(file_temp_parent(), "wherry", &b.work, err);

	if (r == 0) {
		r = build(&b, ret, ret_size, err);
		remove_work(&b);
	}
	build_cleanup(&b);
	return r;
}
