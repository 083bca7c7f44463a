/* SPDX-License-Identifier: Apache-2.0 */
/* What an image runs on: image-spec, image-index.md, "platform". */
#ifndef WHERRY_OCI_PLATFORM_H
#define WHERRY_OCI_PLATFORM_H

#include <stdbool.h>

#include "base/error.h"

struct platform {
	char os[32], arch[32],
		variant[32]; /* Go's names: linux, amd64, arm64, arm, riscv64; v7, v8, "" */
};

/*
 * The variant that LinuxKit asks for: any one, the first that an index has; and an image outside of
 * an index is taken whatever it is for. No platform_parse() gives it.
 */
#define PLATFORM_ANY_VARIANT "*"

/* "linux/arm64/v8", "linux/amd64" or only "arm64" (also uname's "x86_64", "aarch64"). */
int platform_parse(const char *text, struct platform *ret, struct werr **err);
void platform_host(struct platform *ret);
/*
 * Can an image for `have` run where `want` is asked for? It can when it needs no more than that: v6
 * runs on v7. An empty variant is v8 on arm64, v7 on arm and v1 on amd64.
 */
bool platform_matches(const struct platform *have, const struct platform *want);
/* Of two that match: does a make more of the machine than b? */
bool platform_better(const struct platform *a, const struct platform *b);
/* Is `have` just what `want` says? A wanted platform without a variant is any of them. */
bool platform_is(const struct platform *have, const struct platform *want);
/*
 * The words that an image uses, as above: "x86_64" is amd64, "armhf" is arm/v7, the variant "8" is
 * v8. Others stay.
 */
void platform_normalize(struct platform *p);
enum { PLATFORM_TEXT_MAX = 100 };
/* "linux/arm64/v8"; returns dst. */
char *platform_text(const struct platform *p, char dst[static PLATFORM_TEXT_MAX]);

#endif
