/* SPDX-License-Identifier: Apache-2.0 */
/* A package's build.yml is read, or refused with a place for each mistake. */
#include <stdint.h>
#include <stdlib.h>

#include "pkg/build-yml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(pkg_yml) struct pkg_yml *y = NULL;
	CLEANUP(werr) struct werr *err = NULL;

	if (pkg_yml_parse("build.yml", (const char *)data, size, "/pkg", &y, &err) < 0) {
		if (!err)
			abort();
		return 0;
	}
	if (!y->image)
		abort();
	for (size_t i = 0; i < y->n_files; i++)
		if (!y->files[i].path || y->files[i].kind == PKG_FILE_NONE)
			abort();
	return 0;
}
