/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/step.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/pool.h"
#include "base/process.h"
#include "pkg/buildroot.h"
#include "pkg/debian.h"
#include "pkg/pkg-files.h"
#include "pkg/pkg-lock.h"
#include "pkg/sandbox.h"
#include "pkg/step-sources.h"
#include "pkg/tail.h"

enum {
	STEP_TIMEOUT = 3 * 60 * 60, /* seconds, as a kernel takes a while */
	COPY_TIMEOUT = 600,
	/* Not 0, which some programs treat as "not set". */
	SOURCE_DATE = 1,
};

void step_result_cleanup(struct step_result *r)
{
	free(r->out);
	records_cleanup(&r->used);
	records_cleanup(&r->inside);
	*r = (struct step_result){0};
}

/* The step's directories on this machine. */
struct places {
	char *out, *tmp, *sources, *debian, *resolv;
	char *empty, *yml; /* an empty file, and where it hides build.yml */
};

static void places_cleanup(struct places *p)
{
	free(p->out);
	free(p->tmp);
	free(p->sources);
	free(p->debian);
	free(p->resolv);
	free(p->empty);
	free(p->yml);
}

/* Create a directory in the work directory. */
static int make_place(const struct step *s, const char *name, char **ret, struct werr **err)
{
	CLEANUP(free) char *path = path_join(s->work, name);

	if (mkdir(path, 0755) < 0 || chmod(path, 0755) < 0)
		return werr_errno(err, errno, "can't make the directory %s", path);
	*ret = STEAL(path);
	return 0;
}

/*
 * The result is kept without regard to build.yml (pkg/step-key.h), so the step must not see what
 * it says.
 */
static int hide_yml(const struct step *s, struct places *p, struct werr **err)
{
	p->empty = path_join(s->work, "empty");
	p->yml = path_join("package", s->yml_name);
	return file_write_atomic(p->empty, 0644, "", 0, err);
}

static int make_places(const struct step *s, struct places *p, struct werr **err)
{
	int r = make_place(s, "out", &p->out, err);

	if (r == 0)
		r = make_place(s, "tmp", &p->tmp, err);
	if (r == 0)
		r = make_place(s, "sources", &p->sources, err);
	if (r == 0)
		r = make_place(s, "debian", &p->debian, err);
	if (r == 0)
		r = hide_yml(s, p, err);
	if (r == 0)
		r = sandbox_give(p->out, err);
	return r < 0 ? r : sandbox_give(p->tmp, err);
}

static void tell(const struct step *s, const char *doing)
{
	progress_tell(s->progress, "package", s->progress_name, doing);
}

static int unpack_debian(
	const struct step *s, const char *into, struct records *records, struct werr **err)
{
	const struct pkg_debian *d = &s->yml->build.debian;
	CLEANUP(tree) struct tree *t = NULL;
	int r;

	if (d->packages.n == 0)
		return 0;
	r = tree_new(&t, s->cache_dir, err);
	if (r == 0)
		r = debian_copy(d, s->cache_dir, s->arch, t, records, err);
	return r < 0 ? r : pkg_files_unpack(t, into, err);
}

/* ---- the command ---- */

static void explain(const struct step *s, const struct tail *t, struct werr **err)
{
	if (tail_has(t, strerror(EROFS)))
		werr_hint(err,
			"a build step can only write below $OUT and $TMPDIR: copy what it changes "
			"there");
	tail_explain(t, err);
	werr_wrap(err, "build step of %s", s->name);
}

static void list_environment(const struct step *s, struct strv *env)
{
	static const char *const fixed[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/tmp",
		"TMPDIR=/tmp", "LC_ALL=C", "OUT=/out", "SOURCES=/sources", "DEBIAN=/debian"};

	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		strv_add(env, fixed[i]);
	strv_addf(env, "ARCH=%s", s->arch->name);
	strv_addf(env, "TRIPLET=%s", s->arch->triplet);
	strv_addf(env, "MULTIARCH=%s", arch_multiarch(s->arch));
	strv_addf(env, "JOBS=%u", pool_processors());
	strv_addf(env, "SOURCE_DATE_EPOCH=%d", SOURCE_DATE);
}

/* With a network, the step needs the name servers. */
static int copy_resolv_conf(const struct step *s, struct places *p, struct werr **err)
{
	CLEANUP(free) char *text = NULL;
	size_t size = 0;

	if (!s->yml->network || file_read("/etc/resolv.conf", 1 << 16, &text, &size, NULL) < 0)
		return 0;
	p->resolv = path_join(s->work, "resolv.conf");
	return file_write_atomic(p->resolv, 0644, text, size, err);
}

