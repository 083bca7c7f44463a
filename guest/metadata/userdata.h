/* SPDX-License-Identifier: Apache-2.0 */
/*
 * User data as LinuxKit has it: any bytes; or JSON, a tree of entries that become files. An entry
 * is {"content": TEXT, "perm": "0644"} or {"entries": {NAME: ENTRY...}, "perm": "0755"}.
 */
#ifndef WHERRY_GUEST_USERDATA_H
#define WHERRY_GUEST_USERDATA_H

#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

enum { USERDATA_MAX = 64 << 20 };

/*
 * Write the data to the file `userdata` of a directory, and its entries beside it. What is wrong
 * with some of them is a list of errors; the others are written. An entry with the name of that
 * file, or with one of `own`, is wrong: that is what the provider says, and stays. Data that does
 * not begin with '{' is no JSON.
 */
int userdata_write(
	int dir_fd, const struct strv *own, const char *data, size_t size, struct werr **err);

#endif
