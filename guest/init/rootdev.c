/* SPDX-License-Identifier: Apache-2.0 */
#include "init/rootdev.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "common/fs.h"
#include "common/uptime.h"
#include "init/disk.h"
#include "init/uevent.h"

enum { SYSFS_FILE_MAX = 4096, LIST_MAX = 512, LOOK_MS = 1000 };
static const char devices_dir[] = "/sys/class/block";

/*
 * Read the first bytes of a device: fewer when there are no more, 0 when it can't be read (a drive
 * without a disk).
 */
static size_t read_head(const char *device, unsigned char head[static DISK_HEAD])
{
	CLEANUP(fd) int fd = open(device, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t size = 0;
	ssize_t n = 1;

	while (fd >= 0 && size < DISK_HEAD && n > 0) {
		n = pread(fd, head + size, DISK_HEAD - size, (off_t)size);
		size += n > 0 ? (size_t)n : 0;
	}
	return size;
}

static bool identify(const char *device, struct disk_fs *fs)
{
	CLEANUP(free) unsigned char *head = mem_alloc(DISK_HEAD);

	return disk_identify(head, read_head(device, head), fs);
}

/* ---- does a device have this label, UUID, ...? ---- */

static bool has_label(const char *name, const char *value)
{
	CLEANUP(free) char *device = path_join("/dev", name);
	struct disk_fs fs;

	return identify(device, &fs) && str_eq(fs.label, value);
}

static bool has_uuid(const char *name, const char *value)
{
	CLEANUP(free) char *device = path_join("/dev", name);
	struct disk_fs fs;

	return identify(device, &fs) && strcasecmp(fs.uuid, value) == 0;
}

/*
 * The value of a line KEY=VALUE in the file, or its first line when key is ""; NULL: none. Owned by
 * the caller.
 */
static char *sysfs_value(const char *name, const char *file, const char *key)
{
	CLEANUP(free) char *path = str_printf("%s/%s/%s", devices_dir, name, file);
	CLEANUP(free) char *text = NULL;
	CLEANUP(strv) struct strv lines = {0};
	const char *line;
	size_t size;

	if (file_read(path, SYSFS_FILE_MAX, &text, &size, NULL) < 0)
		return NULL;
	strv_split(&lines, text, '\n');
	STRV_FOREACH (line, &lines) {
		const char *value = str_after(line, key);

		if (value)
			return str_dup(value);
	}
	return NULL;
}

static bool has_partition_label(const char *name, const char *value)
{
	CLEANUP(free) char *label = sysfs_value(name, "uevent", "PARTNAME=");

	return label && str_eq(label, value);
}

/*
 * The disk of a partition, from the kernel's device tree: ".../block/vda/vda1". Owned by the
 * caller.
 */
static char *disk_of(const char *partition)
{
	CLEANUP(free) char *path = path_join(devices_dir, partition);
	CLEANUP(free) char *above = NULL, *name = NULL;
	char target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target) - 1);

	target[n > 0 ? n : 0] = 0;
	above = path_dir(target);
	name = path_base(above);
	return path_join("/dev", name);
}

static bool has_partition_uuid(const char *name, const char *value)
{
	CLEANUP(free) char *number = sysfs_value(name, "partition", ""), *disk = NULL;
	CLEANUP(free) unsigned char *head = NULL;
	char uuid[DISK_UUID];
	uint64_t n;

	if (!number || str_to_u64(number, 10, &n) < 0 || n > UINT_MAX)
		return false;
	disk = disk_of(name);
	head = mem_alloc(DISK_HEAD);
	return disk_partition_uuid(head, read_head(disk, head), (unsigned)n, uuid) &&
	       strcasecmp(uuid, value) == 0;
}

static const struct {
	const char *prefix;
	bool (*has)(const char *name, const char *value);
} forms[] = {
	{"LABEL=", has_label},
	{"UUID=", has_uuid},
	{"PARTLABEL=", has_partition_label},
	{"PARTUUID=", has_partition_uuid},
};

/*
 * ---- all devices, in the order of their names, so that of two with the same label it is always
 * the same one ----
 */

static char *find(bool (*has)(const char *, const char *), const char *value)
{
	CLEANUP(strv) struct strv names = {0};
	const char *name;

	fs_names(devices_dir, &names);
	STRV_FOREACH (name, &names)
		if (has(name, value))
			return path_join("/dev", name);
	return NULL;
}

bool rootdev_can_find(const char *root)
{
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		if (str_after(root, forms[i].prefix))
			return true;
	return str_after(root, "/dev/") && !str_after(root, "/dev/disk/") &&
	       !str_eq(root, "/dev/nfs");
}

/* The kernel refuses to open a device exclusively that is mounted, or otherwise in use by it. */
static bool is_unused(const char *name, const char *types)
{
	CLEANUP(free) char *device = path_join("/dev", name);
	CLEANUP(free) char *number = sysfs_value(name, "partition", "");
	CLEANUP(strv) struct strv names = {0};
	CLEANUP(fd) int fd = -1;
	struct disk_fs fs;

	strv_split(&names, types, ',');
	if (!number || !identify(device, &fs) || !strv_has(&names, fs.type))
		return false;
	fd = open(device, O_RDONLY | O_EXCL | O_CLOEXEC | O_NONBLOCK);
	return fd >= 0;
}

char *rootdev_find_unused(const char *types)
{
	return find(is_unused, types);
}

char *rootdev_find(const char *root)
{
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		const char *value = str_after(root, forms[i].prefix);

		if (value)
			return *value ? find(forms[i].has, value) : NULL;
	}
	return file_exists(root) ? str_dup(root) : NULL;
}

char *rootdev_wait(char *(*find_one)(const char *what), const char *what, uint64_t limit,
	void (*new_device)(const char *alias))
{
	CLEANUP(fd) int events = uevent_open();
	char *device = find_one(what);
	uint64_t now = uptime_ms(), until = limit < UINT64_MAX - now ? now + limit : UINT64_MAX;

	while (!device && (now = uptime_ms()) < until) {
		/* Also when the kernel's reports do not arrive. */
		uevent_wait(events, until - now < LOOK_MS ? until - now : LOOK_MS, new_device);
		device = find_one(what);
	}
	return device;
}

const char *rootdev_type(const char *device)
{
	struct disk_fs fs;

	return identify(device, &fs) ? fs.type : NULL;
}

char *rootdev_list(void)
{
	CLEANUP(strv) struct strv names = {0};
	CLEANUP(buf) struct buf list = BUF_INIT(LIST_MAX);
	const char *name;

	fs_names(devices_dir, &names);
	STRV_FOREACH (name, &names) {
		CLEANUP(free) char *device = path_join("/dev", name);
		CLEANUP(free) unsigned char *head = mem_alloc(DISK_HEAD);
		size_t size = read_head(device, head);
		struct disk_fs fs;

		if (!size)
			continue;
		buf_printf(&list, "%s%s", list.len ? ", " : "", name);
		if (disk_identify(head, size, &fs))
			buf_printf(
				&list, " (%s%s%s)", fs.type, *fs.label ? ", LABEL=" : "", fs.label);
	}
	return str_dup(list.len ? buf_str(&list) : "none that the kernel has a driver for");
}
