/* SPDX-License-Identifier: Apache-2.0 */
#include "store/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/str.h"

static int visit_entry(
	int dir_fd, const char *name, store_blob_visit *visit, void *ctx, struct werr **err)
{
	CLEANUP(free) char *text = str_printf("sha256:%s", name);
	struct digest digest;
	struct stat st;

	if (digest_parse(text, &digest, NULL) < 0)
		return 0;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : werr_errno(err, errno, "can't read blob %s", text);
	return visit(dir_fd, &digest, S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0, ctx, err);
}

int store_visit_blobs(struct store *s, store_blob_visit *visit, void *ctx, struct werr **err)
{
	CLEANUP(free) char *path = store_path(s, "blobs/sha256");
	DIR *d = opendir(path);
	struct dirent *entry;
	int r = 0;

	if (!d)
		return werr_errno(err, errno, "can't read %s", path);
	while (r == 0 && (entry = readdir(d))) {
		r = cancel_check(err);
		if (r == 0)
			r = visit_entry(dirfd(d), entry->d_name, visit, ctx, err);
	}
	closedir(d);
	return r;
}
