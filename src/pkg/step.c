/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/step.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/pool.h"
#include "base/process.h"
#include "pkg/apt.h"
#include "pkg/debian.h"
#include "pkg/environment.h"
#include "pkg/files.h"

enum {
	STEP_TIMEOUT = 3 * 60 * 60, /* seconds: a kernel takes a while */
	UNPACK_TIMEOUT = 600,
	/* Not 0, which some programs take for "not set". */
	SOURCE_DATE = 1,
};

struct step {
	const struct build_yml *yml;
	const char *dir, *cache_dir;
	const struct arch *arch;
	char *work; /* a temporary folder with out, sources and debian in it */
	struct records *records;
};

static int make_folder(const struct step *s, const char *name, char **ret, struct werr **err)
{
	CLEANUP(free) char *path = path_join(s->work, name);
	int r = file_make_dirs(path, 0755, err);

	if (r == 0)
		*ret = STEAL(path);
	return r;
}

/* ---- sources ---- */

static int untar(const char *tarball, const char *into, struct werr **err)
{
	const char *const argv[] = {"tar", "--extract", "--no-same-owner", "--strip-components=1",
		"--directory", into, "--file", tarball, NULL};

	return process_run_ok(
		&(struct process_spec){.argv = argv, .timeout_seconds = UNPACK_TIMEOUT}, NULL, err);
}

/* "crun_1.8.1.orig.tar.xz" is version 1.8.1. */
static void record_source(struct records *r, const char *package, const char *file)
{
	const char *version = strchr(file, '_');
	const char *end = version ? strstr(version, ".orig") : NULL;
	CLEANUP(free) char *text = NULL;

	if (!version)
		return;
	version++;
	/* A native package has no .orig; its version ends before ".tar". */
	if (!end)
		end = strstr(version, ".tar");
	text = str_dup_n(version, end ? (size_t)(end - version) : strlen(version));
	records_add(r, &(struct deb_info){(char *)(uintptr_t)package, text,
			       (char *)(uintptr_t) "source", (char *)(uintptr_t)package, text});
}

static int unpack_source(
	struct step *s, const struct pkg_source *source, const char *into, struct werr **err)
{
	CLEANUP(apt_files) struct apt_files files = {0};
	CLEANUP(free) char *folder = path_join(into, source->package);
	CLEANUP(apt) struct apt *a = NULL;
	int r = file_make_dirs(folder, 0755, err);

	if (r == 0)
		r = apt_open(&a, s->cache_dir, source->suite, APT_SOURCE, err);
	if (r == 0)
		r = apt_fetch_source(a, source->package, &files, err);
	for (size_t i = 0; r == 0 && i < files.n; i++)
		r = untar(files.items[i].path, folder, err);
	if (r == 0)
		record_source(s->records, source->package, files.items[0].name);
	else
		werr_wrap(err, "source package %s (%s)", source->package, source->suite);
	return r;
}

static int unpack_sources(struct step *s, const char *into, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->yml->build.n_sources; i++)
		r = unpack_source(s, &s->yml->build.sources[i], into, err);
	return r;
}

static int unpack_debian(struct step *s, const char *into, struct werr **err)
{
	const struct pkg_debian *d = &s->yml->build.debian;
	CLEANUP(tree) struct tree *t = NULL;
	int r;

	if (d->packages.n == 0)
		return 0;
	r = tree_new(&t, s->cache_dir, err);
	if (r == 0)
		r = debian_copy(d, s->yml->document, s->cache_dir, s->arch, t, s->records, err);
	return r < 0 ? r : pkg_files_unpack(t, into, err);
}

/* ---- the command ---- */

static void log_output(const char *line, void *ctx)
{
	(void)ctx;
	log_detail("%s", line);
}

static int run_command(const struct step *s, const char *out, const char *sources,
	const char *debian, struct werr **err)
{
	/* What a user's umask would change is the same for everyone. */
	CLEANUP(free) char *command = str_printf("umask 022\n%s", s->yml->build.run);
	CLEANUP(strv) struct strv env = {0};
	const char *const argv[] = {"/bin/sh", "-c", command, NULL};
	struct process_spec spec = {
		.argv = argv, .cwd = s->dir, .timeout_seconds = STEP_TIMEOUT, .line = log_output};
	int r;

	environment_base(&env);
	strv_addf(&env, "OUT=%s", out);
	strv_addf(&env, "ARCH=%s", s->arch->name);
	strv_addf(&env, "SOURCES=%s", sources);
	strv_addf(&env, "DEBIAN=%s", debian);
	strv_addf(&env, "JOBS=%u", pool_processors());
	strv_addf(&env, "SOURCE_DATE_EPOCH=%d", SOURCE_DATE);
	spec.env = (const char *const *)env.items;
	r = process_run_ok(&spec, NULL, err);
	if (r < 0) {
		werr_wrap(err, "build step of %s", s->dir);
		werr_hint(err, "-v 2 shows what it prints");
	}
	return r;
}

