/* SPDX-License-Identifier: Apache-2.0 */
/* Where packages are found by their names. */
#ifndef WHERRY_CLI_COMPONENT_PATH_H
#define WHERRY_CLI_COMPONENT_PATH_H

#include "base/error.h"
#include "base/str.h"
#include "options/option.h"

struct component_path_options {
	struct strv dirs;
};
extern const struct option component_path_options[]; /* for a struct component_path_options */

/*
 * Where this installation has packages and their sources, as in a clone: in pkg/ and beside it. The
 * directories may be missing.
 */
const struct strv *component_path_tops(void);
/* The directories of --pkg-path, of WHERRY_PKG_PATH, and of this installation of wherry. */
void component_path_list(const struct component_path_options *o, struct strv *ret);
/*
 * What a verb about packages names: a directory or, where there is none, a package's name. *ret is
 * owned by the caller.
 */
int component_path_find(
	const struct component_path_options *o, const char *operand, char **ret, struct werr **err);

#endif
