/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ctrl-C. The command line's signal handler calls cancel_request(); every long loop calls
 * cancel_check() and returns its error, and the cleanups on the way out remove what was begun.
 */
#ifndef WHERRY_BASE_CANCEL_H
#define WHERRY_BASE_CANCEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

void cancel_request(void); /* safe in a signal handler */
bool cancel_requested(void);
/* 0, or -ECANCELED with the error "interrupted". */
int cancel_check(struct werr **err);
/* Wait that long; -ECANCELED, with the error, as soon as Ctrl-C comes. */
int cancel_pause(uint64_t ms, struct werr **err);

#endif
