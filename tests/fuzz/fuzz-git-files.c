/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The output of git about files and changes: names are arbitrary bytes chosen by a repository's
 * author.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "pkg/git-files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(strv) struct strv changed = {0}, paths = {0}, submodules = {0};
	CLEANUP(free) char *text = mem_alloc(size + 1);
	const char *path;

	memcpy(text, data, size);
	text[size] = '\0';
	if (git_parse_status(text, size, &changed, NULL) == 0)
		STRV_FOREACH (path, &changed)
			if (strlen(path) > size)
				abort();
	if (git_parse_stage(text, size, &paths, &submodules, NULL) == 0)
		STRV_FOREACH (path, &submodules)
			if (!*path || !strv_has(&paths, path))
				abort();
	return 0;
}
