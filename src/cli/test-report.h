/* SPDX-License-Identifier: Apache-2.0 */
/* What a test has shown: for people, and for programs. */
#ifndef WHERRY_CLI_TEST_REPORT_H
#define WHERRY_CLI_TEST_REPORT_H

#include "base/buf.h"
#include "cli/test-matrix.h"

/* A table, and below it why cells failed. */
void test_report_text(struct buf *out, const struct test_matrix *m);
/* A line with an object for each cell. */
void test_report_json(struct buf *out, const struct test_matrix *m);

#endif
