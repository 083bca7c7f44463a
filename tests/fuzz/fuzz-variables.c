/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Variables: up to the first NUL byte a file of variables, then a setting from the command line,
 * then a YAML text whose values use them.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/variables.h"
#include "yaml/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *next_part(const uint8_t **data, size_t *size)
{
	size_t n = strnlen((const char *)*data, *size);
	char *part = str_dup_n((const char *)*data, n);

	n += n < *size;
	*data += n;
	*size -= n;
	return part;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free) char *file = next_part(&data, &size);
	CLEANUP(free) char *setting = next_part(&data, &size);
	CLEANUP(free) char *yaml = next_part(&data, &size);
	CLEANUP(document) struct document *d = NULL;
	CLEANUP(checker) struct checker checker = CHECKER_INIT;
	CLEANUP(werr) struct werr *err = NULL;
	struct variables v = {0};

	if (variables_add_file(&v, "fuzz.env", file, strlen(file), &err) < 0 && !err)
		abort();
	if (variables_add_setting(&v, setting, NULL) == 0 && !strchr(setting, '='))
		abort();
	if (yaml_parse("fuzz.yml", yaml, strlen(yaml), &d, NULL) == 0) {
		if (d->root->kind == NODE_MAP)
			variables_add_map(&v, d);
		variables_finish(&v, &checker);
		variables_expand_all(&v, &checker, d);
		if (v.replaced > VARIABLES_TEXT_MAX && checker.n_errors == 0)
			abort();
	}
	variables_cleanup(&v);
	return 0;
}
