/* SPDX-License-Identifier: Apache-2.0 */
/* A Dockerfile: the images that it names are places in its text, or it is refused. */
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "pkg/dockerfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* It is behind all others, and in the text. Returns its end. */
static size_t check_range(struct dockerfile_range range, size_t end, size_t size)
{
	if (range.start < end || range.start > size || range.length > size - range.start)
		abort();
	return range.start + range.length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct platform target = {"linux", "arm64", "v8"},
				     host = {"linux", "amd64", ""};
	const struct dockerfile_input in = {.name = "Dockerfile",
		.text = (const char *)data,
		.size = size,
		.target = &target,
		.host = &host};
	CLEANUP(werr) struct werr *err = NULL;
	struct dockerfile d = {0};
	size_t end = 0;

	if (dockerfile_parse(&in, &d, &err) < 0) {
		if (!err)
			abort();
		return 0;
	}
	for (size_t i = 0; i < d.n; i++) {
		const struct dockerfile_image *m = &d.images[i];

		if (m->at_platform.length)
			end = check_range(m->at_platform, end, size);
		if (m->at.length == 0 || !*m->name)
			abort();
		end = check_range(m->at, end, size);
	}
	dockerfile_cleanup(&d);
	return 0;
}
