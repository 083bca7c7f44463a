/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The encoding that is the initrd for a root on a disk, of what the OS's root has: PID 1, and the
 * modules that find the disk, mount it and leave it to PID 1 there.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "contract/paths.h"
#include "output/initrd-modules.h"
#include "output/encoding.h"

/* PID 1 of Wherry, which can switch to a disk; NULL: the OS has another one. */
static const struct tree_node *find_init(const struct tree *t)
{
	const struct tree_node *n = tree_resolve(t, INIT_PROGRAM);

	return n && S_ISREG(n->meta.mode) && tree_resolve(t, SUPERVISOR_PROGRAM) == n ? n : NULL;
}

/* A kernel's index of its modules; NULL: it has none. */
static const struct tree_node *find_index(const struct tree *t, const char *release)
{
	CLEANUP(free) char *path = str_printf(MODULES_DIR "/%s/modules.dep", release);
	const struct tree_node *n = tree_resolve(t, path);

	return n && S_ISREG(n->meta.mode) && n->file->size > 0 ? n : NULL;
}

static bool is_there(ATTR_UNUSED const struct encoding *e, const struct part_content *c)
{
	const struct tree_node *dir = tree_resolve(c->tree, MODULES_DIR);

	if (!dir || !S_ISDIR(dir->meta.mode) || !find_init(c->tree))
		return false;
	for (uint32_t i = 0; i < dir->n; i++)
		if (find_index(c->tree, dir->children[i]->name))
			return true;
	return false;
}

/* A file of the modules' directory; "" when there is none. Owned by the caller. */
static int read_index(const struct tree *t, const char *release, const char *name, size_t max,
	char **ret, struct werr **err)
{
	CLEANUP(free) char *path = str_printf(MODULES_DIR "/%s/%s", release, name);
	const struct tree_node *n = tree_resolve(t, path);
	CLEANUP(reader) struct reader *from = NULL;
	size_t size;

	if (!n || !S_ISREG(n->meta.mode)) {
		*ret = str_dup("");
		return 0;
	}
	if (n->file->size > max)
		return werr_set(err, WERR_LIMIT, "/%s has more than %zu bytes", path, max);
	from = tree_open_file(t, n);
	return reader_read_all(from, max, ret, &size, err);
}

static int choose(
	const struct tree *t, const char *release, struct initrd_modules *ret, struct werr **err)
{
	CLEANUP(free) char *dep = NULL, *alias = NULL, *softdep = NULL;
	int r = read_index(t, release, "modules.dep", INITRD_INDEX_MAX, &dep, err);

	if (r == 0)
		r = read_index(t, release, "modules.alias", INITRD_INDEX_MAX, &alias, err);
	if (r == 0)
		r = read_index(t, release, "modules.softdep", INITRD_SOFTDEP_MAX, &softdep, err);
	if (r == 0)
		r = initrd_modules_choose(dep, alias, softdep, ret, err);
	if (r < 0)
		werr_wrap(err, "kernel %s", release);
	return r;
}

static int put_copy(struct tree *to, const char *path, const struct tree *from,
	const struct tree_node *n, struct werr **err)
{
	CLEANUP(reader) struct reader *bytes = tree_open_file(from, n);

	return part_content_put_file(to, path, n->meta.mode & 07777, bytes, NULL, err);
}

static int put_index(
	struct tree *to, const char *release, const char *name, const char *text, struct werr **err)
{
	CLEANUP(free) char *path = str_printf(MODULES_DIR "/%s/%s", release, name);

	return part_content_put_text(to, path, text, err);
}

/* What an index lists and the OS lacks is left out: PID 1 says so, if it wants it. */
static int put_modules(
	struct tree *to, const struct tree *from, const char *release, struct werr **err)
{
	CLEANUP(initrd_modules) struct initrd_modules m = {0};
	int r = choose(from, release, &m, err);
	const char *file;

	if (r == 0)
		r = put_index(to, release, "modules.dep", m.dep, err);
	if (r == 0)
		r = put_index(to, release, "modules.alias", m.alias, err);
	STRV_FOREACH (file, &m.files) {
		CLEANUP(free) char *path = str_printf(MODULES_DIR "/%s/%s", release, file);
		const struct tree_node *n = tree_resolve(from, path);

		if (r == 0 && n && S_ISREG(n->meta.mode))
			r = put_copy(to, path, from, n, err);
	}
	return r;
}

static int put_programs(struct tree *to, const struct tree *from, struct werr **err)
{
	static const char *const dirs[] = {"dev", "etc", "proc", "run", "sys"};
	const struct tree_meta link = {.mode = S_IFLNK | 0777, .mtime = BUILD_TIME};
	const struct tree_meta dir = {.mode = S_IFDIR | 0755, .mtime = BUILD_TIME};
	int r = put_copy(to, INIT_PROGRAM, from, find_init(from), err);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(dirs); i++)
		r = part_content_put_dir(to, dirs[i], err);
	if (r == 0)
		r = tree_merge(
			to, MODPROBE_PROGRAM, &link, "/" INIT_PROGRAM, NULL, &dir, NULL, err);
	return r;
}

static int put_all(struct tree *to, const struct tree *from, struct werr **err)
{
	const struct tree_node *dir = tree_resolve(from, MODULES_DIR);
	int r = put_programs(to, from, err);

	for (uint32_t i = 0; r == 0 && i < dir->n; i++)
		if (find_index(from, dir->children[i]->name))
			r = put_modules(to, from, dir->children[i]->name, err);
	return r;
}

static int encode(ATTR_UNUSED const struct encoding *e, const struct part_content *c,
	struct writer *to, struct werr **err)
{
	CLEANUP(tree) struct tree *t = NULL;
	struct part_content small = {
		.meter = c->meter, .compression = c->compression, .with_root = true};
	int r = tree_new(&t, c->spool_dir, err);

	if (r < 0)
		return r;
	t->root->meta.mtime = BUILD_TIME;
	r = put_all(t, c->tree, err);
	small.tree = t;
	return r < 0 ? r : encoding_initrd.encode(&encoding_initrd, &small, to, err);
}

const struct encoding encoding_boot_initrd = {.name = "boot-initrd",
	.is_kept = true,
	.is_compressed = true,
	.is_initrd = true,
	.is_boot = true,
	.is_there = is_there,
	.encode = encode};
