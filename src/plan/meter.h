/* SPDX-License-Identifier: Apache-2.0 */
/* Progress on one part: bytes are counted as they pass, and reported now and then. */
#ifndef WHERRY_PLAN_METER_H
#define WHERRY_PLAN_METER_H

#include "base/io.h"
#include "base/progress.h"

struct meter {
	const struct progress *progress; /* or NULL */
	const char *name;                /* of the part */
	uint64_t done, total, reported;
};

/* Start counting from zero. total 0: unknown. m may be NULL. */
void meter_start(struct meter *m, uint64_t total);
/* Count what passes. m may be NULL. `from` is owned, `to` is not. */
struct reader *meter_reader_new(struct reader *from, struct meter *m);
struct writer *meter_writer_new(struct writer *to, struct meter *m);

#endif
