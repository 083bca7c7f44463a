/* SPDX-License-Identifier: Apache-2.0 */
/* How far the work on one part is: bytes are counted as they pass, and told every now and then. */
#ifndef WHERRY_PLAN_METER_H
#define WHERRY_PLAN_METER_H

#include "base/io.h"
#include "base/progress.h"

struct meter {
	const struct progress *progress; /* or NULL */
	const char *name;                /* of the part */
	uint64_t done, total, told;
};

/* Begin to count anew; total 0: it is not known. m may be NULL. */
void meter_start(struct meter *m, uint64_t total);
/* What passes is counted; m may be NULL. from is owned, to is not. */
struct reader *meter_reader_new(struct reader *from, struct meter *m);
struct writer *meter_writer_new(struct writer *to, struct meter *m);

#endif
