/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/content.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "oci/reference.h"

void part_content_set_origin(struct part_content *c, const char *source, const char *location)
{
	mem_grow(&c->origins, c->n_origins, &c->cap_origins, sizeof(*c->origins));
	c->origins[c->n_origins] = (struct archive_origin){str_dup(source), str_dup(location)};
	c->tree->origin = (uint32_t)c->n_origins++;
}

void part_content_set_origin_at(
	struct part_content *c, const char *source, const char *section, size_t index)
{
	CLEANUP(free) char *location = str_printf("%s[%zu]", section, index);

	part_content_set_origin(c, source, location);
}

void part_content_set_image(struct part_content *c, const char *image, const char *location)
{
	CLEANUP(free) char *name = reference_expand(image);

	part_content_set_origin(c, name, location);
}

void part_content_set_image_at(
	struct part_content *c, const char *image, const char *section, size_t index)
{
	CLEANUP(free) char *location = str_printf("%s[%zu]", section, index);

	part_content_set_image(c, image, location);
}

int part_content_put_dir(struct tree *t, const char *path, struct werr **err)
{
	const struct tree_meta meta = {.mode = S_IFDIR | 0755, .mtime = BUILD_TIME};

	return tree_merge(t, path, &meta, NULL, NULL, &meta, NULL, err);
}

int part_content_put_file(struct tree *t, const char *path, uint32_t mode, struct reader *bytes,
	struct tree_node **ret, struct werr **err)
{
	const struct tree_meta meta = {.mode = S_IFREG | mode, .mtime = BUILD_TIME};
	const struct tree_meta dirs = {.mode = S_IFDIR | 0755, .mtime = BUILD_TIME};

	return tree_put(t, path, &meta, NULL, bytes, &dirs, ret, err);
}

int part_content_put_text(struct tree *t, const char *path, const char *text, struct werr **err)
{
	CLEANUP(reader) struct reader *bytes = mem_reader_new(text, strlen(text));

	return part_content_put_file(t, path, 0644, bytes, NULL, err);
}

void part_content_cleanup(struct part_content *c)
{
	if (c->tree)
		tree_free(c->tree);
	if (c->files)
		tree_free(c->files);
	for (size_t i = 0; i < c->n_origins; i++) {
		free((char *)(uintptr_t)c->origins[i].source);
		free((char *)(uintptr_t)c->origins[i].location);
	}
	free(c->origins);
	free(c->own_prefix);
	strv_clear(&c->warnings);
	*c = (struct part_content){0};
}
