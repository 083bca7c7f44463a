/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/dockerfile-images.h"

#include <errno.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"

struct making {
	struct store *store;
	const struct pkg_options *options;
	const struct platform *target;
	const char *work;
	struct dockerfile_bases *to;
};

void dockerfile_bases_cleanup(struct dockerfile_bases *b)
{
	for (size_t i = 0; i < b->n; i++)
		free(b->keys[i]);
	free(b->keys);
	free(b->digests);
	free(b->which);
	*b = (struct dockerfile_bases){0};
}

static int look_up(struct store *s, const struct reference *ref, const struct platform *platform,
	struct digest *ret, struct werr **err)
{
	CLEANUP(image) struct image *image = NULL;
	int r = store_find_image(s, ref, platform, &image, err);

	if (r == 0)
		*ret = image->descriptor.digest;
	return r;
}

int dockerfile_find_image(struct store *s, const struct pkg_options *o, const struct reference *ref,
	const struct platform *platform, struct digest *ret, struct werr **err)
{
	CLEANUP(werr) struct werr *missing = NULL, *why = NULL;
	bool again = o->fetch_again;
	int r = again ? 0 : look_up(s, ref, platform, ret, &missing);

	if (!again && (r == 0 || !store_is_no_use(r) || !o->fetch)) {
		werr_pass(err, STEAL(missing));
		return r;
	}
	if (o->fetch)
		o->fetch(ref, platform, PKG_FETCH_BASE, o->ctx, &why);
	if (why) {
		r = werr_code(why->kind);
		werr_wrap(&why, "image %s can't be pulled", ref->name);
		werr_pass(err, STEAL(why));
		return r;
	}
	return look_up(s, ref, platform, ret, err);
}

/* The number of the base with this key, or the number of all. */
static size_t find_key(const struct dockerfile_bases *b, const char *key)
{
	size_t i = 0;

	while (i < b->n && !str_eq(b->keys[i], key))
		i++;
	return i;
}

static int write_layout(const struct making *m, const struct reference *ref,
	const struct platform *platform, struct werr **err)
{
	const struct export_options options = {.format = STORE_FORMAT_OCI, .platform = platform};
	CLEANUP(free) char *name = builder_layout(m->to->n), *dir = path_join(m->work, name);

	return store_export_dir(m->store, ref, 1, &options, dir, err);
}

static int add_base(const struct making *m, const struct reference *ref,
	const struct platform *platform, size_t *ret, struct werr **err)
{
	struct dockerfile_bases *b = m->to;
	char text[PLATFORM_TEXT_MAX];
	CLEANUP(free) char *key = str_printf("%s %s", ref->name, platform_text(platform, text));
	struct digest digest;
	int r;

	*ret = find_key(b, key);
	if (*ret < b->n)
		return 0;
	r = dockerfile_find_image(m->store, m->options, ref, platform, &digest, err);
	if (r == 0)
		r = write_layout(m, ref, platform, err);
	if (r < 0)
		return r;
	mem_grow(&b->keys, b->n, &b->cap_keys, sizeof(*b->keys));
	mem_grow(&b->digests, b->n, &b->cap_digests, sizeof(*b->digests));
	b->keys[b->n] = STEAL(key);
	b->digests[b->n++] = digest;
	return 0;
}

static int add_image(const struct making *m, const struct dockerfile_image *image, size_t *ret,
	struct werr **err)
{
	CLEANUP(reference) struct reference ref = {0};
	struct platform platform = *m->target;
	int r = reference_parse(image->name, &ref, err);

	if (r == 0 && image->platform)
		r = platform_parse(image->platform, &platform, err);
	return r < 0 ? r : add_base(m, &ref, &platform, ret, err);
}

int dockerfile_bases_make(struct store *s, const struct pkg_options *options,
	const struct dockerfile *d, const struct platform *target, const char *work,
	const char *file, struct dockerfile_bases *ret, struct werr **err)
{
	const struct making m = {s, options, target, work, ret};
	int result = 0;

	ret->which = mem_new_array(size_t, d->n + 1);
	for (size_t i = 0; result != -ECANCELED && i < d->n; i++) {
		struct werr *why = NULL;
		int r = add_image(&m, &d->images[i], &ret->which[i], &why);

		if (why && !why->file) {
			why->file = str_dup(file);
			why->line = d->images[i].line;
		}
		werr_collect(err, &result, r, why);
	}
	return result;
}

/* A text with some of its ranges replaced, in their order. */
struct replacing {
	struct buf out;
	const char *text;
	size_t at;
};

static void replace(struct replacing *r, struct dockerfile_range range, const char *with)
{
	if (range.length == 0)
		return;
	buf_add(&r->out, r->text + r->at, range.start - r->at);
	buf_puts(&r->out, with);
	r->at = range.start + range.length;
}

char *dockerfile_bases_apply(const struct dockerfile_bases *bases, const struct dockerfile *d,
	const struct builder *b, const char *text, size_t size, size_t *ret_size)
{
	struct replacing r = {.out = BUF_INIT(3 * DOCKERFILE_SIZE_MAX), .text = text};

	for (size_t i = 0; i < d->n; i++) {
		CLEANUP(free) char *name = builder_image_name(b, bases->which[i]);

		/* buildah does not know BUILDPLATFORM: findings/buildah-from-platform-variable.sh.
		 */
		if (d->images[i].platform)
			replace(&r, d->images[i].at_platform, d->images[i].platform);
		replace(&r, d->images[i].at, name);
	}
	buf_add(&r.out, text + r.at, size - r.at);
	*ret_size = r.out.len;
	return buf_steal(&r.out);
}
