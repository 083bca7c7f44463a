/* SPDX-License-Identifier: Apache-2.0 */
/* A Debian package: the ar archive, its members, and the control file. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "pkg/deb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(fd) int fd = memfd_create("deb", MFD_CLOEXEC);
	CLEANUP(deb_info) struct deb_info info = {0};
	CLEANUP(tree) struct tree *files = NULL;
	CLEANUP(werr) struct werr *err = NULL;

	if (fd < 0 || fd_write_all(fd, data, size) < 0 || tree_new(&files, "/dev/shm", NULL) < 0)
		abort();
	if (deb_read(fd, "fuzz.deb", "/dev/shm", &info, files, &err) < 0) {
		if (!err)
			abort();
		return 0;
	}
	if (!info.name || !info.version || !info.architecture || !info.source ||
		!info.source_version)
		abort();
	return 0;
}
