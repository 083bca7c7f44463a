/* SPDX-License-Identifier: Apache-2.0 */
/* Calls a function now and then, while others work. */
#ifndef WHERRY_CLI_TICKER_H
#define WHERRY_CLI_TICKER_H

struct ticker;

/* Call tick every `ms` milliseconds, on a thread of its own. NULL when there can be no thread. */
struct ticker *ticker_start(unsigned ms, void (*tick)(void *ctx), void *ctx);
/* Waits for a call that runs now; NULL is fine. */
void ticker_stop(struct ticker *t);

#endif
