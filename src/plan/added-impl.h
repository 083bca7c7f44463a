/* SPDX-License-Identifier: Apache-2.0 */
/* What both parts of added-modules.h share: reading modules, and listing them. */
#ifndef WHERRY_PLAN_ADDED_IMPL_H
#define WHERRY_PLAN_ADDED_IMPL_H

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

struct tree;

enum { ADDED_FILE_MAX = 16 << 20, ADDED_INDEX_MAX = 2 * ADDED_FILE_MAX }; /* as it was, and is */

/* The directory of one kernel's modules. */
struct added_kernel {
	struct tree *root;
	const char *release;
	char *dep, *builtin;        /* the texts of the indexes */
	struct buf alias;           /* of another one, which grows */
	struct module_index *index; /* of dep and builtin */
	char *vermagic;             /* of the kernel's own modules; NULL: it has none to tell */
	struct strv added;          /* files that dep did not list */
	struct strv names;          /* of the modules in them */
	struct strv depends;        /* names of what each of them needs, with commas */
};

/* Take the text as modules.dep's, and read the index of it. */
void added_set_dep(struct added_kernel *k, char *dep);
/* WERR_LIMIT: an index with all that is added is larger than ADDED_INDEX_MAX. */
int added_check_size(const struct added_kernel *k, const struct buf *index, struct werr **err);
/*
 * Append a line to modules.dep for each added module, with all that it needs. WERR_INVALID, with a
 * hint, when one needs a module that is not there, or some need each other.
 */
int added_list_all(struct added_kernel *k, struct werr **err);

#endif
