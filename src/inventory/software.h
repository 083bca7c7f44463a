/* SPDX-License-Identifier: Apache-2.0 */
/* What is installed in an image: packages of a distribution, and modules in programs made by Go. */
#ifndef WHERRY_INVENTORY_SOFTWARE_H
#define WHERRY_INVENTORY_SOFTWARE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum {
	SOFTWARE_MAX = 1 << 16,      /* of one image */
	SOFTWARE_TEXT_MAX = 1 << 12, /* bytes of one text; what is longer is cut */
};

enum software_kind { SOFTWARE_DEB, SOFTWARE_APK, SOFTWARE_RPM, SOFTWARE_GO, SOFTWARE_KINDS };

/* The texts of one; "" when something is not known. */
enum software_text {
	SOFTWARE_NAME,
	SOFTWARE_VERSION,
	SOFTWARE_EPOCH, /* of an rpm */
	SOFTWARE_ARCH,  /* as the distribution calls it */
	/* What it was built from: a Debian source package, an apk's origin, an rpm's file. */
	SOFTWARE_SOURCE,
	SOFTWARE_SOURCE_VERSION,
	/* What it says about its licence: statements, one a line, all of which hold. */
	SOFTWARE_LICENSE,
	SOFTWARE_TEXTS
};

struct software {
	enum software_kind kind;
	char *text[SOFTWARE_TEXTS];
};

struct software_list {
	struct software *items;
	size_t n, cap;
};

/* A text that is not NUL-terminated, in foreign bytes; p NULL: not there. */
struct software_slice {
	const char *p;
	size_t size;
};
bool software_slice_is(const struct software_slice *s, const char *text);

/*
 * Add one with these texts, which are copied up to the first control character. One without a name
 * is not added. WERR_LIMIT: there are SOFTWARE_MAX.
 */
int software_add(struct software_list *l, enum software_kind kind,
	const struct software_slice texts[static SOFTWARE_TEXTS], struct werr **err);
/* Sort by kind, name, version and the other texts; of equal ones one stays. */
void software_sort(struct software_list *l);
void software_list_cleanup(struct software_list *l);

#endif
