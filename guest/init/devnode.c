/* SPDX-License-Identifier: Apache-2.0 */
#include "init/devnode.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "common/conffile.h"
#include "common/console.h"

enum { DEVNAME_MAX = 64 * 1024, MAJOR_MAX = 4095, MINOR_MAX = 0xFFFFF };

static bool parse_number(const char *text, dev_t *ret)
{
	const char *colon = strchr(text, ':');
	CLEANUP(free) char *major = str_dup_n(text, colon ? (size_t)(colon - text) : 0);
	uint64_t numbers[2];

	if (!colon || str_to_u64(major, 10, &numbers[0]) < 0 ||
		str_to_u64(colon + 1, 10, &numbers[1]) < 0 || numbers[0] > MAJOR_MAX ||
		numbers[1] > MINOR_MAX)
		return false;
	*ret = makedev((unsigned)numbers[0], (unsigned)numbers[1]);
	return true;
}

bool devnode_parse(const char *line, struct devnode *ret)
{
	CLEANUP(strv) struct strv words = {0};
	CLEANUP(free) char *inside = NULL;
	char kind;

	strv_split(&words, line, ' ');
	if (words.n != 3)
		return false;
	inside = path_inside(words.items[1]);
	kind = words.items[2][0];
	if (!inside || !*inside || (kind != 'c' && kind != 'b'))
		return false;
	ret->type = kind == 'c' ? S_IFCHR : S_IFBLK;
	return str_format(ret->path, sizeof(ret->path), "/dev/%s", inside) >= 0 &&
	       parse_number(words.items[2] + 1, &ret->number);
}

static int make_line(const char *line, ATTR_UNUSED void *ctx, struct werr **err)
{
	CLEANUP(free) char *dir = NULL;
	struct devnode n;
	int r;

	if (!devnode_parse(line, &n))
		return werr_set(err, WERR_CORRUPT, "not a device number");
	dir = path_dir(n.path);
	r = file_make_dirs(dir, 0755, err);
	if (r < 0)
		return r;
	/* Its driver may have created it first. */
	if (mknod(n.path, n.type | 0600, n.number) < 0 && errno != EEXIST)
		return werr_errno(err, errno, "can't create %s", n.path);
	return 0;
}

void devnode_make_all(const char *path)
{
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;
	size_t size;
	int r = file_read(path, DEVNAME_MAX, &text, &size, &err);

	if (r == -ENOENT) {
		werr_free(err);
		return;
	}
	if (r == 0)
		conffile_parse(path, text, make_line, NULL, &err);
	if (err)
		console_error(&err, "devices", "continuing without it");
}
