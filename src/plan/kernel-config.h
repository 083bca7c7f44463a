/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a kernel says about itself: its version, and its configuration, which may be built in
 * (CONFIG_IKCONFIG: gzip between IKCFG_ST and IKCFG_ED; the kernel's kernel/configs.c).
 */
#ifndef WHERRY_PLAN_KERNEL_CONFIG_H
#define WHERRY_PLAN_KERNEL_CONFIG_H

#include <stdbool.h>

#include "base/io.h"

enum { KERNEL_CONFIG_MAX = 4 << 20 };

struct kernel_facts {
	char *config;          /* its text, or NULL */
	unsigned major, minor; /* 0.0: unknown */
};

/* Search an unpacked kernel. The version may be missing when there is a configuration. */
int kernel_scan(struct reader *kernel, struct kernel_facts *ret, struct werr **err);
void kernel_facts_cleanup(struct kernel_facts *f);

/* "6.1.0-9-cloud-amd64 ..." */
bool kernel_parse_version(const char *text, unsigned *major, unsigned *minor);
/* Is it complete? A complete configuration says whether the kernel takes an initrd. */
bool kernel_config_is_whole(const char *config);
/* Is the symbol ("CONFIG_RD_ZSTD") built in? */
bool kernel_config_has(const char *config, const char *symbol);

#endif
