/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/owned.h"

#include "base/mem.h"
#include "plan/image-facts.h"
#include "plan/rootfs.h"

static const struct image_facts kept = {.name = "owners",
	.form = OWNERS_FORM,
	.title = "list of packages' files",
	.max = OWNERS_SIZE_MAX};

/* A facts_write. */
static int write_all(struct writer *to, void *ctx, struct werr **err)
{
	const struct tree *t = ctx;
	CLEANUP(owners) struct owners o = {0};
	CLEANUP(buf) struct buf text = BUF_INIT(OWNERS_SIZE_MAX);
	int r = owners_read(t, "", &o, err);

	if (r < 0)
		return r;
	owners_write(&o, &text);
	if (buf_error(&text) < 0)
		return werr_set(err, WERR_LIMIT, "it is too long");
	return writer_write(to, buf_str(&text), text.len, err);
}

void owned_keep(struct store *s, const struct image *image, struct tree *t)
{
	facts_keep(&kept, s, image, write_all, t);
}

static bool find(struct store *s, const struct image *image, struct owners *ret)
{
	CLEANUP(free) char *text = NULL;
	size_t size;

	return facts_find(&kept, s, image, &text, &size) &&
	       owners_parse(text, size, ret, NULL) == 0;
}

/* Loading the tree keeps the list as well, where pieces can be kept. */
int owned_get(struct store *s, const struct image *image, struct owners *ret, struct werr **err)
{
	CLEANUP(tree) struct tree *t = NULL;
	int r;

	if (find(s, image, ret))
		return 0;
	r = rootfs_load(s, image, NULL, &t, err);
	if (r == 0 && !find(s, image, ret))
		r = owners_read(t, "", ret, err);
	return r;
}
