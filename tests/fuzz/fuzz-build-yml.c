/* SPDX-License-Identifier: Apache-2.0 */
/* A build.yml, or what one includes, is read, or refused with a place for each mistake. */
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "pkg/build-yml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void include(const uint8_t *data, size_t size)
{
	CLEANUP(pkg_yml) struct pkg_yml *y = mem_new(struct pkg_yml);
	CLEANUP(werr) struct werr *err = NULL;

	if (pkg_yml_include(y, "x.yml", (const char *)data, size, "/pkg", &err) < 0) {
		if (!err)
			abort();
	} else if (!y->build_node) {
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(pkg_yml) struct pkg_yml *y = NULL;
	CLEANUP(werr) struct werr *err = NULL;

	include(data, size);
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