static int run_command(
	const struct step *s, const struct buildroot *root, struct places *p, struct werr **err)
{
	/*
	 * The result does not depend on the user's umask, and stdout and stderr keep their order.
	 */
	CLEANUP(free) char *command = str_printf("umask 022\nexec 2>&1\n%s", s->yml->build.run);
	CLEANUP(strv) struct strv env = {0};
	const char *const argv[] = {"/bin/sh", "-c", command, NULL};
	CLEANUP(tail)
	struct tail tail = {.progress = s->progress, .progress_name = s->progress_name};
	struct process_spec spec = {.argv = argv,
		.cwd = "/package",
		.timeout_seconds = STEP_TIMEOUT,
		.line = tail_add,
		.line_ctx = &tail};
	int r = copy_resolv_conf(s, p, err);
	const struct sandbox_bind binds[] = {
		{s->snapshot, "package", false},
		{p->empty, p->yml, false},
		{p->sources, "sources", false},
		{p->debian, "debian", false},
		{p->out, "out", true},
		{p->tmp, "tmp", true},
		{p->resolv, "etc/resolv.conf", false},
		{0},
	};

	if (r < 0)
		return r;
	list_environment(s, &env);
	spec.env = (const char *const *)env.items;
	r = sandbox_run(&(struct sandbox){root->path, binds, s->yml->network}, &spec, err);
	if (r < 0)
		explain(s, &tail, err);
	return r;
}

static int run_in_root(
	const struct step *s, struct places *p, struct step_result *made, struct werr **err)
{
	CLEANUP(buildroot) struct buildroot *root = NULL;
	int r;

	tell(s, "the packages of its build step");
	r = buildroot_open(&root, s->cache_dir,
		&(struct buildroot_wish){s->yml->build.suite, &s->yml->build.packages, s->arch},
		&made->inside, err);
	if (r == 0)
		r = make_places(s, p, err);
	if (r == 0)
		r = step_unpack_sources(s, p->sources, &made->used, err);
	if (r == 0)
		r = unpack_debian(s, p->debian, &made->used, err);
	tell(s, "its build step");
	return r < 0 ? r : run_command(s, root, p, err);
}

/* ---- the cache ---- */

static int copy_directory(const char *from, const char *to, struct werr **err)
{
	const char *const argv[] = {"cp", "-a", "--", from, to, NULL};

	return process_run_ok(
		&(struct process_spec){.argv = argv, .timeout_seconds = COPY_TIMEOUT}, NULL, err);
}

static int save(const char *new, const char *out, const struct step_result *made, struct werr **err)
{
	CLEANUP(free) char *copy = path_join(new, "out"), *inside = path_join(new, "inside");
	CLEANUP(free) char *used = path_join(new, "packages");
	int r = copy_directory(out, copy, err);

	if (r == 0)
		r = records_save(&made->inside, inside, err);
	return r < 0 ? r : records_save(&made->used, used, err);
}

/* Keep the directory out in the cache under its key, with the lists of what it was made from. */
static int keep(const struct step *s, const char *out, const struct step_result *made,
	const char *parent, const char *place, struct werr **err)
{
	CLEANUP(free) char *new = NULL;
	int r = file_temp_dir(parent, ".new", &new, err);

	if (r < 0)
		return r;
	r = save(new, out, made, err);
	if (r == 0 && s->again)
		r = file_remove_all(place, err);
	if (r == 0)
		r = file_publish_dir(new, place, err);
	if (r < 0)
		file_remove_all(new, NULL);
	return r;
}

static int make(const struct step *s, const char *parent, const char *place, struct werr **err)
{
	CLEANUP(step_result) struct step_result made = {0};
	CLEANUP(places) struct places p = {0};
	int r;

	log_info("build step of %s for %s", s->yml->image, s->arch->name);
	r = run_in_root(s, &p, &made, err);
	return r < 0 ? r : keep(s, p.out, &made, parent, place, err);
}

/* Unless it is there already. Packages that share a step wait for the one that is at it. */
static int make_alone(
	const struct step *s, const char *parent, const char *place, struct werr **err)
{
	CLEANUP(free) char *list = path_join(place, "packages");
	CLEANUP(free) char *lock = str_printf("%s/.%s.lock", parent, s->key);
	CLEANUP(fd) int fd = -1;
	int r = file_make_dirs(parent, 0755, err);

	if (r == 0)
		r = pkg_lock(lock, &fd, err);
	if (r == 0 && (s->again || !file_exists(list)))
		r = make(s, parent, place, err);
	return r;
}

static int load(const char *place, struct step_result *ret, struct werr **err)
{
	CLEANUP(step_result) struct step_result have = {0};
	CLEANUP(free) char *used = path_join(place, "packages");
	CLEANUP(free) char *inside = path_join(place, "inside");
	int r = records_load(&have.used, used, err);

	if (r == 0)
		r = records_load(&have.inside, inside, err);
	if (r < 0)
		return r;
	have.out = path_join(place, "out");
	*ret = have;
	have = (struct step_result){0};
	return 0;
}

int step_run(const struct step *s, struct step_result *ret, struct werr **err)
{
	CLEANUP(free) char *absolute = realpath(s->cache_dir, NULL);
	CLEANUP(free) char *parent = NULL, *place = NULL;
	int r;

	if (!absolute)
		return werr_errno(err, errno, "can't find the directory %s", s->cache_dir);
	parent = path_join(absolute, "wherry-step");
	place = path_join(parent, s->key);
	r = make_alone(s, parent, place, err);
	return r < 0 ? r : load(place, ret, err);
}
