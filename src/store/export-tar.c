/* SPDX-License-Identifier: Apache-2.0 */
/* A tar as the target of an export. */
#include "store/export.h"

#include <limits.h>
#include <string.h>

#include "base/mem.h"
#include "tar/tar-header.h"

static int write_block(
	struct writer *to, const char *path, char type, uint64_t size, struct werr **err)
{
	struct ustar h;

	ustar_init(&h, type, path);
	if (!ustar_put_octal(h.size, sizeof(h.size), size))
		ustar_put_base256(h.size, sizeof(h.size), size);
	ustar_seal(&h);
	return writer_write(to, &h, sizeof(h), err);
}

static int fill_block(struct writer *to, uint64_t size, struct werr **err)
{
	return writer_fill(to, 0, tar_padding(size), err);
}

static int write_long_path(struct writer *to, const char *path, struct werr **err)
{
	CLEANUP(buf) struct buf record = BUF_INIT(PATH_MAX);
	int r;

	tar_record_put(&record, "path", path, strlen(path));
	if (buf_error(&record) < 0)
		return werr_set(err, WERR_LIMIT, "the name %s is too long for a tar", path);
	r = write_block(to, "PaxHeaders/blob", 'x', record.len, err);
	if (r == 0)
		r = writer_write(to, record.data, record.len, err);
	return r < 0 ? r : fill_block(to, record.len, err);
}

int export_tar_begin_file(struct export_tar *t, const char *path, uint64_t size, struct werr **err)
{
	int r = strlen(path) <= USTAR_NAME ? 0 : write_long_path(t->to, path, err);

	return r < 0 ? r : write_block(t->to, path, '0', size, err);
}

int export_tar_end_file(struct export_tar *t, uint64_t size, struct werr **err)
{
	return fill_block(t->to, size, err);
}

static int tar_add(struct export_sink *sink, const char *path, uint64_t size,
	struct reader *content, struct werr **err)
{
	struct export_tar *t = CONTAINER_OF(sink, struct export_tar, sink);
	uint64_t copied;
	int r = export_tar_begin_file(t, path, size, err);

	if (r == 0)
		r = io_copy(content, t->to, &copied, err);
	if (r == 0 && copied != size)
		r = werr_set(err, WERR_CORRUPT, "%s changed while it was read", path);
	return r < 0 ? r : export_tar_end_file(t, size, err);
}

void export_tar_init(struct export_tar *t, struct writer *to)
{
	*t = (struct export_tar){.sink = {tar_add}, .to = to};
}

int export_tar_end(struct export_tar *t, struct werr **err)
{
	return writer_fill(t->to, 0, TAR_END, err);
}
