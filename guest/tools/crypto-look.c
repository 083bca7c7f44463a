/* SPDX-License-Identifier: Apache-2.0 */
/* What is on a device before it is encrypted. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "init/disk.h"
#include "tools/blank.h"
#include "tools/crypto.h"

/* The package has it. */
static const char mount_point[] = "/mnt";

/* ---- a file system ---- */

/* Whether a directory has nothing, or only an empty one that mkfs made. */
static bool is_empty(const char *dir, const char *except)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	bool empty = d != NULL;

	while (empty && (e = readdir(d))) {
		CLEANUP(free) char *path = path_join(dir, e->d_name);

		if (str_eq(e->d_name, ".") || str_eq(e->d_name, ".."))
			continue;
		empty = except && str_eq(e->d_name, except) && is_empty(path, NULL);
	}
	if (d)
		closedir(d);
	return empty;
}

static bool has_no_files(const char *device, const char *type)
{
	bool empty;

	if (mount(device, mount_point, type, MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) <
		0)
		return false;
	empty = is_empty(mount_point, "lost+found");
	return umount2(mount_point, 0) == 0 && empty;
}

/* ---- the device ---- */

static int is_blank(int fd, const struct parttable *t)
{
	uint64_t first = t->disk < DISKSTATE_HEAD ? t->disk : DISKSTATE_HEAD, at;
	uint64_t last = t->disk < BLANK_EDGE ? t->disk : BLANK_EDGE;
	int r = blank_find(fd, 0, first, &at);

	return r ? r : blank_find(fd, t->disk - last, last, &at);
}

static int look_at_bytes(int fd, const char *device, enum crypto_state *ret,
	char what[static DISKSTATE_WHAT], char type[static DISKSTATE_WHAT], struct werr **err)
{
	CLEANUP(free) unsigned char *head = mem_alloc(DISK_HEAD);
	struct parttable t;
	struct disk_fs fs;
	ssize_t n;
	int r = parttable_measure(fd, device, &t, err);

	if (r < 0)
		return r;
	n = pread(fd, head, DISK_HEAD, 0);
	r = is_blank(fd, &t);
	if (n < 0 || r < 0)
		return werr_errno(err, n < 0 ? errno : -r, "can't read %s", device);
	str_format(what, DISKSTATE_WHAT, "something unknown");
	diskstate_describe(fd, 0, what);
	*ret = r == 0 ? CRYPTO_EMPTY : CRYPTO_OTHER;
	if (n >= PARTTABLE_SIZE && diskstate_is_marked(DISKSTATE_CRYPTO, head))
		*ret = CRYPTO_UNFINISHED;
	else if (str_eq(what, "LUKS"))
		*ret = CRYPTO_LUKS;
	else if (disk_identify(head, (size_t)n, &fs) && !*fs.label)
		str_format(type, DISKSTATE_WHAT, "%s", fs.type);
	return 0;
}

int crypto_look(const char *device, enum crypto_state *ret, char what[static DISKSTATE_WHAT],
	struct werr **err)
{
	CLEANUP(fd) int fd = open(device, O_RDONLY | O_EXCL | O_CLOEXEC);
	char type[DISKSTATE_WHAT] = "";
	int r = fd < 0 ? werr_errno(err, errno, "can't open %s", device)
		       : look_at_bytes(fd, device, ret, what, type, err);

	if (r == -EBUSY)
		werr_hint(err, "it is in use: mounted, or a part of another device");
	fd_cleanup(&fd);
	/* As format makes it; a btrfs may have files in another part than the usual one. */
	if (r == 0 && *ret == CRYPTO_OTHER && (str_eq(type, "ext4") || str_eq(type, "xfs")) &&
		has_no_files(device, type))
		*ret = CRYPTO_EMPTY;
	return r;
}
