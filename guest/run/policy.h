/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the supervisor is asked to keep a container: the object "wherry" of runtime.json
 * (contract/wherry.h), which comes from the YAML's `wherry` map. Times are in milliseconds. Absent
 * keys have LinuxKit's meaning, no restart and no order; in an image built by LinuxKit all are
 * absent.
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
	char *host; /* numeric ("127.0.0.1", "::1"); names are not looked up */
	uint16_t port;
	char *path; /* for http: "/" and so on */
	uint64_t interval, timeout;
	unsigned retries; /* failures in a row that make it unhealthy */
};

struct policy {
	enum policy_restart restart;
	uint64_t restart_delay;
	uint64_t timeout; /* for a step to be done, for a service to be ready; 0: default */
	uint64_t stop_timeout;
	int stop_signal;
	int console; /* 1 or 0; -1: as the kernel options say */
	enum policy_onfail onfail;
	uint64_t log_size; /* bytes; 0: as the kernel option wherry.log-size says */
	struct strv after;
	struct policy_health health;
};

void policy_init(struct policy *p); /* the defaults */
void policy_cleanup(struct policy *p);
/*
 * Read the object; map may be NULL. Unknown keys are ignored. p must be initialized, and must be
 * released even after a failure.
 */
int policy_parse(struct policy *p, const struct node *map, struct werr **err);

#endif
