/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Progress of long steps, reported through one callback. A NULL struct progress * is fine
 * everywhere and reports nothing. Calls may come from any thread; the callback itself must let in
 * one at a time.
 */
#ifndef WHERRY_BASE_PROGRESS_H
#define WHERRY_BASE_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

enum progress_phase { PROGRESS_BEGIN, PROGRESS_ADVANCE, PROGRESS_END };

struct progress_event {
	enum progress_phase phase;
	const char *what;     /* "import", "pull", "part", "write": one word for programs */
	const char *name;     /* the image, blob or file */
	uint64_t done, total; /* bytes; total 0: not known */
	const char *detail;   /* NULL; or what it is a part of, or what it does now */
};

struct progress {
	void (*event)(const struct progress_event *event, void *ctx);
	void *ctx;
};

static inline void progress_report(const struct progress *p, enum progress_phase phase,
	const char *what, const char *name, uint64_t done, uint64_t total)
{
	if (p)
		p->event(&(struct progress_event){phase, what, name, done, total, NULL}, p->ctx);
}

/* The beginning of a step that is part of another one: of a blob of an image. */
static inline void progress_begin_part(const struct progress *p, const char *what, const char *name,
	uint64_t total, const char *of)
{
	if (p)
		p->event(
			&(struct progress_event){PROGRESS_BEGIN, what, name, 0, total, of}, p->ctx);
}

/* What a step without a size does now: a line of text. */
static inline void progress_tell(
	const struct progress *p, const char *what, const char *name, const char *doing)
{
	if (p)
		p->event(&(struct progress_event){PROGRESS_ADVANCE, what, name, 0, 0, doing},
			p->ctx);
}

#endif
