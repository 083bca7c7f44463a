/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The runtime.json of a bundle: the author of the init image is trusted, but that of a package need
 * not be.
 */
#include <stdint.h>

#include "common/mount.h"
#include "run/runtime-spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(runtime_spec) struct runtime_spec *spec = NULL;

	if (runtime_spec_parse("runtime.json", (const char *)data, size, &spec, NULL) < 0)
		return 0;
	for (size_t i = 0; i < spec->n_mounts; i++) {
		CLEANUP(mount_options) struct mount_options o = {0};

		mount_options_parse(&spec->mounts[i].options, &o, NULL);
	}
	return 0;
}
