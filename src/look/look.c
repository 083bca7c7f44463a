/* SPDX-License-Identifier: Apache-2.0 */
#include "look/look.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "contract/outputs.h"
#include "look/look-impl.h"

/* ---- things ---- */

static struct look_thing *new_thing(struct look *l, const struct look_name *name,
	const struct look_kind *kind, struct bytes *bytes)
{
	struct look_thing *t = mem_new(struct look_thing);

	mem_grow(&l->things, l->n, &l->cap, sizeof(*l->things));
	l->things[l->n++] = t;
	t->kind = kind;
	t->role = kind->role;
	t->bytes = bytes;
	t->boot_name = str_dup(name->boot_name ? name->boot_name : name->name);
	t->item.name = str_dup(name->name);
	t->item.kind = kind->name;
	t->item.depth = name->depth;
	t->item.size = bytes->size;
	return t;
}

int look_add(struct look *l, const struct look_name *name, const struct look_kind *kind,
	struct bytes *bytes, struct werr **err)
{
	struct look_thing *t;
	int r;

	if (!kind)
		kind = look_detect(bytes);
	t = new_thing(l, name, kind ? kind : &look_kind_file, bytes);
	if (l->n > LOOK_ITEMS_MAX || name->depth > LOOK_DEPTH_MAX)
		return werr_set(err, WERR_LIMIT, "it consists of too many things");
	r = t->kind->open ? t->kind->open(l, t, err) : 0;
	if (r < 0)
		werr_wrap(err, "%s", name->name);
	return r;
}

int look_new_tree(struct look *l, bool with_contents, struct tree **ret, struct werr **err)
{
	int r = tree_new(ret, with_contents ? file_temp_parent() : NULL, err);

	if (r < 0)
		return r;
	mem_grow(&l->trees, l->n_trees, &l->cap_trees, sizeof(*l->trees));
	l->trees[l->n_trees++] = *ret;
	return 0;
}

struct bytes *look_file_bytes(const struct tree *t, const struct tree_node *n)
{
	const struct io_range range = tree_file_range(t, n);

	return bytes_of_range(&range, n->name);
}

void look_free(struct look *l)
{
	if (!l)
		return;
	/* What is inside of another comes behind it. */
	for (size_t i = l->n; i-- > 0;) {
		bytes_free(l->things[i]->bytes);
		free(l->things[i]->boot_name);
		free(l->things[i]->item.name);
		free(l->things[i]);
	}
	free(l->things);
	for (size_t i = 0; i < l->n_trees; i++)
		tree_free(l->trees[i]);
	free(l->trees);
	for (size_t i = 0; i < l->n_fds; i++)
		close(l->fds[i]);
	free(l->fds);
	look_sources_clear(&l->sources);
	free(l);
}

void look_use_store(struct look *l, struct store *s)
{
	l->store = s;
}

size_t look_count(const struct look *l)
{
	return l->n;
}

const struct look_item *look_item(const struct look *l, size_t i)
{
	return &l->things[i]->item;
}

/* ---- what is at a path ---- */

static int add_file(struct look *l, const char *path, const struct look_name *name,
	const struct look_kind *kind, struct werr **err)
{
	struct io_range range = {.fd = -1};
	off_t size;
	int r = file_open_seekable(path, &range.fd, err);

	if (r < 0)
		return r;
	mem_grow(&l->fds, l->n_fds, &l->cap_fds, sizeof(*l->fds));
	l->fds[l->n_fds++] = range.fd;
	size = lseek(range.fd, 0, SEEK_END);
	if (size < 0)
		return werr_errno(err, errno, "can't find the size of %s", path);
	range.size = (uint64_t)size;
	return look_add(l, name, kind, bytes_of_range(&range, path), err);
}

static const char *last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The files of formats that write several, by what follows their name. */
static const struct suffix {
	const char *suffix, *boot_name;
	const struct look_kind *kind;
} suffixes[] = {
	{OUTPUT_KERNEL, "kernel", &look_kind_kernel},
	{OUTPUT_INITRD, "initrd.img", &look_kind_initrd},
	{OUTPUT_BOOT_INITRD, "initrd.img", &look_kind_initrd},
	{OUTPUT_CMDLINE, "cmdline", &look_kind_cmdline},
	{OUTPUT_SQUASHFS, NULL, NULL},
	{OUTPUT_EROFS, NULL, NULL},
	{OUTPUT_ISO, NULL, &look_kind_iso},
};

