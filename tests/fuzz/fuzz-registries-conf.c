/* SPDX-License-Identifier: Apache-2.0 */
/* The registries.conf of containers/image, and so the TOML parser. */
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "net/registries-conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"docker.io/library/redis", "a.b.example:5000/c", "a/b"};
	CLEANUP(werr) struct werr *err = NULL;
	struct registries_conf c = {0};
	int r = registries_conf_parse("f", (const char *)data, size, &c, &err);

	if ((r < 0) != (err != NULL))
		abort();
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct registry_conf *found = registries_conf_find(&c, names[i]);
		CLEANUP(free) char *there = NULL;

		if (!found)
			continue;
		there = registry_conf_rewrite(found, "x.example", names[i]);
		if (strncmp(there, "x.example", 9) != 0)
			abort();
		for (size_t m = 0; m < found->n; m++)
			if (!found->mirrors[m].location || !*found->mirrors[m].location)
				abort();
	}
	registries_conf_cleanup(&c);
	return 0;
}
