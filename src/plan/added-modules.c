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
#include "plan/content.h"

enum { MODULE_SIZE_MAX = 64 << 20, INDEX_MAX = 16 << 20 };

/* One kernel's directory. */
struct kernel {
	struct tree *root;
	const char *release;
	char *dep, *alias, *builtin; /* the texts of the indexes */
	struct module_index *index;  /* of dep and builtin */
	char *vermagic;              /* of the kernel's own modules; NULL: it has none to tell */
	struct strv added;           /* files that dep did not list */
	struct strv depends;         /* names of what each of them needs, with commas */
};

static void kernel_cleanup(struct kernel *k)
{
	free(k->dep);
	free(k->alias);
	free(k->builtin);
	free(k->vermagic);
	strv_clear(&k->added);
	strv_clear(&k->depends);
	module_index_free(k->index);
}

/* ---- what is there ---- */

static bool is_module(const struct tree_node *n)
{
	const char *end = strstr(n->name, ".ko");

	return S_ISREG(n->meta.mode) && end && (!end[3] || end[3] == '.');
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
	struct kernel *k = ctx;

	if (is_module(n) && !str_after(path, "kernel/") && !is_listed(k->dep, path))
		strv_add(&k->added, path);
	return 0;
}

static struct tree_node *find_file(const struct kernel *k, const char *name)
{
	CLEANUP(free) char *path = str_printf(MODULES_DIR "/%s/%s", k->release, name);
	struct tree_node *n = tree_resolve(k->root, path);

	return n && S_ISREG(n->meta.mode) ? n : NULL;
}

/* An index's text; "" when there is none. Owned by the caller. */
static int read_index(const struct kernel *k, const char *name, char **ret, struct werr **err)
{
	struct tree_node *n = find_file(k, name);
	CLEANUP(reader) struct reader *from = n ? tree_open_file(k->root, n) : NULL;
	size_t size;

	if (from)
		return reader_read_all(from, INDEX_MAX, ret, &size, err);
	*ret = str_dup("");
	return 0;
}

/* A module's bytes, which *ret points into; owned by the caller. */
static int read_module(const struct kernel *k, const char *file, char **bytes, struct modinfo *ret,
	struct werr **err)
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
static void learn_vermagic(struct kernel *k)
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
	const struct kernel *k, const char *file, const char *what, struct werr **err)
{
	werr_set(err, WERR_INVALID, "/" MODULES_DIR "/%s/%s was compiled for %s", k->release, file,
		what);
	werr_hint(err, "compile it with the headers of the OS's kernel, %s",
		k->vermagic ? k->vermagic : k->release);
	return werr_code(WERR_INVALID);
}

static int check_vermagic(
	const struct kernel *k, const char *file, const struct modinfo *info, struct werr **err)
{
	const char *vermagic = modinfo_next(info, "vermagic", NULL);
	const char *rest = vermagic ? str_after(vermagic, k->release) : NULL;

	if (!vermagic)
		return is_for_another(k, file, "no kernel that it names", err);
	if (!rest || (*rest && *rest != ' ') || (k->vermagic && !str_eq(vermagic, k->vermagic)))
		return is_for_another(k, file, vermagic, err);
	return 0;
}

static void add_aliases(struct kernel *k, const char *name, const struct modinfo *info)
{
	CLEANUP(buf) struct buf b = BUF_INIT(2 * INDEX_MAX);

	buf_puts(&b, k->alias);
	for (const char *a = NULL; (a = modinfo_next(info, "alias", a));)
		buf_printf(&b, "alias %s %s\n", a, name);
	free(k->alias);
	k->alias = buf_steal(&b);
}

static int take_module(struct kernel *k, const char *file, struct werr **err)
{
	CLEANUP(free) char *bytes = NULL, *name = module_name(file);
	CLEANUP(strv) struct strv same = {0};
	struct modinfo info;
	const char *depends;
	int r = read_module(k, file, &bytes, &info, err);

	if (r == 0)
		r = check_vermagic(k, file, &info, err);
	if (r < 0)
		return r;
	if (module_index_order(k->index, name, &same, NULL) == 0 && same.n) {
		werr_set(err, WERR_INVALID, "the kernel module %s is there twice: %s and %s", name,
			same.items[same.n - 1], file);
		werr_hint(err, "leave one of them out of its image");
		return werr_code(WERR_INVALID);
	}
	depends = modinfo_next(&info, "depends", NULL);
	strv_add(&k->depends, depends ? depends : "");
	add_aliases(k, name, &info);
	return 0;
}

