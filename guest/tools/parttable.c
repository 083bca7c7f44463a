/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/parttable.h"

#include <errno.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

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

int parttable_room(const struct parttable *t, const char *path, uint64_t *ret, struct werr **err)
{
	uint64_t whole = t->disk / MIB * MIB;
	int r;

	if (whole < PARTTABLE_AT + PARTTABLE_END + MIB)
		return werr_set(err, WERR_INVALID, "%s is too small for a partition: %llu bytes",
			path, (unsigned long long)t->disk);
	whole -= PARTTABLE_AT + PARTTABLE_END;
	if (whole / t->sector > UINT32_MAX) {
		r = werr_set(err, WERR_UNSUPPORTED, "%s is too large for an MBR", path);
		werr_hint(err, "partition it with a GPT elsewhere, and make the file system there");
		return r;
	}
	*ret = whole;
	return 0;
}

void parttable_fill(
	const struct parttable *t, uint32_t id, unsigned char ret[static PARTTABLE_SIZE])
{
	uint64_t size = t->disk / MIB * MIB - PARTTABLE_AT - PARTTABLE_END;

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

bool parttable_matches(const struct parttable *t, const unsigned char bytes[static PARTTABLE_SIZE])
{
	return bytes[MAGIC_AT] == 0x55 && bytes[MAGIC_AT + 1] == 0xaa && bytes[TYPE_AT] == LINUX &&
	       le32_get(bytes + START_AT) == PARTTABLE_AT / t->sector &&
	       io_is_zeros(bytes + ENTRY_AT + ENTRY_SIZE, MAGIC_AT - ENTRY_AT - ENTRY_SIZE);
}
