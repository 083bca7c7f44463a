/* SPDX-License-Identifier: Apache-2.0 */
/* The platform of an image: image-spec, image-index.md, "platform". */
#ifndef WHERRY_OCI_PLATFORM_H
#define WHERRY_OCI_PLATFORM_H

#include <stdbool.h>

#include "base/error.h"

struct platform {
	/* Go's names: linux; amd64, arm64, arm, riscv64; v7, v8 or "". All empty: any. */
	char os[32], arch[32], variant[32];
};

/*
 * The variant that LinuxKit asks for: any, so that the first one in an index is taken, and an image
 * outside an index is taken whatever its platform. platform_parse() never returns it.
 */
#define PLATFORM_ANY_VARIANT "*"

/* Parse "linux/arm64/v8", "linux/amd64" or only "arm64" (also uname's "x86_64", "aarch64"). */
int platform_parse(const char *text, struct platform *ret, struct werr **err);
void platform_host(struct platform *ret);
/*
 * True when an image for `have` runs on `want`, that is, needs no more than that: v6 runs on v7. An
 * empty variant is v8 on arm64, v7 on arm and v1 on amd64. What is for any runs on all.
 */
bool platform_matches(const struct platform *have, const struct platform *want);
/* Of two platforms that match: true when a makes better use of the machine than b. */
bool platform_better(const struct platform *a, const struct platform *b);
bool platform_is_any(const struct platform *p);
/* True when `have` is exactly `want`. A `want` without a variant matches any variant. */
bool platform_is(const struct platform *have, const struct platform *want);
/*
 * Convert the words that an image uses to the names above: "x86_64" to amd64, "armhf" to arm/v7,
 * the variant "8" to v8. Other words are unchanged.
 */
void platform_normalize(struct platform *p);
enum { PLATFORM_TEXT_MAX = 100 };
/* Write as "linux/arm64/v8", or "any"; return dst. */
char *platform_text(const struct platform *p, char dst[static PLATFORM_TEXT_MAX]);

#endif
