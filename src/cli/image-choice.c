/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/image-choice.h"

#include "base/mem.h"
#include "data/json.h"
#include "store/store.h"

const struct option choice_arch_options[] = {
	{.name = "arch",
		.kind = OPTION_TEXT,
		.value = "ARCH",
		.help = "The same as --platform linux/ARCH",
		.offset = offsetof(struct choice_options, arch)},
	{0},
};

const struct option choice_platform_options[] = {
	{.name = "platform",
		.kind = OPTION_TEXT,
		.value = "PLATFORM",
		.help = "Platform to look at in an image with several; by default this "
			"machine's, or the first one in the cache",
		.offset = offsetof(struct choice_options, platform)},
	{0},
};

int choice_parse_platform(const char *text, struct platform *ret, struct werr **err)
{
	if (platform_parse(text, ret, err) == 0)
		return 0;
	if (err)
		(*err)->kind = WERR_USAGE;
	return werr_code(WERR_USAGE);
}

int choice_platform(
	const struct choice_options *o, struct platform *ret, bool *ret_given, struct werr **err)
{
	const char *text = o->platform ? o->platform : o->arch;

	if (o->platform && o->arch)
		return werr_set(err, WERR_USAGE, "--arch and --platform are mutually exclusive");
	platform_host(ret);
	*ret_given = text;
	return text ? choice_parse_platform(text, ret, err) : 0;
}

/* *platform stays if the image has it, else it becomes the first one that is in the store. */
static int choose(struct store *store, const struct descriptor *top, struct platform *platform,
	struct werr **err)
{
	CLEANUP(store_platforms) struct store_platforms platforms = {0};
	const struct store_platform *first = NULL;
	int r = store_list_platforms(store, top, &platforms, err);

	for (size_t i = 0; r == 0 && i < platforms.n; i++) {
		const struct store_platform *p = &platforms.items[i];

		if (p->here && platform_matches(&p->platform, platform))
			return 0;
		if (p->here && !first)
			first = p;
	}
	if (first)
		*platform = first->platform;
	return r;
}

typedef int chooser(struct store *s, const char *name, const struct descriptor *top,
	const struct platform *platform, struct image **ret, struct werr **err);

static int open_by(const struct choice_options *o, struct store *store, const char *text,
	chooser *by, struct image **ret, struct werr **err)
{
	CLEANUP(reference) struct reference ref = {0};
	struct descriptor top = {0};
	struct platform platform;
	bool given;
	int r = choice_platform(o, &platform, &given, err);

	if (r == 0)
		r = reference_parse(text, &ref, err);
	if (r == 0)
		r = store_resolve(store, &ref, &top, err);
	if (r == 0 && !given)
		r = choose(store, &top, &platform, err);
	if (r == 0)
		r = by(store, ref.name, &top, &platform, ret, err);
	descriptor_cleanup(&top);
	return r;
}

int choice_open_image(const struct choice_options *o, struct store *store, const char *text,
	struct image **ret, struct werr **err)
{
	return open_by(o, store, text, store_choose, ret, err);
}

int choice_open_any(const struct choice_options *o, struct store *store, const char *text,
	struct image **ret, struct werr **err)
{
	return open_by(o, store, text, store_choose_any, ret, err);
}

void choice_add_platforms(
	struct json_writer *w, const struct store_platforms *p, enum choice_shown shown)
{
	char text[PLATFORM_TEXT_MAX];

	json_key(w, "platforms");
	json_open_array(w);
	for (size_t i = 0; i < p->n; i++) {
		const struct store_platform *item = &p->items[i];

		if (shown == CHOICE_HERE && !item->here)
			continue;
		json_open_object(w);
		json_key_string(w, "platform", platform_text(&item->platform, text));
		json_key_string(w, "manifest", item->manifest.digest.text);
		if (shown == CHOICE_ALL)
			json_key_bool(w, "here", item->here);
		if (item->here)
			json_key_u64(w, "size", item->size);
		json_close_object(w);
	}
	json_close_array(w);
}
