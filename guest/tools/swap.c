/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/swap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/swap.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "common/fs.h"
#include "common/mounted.h"
#include "tools/args.h"
#include "tools/swap-area.h"
#include "tools/swap-crypt.h"

/* ---- the command line ---- */

void swap_cleanup(struct swap *s)
{
	for (size_t i = 0; i < s->n_conditions; i++)
		free(s->conditions[i].path);
	*s = (struct swap){0};
}

static int parse_condition(const char *text, struct swap_condition *ret, struct werr **err)
{
	CLEANUP(strv) struct strv parts = {0};
	size_t own; /* parts without "required" */
	uint64_t size = 0;
	int r = 0;

	strv_split(&parts, text, ':');
	own = parts.n && str_eq(parts.items[0], "partsize") ? 3 : 2;
	if (!parts.n || (own == 2 && !str_eq(parts.items[0], "part")) || parts.n < own ||
		parts.n > own + 1 || parts.items[1][0] != '/')
		r = werr_set(err, WERR_USAGE, "'%.80s' is not a condition", text);
	if (r < 0)
		werr_hint(err, "part:PATH[:true], or partsize:PATH:SIZE[:true]");
	if (r == 0 && own == 3)
		r = args_size("--condition", parts.items[2], &size, err);
	if (r < 0)
		return r;
	*ret = (struct swap_condition){.path = str_dup(parts.items[1]),
		.size = size,
		.required = parts.n > own && str_eq(parts.items[own], "true")};
	return 0;
}

static int check(const struct swap *s, const char *size, struct werr **err)
{
	CLEANUP(free) char *inside = s->path ? path_inside(s->path) : NULL;
	bool device = inside && str_after(inside, "dev/");

	if (!s->path)
		return werr_set(err, WERR_USAGE, "--path is missing");
	if (s->path[0] != '/' || !inside || !(device || str_after(inside, "var/")))
		return werr_set(
			err, WERR_USAGE, "--path %s is neither below /var nor below /dev", s->path);
	if (!size && !device)
		return werr_set(err, WERR_USAGE, "--size is missing");
	if (size && device)
		return werr_set(err, WERR_USAGE, "--size is for a file, not for %s", s->path);
	if (s->label && strlen(s->label) >= SWAP_LABEL)
		return werr_set(err, WERR_USAGE, "--label is longer than %d bytes", SWAP_LABEL - 1);
	return 0;
}

int swap_parse(int argc, char **argv, struct swap *ret, struct werr **err)
{
	CLEANUP(strv) struct strv words = {0}, conditions = {0};
	const char *size = NULL;
	bool debug = false;
	const struct arg options[] = {
		{"path", ARG_TEXT, &ret->path},
		{"file", ARG_TEXT, &ret->path},
		{"size", ARG_TEXT, &size},
		{"condition", ARG_TEXTS, &conditions},
		{"label", ARG_TEXT, &ret->label},
		{"encrypt", ARG_FLAG, &ret->encrypt},
		{"debug", ARG_FLAG, &debug},
		{0},
	};
	int r = args_parse(options, argc, argv, &words, err);

	if (r == 0 && words.n)
		r = werr_set(err, WERR_USAGE, "'%s' is not an option", words.items[0]);
	if (r == 0)
		r = check(ret, size, err);
	if (r == 0 && size)
		r = args_size("--size", size, &ret->size, err);
	if (r == 0 && conditions.n > SWAP_CONDITIONS_MAX)
		r = werr_set(err, WERR_USAGE, "more than %d conditions", SWAP_CONDITIONS_MAX);
	for (size_t i = 0; r == 0 && i < conditions.n; i++) {
		r = parse_condition(conditions.items[i], &ret->conditions[i], err);
		ret->n_conditions += r == 0;
	}
	return r;
}

/* ---- what it does ---- */