/* The paths of the temporary folder: configure and make stumble over blanks, which the cache's path may have. */
static const char *temp_parent(void)
{
	const char *dir = getenv("TMPDIR");

	return dir && *dir == '/' && !dir[strcspn(dir, " \t\n")] ? dir : "/var/tmp";
}

/* Fill the folder `out` in the work folder. */
static int run_in_work(struct step *s, char **ret_out, struct werr **err)
{
	CLEANUP(free) char *out = NULL, *sources = NULL, *debian = NULL;
	int r = make_folder(s, "out", &out, err);

	if (r == 0)
		r = make_folder(s, "sources", &sources, err);
	if (r == 0)
		r = make_folder(s, "debian", &debian, err);
	if (r == 0)
		r = unpack_sources(s, sources, err);
	if (r == 0)
		r = unpack_debian(s, debian, err);
	if (r == 0)
		r = run_command(s, out, sources, debian, err);
	if (r == 0)
		*ret_out = STEAL(out);
	return r;
}

/* ---- the cache ---- */

static int copy_folder(const char *from, const char *to, struct werr **err)
{
	const char *const argv[] = {"cp", "-a", "--", from, to, NULL};

	return process_run_ok(
		&(struct process_spec){.argv = argv, .timeout_seconds = UNPACK_TIMEOUT}, NULL, err);
}

/* Another process may have been quicker: its result is as good. */
static int publish(const char *new, const char *place, bool again, struct werr **err)
{
	int r = again ? file_remove_all(place, err) : 0;

	if (r < 0)
		return r;
	if (rename(new, place) == 0)
		return 0;
	if (errno != ENOTEMPTY && errno != EEXIST)
		return werr_errno(err, errno, "can't rename %s to %s", new, place);
	return file_remove_all(new, err);
}

/* Keep what is in folder out under its name in the cache, with the list of what it was made of. */
static int keep(const struct step *s, const char *out, const char *parent, const char *place,
	bool again, struct werr **err)
{
	CLEANUP(free) char *new = NULL, *copy = NULL, *list = NULL;
	int r = file_make_dirs(parent, 0755, err);

	if (r == 0)
		r = file_temp_dir(parent, ".new", &new, err);
	if (r < 0)
		return r;
	copy = path_join(new, "out");
	list = path_join(new, "packages");
	r = copy_folder(out, copy, err);
	if (r == 0)
		r = records_save(s->records, list, err);
	if (r == 0)
		r = publish(new, place, again, err);
	if (r < 0)
		file_remove_all(new, NULL);
	return r;
}

static int make(
	struct step *s, const char *parent, const char *place, bool again, struct werr **err)
{
	CLEANUP(free) char *out = NULL;
	int r = file_temp_dir(temp_parent(), "wherry", &s->work, err);

	if (r < 0)
		return r;
	r = run_in_work(s, &out, err);
	if (r == 0)
		r = keep(s, out, parent, place, again, err);
	file_remove_all(s->work, NULL);
	return r;
}

int step_run(const struct build_yml *y, const char *dir, const char *cache_dir, const char *key,
	const struct arch *arch, bool again, char **ret_out, struct records *records,
	struct werr **err)
{
	CLEANUP(free) char *absolute = realpath(cache_dir, NULL);
	CLEANUP(free) char *parent = NULL, *place = NULL, *list = NULL;
	CLEANUP(records) struct records made = {0};
	struct step s = {
		.yml = y, .dir = dir, .cache_dir = cache_dir, .arch = arch, .records = &made};
	int r = 0;

	if (!absolute)
		return werr_errno(err, errno, "can't find the folder %s", cache_dir);
	parent = path_join(absolute, "wherry-build");
	place = path_join(parent, key);
	list = path_join(place, "packages");
	if (again || !file_exists(list)) {
		log_info("build step of %s", y->image);
		r = make(&s, parent, place, again, err);
	}
	if (r == 0)
		r = records_load(records, list, err);
	if (r == 0)
		*ret_out = path_join(place, "out");
	free(s.work);
	return r;
}
