/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A YAML text is loaded as a configuration, and its entries become bundles. After the first NUL
 * byte comes the label of an image, and after the second the file that every include reads.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bundle/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The part up to the next NUL byte; NULL when there is nothing left. Owned by the caller. */
static char *next_part(const uint8_t **data, size_t *size)
{
	size_t n = strnlen((const char *)*data, *size);
	char *part = *size > 0 ? str_dup_n((const char *)*data, n) : NULL;

	n += n < *size;
	*data += n;
	*size -= n;
	return part;
}

static int read_included(
	ATTR_UNUSED const char *name, char **ret, size_t *ret_size, void *ctx, struct werr **err)
{
	if (!ctx)
		return werr_set(err, WERR_NOT_FOUND, "no such file");
	*ret = str_dup(ctx);
	*ret_size = strlen(ctx);
	return 0;
}

/* As if each package were there. */
static void find_packages(struct config_package *packages, size_t n, ATTR_UNUSED struct werr **errs,
	ATTR_UNUSED void *ctx)
{
	for (size_t i = 0; i < n; i++)
		packages[i].image = str_dup("example.test/package:1");
}

static void make_containers(const struct config *c, char *label)
{
	char key[] = "org.mobyproject.config";
	struct annotation labels[] = {{key, label}};
	struct image_config image = {.labels = labels, .n_labels = label ? 1 : 0};

	for (size_t i = 0; i < c->n_containers && i < 10; i++) {
		CLEANUP(bundle) struct bundle *k = NULL;
		CLEANUP(werr) struct werr *err = NULL;

		if (bundle_make(c, &c->containers[i], &image, NULL, NULL, &k, &err) < 0 && !err)
			abort();
	}
}

static void load(const char *yaml, size_t size, char *label, const struct config_options *options)
{
	struct config_text text = {"fuzz.yml", yaml, size};
	CLEANUP(config) struct config *c = NULL;
	CLEANUP(werr) struct werr *err = NULL;
	struct config_image_use *uses = NULL;

	if (config_load_texts(&text, 1, options, &c, &err) < 0) {
		if (!err)
			abort();
		return;
	}
	config_images(c, &uses);
	free(uses);
	make_containers(c, label);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *yaml = (const char *)data;
	size_t yaml_size = strnlen(yaml, size);
	CLEANUP(free) ATTR_UNUSED char *whole = next_part(&data, &size);
	CLEANUP(free) char *label = next_part(&data, &size);
	CLEANUP(free) char *included = next_part(&data, &size);
	CLEANUP(strv) struct strv set = {0};
	struct platform platform = {.os = "linux", .arch = "amd64"};
	struct config_options options = {.find_packages = find_packages,
		.read = read_included,
		.fetch = read_included,
		.ctx = included,
		.platform = &platform,
		.set = &set};

	strv_add(&set, "SET=value");
	load(yaml, yaml_size, label, &options);
	load(yaml, yaml_size, label, &(struct config_options){.compat = true});
	return 0;
}