/* Whether the condition is met; if not, why. */
static bool is_met(const struct swap_condition *c, struct werr **why)
{
	struct statvfs fs;

	if (c->size == 0) {
		if (mounted_begins_at(c->path))
			return true;
		werr_set(why, WERR_NOT_FOUND, "nothing is mounted on %s", c->path);
	} else if (statvfs(c->path, &fs) < 0) {
		werr_errno(why, errno, "can't find the size of %s", c->path);
	} else if ((uint64_t)fs.f_blocks * fs.f_frsize < c->size) {
		werr_set(why, WERR_NO_SPACE, "the file system of %s has less than %llu bytes",
			c->path, (unsigned long long)c->size);
	} else {
		return true;
	}
	return false;
}

/* The file or device, which exists, gets an area if it is an empty device. */
static int take(const struct swap *s, int fd, struct werr **err)
{
	uint64_t size = 0;
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return werr_errno(err, errno, "can't read %s", s->path);
	if (swap_area_read(fd, &size)) {
		if (!s->size || size == s->size)
			return 0;
		r = werr_set(err, WERR_EXISTS, "%s is swap of %llu bytes, not of %llu", s->path,
			(unsigned long long)size, (unsigned long long)s->size);
		werr_hint(err, "remove it, or name another file");
		return r;
	}
	if (S_ISBLK(st.st_mode))
		return swap_area_make_device(fd, s->path, s->label, err);
	r = werr_set(err, WERR_EXISTS, "%s is there and is not swap; it is left alone", s->path);
	werr_hint(err, "name a file that does not exist");
	return r;
}

static int make_file(const struct swap *s, struct werr **err)
{
	CLEANUP(free) char *dir = path_dir(s->path);
	int r;

	if (!s->size)
		return werr_set(err, WERR_NOT_FOUND, "there is no device %s", s->path);
	r = file_make_dirs(dir, 0755, err);
	if (r == 0 && !fs_is_persistent(dir)) {
		r = werr_set(err, WERR_INVALID, "%s is in memory", dir);
		werr_hint(err, "mount a disk there first");
	}
	return r < 0 ? r : swap_area_make_file(s->path, s->size, s->label, err);
}

/* What is to be used: the file or device itself, or what it is mapped to. */
static int find_target(const struct swap *s, int fd, char **ret, struct werr **err)
{
	if (s->encrypt)
		return swap_crypt_open(fd, s->path, ret, err);
	*ret = str_dup(s->path);
	return 0;
}

static int open_area(const struct swap *s, int *ret_fd, struct werr **err)
{
	CLEANUP(fd) int fd = open(s->path, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	int r;

	if (fd < 0 && errno != ENOENT)
		return werr_errno(err, errno, "can't open %s", s->path);
	r = fd < 0 ? make_file(s, err) : take(s, fd, err);
	if (r == 0 && fd < 0)
		fd = open(s->path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (r == 0 && fd < 0)
		r = werr_errno(err, errno, "can't open %s", s->path);
	if (r == 0)
		*ret_fd = fd_steal(&fd);
	return r;
}

static int use(const struct swap *s, struct werr **err)
{
	CLEANUP(free) char *target = NULL;
	CLEANUP(fd) int fd = -1;
	int r = open_area(s, &fd, err);

	if (r == 0)
		r = find_target(s, fd, &target, err);
	if (r < 0)
		return r;
	if (swapon(target, 0) < 0 && errno != EBUSY)
		return werr_errno(err, errno, "can't use %s as swap", target);
	printf("swap: %s is used%s\n", s->path, s->encrypt ? ", encrypted" : "");
	return 0;
}

int swap_main(int argc, char **argv)
{
	CLEANUP(swap) struct swap s = {0};
	CLEANUP(werr) struct werr *err = NULL;
	int r = swap_parse(argc, argv, &s, &err);

	for (size_t i = 0; r == 0 && i < s.n_conditions; i++) {
		CLEANUP(werr) struct werr *why = NULL;

		if (is_met(&s.conditions[i], &why))
			continue;
		if (!s.conditions[i].required) {
			args_report("swap: none is used", why);
			return 0;
		}
		werr_pass(&err, STEAL(why));
		r = -ENOENT;
	}
	if (r == 0)
		use(&s, &err);
	return args_report("swap", err);
}
