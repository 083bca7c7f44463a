/* SPDX-License-Identifier: Apache-2.0 */
#include "disk/disk.h"

#include <inttypes.h>

#include "base/str.h"
#include "disk/disk-impl.h"

int disk_whole_size(const struct extents *d, uint64_t unit, uint64_t *ret, struct werr **err)
{
	char text[32];

	if (d->size > INT64_MAX - unit)
		return werr_set(
			err, WERR_LIMIT, "a file can't have %s", str_exact_size(text, d->size));
	*ret = (d->size + unit - 1) / unit * unit;
	return 0;
}

void disk_make_guid(const struct disk_options *o, unsigned char which, unsigned char *ret)
{
	memcpy(ret, o->id, DISK_GUID);
	for (size_t i = DISK_GUID; i < DISK_ID; i++)
		ret[i - DISK_GUID] ^= (unsigned char)(o->id[i] + which);
	/* RFC 9562: version 8, which is for any use, in the order of a GUID's bytes and a UUID's.
	 */
	ret[6] = ret[7] = 0x80 | (which & 0xf);
	ret[8] = 0x80 | (ret[8] & 0x3f);
}

static int write_raw(const struct extents *d, ATTR_UNUSED const struct disk_options *o,
	struct writer *to, struct werr **err)
{
	uint64_t size = 0;
	int r = disk_whole_size(d, DISK_SECTOR, &size, err);

	return r < 0 ? r : extents_write(d, 0, size, to, err);
}

/* In the order of the enum. */
static const char *const compressions[] = {"none", "zlib", "zstd", NULL};

const char *const *disk_compression_names(void)
{
	return compressions;
}

bool disk_compression_find(const char *name, enum disk_compression *ret)
{
	for (size_t i = 0; compressions[i]; i++)
		if (str_eq(compressions[i], name)) {
			*ret = (enum disk_compression)i;
			return true;
		}
	return false;
}

const struct disk_format disk_raw = {
	.name = "raw", .unit = DISK_SECTOR, .is_plain = true, .write = write_raw};

const struct disk_format *disk_format_find(const char *name)
{
	static const struct disk_format *const formats[] = {&disk_raw, &disk_qcow2, &disk_vmdk,
		&disk_stream_vmdk, &disk_vhd, &disk_dynamic_vhd, &disk_vhdx};

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (str_eq(formats[i]->name, name))
			return formats[i];
	return NULL;
}
