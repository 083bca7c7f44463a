/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/closure.h"

#include <errno.h>
#include <string.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "pkg/elf.h"

struct closure {
	struct package_tree *from;
	struct tree *to;
	const struct arch *arch;
	const struct strv *keep;
	bool *matched;        /* for each pattern */
	struct strv worklist; /* regular files in `to` whose needs are still unknown */
};

/* ---- copying ---- */

static int copy_node(
	struct closure *c, const struct tree_node *n, const char *path, struct werr **err)
{
	CLEANUP(reader) struct reader *content = NULL;
	struct tree_meta meta = n->meta;
	struct package *p = package_tree_owner(c->from, path);
	int r;

	if (tree_find(c->to, path))
		return 0;
	meta.mtime = 0;
	meta.mtime_nsec = 0;
	if (S_ISREG(meta.mode))
		content = tree_open_file(c->from->tree, n);
	r = tree_put(c->to, path, &meta, n->target, content, NULL, NULL, err);
	if (r < 0)
		return r;
	if (S_ISREG(meta.mode))
		strv_add(&c->worklist, path);
	if (p)
		p->used = true;
	return 0;
}

/* Copy the node and the directories that it is in, as the packages have them. */
static int copy(struct closure *c, const char *path, struct werr **err)
{
	for (const char *end = path; *end; end += *end == '/') {
		CLEANUP(free) char *part = NULL;
		const struct tree_node *n;
		int r;

		end = end + strcspn(end, "/");
		part = str_dup_n(path, (size_t)(end - path));
		n = tree_find(c->from->tree, part);
		if (!n)
			return werr_set(err, WERR_NOT_FOUND, "no package has /%s", part);
		r = copy_node(c, n, part, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* A tree_step of tree_trace(). */
static int copy_step(struct tree_node *n, void *ctx, struct werr **err)
{
	CLEANUP(free) char *path = tree_path(n);

	return copy(ctx, path, err);
}

/* Copy every symlink that a path in the packages leads through, and what is at its end. */
static int copy_through(struct closure *c, const char *path, struct werr **err)
{
	struct tree_node *end;

	return tree_trace(c->from->tree, path, copy_step, c, &end, err);
}

/* Whether path leads to something in `to`, or to a file of the packages, which is copied then. */
static int want(struct closure *c, const char *path, bool *ret_found, struct werr **err)
{
	const struct tree_node *n;

	*ret_found = true;
	if (tree_resolve(c->to, path))
		return 0;
	n = tree_resolve(c->from->tree, path);
	*ret_found = n && S_ISREG(n->meta.mode);
	return *ret_found ? copy_through(c, path, err) : 0;
}

/* ---- patterns ---- */

static int match_node(struct tree_node *n, const char *path, void *ctx, struct werr **err)
{
	CLEANUP(free) char *absolute = str_printf("/%s", path);
	struct closure *c = ctx;
	bool wanted = false;

	for (size_t i = 0; i < c->keep->n; i++) {
		CLEANUP(free) char *merged = merged_path(c->keep->items[i] + 1);
		CLEANUP(free) char *pattern = str_printf("/%s", merged);

		if (!path_match(pattern, absolute))
			continue;
		wanted = true;
		c->matched[i] = true;
	}
	if (!wanted || !*path)
		return 0;
	/* A symlink that leads nowhere is copied as it is: the way ends there. */
	return S_ISLNK(n->meta.mode) ? copy_through(c, path, err) : copy(c, path, err);
}

static int keep_matching(struct closure *c, size_t *ret_unmatched, struct werr **err)
{
	int r;

	c->matched = mem_new_array(bool, c->keep->n + 1);
	r = tree_walk(c->from->tree, match_node, c, err);
	for (size_t i = 0; r == 0 && i < c->keep->n; i++)
		if (!c->matched[i]) {
			if (ret_unmatched)
				*ret_unmatched = i;
			r = werr_set(err, WERR_NOT_FOUND, "nothing in the packages matches '%s'",
				c->keep->items[i]);
		}
	return r;
}

/* ---- needs ---- */

/*
 * A directory of the search path with $ORIGIN filled in; NULL when it has other variables, which
 * are not known here.
 */
static char *expand_origin(const char *directory, const char *origin)
{
	const char *rest = str_after(directory, "$ORIGIN");

	if (!rest)
		rest = str_after(directory, "${ORIGIN}");
	if (rest)
		return strchr(rest, '$') ? NULL : str_printf("%s%s", origin, rest);
	return directory[0] == '/' && !strchr(directory, '$') ? str_dup(directory) : NULL;
}

/*
 * List directories in the order of ld.so(8). Unlike there, a library does not inherit the RPATH of
 * the program that loads it.
 */
static void list_directories(
	const struct closure *c, const struct elf *e, const char *path, struct strv *ret)
{
	CLEANUP(free) char *origin = path_dir(path);
	const char *directory;

	STRV_FOREACH (directory, &e->search) {
		char *expanded = expand_origin(directory, origin);

		if (expanded)
			strv_take(ret, expanded);
	}
	strv_addf(ret, "usr/lib/%s", arch_multiarch(c->arch));
	strv_add(ret, "usr/lib");
	strv_add(ret, "usr/lib64");
	strv_addf(ret, "lib/%s", arch_multiarch(c->arch));
	strv_add(ret, "lib");
}

static int want_library(struct closure *c, const struct strv *directories, const char *library,
	const char *path, struct werr **err)
{
	bool found = false;
	const char *directory;
	int r;

	if (strchr(library, '/')) {
		r = want(c, library, &found, err);
	} else {
		r = 0;
		STRV_FOREACH (directory, directories) {
			CLEANUP(free) char *candidate = path_join(directory, library);

			r = want(c, candidate, &found, err);
			if (r < 0 || found)
				break;
		}
	}
	if (r == 0 && !found) {
		r = werr_set(err, WERR_NOT_FOUND, "/%s needs %s, which is not in any package", path,
			library);
		werr_hint(err,
			"add the Debian package that has it (for C programs libc6) to "
			"'debian: {packages: [...], keep: []}', or link the program statically");
	}
	return r;
}

static int check_machine(
	const struct closure *c, const struct elf *e, const char *path, struct werr **err)
{
	if (e->machine == c->arch->elf_machine)
		return 0;
	return werr_set(err, WERR_INVALID, "/%s is not a program for %s (its ELF machine is %u)",
		path, c->arch->name, e->machine);
}

static int follow_needs(struct closure *c, const char *path, struct werr **err)
{
	const struct io_range file = tree_file_range(c->to, tree_find(c->to, path));
	CLEANUP(elf) struct elf e = {0};
	CLEANUP(strv) struct strv directories = {0};
	const char *library;
	int r = elf_read(&file, &e, err);

	if (r < 0) {
		werr_wrap(err, "/%s", path);
		return r;
	}
	if (!e.is_dynamic)
		return 0;
	r = check_machine(c, &e, path, err);
	if (r == 0 && e.interpreter)
		r = want_library(c, &directories, e.interpreter, path, err);
	list_directories(c, &e, path, &directories);
	STRV_FOREACH (library, &e.needed) {
		if (r < 0)
			break;
		r = want_library(c, &directories, library, path, err);
	}
	return r;
}

static int note_file(struct tree_node *n, const char *path, void *ctx, struct werr **err)
{
	struct closure *c = ctx;

	(void)err;
	if (S_ISREG(n->meta.mode))
		strv_add(&c->worklist, path);
	return 0;
}

/*
 * Programs name /bin/sh and /lib64/ld-linux.so.2: where /usr/bin or /usr/lib64 exist, these names
 * must exist, whether the directory comes from the packages or from the image's own files. An image
 * without packages does not have this layout.
 */
static int add_merged_links(struct closure *c, struct werr **err)
{
	static const struct tree_meta link = {.mode = S_IFLNK | 0777};

	for (size_t i = 0; c->from->n && merged_directories[i]; i++) {
		CLEANUP(free) char *target = path_join("usr", merged_directories[i]);
		int r;

		if (!tree_find(c->to, target) || tree_find(c->to, merged_directories[i]))
			continue;
		r = tree_put(c->to, merged_directories[i], &link, target, NULL, NULL, NULL, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int closure_copy(struct package_tree *from, struct tree *to, const struct arch *arch,
	const struct strv *keep, size_t *ret_unmatched, struct werr **err)
{
	struct closure c = {.from = from, .to = to, .arch = arch, .keep = keep};
	int r = tree_walk(to, note_file, &c, err);

	if (r == 0)
		r = keep_matching(&c, ret_unmatched, err);
	/* The list grows in this loop. */
	for (size_t i = 0; r == 0 && i < c.worklist.n; i++) {
		r = cancel_check(err);
		if (r == 0)
			r = follow_needs(&c, c.worklist.items[i], err);
	}
	if (r == 0)
		r = add_merged_links(&c, err);
	strv_clear(&c.worklist);
	free(c.matched);
	return r;
}
