/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/step-sources.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/process.h"
#include "pkg/apt.h"

enum { UNPACK_TIMEOUT = 600 };

static int untar(const char *tarball, const char *into, struct werr **err)
{
	const char *const argv[] = {"tar", "--extract", "--no-same-owner", "--same-permissions",
		"--strip-components=1", "--directory", into, "--file", tarball, NULL};

	return process_run_ok(
		&(struct process_spec){.argv = argv, .timeout_seconds = UNPACK_TIMEOUT}, NULL, err);
}

/* "crun_1.8.1.orig.tar.xz" is version 1.8.1, "crun_1.8.1-1.debian.tar.xz" 1.8.1-1. */
static void record_source(struct records *r, const char *package, const char *file)
{
	const char *version = strchr(file, '_');
	const char *end = version ? strstr(version, ".orig") : NULL;
	CLEANUP(free) char *text = NULL;

	if (!version)
		return;
	version++;
	if (!end)
		end = strstr(version, ".debian.tar");
	/* A native package has neither; its version ends before ".tar". */
	if (!end)
		end = strstr(version, ".tar");
	text = str_dup_n(version, end ? (size_t)(end - version) : strlen(version));
	records_add(r, &(struct deb_info){(char *)(uintptr_t)package, text,
			       (char *)(uintptr_t) "source", (char *)(uintptr_t)package, text});
}

/* Debian's tarball has the directory debian, which replaces upstream's own. */
static int unpack_source_file(const struct apt_file *f, const char *into, struct werr **err)
{
	CLEANUP(free) char *debian = path_join(into, "debian");
	int r = 0;

	if (!strstr(f->name, ".tar.") || str_ends_with(f->name, ".asc"))
		return 0;
	if (!strstr(f->name, ".debian.tar."))
		return untar(f->path, into, err);
	if (file_exists(debian))
		r = file_remove_all(debian, err);
	if (r == 0)
		r = file_make_dirs(debian, 0755, err);
	return r < 0 ? r : untar(f->path, debian, err);
}

static int unpack_source(const struct step *s, const struct pkg_source *source, const char *into,
	struct records *records, struct werr **err)
{
	CLEANUP(apt_files) struct apt_files files = {0};
	CLEANUP(free) char *directory = path_join(into, source->package);
	CLEANUP(apt) struct apt *a = NULL;
	int r = file_make_dirs(directory, 0755, err);

	progress_tell(s->progress, "package", s->progress_name, source->package);
	if (r == 0)
		r = apt_open(&a, s->cache_dir, &(struct apt_suite){source->suite}, APT_SOURCE, err);
	if (r == 0)
		r = apt_fetch_source(a, source->package, source->patches, &files, err);
	/* Sorted by name, Debian's tarball comes before upstream's. */
	for (size_t i = files.n; r == 0 && i-- > 0;)
		r = unpack_source_file(&files.items[i], directory, err);
	if (r == 0)
		record_source(records, source->package, files.items[0].name);
	else
		werr_wrap(err, "source package %s (%s)", source->package, source->suite);
	return r;
}

int step_unpack_sources(
	const struct step *s, const char *into, struct records *records, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->yml->build.n_sources; i++)
		r = unpack_source(s, &s->yml->build.sources[i], into, records, err);
	return r;
}
