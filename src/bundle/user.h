/* SPDX-License-Identifier: Apache-2.0 */
/* The user that an image's USER means: "name", "uid", "name:group", "uid:gid", as the image's own
 * passwd and group have it. */
#ifndef WHERRY_BUNDLE_USER_H
#define WHERRY_BUNDLE_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { USER_FILE_MAX = 1 << 20, USER_GROUPS_MAX = 65536, USER_TEXT_MAX = 512 };

/* A file of an image; text is NULL when there is none. */
struct user_file {
	const char *text;
	size_t size;
};

struct user_ids {
	uint32_t uid, gid;
	uint32_t *groups; /* further ones */
	size_t n_groups, cap;
};
void user_ids_add(struct user_ids *ids, uint32_t group);
void user_ids_cleanup(struct user_ids *ids);

/*
 * As container runtimes do it: of several lines the first that fits counts; a number needs no line;
 * without a group in `user` the gid is that of the passwd line (0 without one), and the further
 * groups are those that have the user's name. Invalid lines are skipped. An error has no place.
 */
int user_resolve(const char *user, const struct user_file *passwd, const struct user_file *group,
	struct user_ids *ret, struct werr **err);
/* Are the files needed for it? Not if it has only numbers. */
bool user_needs_files(const char *user);

#endif
