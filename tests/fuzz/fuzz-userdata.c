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
	CLEANUP(fd) int fd = -1;
	size_t beside = 0;

	if (file_temp_dir("/tmp", "wherry-fuzz", &top, NULL) < 0)
		abort();
	inner = str_printf("%s/config", top);
	if (confdir_open(inner, &fd, NULL) < 0)
		abort();
	userdata_write(fd, bytes, size, &err);
	if (file_visit_dir(top, FILE_ABSENT_IS_ERROR, count, &beside, NULL) < 0 || beside != 1)
		abort();
	file_remove_all(top, NULL);
	return 0;
}
