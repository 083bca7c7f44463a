/* SPDX-License-Identifier: Apache-2.0 */
#include "common/mounted.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

enum {
	MOUNTINFO_MAX = 4 << 20,
	FDINFO_MAX = 4096,
	PLACE = 4,    /* the field with the mount point */
	OPTIONAL = 6, /* the first of the optional fields, which "-" ends */
};

bool mounted_parse(const char *line, struct mounted *ret)
{
	CLEANUP(strv) struct strv fields = {0};
	struct mounted m = {0};

	strv_split(&fields, line, ' ');
	if (fields.n <= OPTIONAL || str_to_u64(fields.items[0], 10, &m.id) < 0)
		return false;
	m.root = str_eq(fields.items[PLACE], "/");
	for (size_t i = OPTIONAL; i < fields.n && !str_eq(fields.items[i], "-"); i++)
		m.shared = m.shared || str_after(fields.items[i], "shared:");
	*ret = m;
	return true;
}

/* The number of the mount that an open file is on; 0: not known. */
static uint64_t id_of(int fd)
{
	CLEANUP(free) char *path = str_printf("/proc/self/fdinfo/%d", fd), *text = NULL;
	CLEANUP(strv) struct strv lines = {0};
	const char *line, *value;
	uint64_t id = 0;
	size_t size;

	if (file_read(path, FDINFO_MAX, &text, &size, NULL) < 0)
		return 0;
	strv_split(&lines, text, '\n');
	STRV_FOREACH (line, &lines)
		if ((value = str_after(line, "mnt_id:\t")))
			str_to_u64(value, 10, &id);
	return id;
}

static uint64_t id_at(const char *path)
{
	CLEANUP(fd) int fd = open(path, O_PATH | O_CLOEXEC);

	return fd < 0 ? 0 : id_of(fd);
}

int mounted_find(const char *path, struct mounted *ret, struct werr **err)
{
	uint64_t id = id_at(path);
	CLEANUP(free) char *text = NULL;
	CLEANUP(strv) struct strv lines = {0};
	const char *line;
	size_t size;
	int r = file_read("/proc/self/mountinfo", MOUNTINFO_MAX, &text, &size, err);

	if (r < 0)
		return r;
	strv_split(&lines, text, '\n');
	STRV_FOREACH (line, &lines)
		if (id && mounted_parse(line, ret) && ret->id == id)
			return 0;
	return werr_set(err, WERR_NOT_FOUND, "can't find the mount that %s is on", path);
}

bool mounted_begins_at(const char *dir)
{
	CLEANUP(free) char *above = path_join(dir, "..");
	uint64_t id = id_at(dir);

	return id && id != id_at(above);
}
