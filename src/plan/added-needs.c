/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of modules.dep for modules that are added: added-impl.h. */
#include <stdlib.h>

#include "base/mem.h"
#include "contract/paths.h"
#include "kmod/modules.h"
#include "plan/added-impl.h"

int added_check_size(const struct added_kernel *k, const struct buf *index, struct werr **err)
{
	if (buf_error(index) == 0)
		return 0;
	return werr_set(
		err, WERR_LIMIT, "too many modules are added to /" MODULES_DIR "/%s", k->release);
}

void added_set_dep(struct added_kernel *k, char *dep)
{
	free(k->dep);
	k->dep = dep;
	module_index_free(k->index);
	k->index = module_index_new(str_dup(dep), NULL, str_dup(k->builtin));
}

/* What a module needs is listed after it, so that it is loaded in the order of `needs`. */
static void list_module(struct buf *dep, const char *file, const struct strv *needs)
{
	buf_printf(dep, "%s:", file);
	for (size_t i = needs->n; i-- > 0;)
		buf_printf(dep, " %s", needs->items[i]);
	buf_putc(dep, '\n');
}

/* What a module needs, in the order of loading; *missing: what is not listed (owned by the caller).
 */
static int find_needs(const struct added_kernel *k, const char *depends, struct strv *ret,
	char **missing, struct werr **err)
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

/* A module that can't be listed, and one that it lacks. */
struct lack {
	const char *file;
	char *needs;
};

static void lack_cleanup(struct lack *l)
{
	free(l->needs);
}

/* One that is nowhere says more than one that others keep from being listed. */
static void remember(
	const struct added_kernel *k, const char *file, const char *needs, struct lack *ret)
{
	CLEANUP(free) char *name = module_name(needs);

	if (ret->file && strv_has(&k->names, name))
		return;
	ret->file = file;
	str_replace(&ret->needs, name);
}

/* List those whose needs are listed; *ret: how many. */
static int list_some(
	struct added_kernel *k, bool *listed, size_t *ret, struct lack *ret_lack, struct werr **err)
{
	CLEANUP(buf) struct buf dep = BUF_INIT(ADDED_INDEX_MAX);
	int r = 0;

	buf_puts(&dep, k->dep);
	for (size_t i = 0; r == 0 && i < k->added.n; i++) {
		CLEANUP(strv) struct strv needs = {0};
		CLEANUP(free) char *lacks = NULL;

		if (listed[i])
			continue;
		r = find_needs(k, k->depends.items[i], &needs, &lacks, err);
		if (r == 0 && lacks) {
			remember(k, k->added.items[i], lacks, ret_lack);
		} else if (r == 0) {
			list_module(&dep, k->added.items[i], &needs);
			listed[i] = true;
			++*ret;
		}
	}
	if (r == 0)
		r = added_check_size(k, &dep, err);
	if (r == 0)
		added_set_dep(k, buf_steal(&dep));
	return r;
}

static int refuse(const struct added_kernel *k, const struct lack *l, struct werr **err)
{
	if (strv_has(&k->names, l->needs)) {
		werr_set(err, WERR_INVALID,
			"/" MODULES_DIR
			"/%s/%s can't be loaded: it needs the kernel module %.200s, and "
			"some of those that they need need each other",
			k->release, l->file, l->needs);
		werr_hint(err, "move what two of them use of each other into a third one");
		return werr_code(WERR_INVALID);
	}
	werr_set(err, WERR_INVALID,
		"/" MODULES_DIR "/%s/%s needs the kernel module %.200s, which the OS does not have",
		k->release, l->file, l->needs);
	werr_hint(err, "the list of modules of the kernel's image may lack it");
	return werr_code(WERR_INVALID);
}

/* One may need another: each round lists at least one. */
int added_list_all(struct added_kernel *k, struct werr **err)
{
	CLEANUP(free) bool *listed = mem_new_array(bool, k->added.n);
	size_t done = 0, before;
	int r = 0;

	do {
		CLEANUP(lack) struct lack lack = {0};

		before = done;
		r = list_some(k, listed, &done, &lack, err);
		if (r == 0 && done == before)
			r = refuse(k, &lack, err);
	} while (r == 0 && done < k->added.n);
	return r;
}
