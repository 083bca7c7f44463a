/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sysctl.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "common/conffile.h"

static const char root[] = "/proc/sys";

/* With dots as separators, a slash stands for a dot in a name. */
static void swap_dividers(char *path)
{
	if (path[strcspn(path, "./")] != '.')
		return;
	for (; *path; path++)
		*path = *path == '.' ? '/' : *path == '/' ? '.' : *path;
}

int sysctl_parse(const char *text, struct sysctl_setting *ret, struct werr **err)
{
	bool optional = *text == '-';
	const char *key = text + optional, *equals = strchr(key, '=');
	CLEANUP(free) char *path = NULL;
	size_t size;

	if (!equals)
		return werr_set(err, WERR_INVALID, "'%s' is not of the form key = value", text);
	for (size = (size_t)(equals - key); size && isspace((unsigned char)key[size - 1]);)
		size--;
	path = str_dup_n(key, size);
	swap_dividers(path);
	ret->path = path_inside(path);
	if (!ret->path || !*ret->path) {
		free(ret->path);
		return werr_set(err, WERR_INVALID, "'%.*s' is not a key", (int)size, key);
	}
	for (equals++; isspace((unsigned char)*equals);)
		equals++;
	ret->value = str_dup(equals);
	ret->optional = optional;
	return 0;
}

void sysctl_setting_cleanup(struct sysctl_setting *s)
{
	free(s->path);
	free(s->value);
	*s = (struct sysctl_setting){0};
}

static int apply_line(const char *text, ATTR_UNUSED void *ctx, struct werr **err)
{
	CLEANUP(sysctl_setting) struct sysctl_setting s = {0};
	CLEANUP(free) char *path = NULL;
	CLEANUP(fd) int fd = -1;
	int r = sysctl_parse(text, &s, err);

	if (r < 0)
		return r;
	path = path_join(root, s.path);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	/* A single call, because the kernel takes each write as a whole value. */
	if (fd < 0 || write(fd, s.value, strlen(s.value)) < 0)
		return s.optional ? 0 : werr_errno(err, errno, "can't set %s", s.path);
	return 0;
}

int sysctl_main(int argc, char **argv)
{
	static const char *const defaults[] = {"/etc/sysctl.d", "/run/sysctl.d", NULL};
	const char *const *dirs = argc > 1 ? (const char *const *)argv + 1 : defaults;
	CLEANUP(werr) struct werr *err = NULL;

	for (; *dirs; dirs++)
		conffile_each_line(*dirs, apply_line, NULL, &err);
	for (const struct werr *e = err; e; e = e->next) {
		if (e->file)
			fprintf(stderr, "%s:%u: ", e->file, e->line);
		fprintf(stderr, "%s\n", e->message);
	}
	return err != NULL;
}
