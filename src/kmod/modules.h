/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel modules that exist, what they need and which devices they are for: depmod's text files
 * modules.dep, modules.alias and modules.builtin (modules.dep(5)). In the name of a module '-' and
 * '_' are equivalent.
 */
#ifndef WHERRY_KMOD_MODULES_H
#define WHERRY_KMOD_MODULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

struct module_index;
enum { MODULE_NEEDS_MAX = 512 }; /* of one module; Linux's have some ten */

/* The texts are taken over (also on failure); each may be NULL. */
struct module_index *module_index_new(char *dep, char *alias, char *builtin);
/*
 * From the files in directory dir ("/lib/modules/6.1.0"). WERR_NOT_FOUND when there is no
 * modules.dep.
 */
int module_index_read(const char *dir, struct module_index **ret, struct werr **err);
/* True when nothing is loadable, because everything is built in. */
bool module_index_is_empty(const struct module_index *index);
void module_index_free(struct module_index *index);
DEFINE_CLEANUP(struct module_index *, module_index_free, module_index)

/*
 * Add the files to load for a module (paths in the directory), those it needs first. Adds nothing
 * for a built-in module. WERR_NOT_FOUND when there is no such module, WERR_LIMIT when it needs more
 * than MODULE_NEEDS_MAX.
 */
int module_index_order(
	struct module_index *index, const char *name, struct strv *ret_files, struct werr **err);
/*
 * Add the names of the modules for any of the aliases, which are sorted (strv_sort()), without
 * duplicates.
 */
void module_index_match(const struct module_index *index, const struct strv *sorted_aliases,
	struct strv *ret_names);
/* "kernel/fs/overlay-x.ko.xz" is "overlay_x"; owned by the caller. */
char *module_name(const char *file);

#endif
