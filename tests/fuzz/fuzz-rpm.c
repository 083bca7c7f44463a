/* SPDX-License-Identifier: Apache-2.0 */
/* Arbitrary bytes as a database of rpm, and as a header in one: its package and the files of that.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/mem.h"
#include "inventory/owners.h"
#include "inventory/rpm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(fd) int fd = memfd_create("rpm", MFD_CLOEXEC);
	CLEANUP(software_list) struct software_list l = {0};
	CLEANUP(owners) struct owners o = {0};
	CLEANUP(werr) struct werr *err = NULL;
	CLEANUP(werr) struct werr *header_err = NULL;

	if (fd < 0 || fd_write_all(fd, data, size) < 0)
		abort();
	if (rpm_read_database(&l, &(struct io_range){fd, 0, size}, &err) < 0 && !err)
		abort();
	if (rpm_read_header(&l, data, size, &header_err) < 0 && !header_err)
		abort();
	software_sort(&l);
	(void)owners_add_rpm(&o, data, size);
	if (o.n > 1 || (o.n_files && !o.n) || o.bytes > OWNERS_SIZE_MAX)
		abort();
	return 0;
}
