/* SPDX-License-Identifier: Apache-2.0 */
/* Looks at what a machine's kernel says on the console while that goes to our stdout. */
#ifndef WHERRY_VM_PANIC_WATCH_H
#define WHERRY_VM_PANIC_WATCH_H

#include <stdbool.h>

#include "base/error.h"

struct vm_watch;
/* Start a thread that copies to stdout what is written to *ret_fd, which is the watch's. */
int vm_watch_start(struct vm_watch **ret, int *ret_fd, struct werr **err);
/*
 * Whether a kernel panicked some time ago, in which it has said why: a machine that has not ended
 * by itself then won't.
 */
bool vm_watch_is_over(struct vm_watch *w);
/* After the last writer has ended: wait for the rest. Whether a kernel panicked. */
bool vm_watch_end(struct vm_watch *w);

#endif
