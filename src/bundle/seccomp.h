/* SPDX-License-Identifier: Apache-2.0 */
/* The table that the default seccomp profile is made of (docs/security.md). */
#ifndef WHERRY_BUNDLE_SECCOMP_H
#define WHERRY_BUNDLE_SECCOMP_H

#include <stddef.h>
#include <stdint.h>

#include "data/json.h"

/*
 * System calls that belong together. What is in no group does not exist for a service (ENOSYS), so
 * that the C library falls back from a call that is newer than this table.
 */
struct seccomp_group {
	const char *name;
	uint64_t capabilities; /* bit n: capability n; one of them is enough */
	enum {
		SECCOMP_ALLOW,     /* every process may */
		SECCOMP_PRIVILEGE, /* with one of the capabilities; otherwise EPERM */
		SECCOMP_DENY,      /* EPERM */
	} action;
	const char *calls; /* separated by spaces */
};
extern const struct seccomp_group seccomp_groups[];
extern const size_t seccomp_groups_n;

/* The profile. arch: Go's name; capabilities: those that the container can have. */
void seccomp_write_default(struct json_writer *w, const char *arch, uint64_t capabilities);

#endif
