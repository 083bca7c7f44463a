/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As a piece: for each program, and etc/os-release, its path, NUL, NUL; for each symlink its path,
 * NUL, its target, NUL.
 */
#include "plan/listing.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "contract/paths.h"
#include "plan/image-facts.h"

static const struct image_facts programs = {
	.name = "listing", .form = 2, .title = "list of programs", .max = 64 << 20};

static bool is_program(const struct tree_node *n)
{
	return S_ISREG(n->meta.mode) && (n->meta.mode & (S_IXUSR | S_IXGRP | S_IXOTH));
}

/* A tree_visit. */
static int add_node(struct tree_node *n, const char *path, void *ctx, struct werr **err)
{
	struct writer *to = ctx;
	const char *target = S_ISLNK(n->meta.mode) ? n->target : "";
	int r;

	if (!S_ISLNK(n->meta.mode) && !is_program(n) && !str_eq(path, OS_RELEASE))
		return 0;
	r = writer_write(to, path, strlen(path) + 1, err);
	return r < 0 ? r : writer_write(to, target, strlen(target) + 1, err);
}

/* A facts_write. */
static int write_all(struct writer *to, void *ctx, struct werr **err)
{
	const struct tree *t = ctx;

	return tree_walk(t, add_node, to, err);
}

void listing_keep(struct store *s, const struct image *image, struct tree *t)
{
	facts_keep(&programs, s, image, write_all, t);
}

static int put(struct tree *t, const char *path, const char *target, struct werr **err)
{
	const struct tree_meta meta = {.mode = *target ? S_IFLNK | 0777 : S_IFREG | 0755};

	return tree_put(t, path, &meta, *target ? target : NULL, NULL, NULL, NULL, err);
}

static int parse(const char *text, size_t size, struct tree **ret, struct werr **err)
{
	CLEANUP(tree) struct tree *t = NULL;
	const char *end = text + size;
	int r = tree_new(&t, NULL, err);

	while (r == 0 && text < end) {
		const char *target = memchr(text, 0, (size_t)(end - text));
		const char *last =
			target ? memchr(target + 1, 0, (size_t)(end - target - 1)) : NULL;

		if (!last)
			return werr_set(err, WERR_CORRUPT, "a list of programs is cut");
		r = put(t, text, target + 1, err);
		text = last + 1;
	}
	if (r == 0)
		*ret = STEAL(t);
	return r;
}

bool listing_find(struct store *s, const struct image *image, struct tree **ret)
{
	CLEANUP(free) char *text = NULL;
	size_t size;

	return facts_find(&programs, s, image, &text, &size) && parse(text, size, ret, NULL) == 0;
}
