/* SPDX-License-Identifier: Apache-2.0 */
/* A YAML text to a configuration, and its entries to bundles. What stands behind the first NUL byte is an image's label. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void make_containers(const struct config *c, char *label)
{
	char key[] = "org.mobyproject.config";
	struct annotation labels[] = {{key, label}};
	struct image_config image = {.labels = labels, .n_labels = label ? 1 : 0};

	for (size_t i = 0; i < c->n_containers && i < 10; i++) {
		CLEANUP(container) struct container *k = NULL;
		CLEANUP(werr) struct werr *err = NULL;

		if (container_make(c, &c->containers[i], &image, NULL, &k, &err) < 0 && !err)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t yaml_size = strnlen((const char *)data, size);
	struct config_text text = {"fuzz.yml", (const char *)data, yaml_size};
	CLEANUP(free) char *label = NULL;
	CLEANUP(config) struct config *c = NULL;
	CLEANUP(werr) struct werr *err = NULL;
	struct config_image_use *uses = NULL;

	if (yaml_size < size)
		label = str_dup_n((const char *)data + yaml_size + 1, size - yaml_size - 1);
	if (config_load_texts(&text, 1, NULL, &c, &err) < 0) {
		if (!err)
			abort();
		return 0;
	}
	config_images(c, &uses);
	free(uses);
	make_containers(c, label);
	return 0;
}
