/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/yml-depends.h"

#include "base/mem.h"
#include "base/path.h"

void pkg_depends_cleanup(struct pkg_depends *d)
{
	strv_clear(&d->list);
	free(d->from_file);
	free(d->target);
	free(d->target_dir);
	*d = (struct pkg_depends){0};
}

static void read_path(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	CLEANUP(free) char *text = NULL, *inside = NULL;
	char **path = dst;

	yml_text(c, key, n, &text);
	inside = text ? path_inside(text) : NULL;
	if (text && (!inside || !*inside))
		yml_error(c, n, "'%s' is not in the package's directory", text);
	free(*path);
	*path = STEAL(inside);
}

static const struct yml_field images_fields[] = {
	{"list", yml_texts, offsetof(struct pkg_depends, list), YML_TEXTS,
		"images, each with a digest"},
	{"from-file", read_path, offsetof(struct pkg_depends, from_file), YML_TEXT,
		"a file of the directory with an image on each line"},
	{"target", read_path, offsetof(struct pkg_depends, target), YML_TEXT,
		"the archive in the Dockerfile's context that has all of them"},
	{"target-dir", read_path, offsetof(struct pkg_depends, target_dir), YML_TEXT,
		"the directory in the Dockerfile's context that has an archive of each"},
	{0},
};
static const struct yml_map images_map = {"docker-images", images_fields};

static void read_images(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	struct pkg_depends *d = dst;

	d->node = n;
	yml_read(c, key, n, images_fields, d);
	if (d->list.n && d->from_file)
		yml_error(c, n, "%s has both list and from-file", key);
	if ((d->target != NULL) + (d->target_dir != NULL) != 1)
		yml_error(c, n, "%s needs one of target and target-dir", key);
}

static const struct yml_field depends_fields[] = {
	{"docker-images", read_images, 0, YML_MAP, "images that are files of the context",
		.map = &images_map},
	{0},
};
const struct yml_map yml_depends_map = {"depends", depends_fields};

void yml_depends(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	yml_read(c, key, n, depends_fields, dst);
}
