/* SPDX-License-Identifier: Apache-2.0 */
/* Plans written as the tar that `--format tar` makes. */
#ifndef WHERRY_TESTS_UNIT_PLAN_TAR_OF_PLAN_H
#define WHERRY_TESTS_UNIT_PLAN_TAR_OF_PLAN_H

#include "../buf-writer.h"
#include "fixture.h"
#include "output/write.h"

enum { TAR_OF_PLAN_MAX = 8 << 20 };

static inline void tar_of_plan(struct plan *p, struct buf *ret)
{
	static const struct pieces_options options = {{&encoding_tar}, 1, .threads = 1};
	struct buf_writer to = BUF_WRITER(ret);
	CLEANUP(pieces) struct pieces *pieces = NULL;
	struct output_job job = {.plan = p};
	struct werr *err = NULL;

	assert_ok(pieces_find(&pieces, p, &options, &err), err);
	assert_ok(plan_load_kernel(p, &err), err);
	assert_ok(pieces_encode(pieces, &err), err);
	job.pieces = pieces;
	assert_ok(output_write_tar(&job, &to.writer, &err), err);
	assert_int_equal(buf_error(ret), 0);
}

#endif
