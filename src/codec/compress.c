/* SPDX-License-Identifier: Apache-2.0 */
/* The writer that passes chunks of one size to a compressor, and the codec "none". */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codec/compress-impl.h"

static int none_init(
	ATTR_UNUSED struct compress_writer *c, ATTR_UNUSED int level, ATTR_UNUSED struct werr **err)
{
	return 0;
}

static int none_pass(struct compress_writer *c, ATTR_UNUSED bool last, struct werr **err)
{
	return c->held ? writer_write(c->to, c->in, c->held, err) : 0;
}

static void none_end(ATTR_UNUSED struct compress_writer *c)
{
}

const struct compressor codec_none_compressor = {
	.init = none_init,
	.pass = none_pass,
	.end = none_end,
};

static int compress_writer_write(struct writer *w, const void *p, size_t size, struct werr **err)
{
	struct compress_writer *c = CONTAINER_OF(w, struct compress_writer, writer);

	while (size > 0) {
		size_t room = sizeof(c->in) - c->held, part = size < room ? size : room;

		memcpy(c->in + c->held, p, part);
		c->held += part;
		p = (const char *)p + part;
		size -= part;
		if (c->held == sizeof(c->in)) {
			int r = c->compressor->pass(c, false, err);

			if (r < 0)
				return r;
			c->held = 0;
		}
	}
	return 0;
}

static int compress_writer_finish(struct writer *w, struct werr **err)
{
	struct compress_writer *c = CONTAINER_OF(w, struct compress_writer, writer);
	int r = c->compressor->pass(c, true, err);

	return r < 0 ? r : writer_finish(c->to, err);
}

static void compress_writer_free(struct writer *w)
{
	struct compress_writer *c = CONTAINER_OF(w, struct compress_writer, writer);

	c->compressor->end(c);
	free(c);
}

int compress_writer_new(
	struct writer *to, enum codec codec, int level, struct writer **ret, struct werr **err)
{
	const struct compressor *b = codec_compressor(codec);
	CLEANUP(writer) struct writer *w = NULL;
	struct compress_writer *c;
	int r;

	if (level != 0 && (level < b->level_min || level > b->level_max))
		return werr_set(err, WERR_USAGE, "%s has no compression level %d, only %d to %d",
			codec_name(codec), level, b->level_min, b->level_max);
	c = mem_new(struct compress_writer);
	c->writer = (struct writer){
		compress_writer_write, compress_writer_finish, compress_writer_free};
	c->to = to;
	c->compressor = b;
	w = &c->writer;
	r = b->init(c, level ? level : b->level_default, err);
	if (r < 0)
		return r;
	*ret = STEAL(w);
	return 0;
}
