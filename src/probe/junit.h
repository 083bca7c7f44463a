/* SPDX-License-Identifier: Apache-2.0 */
/* The outcome of a test as JUnit's XML, which CI systems read. */
#ifndef WHERRY_PROBE_JUNIT_H
#define WHERRY_PROBE_JUNIT_H

#include "base/buf.h"
#include "probe/cell.h"

/* Append the document. name: the test file's. */
void probe_junit_write(struct buf *out, const char *name, const struct probe_cell *cells, size_t n);

#endif
