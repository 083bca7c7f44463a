/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arbitrary bytes as a kernel: whether its configuration and version are found does not depend on
 * how the bytes are split.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "plan/kernel-config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(reader) struct reader *kernel = mem_reader_new(data, size);
	struct kernel_facts f = {0};

	if (kernel_scan(kernel, &f, NULL) < 0)
		abort(); /* the source does not fail */
	if (f.config && strlen(f.config) > KERNEL_CONFIG_MAX)
		abort();
	if (f.config && kernel_config_has(f.config, "CONFIG_RD_ZSTD") &&
		!strstr(f.config, "CONFIG_RD_ZSTD=y"))
		abort();
	if (f.major > 1000 || f.minor > 1000)
		abort();
	kernel_facts_cleanup(&f);
	return 0;
}
