/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the YAML's `wherry` map asks of the supervisor: the object "wherry" of runtime.json
 * (docs/runtime-json.md). Times are whole numbers of milliseconds. What is absent, in an image that
 * LinuxKit put together everything, has LinuxKit's meaning: no restart, no order.
 */
#ifndef WHERRY_GUEST_POLICY_H
#define WHERRY_GUEST_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "contract/wherry.h"
#include "data/node.h"

enum policy_health_kind {
	POLICY_HEALTH_NONE,
	POLICY_HEALTH_COMMAND,
	POLICY_HEALTH_TCP,
	POLICY_HEALTH_HTTP
};

struct policy_health {
	enum policy_health_kind kind;
	struct strv command;
	char *host; /* a number ("127.0.0.1", "::1"); names are not looked up */
	uint16_t port;
	char *path; /* http: "/" and so on */
	uint64_t interval, timeout;
	unsigned retries; /* failures in a row that make it unhealthy */
};

struct policy {
	enum policy_restart restart;
	uint64_t restart_delay;
	uint64_t timeout; /* onboot, onshutdown: to be done in; services: to be ready in; 0: the
			     default */
	uint64_t stop_timeout;
	int stop_signal;
	int console; /* 1, 0, or -1: as the kernel options say */
	enum policy_onfail onfail;
	uint64_t log_size; /* bytes; 0: as the kernel option wherry.log-size says */
	struct strv after;
	struct policy_health health;
};

void policy_init(struct policy *p); /* the defaults */
void policy_cleanup(struct policy *p);
/* From the object; map may be NULL. Unknown keys are left alone. p was initialised, and is also to
 * be released after a failure. */
int policy_parse(struct policy *p, const struct node *map, struct werr **err);

#endif
