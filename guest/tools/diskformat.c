/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/diskformat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "init/rootdev.h"
#include "tools/args.h"
#include "tools/disklist.h"

enum { LIST_MAX = 16 << 10 };

/* ---- the command line ---- */

static const char *const of_ext4[] = {"-q", "-F", NULL};
static const char *const of_others[] = {"-q", "-f", NULL};
static const struct diskformat_type types[] = {
	{"ext4", "/usr/sbin/mkfs.ext4", 16, of_ext4},
	{"btrfs", "/usr/sbin/mkfs.btrfs", 255, of_others},
	{"xfs", "/usr/sbin/mkfs.xfs", 12, of_others},
};

static int find_type(const char *name, const struct diskformat_type **ret, struct werr **err)
{
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (str_eq(types[i].name, name)) {
			*ret = &types[i];
			return 0;
		}
	r = werr_set(err, WERR_USAGE, "-type: '%.80s' is not a file system that it makes", name);
	werr_hint(err, "ext4, btrfs or xfs");
	return r;
}

int diskformat_parse(
	int argc, char **argv, struct strv *words, struct diskformat *ret, struct werr **err)
{
	const char *type = NULL;
	const struct arg options[] = {
		{"force", ARG_FLAG, &ret->force},
		{"type", ARG_TEXT, &type},
		{"label", ARG_TEXT, &ret->label},
		{"verbose", ARG_FLAG, &ret->verbose},
		{0},
	};
	int r = args_parse(options, argc, argv, words, err);

	if (r == 0)
		r = find_type(type ? type : types[0].name, &ret->type, err);
	if (r == 0 && ret->label && strlen(ret->label) > ret->type->label_max)
		r = werr_set(err, WERR_USAGE, "-label is longer than %zu bytes, which %s has",
			ret->type->label_max, ret->type->name);
	return r < 0 ? r : disklist_check(words, err);
}

/* ---- which one it is ---- */

int diskformat_choose(const enum diskstate *states, size_t n, bool has_label)
{
	static const enum diskstate wanted[] = {DISKSTATE_UNFINISHED, DISKSTATE_EMPTY};
	bool formatted = false;

	for (size_t i = 0; i < n; i++)
		formatted = formatted || states[i] == DISKSTATE_FORMATTED;
	for (size_t k = 0; k < ARRAY_SIZE(wanted); k++)
		for (size_t i = 0; i < n; i++)
			if (states[i] == wanted[k] && (has_label || !formatted))
				return (int)i;
	return formatted && !has_label ? -1 : -2;
}

static int look(const char *device, enum diskstate *ret, char what[static DISKSTATE_WHAT])
{
	CLEANUP(fd) int fd = open(device, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	CLEANUP(werr) struct werr *err = NULL;
	struct parttable table;
	int r = fd < 0 ? werr_errno(&err, errno, "can't open %s", device)
		       : parttable_measure(fd, device, &table, &err);

	if (r == 0)
		r = diskstate_look(fd, device, &table, ret, what, &err);
	if (r < 0)
		str_format(what, DISKSTATE_WHAT, "an error (%.128s)", err->message);
	return r;
}

/* The device to format, owned by the caller; NULL: none is to be. */
static int choose(
	const struct diskformat *f, const struct strv *names, char **ret, struct werr **err)
{
	enum diskstate states[DISKLIST_MAX] = {0};
	CLEANUP(buf) struct buf all = BUF_INIT(LIST_MAX);
	int i, r;

	for (size_t k = 0; k < names->n; k++) {
		CLEANUP(free) char *device = path_join("/dev", names->items[k]);
		char what[DISKSTATE_WHAT] = "";

		/* One that can't be read is foreign. */
		look(device, &states[k], what);
		if (f->verbose)
			printf("format: %s has %s\n", device, what);
		buf_printf(&all, "%s%s has %s", k ? "; " : "", device, what);
	}
	i = diskformat_choose(states, names->n, f->label != NULL);
	if (i == -1)
		printf("format: nothing to do: %s\n", buf_str(&all));
	if (i >= -1) {
		*ret = i < 0 ? NULL : path_join("/dev", names->items[i]);
		return 0;
	}
	r = werr_set(err, WERR_EXISTS, "no disk is empty: %s", buf_str(&all));
	werr_hint(err, "what has something on it is only formatted with -force and its name");
	return r;
}

static int choose_forced(const struct strv *names, char **ret, struct werr **err)
{
	if (names->n != 1)
		return werr_set(
			err, WERR_USAGE, "-force is for one disk, and there are %zu", names->n);
	*ret = path_join("/dev", names->items[0]);
	return 0;
}

static int format(struct diskformat *f, const struct strv *words, struct werr **err)
{
	CLEANUP(free) char *labelled = NULL, *query = NULL, *device = NULL;
	CLEANUP(strv) struct strv names = {0};
	int r;

	/* As in LinuxKit's program, it is for a named disk only. */
	f->force = f->force && words->n;
	query = f->label ? str_printf("LABEL=%s", f->label) : NULL;
	labelled = query && !f->force ? rootdev_find(query) : NULL;
	if (labelled) {
		printf("format: nothing to do: %s has %s\n", labelled, query);
		return 0;
	}
	r = disklist_wait(words, &names, err);
	if (r == 0)
		r = f->force ? choose_forced(&names, &device, err)
			     : choose(f, &names, &device, err);
	if (r < 0 || !device)
		return r;
	r = diskformat_make(f, device, err);
	if (r == 0)
		printf("format: %s has a new partition with %s\n", device, f->type->name);
	return r;
}

int diskformat_main(int argc, char **argv)
{
	CLEANUP(strv) struct strv words = {0};
	CLEANUP(werr) struct werr *err = NULL;
	struct diskformat f = {0};

	if (diskformat_parse(argc, argv, &words, &f, &err) == 0)
		format(&f, &words, &err);
	return args_report("format", err);
}
