/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checking regularly whether a container is healthy: by a program run in it, a connection to it, or
 * an HTTP request.
 */
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
	pid_t container; /* its process; 0: no checks at present */
	char *group;     /* the control group of the program that checks; NULL: none */
	uint64_t due;    /* time of the next check, or limit of the present one */
	bool asking;
	bool well;                 /* the last verdict */
	char said[64];             /* what the last check got: "HTTP 503"; "": none yet */
	uint64_t said_at;          /* uptime_ms() then */
	unsigned failures;         /* in a row */
	pid_t program;             /* the program that checks; 0: none */
	struct loop_source source; /* the connection */
	size_t got;
	char answer[16];
	enum health_verdict verdict; /* for health_fetch() */
};

void health_init(struct health *h, const struct env *env, const struct policy_health *policy,
	const char *id);
/*
 * The container runs now, as this process: check at once. well: the last verdict. cgroup: the
 * directory of the container's control group, or NULL. The program that checks runs in a group
 * below it, which is emptied when the program has ended or takes too long.
 */
void health_begin(struct health *h, pid_t container, bool well, const char *cgroup);
/* No more checks. */
void health_end(struct health *h);
/* Do what is due at `now`. */
void health_tick(struct health *h, uint64_t now);
/* A child ended: true when it was the program that checks. */
bool health_child_ended(struct health *h, pid_t pid, int status);
/* The news since the last call; HEALTH_NOTHING_NEW when there is none. */
enum health_verdict health_fetch(struct health *h);

/* Does an HTTP answer begin with "HTTP/1.x 2xx" or "3xx"? RFC 9112 section 4. */
bool health_http_ok(const char *answer);

#endif
