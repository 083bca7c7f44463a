/* SPDX-License-Identifier: Apache-2.0 */
/* Any file that might be an output: what it consists of, and the files of the OS in it. */
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "look/look-impl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(look) struct look *l = mem_new(struct look);
	CLEANUP(tree) struct tree *names = NULL;
	CLEANUP(tree) struct tree *files = NULL;
	const struct look_name name = {"it", NULL, 0};

	if (look_add(l, &name, NULL, bytes_of_memory(data, size), NULL) < 0)
		return 0;
	for (size_t i = 0; i < look_count(l); i++)
		if (!look_item(l, i)->kind || look_item(l, i)->depth > LOOK_DEPTH_MAX)
			abort();
	/* With contents it reads more: that can fail where names alone do not, never the other way.
	 */
	if (look_load(l, NULL, &names, NULL) < 0 && look_load(l, "/tmp", &files, NULL) == 0)
		abort();
	if (!files)
		look_load(l, "/tmp", &files, NULL);
	look_find_archives(l, NULL);
	return 0;
}
