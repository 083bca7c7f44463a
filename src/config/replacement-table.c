/* SPDX-License-Identifier: Apache-2.0 */
/* pkg/components.yml, which is compiled in. */
#include <string.h>

#include "base/str.h"
#include "config/replacement.h"
#include "oci/reference.h"
#include "yaml/yaml.h"

extern const char components_text[]; /* by tools/embed */

int replacement_table_read(struct document **ret, struct werr **err)
{
	return yaml_parse("pkg/components.yml", components_text, strlen(components_text), ret, err);
}

const struct node *replacement_table_find(const struct document *table, const char *name)
{
	for (size_t i = 0; i < table->root->n; i++)
		if (str_eq(node_get_text(table->root->items[i], "linuxkit"), name))
			return table->root->items[i];
	return NULL;
}

bool replacement_linuxkit_name(const char *image, char **ret)
{
	CLEANUP(reference) struct reference ref = {0};
	const char *name;

	if (reference_parse(image, &ref, NULL) < 0 || !str_eq(ref.registry, "docker.io"))
		return false;
	name = str_after(ref.repository, "linuxkit/");
	if (!name || strchr(name, '/'))
		return false;
	*ret = str_dup(name);
	return true;
}
