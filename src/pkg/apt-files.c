/* SPDX-License-Identifier: Apache-2.0 */
/* The files that apt names, and whether they have been fetched. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "pkg/apt.h"

enum { FILES_MAX = 4096 };

void apt_files_cleanup(struct apt_files *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->items[i].name);
		free(f->items[i].path);
	}
	free(f->items);
	*f = (struct apt_files){0};
}

/* Parse a line: 'URI' name size SHA256:hex */
static int parse_uri(const char *line, const char *dir, struct apt_files *ret, struct werr **err)
{
	CLEANUP(strv) struct strv f = {0};
	struct apt_file *file;
	const char *hex;
	uint64_t size;

	strv_split(&f, line, ' ');
	if (f.n < 4 || f.items[0][0] != '\'')
		return 0;
	hex = str_after(f.items[3], "SHA256:");
	if (!hex || strlen(hex) != SHA256_HEX || hex[strspn(hex, "0123456789abcdef")] ||
		str_to_u64(f.items[2], 10, &size) < 0)
		return werr_set(err, WERR_FAILED, "apt does not give a SHA-256 for %s", f.items[1]);
	if (strchr(f.items[1], '/') || f.items[1][0] == '.' || !*f.items[1] ||
		strlen(f.items[1]) > NAME_MAX)
		return werr_set(
			err, WERR_FAILED, "apt gives a file the invalid name '%s'", f.items[1]);
	if (ret->n == FILES_MAX)
		return werr_set(err, WERR_LIMIT, "more than %d packages are needed", FILES_MAX);
	mem_grow(&ret->items, ret->n, &ret->cap, sizeof(*file));
	file = &ret->items[ret->n++];
	file->name = str_dup(f.items[1]);
	file->path = path_join(dir, file->name);
	file->size = size;
	return str_copy(file->sha256, sizeof(file->sha256), hex);
}

static int compare_files(const void *a, const void *b)
{
	return strcmp(((const struct apt_file *)a)->name, ((const struct apt_file *)b)->name);
}

int apt_parse_uris(const char *text, const char *dir, struct apt_files *ret, struct werr **err)
{
	CLEANUP(apt_files) struct apt_files files = {0};
	CLEANUP(strv) struct strv lines = {0};
	const char *line;
	int r = 0;

	strv_split(&lines, text, '\n');
	STRV_FOREACH (line, &lines) {
		r = parse_uri(line, dir, &files, err);
		if (r < 0)
			return r;
	}
	/* apt lists them in the order of installation, which may change between releases. */
	if (files.n)
		qsort(files.items, files.n, sizeof(*files.items), compare_files);
	*ret = files;
	files = (struct apt_files){0};
	return 0;
}

bool apt_file_is_whole(const struct apt_file *f)
{
	CLEANUP(reader) struct reader *r = NULL;
	struct stat st;
	int fd;

	if (stat(f->path, &st) < 0 || (uint64_t)st.st_size != f->size ||
		file_open(f->path, &fd, NULL) < 0)
		return false;
	r = sha256_check_reader_new(
		fd_reader_new(fd, FD_OWNED, f->path), f->path, f->sha256, f->size);
	return reader_drain(r, NULL) == 0;
}

bool apt_files_are_whole(const struct apt_files *files)
{
	bool whole = true;

	for (size_t i = 0; i < files->n; i++)
		if (!apt_file_is_whole(&files->items[i])) {
			unlink(files->items[i].path);
			whole = false;
		}
	return whole;
}
