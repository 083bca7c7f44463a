/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/image.h"

#include "base/mem.h"

const struct option image_option_list[] = {
	{.name = "arch",
		.kind = OPTION_TEXT,
		.value = "ARCH",
		.help = "The same as --platform linux/ARCH",
		.offset = offsetof(struct image_options, arch)},
	{.name = "platform",
		.kind = OPTION_TEXT,
		.value = "PLATFORM",
		.help = "What to look at in an image of several platforms; this machine's "
			"otherwise, or the first that is here",
		.offset = offsetof(struct image_options, platform)},
	{0},
};

/* This machine's platform when the image has it, else its first one that is here. */
static int choose(
	struct store *store, const char *reference, struct platform *ret, struct werr **err)
{
	CLEANUP(free) char *name = NULL;
	CLEANUP(store_platforms) struct store_platforms platforms = {0};
	struct descriptor top = {0};
	const struct store_platform *first = NULL;
	int r = store_resolve(store, reference, &name, &top, err);

	if (r == 0)
		r = store_list_platforms(store, &top, &platforms, err);
	descriptor_cleanup(&top);
	if (r < 0)
		return r;
	platform_host(ret);
	for (size_t i = 0; i < platforms.n; i++) {
		const struct store_platform *p = &platforms.items[i];

		if (p->here && platform_matches(&p->platform, ret))
			return 0;
		if (p->here && !first)
			first = p;
	}
	if (first)
		*ret = first->platform;
	return 0;
}

int image_open(const struct image_options *o, struct store *store, const char *reference,
	struct image **ret, struct werr **err)
{
	const char *text = o->platform ? o->platform : o->arch;
	struct platform platform;
	int r;

	if (o->platform && o->arch)
		return werr_set(err, WERR_USAGE, "--arch and --platform exclude each other");
	r = text ? platform_parse(text, &platform, err) : choose(store, reference, &platform, err);
	return r < 0 ? r : store_find_image(store, reference, &platform, ret, err);
}
