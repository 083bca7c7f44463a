/* SPDX-License-Identifier: Apache-2.0 */
/* run --boot-chart: a picture of how a machine started, made once its services are ready. */
#ifndef WHERRY_CLI_BOOT_CHART_H
#define WHERRY_CLI_BOOT_CHART_H

#include "base/error.h"

struct vm_machine;

/* One that is to be made; it begins to count the time. */
struct chart;
/* path: where it is written, which fails at once if it can't be; NULL: then *ret is NULL, too. */
int chart_new(const char *path, struct chart **ret, struct werr **err);
/* Nothing is written unless it was made. c may be NULL. */
void chart_free(struct chart *c);
DEFINE_CLEANUP(struct chart *, chart_free, chart)

/* Make it of a machine in the background; this waits until its supervisor says that it is ready. */
int chart_make(struct chart *c, const struct vm_machine *m, struct werr **err);
/*
 * Make it, by a thread, of the machine that this process is about to run in the foreground;
 * messages say what became of it. chart_free() ends the thread.
 */
int chart_begin(struct chart *c, struct werr **err);

#endif
