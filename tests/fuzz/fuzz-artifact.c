/* SPDX-License-Identifier: Apache-2.0 */
/* Artifacts: what is accepted is files with safe names of their own, and one of them is started. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "vm/artifact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct vm_artifact *a)
{
	bool found = false;

	for (size_t i = 0; i < a->n; i++) {
		const char *title = descriptor_annotation(a->files[i], ANNOTATION_TITLE);

		if (!title_is_safe(title))
			abort();
		found |= str_after(title, a->path) != NULL;
		for (size_t k = 0; k < i; k++)
			if (str_eq(title, descriptor_annotation(a->files[k], ANNOTATION_TITLE)))
				abort();
	}
	if (!found || !*a->path || strchr(a->path, '/'))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(manifest) struct manifest *m = NULL;

	if (manifest_parse("m", (const char *)data, size, NULL, &m, NULL) < 0)
		return 0;
	for (int iso = 0; iso < 2; iso++) {
		CLEANUP(vm_artifact) struct vm_artifact a = {0};

		if (vm_artifact_read(m, "m", iso, &a, NULL) == 0)
			check(&a);
	}
	return 0;
}
