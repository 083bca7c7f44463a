/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/settings.h"

#include "base/mem.h"
#include "config/check.h"
#include "config/model.h"
#include "data/json.h"
#include "oci/image-config.h"
#include "yaml/yaml.h"

/*
 * LinuxKit reads the label as YAML, which includes JSON except for the escapes of characters beyond
 * U+FFFF. Almost all labels are JSON.
 */
static int parse_json_or_yaml(
	const char *name, const char *text, struct document **ret, struct werr **err)
{
	if (json_parse(name, text, strlen(text), ret, NULL) == 0)
		return 0;
	return yaml_parse(name, text, strlen(text), ret, err);
}

static int check_label(const struct config *config, const struct config_container *entry,
	const char *text, struct document **ret, struct werr **err)
{
	CLEANUP(free) char *name = str_printf("label %s of %s", CONFIG_LABEL, entry->image);
	CLEANUP(document) struct document *d = NULL;
	CLEANUP(checker) struct checker checker = CHECKER_INIT;
	int r = parse_json_or_yaml(name, text, &d, err);

	if (r < 0)
		return r;
	checker.label = true;
	checker.compat = config->compat;
	if (d->root->kind == NODE_MAP)
		check_map(&checker, &schema_entry, d->root);
	else if (d->root->kind != NODE_NULL)
		checker_add(&checker, d->root, "expected a map, not %s", node_kind_name(d->root));
	/* A mere look at an image comes without files that name volumes. */
	if (checker.n_errors == 0 && config->n_documents > 0)
		config_check_volume_uses(config, &checker, d->root, entry->node);
	r = checker_finish(&checker, err);
	if (r == 0)
		*ret = STEAL(d);
	return r;
}

int settings_init(struct settings *s, const struct config *config,
	const struct config_container *entry, const struct image_config *image,
	struct document **ret_label, struct werr **err)
{
	const char *label = image_config_label(image, CONFIG_LABEL);
	int r;

	*s = (struct settings){
		.config = config, .entry = entry, .image = image, .yaml = entry->node};
	if (!label)
		return 0;
	r = check_label(config, entry, label, ret_label, err);
	if (r < 0)
		return r;
	s->label = (*ret_label)->root;
	return 0;
}

const struct node *settings_get(const struct settings *s, const char *key)
{
	const struct node *n = node_get(s->yaml, key);

	return n ? n : node_get(s->label, key);
}

const char *settings_text(const struct settings *s, const char *key)
{
	const char *text = node_get_text(s->yaml, key);

	if (!text || !*text)
		text = node_get_text(s->label, key);
	return text && *text ? text : NULL;
}

const char *settings_any_text(const struct settings *s, const char *key)
{
	const struct node *n = settings_get(s, key);

	return n ? n->text : "";
}

const char *settings_path(const struct settings *s)
{
	const char *found = IMAGE_DEFAULT_PATH, *variable;

	STRV_FOREACH (variable, &s->image->env)
		if (str_after(variable, "PATH="))
			found = variable;
	return s->config->compat ? NULL : found;
}

bool settings_bool(const struct settings *s, const char *key)
{
	const struct node *n = settings_get(s, key);
	bool value = false;

	return n && node_to_bool(n, &value) && value;
}

struct settings settings_map(const struct settings *s, const char *key)
{
	struct settings inner = *s;

	inner.yaml = node_get(s->yaml, key);
	inner.label = node_get(s->label, key);
	return inner;
}
