/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/parttable.h"

#include <errno.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/endian.h"
#include "base/io.h"

enum {
	MIB = 1 << 20,
	SECTOR_MIN = 512,
	SECTOR_MAX = 4096,
	/* Where things are in an MBR: its id, the first entry, and its end. */
	ID_AT = 440,
	ENTRY_AT = 446,
	FIRST_CHS_AT = ENTRY_AT + 1,
	TYPE_AT = ENTRY_AT + 4,
	LAST_CHS_AT = ENTRY_AT + 5,
	START_AT = ENTRY_AT + 8,
	COUNT_AT = ENTRY_AT + 12,
	ENTRY_SIZE = 16,
	MAGIC_AT = 510,
	LINUX = 0x83,
};
/* Cylinder 1023, head 254, sector 63: it is the number of the sector that counts. */
static const unsigned char beyond_chs[] = {0xfe, 0xff, 0xff};

int parttable_measure(int fd, const char *path, struct parttable *ret, struct werr **err)
{
	struct parttable t = {.sector = SECTOR_MIN};
	int sector = 0;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return werr_errno(err, errno, "can't read %s", path);
	if (S_ISREG(st.st_mode)) {
		t.disk = (uint64_t)st.st_size;
	} else if (!S_ISBLK(st.st_mode)) {
		return werr_set(err, WERR_INVALID, "%s is not a disk", path);
	} else {
		if (ioctl(fd, BLKGETSIZE64, &t.disk) < 0 || ioctl(fd, BLKSSZGET, &sector) < 0)
			return werr_errno(err, errno, "can't find the size of %s", path);
		t.sector = (uint32_t)sector;
	}
	if (t.sector < SECTOR_MIN || t.sector > SECTOR_MAX || (t.sector & (t.sector - 1)))
		return werr_set(err, WERR_UNSUPPORTED, "%s has sectors of %u bytes", path,
			(unsigned)t.sector);
	*ret = t;
	return 0;
}

uint64_t parttable_end(const struct parttable *t)
{
	uint64_t whole = t->disk / MIB * MIB;

	return whole < PARTTABLE_END ? 0 : whole - PARTTABLE_END;
}

bool parttable_needs_gpt(const struct parttable *t)
{
	return (parttable_end(t) - PARTTABLE_AT) / t->sector > UINT32_MAX;
}

int parttable_room(const struct parttable *t, const char *path, uint64_t *ret, struct werr **err)
{
	uint64_t end = parttable_end(t);

	if (end < PARTTABLE_AT + MIB)
		return werr_set(err, WERR_INVALID, "%s is too small for a partition: %llu bytes",
			path, (unsigned long long)t->disk);
	*ret = end - PARTTABLE_AT;
	return 0;
}

int parttable_put(
	int fd, const char *path, uint64_t at, const void *p, size_t size, struct werr **err)
{
	ssize_t n = pwrite(fd, p, size, (off_t)at);

	if (n == (ssize_t)size && fsync(fd) == 0)
		return 0;
	return werr_errno(
		err, n >= 0 && n < (ssize_t)size ? EIO : errno, "can't write to %s", path);
}

void parttable_fill(
	const struct parttable *t, uint32_t id, unsigned char ret[static PARTTABLE_SIZE])
{
	uint64_t size = parttable_end(t) - PARTTABLE_AT;

	memset(ret, 0, PARTTABLE_SIZE);
	le32_put(ret + ID_AT, id);
	memcpy(ret + FIRST_CHS_AT, beyond_chs, sizeof(beyond_chs));
	ret[TYPE_AT] = LINUX;
	memcpy(ret + LAST_CHS_AT, beyond_chs, sizeof(beyond_chs));
	le32_put(ret + START_AT, PARTTABLE_AT / t->sector);
	le32_put(ret + COUNT_AT, (uint32_t)(size / t->sector));
	ret[MAGIC_AT] = 0x55;
	ret[MAGIC_AT + 1] = 0xaa;
}

bool parttable_is_mbr(const unsigned char bytes[static PARTTABLE_SIZE])
{
	return bytes[MAGIC_AT] == 0x55 && bytes[MAGIC_AT + 1] == 0xaa;
}

bool parttable_entry(
	const unsigned char bytes[static PARTTABLE_SIZE], unsigned i, struct parttable_entry *ret)
{
	/* Extended partitions: CHS, LBA, and Linux's own. */
	static const unsigned char logical[] = {0x05, 0x0f, 0x85};
	const unsigned char *p = bytes + (size_t)i * ENTRY_SIZE;
	unsigned char type = p[TYPE_AT], status = p[ENTRY_AT];

	*ret = (struct parttable_entry){
		.first = le32_get(p + START_AT),
		.count = le32_get(p + COUNT_AT),
		.kind = type == LINUX ? PARTTABLE_LINUX : PARTTABLE_OTHER,
	};
	if (memchr(logical, type, sizeof(logical)))
		ret->kind = PARTTABLE_LOGICAL;
	if ((status != 0 && status != 0x80) || ret->first == 0)
		ret->kind = PARTTABLE_BAD;
	return !io_is_zeros(p + ENTRY_AT, ENTRY_SIZE);
}

void parttable_set_count(unsigned char bytes[static PARTTABLE_SIZE], unsigned i, uint32_t count)
{
	unsigned char *p = bytes + (size_t)i * ENTRY_SIZE;

	memcpy(p + LAST_CHS_AT, beyond_chs, sizeof(beyond_chs));
	le32_put(p + COUNT_AT, count);
}

bool parttable_matches(const struct parttable *t, const unsigned char bytes[static PARTTABLE_SIZE])
{
	return parttable_is_mbr(bytes) && bytes[TYPE_AT] == LINUX &&
	       le32_get(bytes + START_AT) == PARTTABLE_AT / t->sector &&
	       io_is_zeros(bytes + ENTRY_AT + ENTRY_SIZE, MAGIC_AT - ENTRY_AT - ENTRY_SIZE);
}
