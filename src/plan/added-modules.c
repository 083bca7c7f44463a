/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/added-modules.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "codec/codec.h"
#include "contract/paths.h"
#include "kmod/modinfo.h"
#include "kmod/modules.h"
#include "plan/added-impl.h"
#include "plan/content.h"

enum { MODULE_SIZE_MAX = 64 << 20 };

static void added_kernel_cleanup(struct added_kernel *k)
{
	free(k->dep);
	buf_clear(&k->alias);
	free(k->builtin);
	free(k->vermagic);
	strv_clear(&k->added);
	strv_clear(&k->names);
	strv_clear(&k->depends);
	module_index_free(k->index);
}

/* ---- what is there ---- */

/* x.ko, packed or not; what others leave beside it, as x.ko.sig, is none. */
static bool is_module(const struct tree_node *n)
{
	static const char *const endings[] = {"", ".gz", ".xz", ".zst"};
	const char *end = strstr(n->name, ".ko");

	for (size_t i = 0; S_ISREG(n->meta.mode) && end && i < ARRAY_SIZE(endings); i++)
		if (str_eq(end + strlen(".ko"), endings[i]))
			return true;
	return false;
}

/* Is there a line that begins with the file and a colon? */
static bool is_listed(const char *dep, const char *file)
{
	size_t size = strlen(file);

	for (const char *p = dep; (p = strstr(p, file)); p += size)
		if ((p == dep || p[-1] == '\n') && p[size] == ':')
			return true;
	return false;
}

static int visit(struct tree_node *n, const char *path, void *ctx, ATTR_UNUSED struct werr **err)
{
	struct added_kernel *k = ctx;

	if (is_module(n) && !str_after(path, "kernel/") && !is_listed(k->dep, path))
		strv_add(&k->added, path);
	return 0;
}

static struct tree_node *find_file(const struct added_kernel *k, const char *name)
{
	CLEANUP(free) char *path = str_printf(MODULES_DIR "/%s/%s", k->release, name);
	struct tree_node *n = tree_resolve(k->root, path);

	return n && S_ISREG(n->meta.mode) ? n : NULL;
}

/* An index's text; "" when there is none. Owned by the caller. */
static int read_index(const struct added_kernel *k, const char *name, char **ret, struct werr **err)
{
	struct tree_node *n = find_file(k, name);
	CLEANUP(reader) struct reader *from = n ? tree_open_file(k->root, n) : NULL;
	size_t size;

	if (from)
		return reader_read_all(from, ADDED_FILE_MAX, ret, &size, err);
	*ret = str_dup("");
	return 0;
}

/* A module's bytes, which *ret points into; owned by the caller. */
static int read_module(const struct added_kernel *k, const char *file, char **bytes,
	struct modinfo *ret, struct werr **err)
{
	struct tree_node *n = find_file(k, file);
	CLEANUP(reader) struct reader *from = NULL;
	size_t size = 0;
	int r = n ? decompress_wide_reader_new(tree_open_file(k->root, n), file, &from, err)
		  : werr_set(err, WERR_NOT_FOUND, "there is no such file");

	if (r == 0)
		r = reader_read_all(from, MODULE_SIZE_MAX, bytes, &size, err);
	if (r == 0)
		r = modinfo_find(*bytes, size, ret, err);
	if (r < 0)
		werr_wrap(err, "/" MODULES_DIR "/%s/%s", k->release, file);
	return r;
}

/* The kernel's own say what it loads: what cannot be read tells nothing. */
static void learn_vermagic(struct added_kernel *k)
{
	CLEANUP(free) char *file = str_dup_n(k->dep, strcspn(k->dep, ":\n")), *bytes = NULL;
	CLEANUP(werr) struct werr *why = NULL;
	struct modinfo info;
	const char *vermagic = NULL;

	if (*file && read_module(k, file, &bytes, &info, &why) == 0)
		vermagic = modinfo_next(&info, "vermagic", NULL);
	k->vermagic = vermagic ? str_dup(vermagic) : NULL;
}

/* ---- what an added module says ---- */

static int is_for_another(
	const struct added_kernel *k, const char *file, const char *what, struct werr **err)
{
	werr_set(err, WERR_INVALID, "/" MODULES_DIR "/%s/%s was compiled for %.200s", k->release,
		file, what);
	werr_hint(err, "compile it with the headers of the OS's kernel, %s",
		k->vermagic ? k->vermagic : k->release);
	return werr_code(WERR_INVALID);
}

static int check_vermagic(const struct added_kernel *k, const char *file,
	const struct modinfo *info, struct werr **err)
{
	const char *vermagic = modinfo_next(info, "vermagic", NULL);
	const char *rest = vermagic ? str_after(vermagic, k->release) : NULL;

	if (!vermagic)
		return is_for_another(k, file, "no kernel that it names", err);
	if (!rest || (*rest && *rest != ' ') || (k->vermagic && !str_eq(vermagic, k->vermagic)))
		return is_for_another(k, file, vermagic, err);
	return 0;
}

/* Whether it can stand in an index, which has spaces, colons and lines between its parts. */
static bool is_word(const char *text)
{
	const char *p = text;

	while ((unsigned char)*p > ' ' && *p != ':' && *p != 0x7f)
		p++;
	return p > text && !*p;
}