/* Several roots are the same OS: the first one counts, as for `run`. */
static bool is_other_root(const char *suffix)
{
	return str_eq(suffix, OUTPUT_BOOT_INITRD) || str_eq(suffix, OUTPUT_SQUASHFS) ||
	       str_eq(suffix, OUTPUT_EROFS) || str_eq(suffix, OUTPUT_ISO);
}

static int open_prefix(struct look *l, const char *path, bool *ret_any, struct werr **err)
{
	bool has_root = false, has_initrd = false;
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(suffixes); i++) {
		const struct suffix *s = &suffixes[i];
		CLEANUP(free) char *file = str_printf("%s%s", path, s->suffix);

		if (!file_exists(file) || (has_initrd && is_other_root(s->suffix)) ||
			(has_root && is_other_root(s->suffix)))
			continue;
		*ret_any = true;
		has_initrd |= str_eq(s->suffix, OUTPUT_INITRD);
		has_root |= is_other_root(s->suffix) && !str_eq(s->suffix, OUTPUT_BOOT_INITRD);
		r = add_file(l, file, &(struct look_name){last_name(file), s->boot_name, 0},
			s->kind, err);
	}
	return r;
}

/* The files of PXE's and Firecracker's directories. */
static int open_dir(struct look *l, const char *path, bool *ret_any, struct werr **err)
{
	static const char *const names[] = {PXE_KERNEL, FIRECRACKER_KERNEL, PXE_INITRD,
		FIRECRACKER_ROOT, PXE_SCRIPT, FIRECRACKER_CONFIG};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(names); i++) {
		CLEANUP(free) char *file = path_join(path, names[i]);

		if (!file_exists(file))
			continue;
		*ret_any = true;
		r = add_file(l, file, &(struct look_name){names[i], NULL, 0},
			look_kind_by_name(names[i]), err);
	}
	return r;
}

static bool is_plain_file(const struct look *l)
{
	return l->n == 1 && l->things[0]->kind == &look_kind_file;
}

static int not_known(const char *path, struct werr **err)
{
	werr_set(err, WERR_INVALID, "%s is no output that is known here", path);
	werr_hint(err, "`wherry build --help` lists the formats that are");
	return werr_code(WERR_INVALID);
}

/* By its name, a file that has nothing in it to be known by. */
static const struct look_kind *kind_of_suffix(const char *path)
{
	return str_ends_with(path, OUTPUT_KERNEL)    ? &look_kind_kernel
	       : str_ends_with(path, OUTPUT_CMDLINE) ? &look_kind_cmdline
						     : NULL;
}

static int open_path(struct look *l, const char *path, bool *ret_any, struct werr **err)
{
	struct stat st;
	int r;

	if (stat(path, &st) < 0)
		return open_prefix(l, path, ret_any, err);
	if (S_ISDIR(st.st_mode)) {
		CLEANUP(free) char *layout = path_join(path, "oci-layout");

		l->is_images = file_exists(layout);
		r = l->is_images ? 0 : open_dir(l, path, ret_any, err);
		*ret_any |= l->is_images;
		return r < 0 || *ret_any ? r : open_prefix(l, path, ret_any, err);
	}
	*ret_any = true;
	r = add_file(
		l, path, &(struct look_name){last_name(path), NULL, 0}, kind_of_suffix(path), err);
	return r == 0 && is_plain_file(l) ? not_known(path, err) : r;
}

int look_open(const char *path, enum look_found *ret_found, struct look **ret, struct werr **err)
{
	CLEANUP(look) struct look *l = mem_new(struct look);
	bool any = false;
	int r = open_path(l, path, &any, err);

	if (r < 0)
		return r;
	*ret_found = l->is_images ? LOOK_IMAGES : any ? LOOK_OUTPUT : LOOK_NOTHING;
	if (*ret_found == LOOK_OUTPUT)
		*ret = STEAL(l);
	return 0;
}
