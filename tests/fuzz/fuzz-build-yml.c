/* SPDX-License-Identifier: Apache-2.0 */
/* A build.yml, or what one includes, is read, or refused with a place for each mistake. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "pkg/build-yml.h"
#include "pkg/pkg-about.h"

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

static void describe(const uint8_t *data, size_t size)
{
	CLEANUP(free) char *text = str_dup_n((const char *)data, size);
	CLEANUP(free) char *comment = pkg_about_comment(text), *does = pkg_about_begin(comment);

	if (strlen(comment) > size || strncmp(does, comment, strlen(does)) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(pkg_yml) struct pkg_yml *y = NULL;
	CLEANUP(werr) struct werr *err = NULL;

	include(data, size);
	describe(data, size);
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