/* ---- modules.dep ---- */

static void set_dep(struct kernel *k, char *dep)
{
	free(k->dep);
	k->dep = dep;
	module_index_free(k->index);
	k->index = module_index_new(str_dup(dep), NULL, str_dup(k->builtin));
}

/* What a module needs is listed after it, so that it is loaded in the order of `needs`. */
static void list_module(struct kernel *k, const char *file, const struct strv *needs)
{
	CLEANUP(buf) struct buf b = BUF_INIT(2 * INDEX_MAX);

	buf_printf(&b, "%s%s:", k->dep, file);
	for (size_t i = needs->n; i-- > 0;)
		buf_printf(&b, " %s", needs->items[i]);
	buf_putc(&b, '\n');
	set_dep(k, buf_steal(&b));
}

/* What a module needs, in the order of loading; *missing: what is not listed (owned by the caller).
 */
static int find_needs(const struct kernel *k, const char *depends, struct strv *ret, char **missing,
	struct werr **err)
{
	CLEANUP(strv) struct strv names = {0};
	const char *name;

	strv_split(&names, depends, ',');
	STRV_FOREACH (name, &names) {
		CLEANUP(werr) struct werr *why = NULL;
		int r = *name ? module_index_order(k->index, name, ret, &why) : 0;

		if (r == werr_code(WERR_NOT_FOUND)) {
			str_replace(missing, name);
			return 0;
		}
		if (r < 0) {
			werr_pass(err, STEAL(why));
			return r;
		}
	}
	return 0;
}

/* List those whose needs are listed, and set their `depends` aside; *ret: how many. */
static int list_some(struct kernel *k, bool *listed, size_t *ret, char **missing, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < k->added.n; i++) {
		CLEANUP(strv) struct strv needs = {0};
		CLEANUP(free) char *lacks = NULL;

		if (listed[i])
			continue;
		r = find_needs(k, k->depends.items[i], &needs, &lacks, err);
		if (r == 0 && lacks) {
			free(*missing);
			*missing = str_printf("/" MODULES_DIR "/%s/%s needs the kernel module %s",
				k->release, k->added.items[i], lacks);
		} else if (r == 0) {
			list_module(k, k->added.items[i], &needs);
			listed[i] = true;
			++*ret;
		}
	}
	return r;
}

/* One may need another: each round lists at least one. */
static int list_all(struct kernel *k, struct werr **err)
{
	CLEANUP(free) bool *listed = mem_new_array(bool, k->added.n);
	size_t done = 0, before;
	int r = 0;

	do {
		CLEANUP(free) char *missing = NULL;

		before = done;
		r = list_some(k, listed, &done, &missing, err);
		if (r == 0 && done == before) {
			werr_set(err, WERR_INVALID, "%s, which the OS does not have", missing);
			werr_hint(err, "the list of modules of the kernel's image may lack it");
			r = werr_code(WERR_INVALID);
		}
	} while (r == 0 && done < k->added.n);
	return r;
}

/* ---- the root ---- */

/* It comes from where the index came from. */
static int put_index(struct kernel *k, const char *name, const char *text, struct werr **err)
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

static int index_added(struct kernel *k, struct werr **err)
{
	const char *file;
	int r;

	set_dep(k, STEAL(k->dep));
	learn_vermagic(k);
	r = read_index(k, "modules.alias", &k->alias, err);
	STRV_FOREACH (file, &k->added)
		if (r == 0)
			r = take_module(k, file, err);
	if (r == 0)
		r = list_all(k, err);
	if (r == 0)
		r = put_index(k, "modules.dep", k->dep, err);
	return r < 0 ? r : put_index(k, "modules.alias", k->alias, err);
}

/* known: another kernel, that of the OS; NULL: there is none. */
static int index_kernel(
	struct tree *root, struct tree_node *dir, const char *known, struct werr **err)
{
	CLEANUP(kernel) struct kernel k = {.root = root, .release = dir->name};
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
