/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Progress of long steps, reported through one callback. A NULL struct progress * is fine
 * everywhere and reports nothing. Calls may come from any thread; the callback itself must let in
 * one at a time.
 */
#ifndef WHERRY_BASE_PROGRESS_H
#define WHERRY_BASE_PROGRESS_H

#include <stdint.h>

enum progress_phase { PROGRESS_BEGIN, PROGRESS_ADVANCE, PROGRESS_END };

struct progress_event {
	enum progress_phase phase;
	const char *what;     /* "import", "pull", "part", "write": one word for programs */
	const char *name;     /* the image, blob or file */
	uint64_t done, total; /* bytes; total 0: not known */
};

struct progress {
	void (*event)(const struct progress_event *event, void *ctx);
	void *ctx;
};

static inline void progress_report(const struct progress *p, enum progress_phase phase,
	const char *what, const char *name, uint64_t done, uint64_t total)
{
	if (p)
		p->event(&(struct progress_event){phase, what, name, done, total}, p->ctx);
}

#endif
