/* SPDX-License-Identifier: Apache-2.0 */
/* From the files that the user names, and those they include, to documents: reading, parsing, and
 * what `include` means. */
#ifndef WHERRY_CONFIG_SOURCES_H
#define WHERRY_CONFIG_SOURCES_H

#include "config/check.h"
#include "config/config.h"
#include "config/variables.h"

enum { INCLUDE_DEPTH_MAX = 16, INCLUDE_FILES_MAX = 256 };

struct sources {
	/* Its documents: an included file comes before the file that includes it. */
	struct config *c;
	struct checker *checker;
	const struct config_options *options;
	struct variables *given; /* of the command line: the ones that an `include` may have */
	size_t cap, n_included;
	struct strv seen; /* identities of the files so far: none is included twice */
};
void sources_cleanup(struct sources *s);

/* A file or URL of the user's; with text NULL it is read. Mistakes go to the checker. */
void sources_add(struct sources *s, const struct config_text *text);
/* The text of a file or URL; name may not be "-". Owned by the caller. */
int sources_read(const struct config_options *options, const char *name, char **ret,
	size_t *ret_size, struct werr **err);

bool source_is_url(const char *name);
/* What a file calls written, seen from where the tool runs; owned by the caller. */
char *source_resolve(const char *file, const char *written);

#endif
