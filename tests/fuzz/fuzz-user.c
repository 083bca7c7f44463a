/* SPDX-License-Identifier: Apache-2.0 */
/* An image's USER, its etc/passwd and its etc/group, separated by NUL bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "bundle/user.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	size_t user_size = strnlen(text, size);
	CLEANUP(free) char *user = str_dup_n(text, user_size);
	struct user_file passwd = {NULL, 0}, group = {NULL, 0};
	CLEANUP(user_ids) struct user_ids ids = {0};
	CLEANUP(werr) struct werr *err = NULL;

	if (user_size < size) {
		passwd.text = text + user_size + 1;
		passwd.size = strnlen(passwd.text, size - user_size - 1);
	}
	if (user_size + 1 + passwd.size < size) {
		group.text = passwd.text + passwd.size + 1;
		group.size = size - user_size - passwd.size - 2;
	}
	if (user_resolve(user, &passwd, &group, &ids, &err) < 0 && !err)
		abort();
	return 0;
}
