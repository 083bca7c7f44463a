/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/built.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "data/json.h"
#include "hash/sha256.h"

static int add_sha256(struct json_writer *w, const char *path, struct werr **err)
{
	CLEANUP(sha256) struct sha256 *hash = sha256_new();
	CLEANUP(free) char *chunk = mem_alloc(IO_CHUNK);
	CLEANUP(reader) struct reader *from = NULL;
	char hex[SHA256_HEX + 1];
	size_t n = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), r;

	if (fd < 0)
		return werr_errno(err, errno, "can't open %s", path);
	from = fd_reader_new(fd, FD_OWNED, path);
	do {
		r = cancel_check(err);
		if (r == 0)
			r = reader_read(from, chunk, IO_CHUNK, &n, err);
		if (r == 0)
			sha256_add(hash, chunk, n);
	} while (r == 0 && n > 0);
	if (r < 0)
		return r;
	sha256_hex(hash, hex);
	json_key_string(w, "sha256", hex);
	return 0;
}

int built_add_json(struct buf *out, const struct build_output *o, struct werr **err)
{
	CLEANUP(free) char *path = realpath(o->path, NULL);
	struct json_writer w = JSON_WRITER_SHOWN(out);
	struct stat st;
	int r = 0;

	json_open_object(&w);
	json_key_string(&w, "output", o->path);
	json_key_string(&w, "path", path ? path : o->path);
	json_key_string(&w, "format", o->format);
	json_key_u64(&w, "size", o->size);
	if (stat(o->path, &st) == 0 && S_ISREG(st.st_mode))
		r = add_sha256(&w, o->path, err);
	json_close_object(&w);
	buf_putc(out, '\n');
	return r;
}
