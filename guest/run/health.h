/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a container again and again whether it is well: a program in it, a connection to it, or a
 * page of it. */
#ifndef WHERRY_GUEST_HEALTH_H
#define WHERRY_GUEST_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/env.h"
#include "common/loop.h"
#include "run/policy.h"

enum health_verdict { HEALTH_NOTHING_NEW, HEALTH_WELL, HEALTH_SICK };

struct health {
	const struct env *env;
	const struct policy_health *policy;
	const char *id;  /* the container's */
	pid_t container; /* its process; 0: not asked at present */
	char *group;  /* the control group that the program and all it starts are in; NULL: none */
	uint64_t due; /* when to ask next, or when an answer must have come */
	bool asking;
	bool well;                 /* what it said last */
	unsigned failures;         /* in a row */
	pid_t program;             /* the one that asks; 0: none */
	struct loop_source source; /* the connection */
	size_t got;
	char answer[16];
	enum health_verdict verdict; /* to be fetched */
};

void health_init(struct health *h, const struct env *env, const struct policy_health *policy,
	const char *id);
/*
 * The container runs now, as this process: ask at once. well: what it said before. cgroup: the
 * folder of the container's control group, or NULL; below that a program that asks has one of its
 * own, of which nothing is left when it has ended or took too long.
 */
void health_begin(struct health *h, pid_t container, bool well, const char *cgroup);
/* Don't ask any more. */
void health_end(struct health *h);
/* Do what is due at `now`. */
void health_tick(struct health *h, uint64_t now);
/* A child ended: true when it was the program that asks. */
bool health_child_ended(struct health *h, pid_t pid, int status);
/* What there is to say since it was asked last; NOTHING_NEW when nothing changed. */
enum health_verdict health_fetch(struct health *h);

/* Does an answer of HTTP begin so: "HTTP/1.1 2xx" or "3xx"? RFC 9112 section 4. */
bool health_http_ok(const char *answer);

#endif
