/* SPDX-License-Identifier: Apache-2.0 */
/* User data becomes files of one directory, and of no other. */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "metadata/confdir.h"
#include "metadata/userdata.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int count(int dir_fd, const char *name, void *ctx, struct werr **err)
{
	(void)dir_fd;
	(void)name;
	(void)err;
	++*(size_t *)ctx;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free) char *bytes = mem_dup(data, size), *top = NULL, *inner = NULL;
	CLEANUP(werr) struct werr *err = NULL;
	CLEANUP(free) char *text = NULL;
	CLEANUP(strv) struct strv own = {0};
	CLEANUP(fd) int fd = -1;
	size_t beside = 0, text_size;

	if (file_temp_dir("/tmp", "wherry-fuzz", &top, NULL) < 0)
		abort();
	inner = str_printf("%s/config", top);
	if (confdir_open(inner, &fd, NULL) < 0)
		abort();
	/* What is the provider's stays. */
	if (confdir_write(fd, "provider", "x", 1, 0644, NULL) < 0)
		abort();
	strv_add(&own, "provider");
	userdata_write(fd, &own, bytes, size, &err);
	if (confdir_read(fd, "provider", 2, &text, &text_size, NULL) < 0 || !str_eq(text, "x"))
		abort();
	if (file_visit_dir(top, FILE_ABSENT_IS_ERROR, count, &beside, NULL) < 0 || beside != 1)
		abort();
	file_remove_all(top, NULL);
	return 0;
}
