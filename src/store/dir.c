/* SPDX-License-Identifier: Apache-2.0 */
#include "store/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/cancel.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

struct visitor {
	store_blob_visit *visit;
	void *ctx;
};

/* A file_visit. */
static int visit_entry(int dir_fd, const char *name, void *ctx, struct werr **err)
{
	const struct visitor *v = ctx;
	CLEANUP(free) char *text = str_printf("sha256:%s", name);
	struct digest digest;
	struct stat st;
	int r = cancel_check(err);

	if (r < 0)
		return r;
	if (digest_parse(text, &digest, NULL) < 0)
		return 0;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : werr_errno(err, errno, "can't read blob %s", text);
	return v->visit(
		dir_fd, &digest, S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0, v->ctx, err);
}

int store_visit_blobs(struct store *s, store_blob_visit *visit, void *ctx, struct werr **err)
{
	CLEANUP(free) char *path = store_path(s, "blobs/sha256");
	struct visitor v = {visit, ctx};

	return file_visit_dir(path, FILE_ABSENT_IS_ERROR, visit_entry, &v, err);
}
