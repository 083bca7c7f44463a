/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/image.h"

#include "base/mem.h"

const struct option image_option_list[] = {
	IMAGE_OPTION_ROWS("What to look at in an image of several platforms; this machine's "
			  "otherwise, or the first that is here"),
	{0},
};

int image_parse_platform(const char *text, struct platform *ret, struct werr **err)
{
	if (platform_parse(text, ret, err) == 0)
		return 0;
	if (err)
		(*err)->kind = WERR_USAGE;
	return werr_code(WERR_USAGE);
}

int image_platform(
	const struct image_options *o, struct platform *ret, bool *given, struct werr **err)
{
	const char *text = o->platform ? o->platform : o->arch;

	if (o->platform && o->arch)
		return werr_set(err, WERR_USAGE, "--arch and --platform exclude each other");
	platform_host(ret);
	*given = text;
	return text ? image_parse_platform(text, ret, err) : 0;
}

/* *platform stays when the image has it, else it becomes its first one that is here. */
static int choose(
	struct store *store, const char *reference, struct platform *platform, struct werr **err)
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
	for (size_t i = 0; i < platforms.n; i++) {
		const struct store_platform *p = &platforms.items[i];

		if (p->here && platform_matches(&p->platform, platform))
			return 0;
		if (p->here && !first)
			first = p;
	}
	if (first)
		*platform = first->platform;
	return 0;
}

int image_open(const struct image_options *o, struct store *store, const char *reference,
	struct image **ret, struct werr **err)
{
	struct platform platform;
	bool given;
	int r = image_platform(o, &platform, &given, err);

	if (r == 0 && !given)
		r = choose(store, reference, &platform, err);
	return r < 0 ? r : store_find_image(store, reference, &platform, ret, err);
}
