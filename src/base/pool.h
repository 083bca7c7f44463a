/* SPDX-License-Identifier: Apache-2.0 */
/* A thread pool for jobs that do not wait for each other. */
#ifndef WHERRY_BASE_POOL_H
#define WHERRY_BASE_POOL_H

#include "base/error.h"

/*
 * Call job(ctx, i, err) for i = 0 ... n-1 on up to `threads` threads (0: one for each processor),
 * and wait for all. After the first failure no further job is begun; the error of the lowest i that
 * failed is returned, whatever the order was.
 */
typedef int pool_job(void *ctx, size_t i, struct werr **err);
int pool_run(unsigned threads, size_t n, pool_job *job, void *ctx, struct werr **err);

/* Processors that this process may use; at least 1. */
unsigned pool_processors(void);

#endif
