/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/yml-include.h"

#include <errno.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"

/* As "src:dst" of extra-sources would. */
static void add_extra(struct pkg_yml *y, const char *real)
{
	struct pkg_extra *x;

	mem_grow(&y->extras, y->n_extras, &y->extras_cap, sizeof(*x));
	x = &y->extras[y->n_extras++];
	x->src = str_dup(real);
	x->dst = path_base(real);
}

int pkg_include(struct pkg *p, struct werr **err)
{
	CLEANUP(free) char *shown = path_join(p->dir, p->yml->include);
	CLEANUP(free) char *real = NULL, *dir = NULL, *text = NULL;
	size_t size;
	int r = pkg_find_beside(p, "included file", shown, &real, err);

	if (r == 0)
		r = file_read_at_once(real, PKG_YML_MAX, &text, &size, err);
	if (r < 0)
		return r;
	dir = path_dir(real);
	r = pkg_yml_include(p->yml, shown, text, size, dir, err);
	if (r == 0)
		add_extra(p->yml, real);
	return r;
}
