/* SPDX-License-Identifier: Apache-2.0 */
/* The default seccomp profile (docs/security.md), and profiles in files: runtime-spec
 * config-linux.md "Seccomp". */
#ifndef WHERRY_CONFIG_SECCOMP_H
#define WHERRY_CONFIG_SECCOMP_H

#include "config/config.h"
#include "config/check.h"
#include "config/schema.h"
#include "data/json.h"

/*
 * System calls that belong together. What is in no group does not exist for a service (ENOSYS), so
 * that the C library falls back from a call that is newer than this table.
 */
struct seccomp_group {
	const char *name;
	uint64_t capabilities; /* bit n: capability n; one of them is enough */
	enum {
		SECCOMP_ALLOW,     /* everyone may */
		SECCOMP_PRIVILEGE, /* who has one of the capabilities may; others get EPERM */
		SECCOMP_DENY,      /* EPERM */
	} action;
	const char *calls; /* with blanks between */
};
extern const struct seccomp_group seccomp_groups[];
extern const size_t seccomp_groups_n;

/* arch: Go's name; capabilities: those that the container can have. */
void seccomp_write_default(struct json_writer *w, const char *arch, uint64_t capabilities);

/* A profile in a file, as a table. */
extern const struct key_map schema_seccomp;

/* Does the text of `wherry.seccomp` name a file, rather than "default" or "none"? */
bool seccomp_is_file(const char *text);

#endif
