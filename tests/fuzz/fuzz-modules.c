/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of depmod: modules.dep, modules.alias and modules.builtin, and a line of
 * modules.devname, separated by NUL bytes.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "init/devnode.h"
#include "kmod/modules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free) char *text = str_dup_n((const char *)data, size);
	const char *part = text, *end = text + size;
	CLEANUP(module_index) struct module_index *index = NULL;
	CLEANUP(strv) struct strv aliases = {0}, names = {0}, files = {0};
	char *parts[3];
	struct devnode node;
	const char *name;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		parts[i] = str_dup(part);
		part += strlen(part);
		part += part < end;
	}
	index = module_index_new(parts[0], parts[1], parts[2]);
	strv_add(&aliases, "pci:v00001AF4d00001041sv00001AF4sd00001100bc02sc00i00");
	strv_add(&aliases, "virtio:d00000001v00001AF4");
	module_index_match(index, &aliases, &names);
	STRV_FOREACH (name, &names)
		module_index_order(index, name, &files, NULL);
	devnode_parse(part, &node);
	return 0;
}
