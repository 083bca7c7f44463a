/* SPDX-License-Identifier: Apache-2.0 */
#include "resolve/lockfile.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

struct lockfile *lockfile_new(const char *path)
{
	struct lockfile *l = mem_new(struct lockfile);

	l->path = str_dup(path);
	return l;
}

void lockfile_free(struct lockfile *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->images[i].platforms);
		free(l->images[i].name);
	}
	for (int c = 0; c < CODECS; c++)
		free(l->compressors[c]);
	free(l->images);
	free(l->path);
	free(l);
}

const struct locked_image *lockfile_find(const struct lockfile *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->images[i].name, name))
			return &l->images[i];
	return NULL;
}

const struct digest *locked_manifest(const struct locked_image *i, const struct platform *p)
{
	const struct locked_platform *best = NULL;

	for (size_t k = 0; k < i->n; k++)
		if (platform_matches(&i->platforms[k].platform, p) &&
			(!best || platform_better(&i->platforms[k].platform, &best->platform)))
			best = &i->platforms[k];
	return best ? &best->manifest : NULL;
}

static struct locked_image *add_image(
	struct lockfile *l, const char *name, const struct digest *digest)
{
	struct locked_image *i;

	mem_grow(&l->images, l->n, &l->cap, sizeof(*l->images));
	i = &l->images[l->n++];
	i->name = str_dup(name);
	i->digest = *digest;
	return i;
}

/*
 * Only platforms that can be requested. An index may list a platform twice, also under two names,
 * as linux/arm64 and linux/arm64/v8; a build takes the first.
 */
static void add_platform(
	struct locked_image *i, const struct platform *platform, const struct digest *manifest)
{
	char text[PLATFORM_TEXT_MAX];

	if (platform_parse(platform_text(platform, text), &(struct platform){0}, NULL) < 0)
		return;
	for (size_t k = 0; k < i->n; k++)
		if (platform_matches(&i->platforms[k].platform, platform) &&
			platform_matches(platform, &i->platforms[k].platform))
			return;
	i->platforms = mem_resize(i->platforms, i->n + 1, sizeof(*i->platforms));
	i->platforms[i->n++] = (struct locked_platform){*platform, *manifest};
}

void lockfile_set_compressors(struct lockfile *l, const struct lockfile *before)
{
	for (int c = 0; c < CODECS; c++) {
		const char *version = before ? before->compressors[c] : NULL;

		free(l->compressors[c]);
		l->compressors[c] = version            ? str_dup(version)
				    : codec_library(c) ? str_dup(codec_version(c))
						       : NULL;
	}
}

void lockfile_check_compressor(const struct lockfile *l, enum codec codec)
{
	const char *then = l->compressors[codec];

	if (then && !str_eq(then, codec_version(codec)))
		log_warning("%s was made with %s %s, and this is %s: an initrd may differ from one "
			    "made then",
			l->path, codec_library(codec), then, codec_version(codec));
}

void lockfile_add_copy(struct lockfile *l, const struct locked_image *from)
{
	struct locked_image *i = add_image(l, from->name, &from->digest);

	i->platforms = mem_dup(from->platforms, from->n * sizeof(*from->platforms));
	i->n = from->n;
}

/* Whether an image has all that another is locked with, and more. */
static bool has_more(const struct locked_image *i, const struct locked_image *than)
{
	for (size_t k = 0; k < than->n; k++) {
		const struct digest *d = locked_manifest(i, &than->platforms[k].platform);

		if (!d || !str_eq(d->text, than->platforms[k].manifest.text))
			return false;
	}
	return than->n > 0 && i->n > than->n;
}

int lockfile_widen(struct lockfile *l, struct store *s, const char *name,
	const struct descriptor *top, struct werr **err)
{
	CLEANUP(lockfile) struct lockfile *now = lockfile_new(l->path);
	struct locked_image *locked = NULL, old;
	int r = lockfile_add(now, s, name, top, err);

	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->images[i].name, name))
			locked = &l->images[i];
	if (r < 0 || !locked || !has_more(&now->images[0], locked))
		return r;
	old = *locked;
	*locked = now->images[0];
	now->images[0] = old;
	return 0;
}

int lockfile_add(struct lockfile *l, struct store *s, const char *name,
	const struct descriptor *top, struct werr **err)
{
	struct store_platforms platforms = {0};
	struct locked_image *locked;
	int r = store_list_platforms(s, top, &platforms, err);

	if (r < 0)
		return r;
	locked = add_image(l, name, &top->digest);
	for (size_t i = 0; i < platforms.n; i++)
		add_platform(
			locked, &platforms.items[i].platform, &platforms.items[i].manifest.digest);
	store_platforms_cleanup(&platforms);
	return 0;
}
