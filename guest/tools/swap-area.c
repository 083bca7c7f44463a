/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/swap-area.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "tools/blank.h"
#include "tools/diskstate.h"
#include "tools/wholefile.h"

enum {
	/* Where things are in the header: after a kilobyte for boot loaders. */
	VERSION_AT = 1024,
	LAST_PAGE_AT = 1028,
	UUID_AT = 1036,
	UUID_BYTES = 16,
	LABEL_AT = 1052,
	LABEL_BYTES = 16,
	MAGIC_BYTES = 10,
};
static const char magic[] = "SWAPSPACE2";

/* The numbers are in the processor's own order. */
static void put32(unsigned char *p, uint32_t n)
{
	memcpy(p, &n, sizeof(n));
}

static uint32_t get32(const unsigned char *p)
{
	uint32_t n;

	memcpy(&n, p, sizeof(n));
	return n;
}

void swap_area_format(unsigned char *head, size_t page, uint64_t size, const unsigned char *uuid,
	const char *label)
{
	uint64_t pages = size / page;

	memset(head, 0, page);
	put32(head + VERSION_AT, 1);
	put32(head + LAST_PAGE_AT, pages > UINT32_MAX ? UINT32_MAX : (uint32_t)(pages - 1));
	memcpy(head + UUID_AT, uuid, UUID_BYTES);
	if (label)
		memcpy(head + LABEL_AT, label, strnlen(label, LABEL_BYTES - 1));
	memcpy(head + page - MAGIC_BYTES, magic, MAGIC_BYTES);
}

bool swap_area_parse(const unsigned char *head, size_t page, uint64_t *ret_size)
{
	if (memcmp(head + page - MAGIC_BYTES, magic, MAGIC_BYTES) != 0 ||
		get32(head + VERSION_AT) != 1)
		return false;
	*ret_size = ((uint64_t)get32(head + LAST_PAGE_AT) + 1) * page;
	return true;
}

static size_t page_size(void)
{
	long page = sysconf(_SC_PAGESIZE);

	return page >= 4096 && page <= SWAP_PAGE_MAX ? (size_t)page : 4096;
}

bool swap_area_read(int fd, uint64_t *ret_size)
{
	size_t page = page_size();
	CLEANUP(free) unsigned char *head = mem_alloc(page);

	return pread(fd, head, page, 0) == (ssize_t)page && swap_area_parse(head, page, ret_size);
}

uint64_t swap_area_room(int fd)
{
	struct stat st;
	uint64_t size = 0;

	if (fstat(fd, &st) < 0)
		return 0;
	if (S_ISBLK(st.st_mode))
		return ioctl(fd, BLKGETSIZE64, &size) == 0 ? size : 0;
	return S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
}

/* The first sector is of no use to swap: it is written last, and says until then whose it is. */
static int write_head(int fd, const char *path, uint64_t size, const char *label, struct werr **err)
{
	enum { REST = PARTTABLE_SIZE };
	unsigned char mark[REST];
	size_t page = page_size();
	CLEANUP(free) unsigned char *head = mem_alloc(page);
	unsigned char uuid[UUID_BYTES];
	int r;

	if (size / page < SWAP_PAGES_MIN)
		return werr_set(err, WERR_INVALID, "%s: swap needs at least %zu bytes", path,
			page * SWAP_PAGES_MIN);
	if (getrandom(uuid, sizeof(uuid), 0) != (ssize_t)sizeof(uuid))
		return werr_errno(err, errno, "can't get random numbers");
	swap_area_format(head, page, size, uuid, label);
	diskstate_mark(DISKSTATE_SWAP, mark);
	r = parttable_put(fd, path, 0, mark, sizeof(mark), err);
	if (r == 0)
		r = parttable_put(fd, path, REST, head + REST, page - REST, err);
	return r < 0 ? r : parttable_put(fd, path, 0, head, REST, err);
}

int swap_area_make_file(const char *path, uint64_t size, const char *label, struct werr **err)
{
	CLEANUP(fd) int fd = -1;
	int r = wholefile_begin(path, size, &fd, err);

	if (r == 0)
		r = write_head(fd, path, size, label, err);
	return r < 0 ? r : wholefile_end(fd, path, err);
}

static bool is_unfinished(int fd)
{
	unsigned char first[PARTTABLE_SIZE];

	return pread(fd, first, sizeof(first), 0) == (ssize_t)sizeof(first) &&
	       diskstate_is_marked(DISKSTATE_SWAP, first);
}

int swap_area_make_device(int fd, const char *path, const char *label, struct werr **err)
{
	uint64_t size = swap_area_room(fd);
	uint64_t edge = size < BLANK_EDGE ? size : BLANK_EDGE, at;
	int r = is_unfinished(fd) ? 0 : blank_find(fd, 0, edge, &at);

	if (r == 0)
		r = blank_find(fd, size - edge, edge, &at);
	if (r < 0)
		return werr_errno(err, -r, "can't read %s", path);
	if (r == 0)
		return write_head(fd, path, size, label, err);
	r = werr_set(err, WERR_EXISTS, "there is something on %s, which is left alone", path);
	werr_hint(err, "swap is only made on a disk whose first and last MiB are zeros");
	return r;
}

int swap_area_format_device(int fd, const char *path, struct werr **err)
{
	return write_head(fd, path, swap_area_room(fd), NULL, err);
}
