/* SPDX-License-Identifier: Apache-2.0 */
/* The program trim-after-delete: runs a command after Docker has deleted images, or every so often.
 */
#ifndef WHERRY_GUEST_TRIM_H
#define WHERRY_GUEST_TRIM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

enum { TRIM_HEAD_MAX = 16 << 10 };

struct trim {
	const char *socket;
	uint64_t delay_ms; /* from the first event to the command */
	uint64_t every_ms; /* 0: after events; else no Docker is needed */
};

/*
 * What has been read of Docker's answer: bytes of the head so far. Once it has ended, each byte
 * that follows is of an event.
 */
struct trim_answer {
	char head[TRIM_HEAD_MAX];
	size_t size;
	bool has_ended;
};

/*
 * Read [-delay TIME] [-every TIME] [-socket PATH] [--] COMMAND...; *words gets the command.
 * WERR_USAGE.
 */
int trim_parse(int argc, char **argv, struct strv *words, struct trim *ret, struct werr **err);
/*
 * Take bytes of an HTTP answer (untrusted). Returns 1 when some of them are of events, 0 when not;
 * WERR_INVALID: it is not the answer to be expected.
 */
int trim_take(struct trim_answer *a, const char *p, size_t size, struct werr **err);
int trim_main(int argc, char **argv);

#endif
