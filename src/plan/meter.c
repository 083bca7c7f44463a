/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/meter.h"

#include <stdlib.h>

#include "base/mem.h"

enum { STEP = 256 << 10 };

void meter_start(struct meter *m, uint64_t total)
{
	if (!m)
		return;
	m->done = m->reported = 0;
	m->total = total;
}

static void add(struct meter *m, uint64_t n)
{
	if (!m)
		return;
	m->done += n;
	if (m->done - m->reported < STEP)
		return;
	m->reported = m->done;
	progress_report(m->progress, PROGRESS_ADVANCE, "part", m->name, m->done, m->total);
}

struct meter_reader {
	struct reader reader, *from;
	struct meter *meter;
};

static int meter_reader_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	struct meter_reader *m = CONTAINER_OF(r, struct meter_reader, reader);
	int res = reader_read(m->from, p, size, got, err);

	if (res == 0)
		add(m->meter, *got);
	return res;
}

static void meter_reader_free(struct reader *r)
{
	struct meter_reader *m = CONTAINER_OF(r, struct meter_reader, reader);

	reader_free(m->from);
	free(m);
}

struct reader *meter_reader_new(struct reader *from, struct meter *meter)
{
	struct meter_reader *m = mem_new(struct meter_reader);

	m->reader = (struct reader){meter_reader_read, meter_reader_free};
	m->from = from;
	m->meter = meter;
	return &m->reader;
}

struct meter_writer {
	struct writer writer, *to;
	struct meter *meter;
};

static int meter_writer_write(struct writer *w, const void *p, size_t size, struct werr **err)
{
	struct meter_writer *m = CONTAINER_OF(w, struct meter_writer, writer);

	add(m->meter, size);
	return writer_write(m->to, p, size, err);
}

static int meter_writer_finish(struct writer *w, struct werr **err)
{
	return writer_finish(CONTAINER_OF(w, struct meter_writer, writer)->to, err);
}

static void meter_writer_free(struct writer *w)
{
	free(CONTAINER_OF(w, struct meter_writer, writer));
}

struct writer *meter_writer_new(struct writer *to, struct meter *meter)
{
	struct meter_writer *m = mem_new(struct meter_writer);

	m->writer = (struct writer){meter_writer_write, meter_writer_finish, meter_writer_free};
	m->to = to;
	m->meter = meter;
	return &m->writer;
}