/* One that is not a single word is no device's. */
static void add_aliases(struct added_kernel *k, const char *name, const struct modinfo *info)
{
	for (const char *a = NULL; (a = modinfo_next(info, "alias", a));)
		if (*a && !a[strcspn(a, " \t\r\n")])
			buf_printf(&k->alias, "alias %s %s\n", a, name);
}

static int check_name(
	const struct added_kernel *k, const char *file, const char *name, struct werr **err)
{
	CLEANUP(strv) struct strv files = {0};
	const char *other = NULL;

	if (!*name || !is_word(file)) {
		werr_set(err, WERR_INVALID, "/" MODULES_DIR "/%s/%s: that is no name for a module",
			k->release, file);
		werr_hint(err, "name it without spaces and colons, as NAME.ko");
		return werr_code(WERR_INVALID);
	}
	if (module_index_order(k->index, name, &files, NULL) == 0 && files.n)
		other = files.items[files.n - 1];
	for (size_t i = 0; !other && i < k->names.n; i++)
		if (str_eq(k->names.items[i], name))
			other = k->added.items[i];
	if (!other)
		return 0;
	werr_set(err, WERR_INVALID, "the kernel module %s is there twice: %s and %s", name, other,
		file);
	werr_hint(err, "leave one of them out of its image");
	return werr_code(WERR_INVALID);
}

static int take_module(struct added_kernel *k, const char *file, struct werr **err)
{
	CLEANUP(free) char *bytes = NULL, *name = module_name(file);
	struct modinfo info;
	const char *depends;
	int r = check_name(k, file, name, err);

	if (r == 0)
		r = read_module(k, file, &bytes, &info, err);
	if (r == 0)
		r = check_vermagic(k, file, &info, err);
	if (r < 0)
		return r;
	depends = modinfo_next(&info, "depends", NULL);
	strv_add(&k->depends, depends ? depends : "");
	add_aliases(k, name, &info);
	strv_take(&k->names, STEAL(name));
	return 0;
}

/* ---- the root ---- */

/* It comes from where the index came from. */
static int put_index(struct added_kernel *k, const char *name, const char *text, struct werr **err)
{
	CLEANUP(free) char *path = str_printf(MODULES_DIR "/%s/%s", k->release, name);
	struct tree_node *old = find_file(k, name);
	uint32_t origin = old ? old->origin : k->root->origin;
	int r = *text ? part_content_put_text(k->root, path, text, err) : 0;
	struct tree_node *new = r == 0 ? find_file(k, name) : NULL;

	if (new)
		new->origin = origin;
	return r;
}

static int index_added(struct added_kernel *k, struct werr **err)
{
	CLEANUP(free) char *alias = NULL;
	const char *file;
	int r;

	added_set_dep(k, STEAL(k->dep));
	learn_vermagic(k);
	r = read_index(k, "modules.alias", &alias, err);
	k->alias = BUF_INIT(ADDED_INDEX_MAX);
	buf_puts(&k->alias, r == 0 ? alias : "");
	STRV_FOREACH (file, &k->added)
		if (r == 0)
			r = take_module(k, file, err);
	if (r == 0)
		r = added_list_all(k, err);
	if (r == 0)
		r = put_index(k, "modules.dep", k->dep, err);
	if (r == 0)
		r = added_check_size(k, &k->alias, err);
	return r < 0 ? r : put_index(k, "modules.alias", buf_str(&k->alias), err);
}

/* known: another kernel, that of the OS; NULL: there is none. */
static int index_kernel(
	struct tree *root, struct tree_node *dir, const char *known, struct werr **err)
{
	CLEANUP(added_kernel) struct added_kernel k = {.root = root, .release = dir->name};
	int r = read_index(&k, "modules.dep", &k.dep, err);

	if (r == 0)
		r = read_index(&k, "modules.builtin", &k.builtin, err);
	if (r == 0)
		r = tree_walk_from(dir, visit, &k, err);
	if (r < 0 || !k.added.n)
		return r;
	if (find_file(&k, "modules.dep"))
		return index_added(&k, err);
	if (!known)
		return 0;
	werr_set(err, WERR_INVALID, "/" MODULES_DIR "/%s/%s is for another kernel: the OS has %s",
		k.release, k.added.items[0], known);
	werr_hint(err, "compile it with the headers of the OS's kernel");
	return werr_code(WERR_INVALID);
}

int added_modules_index(struct tree *root, struct werr **err)
{
	const struct tree_node *all = tree_resolve(root, MODULES_DIR);
	const char *known = NULL;
	int r = 0;

	for (uint32_t i = 0; all && S_ISDIR(all->meta.mode) && i < all->n; i++) {
		const struct tree_node *dir = all->children[i];

		for (uint32_t j = 0; S_ISDIR(dir->meta.mode) && j < dir->n; j++)
			if (str_eq(dir->children[j]->name, "modules.dep"))
				known = dir->name;
	}
	for (uint32_t i = 0; r == 0 && all && S_ISDIR(all->meta.mode) && i < all->n; i++)
		if (S_ISDIR(all->children[i]->meta.mode))
			r = index_kernel(root, all->children[i], known, err);
	return r;
}
