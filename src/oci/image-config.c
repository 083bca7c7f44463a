/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/image-config.h"

#include <stdlib.h>

#include "base/mem.h"
#include "data/json.h"
#include "oci/image-health.h"
#include "oci/map-fields.h"

/* The process settings of the image's author: the object under "config". */
static int parse_process(const struct document *d, struct image_config *c, struct werr **err)
{
	const struct {
		const char *key;
		char **text;
		struct strv *list;
	} fields[] = {
		{"User", .text = &c->user},
		{"WorkingDir", .text = &c->working_dir},
		{"StopSignal", .text = &c->stop_signal},
		{"Entrypoint", .list = &c->entrypoint},
		{"Cmd", .list = &c->cmd},
		{"Env", .list = &c->env},
	};
	const struct node *n;
	int r = field_node(d->root, "config", NODE_MAP, &n, err);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(fields); i++)
		r = fields[i].text ? field_copy(n, fields[i].key, fields[i].text, err)
				   : field_texts(n, fields[i].key, fields[i].list, err);
	if (r == 0)
		r = field_keys(n, "ExposedPorts", &c->exposed_ports, err);
	if (r == 0)
		r = field_keys(n, "Volumes", &c->volumes, err);
	if (r == 0)
		r = field_annotations(n, "Labels", &c->labels, &c->n_labels, err);
	if (r == 0)
		r = image_health_parse(n, &c->health, err);
	return r;
}

static int parse_rootfs(const struct document *d, struct image_config *c, struct werr **err)
{
	const struct node *n;
	const char *digest;
	int r = field_node(d->root, "rootfs", NODE_MAP, &n, err);

	if (r == 0)
		r = field_texts(n, "diff_ids", &c->diff_ids, err);
	if (r < 0)
		return r;
	if (c->diff_ids.n > MANIFEST_LAYERS_MAX)
		return werr_set(err, WERR_LIMIT, "%s: %zu layers are more than the %d allowed",
			d->name, c->diff_ids.n, MANIFEST_LAYERS_MAX);
	STRV_FOREACH (digest, &c->diff_ids) {
		struct digest ignored;

		r = digest_parse(digest, &ignored, err);
		if (r < 0) {
			werr_wrap(err, "%s: diff_ids", d->name);
			return r;
		}
	}
	return 0;
}

int image_config_parse(const char *name, const char *text, size_t size, struct image_config **ret,
	struct werr **err)
{
	CLEANUP(image_config) struct image_config *c = mem_new(struct image_config);
	CLEANUP(document) struct document *d = NULL;
	int r;

	if (size > IMAGE_CONFIG_SIZE_MAX)
		return werr_set(err, WERR_LIMIT, "%s is larger than the %d bytes allowed", name,
			IMAGE_CONFIG_SIZE_MAX);
	r = json_parse(name, text, size, &d, err);
	if (r < 0)
		return r;
	if (d->root->kind != NODE_MAP)
		return werr_set(err, WERR_INVALID, "%s is not an image's configuration", name);
	r = field_platform(d->root, &c->platform, err);
	if (r == 0)
		r = field_copy(d->root, "created", &c->created, err);
	if (r == 0)
		r = field_copy(d->root, "author", &c->author, err);
	if (r == 0)
		r = parse_process(d, c, err);
	if (r == 0)
		r = parse_rootfs(d, c, err);
	if (r == 0)
		*ret = STEAL(c);
	return r;
}

void image_config_free(struct image_config *c)
{
	free(c->created);
	free(c->author);
	strv_clear(&c->entrypoint);
	strv_clear(&c->cmd);
	strv_clear(&c->env);
	strv_clear(&c->exposed_ports);
	strv_clear(&c->volumes);
	free(c->working_dir);
	free(c->user);
	free(c->stop_signal);
	annotations_free(c->labels, c->n_labels);
	strv_clear(&c->health.command);
	strv_clear(&c->diff_ids);
	free(c);
}

static struct annotation *find_label(const struct image_config *c, const char *key)
{
	for (size_t i = 0; i < c->n_labels; i++)
		if (str_eq(c->labels[i].key, key))
			return &c->labels[i];
	return NULL;
}

const char *image_config_label(const struct image_config *c, const char *key)
{
	const struct annotation *label = find_label(c, key);

	return label ? label->value : NULL;
}

void image_config_set_label(struct image_config *c, const char *key, const char *value)
{
	struct annotation *label = find_label(c, key);

	if (!label) {
		c->labels = mem_resize(c->labels, c->n_labels + 1, sizeof(*c->labels));
		label = &c->labels[c->n_labels++];
		*label = (struct annotation){.key = str_dup(key)};
	}
	str_replace(&label->value, value);
}
