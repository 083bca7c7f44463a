/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/unpack.h"

#include <archive.h>
#include <archive_entry.h>

#include "base/mem.h"
#include "base/str.h"

struct unpack_reader {
	struct reader base;
	struct reader *from;
	struct archive *archive;
	struct werr *problem; /* of `from`: libarchive has no room for it */
	char *name;
	char buffer[IO_CHUNK];
};

static la_ssize_t give(struct archive *a, void *ctx, const void **p)
{
	struct unpack_reader *u = ctx;
	size_t got = 0;

	(void)a;
	werr_free(u->problem);
	u->problem = NULL;
	if (reader_read(u->from, u->buffer, sizeof(u->buffer), &got, &u->problem) < 0)
		return -1;
	*p = u->buffer;
	return (la_ssize_t)got;
}

static int failed(struct unpack_reader *u, struct werr **err)
{
	const char *why = archive_error_string(u->archive);
	int r;

	if (!u->problem)
		return werr_set(err, WERR_CORRUPT, "%s: %s", u->name, why ? why : "broken");
	r = werr_code(u->problem->kind);
	if (err)
		*err = STEAL(u->problem);
	return r;
}

static int unpack_read(struct reader *base, void *p, size_t size, size_t *got, struct werr **err)
{
	struct unpack_reader *u = CONTAINER_OF(base, struct unpack_reader, base);
	la_ssize_t n = archive_read_data(u->archive, p, size);

	if (n < 0)
		return failed(u, err);
	*got = (size_t)n;
	return 0;
}

static void unpack_free(struct reader *base)
{
	struct unpack_reader *u = CONTAINER_OF(base, struct unpack_reader, base);

	if (u->archive)
		archive_read_free(u->archive);
	reader_free(u->from);
	werr_free(u->problem);
	free(u->name);
	free(u);
}

int unpack_reader_new(struct reader *from, const char *name, struct reader **ret, struct werr **err)
{
	struct unpack_reader *u = mem_new(struct unpack_reader);
	CLEANUP(reader) struct reader *owner = &u->base;
	struct archive_entry *entry;

	u->base = (struct reader){.read = unpack_read, .free = unpack_free};
	u->from = from;
	u->name = str_dup(name);
	u->archive = archive_read_new();
	if (!u->archive)
		return werr_set(err, WERR_FAILED, "libarchive does not start");
	if (archive_read_support_filter_xz(u->archive) != ARCHIVE_OK ||
		archive_read_support_filter_gzip(u->archive) != ARCHIVE_OK ||
		archive_read_support_filter_zstd(u->archive) != ARCHIVE_OK ||
		archive_read_support_format_raw(u->archive) != ARCHIVE_OK)
		return werr_set(err, WERR_UNSUPPORTED, "libarchive can't read xz, zstd and gzip");
	if (archive_read_open(u->archive, u, NULL, give, NULL) != ARCHIVE_OK ||
		archive_read_next_header(u->archive, &entry) != ARCHIVE_OK)
		return failed(u, err);
	*ret = STEAL(owner);
	return 0;
}
