/* SPDX-License-Identifier: Apache-2.0 */
#include "disk/disk.h"

#include <inttypes.h>

#include "base/str.h"
#include "disk/disk-impl.h"

int disk_whole_size(const struct extents *d, uint64_t unit, uint64_t *ret, struct werr **err)
{
	if (d->size > INT64_MAX - unit)
		return werr_set(err, WERR_LIMIT, "a file can't have %" PRIu64 " bytes", d->size);
	*ret = (d->size + unit - 1) / unit * unit;
	return 0;
}

static int write_raw(const struct extents *d, ATTR_UNUSED const struct disk_options *o,
	struct writer *to, struct werr **err)
{
	uint64_t size = 0;
	int r = disk_whole_size(d, DISK_SECTOR, &size, err);

	return r < 0 ? r : extents_write(d, 0, size, to, err);
}

const struct disk_format disk_raw = {"raw", DISK_SECTOR, write_raw};

const struct disk_format *disk_format_find(const char *name)
{
	static const struct disk_format *const formats[] = {&disk_raw, &disk_qcow2};

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (str_eq(formats[i]->name, name))
			return formats[i];
	return NULL;
}
