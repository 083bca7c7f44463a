/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must outlive the supervisor about a container: a small JSON file, which is never incomplete.
 */
#ifndef WHERRY_GUEST_RECORD_H
#define WHERRY_GUEST_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "life/life.h"

enum { RECORD_STATUS_UNKNOWN = -1, RECORD_WHY_MAX = 256 };

struct record {
	enum life_state state;
	/* Times are those of uptime_ms(); 0: not yet. */
	uint64_t since;                    /* it has been in this state */
	uint64_t began;                    /* of this run */
	uint64_t first_began, first_ready; /* of the first run, for `service boot` */
	uint64_t ended;                    /* its last process */
	uint64_t restarts;                 /* by the supervisor, since the boot */
	uint64_t streak;                   /* failures in a row */
	uint64_t status;                   /* of the last end, as from waitpid(), plus 1; 0: none */
	/* As in struct pidref; 0: none. */
	uint64_t pid, pid_started;
	uint64_t runtime, runtime_started;
	uint64_t cleaner, cleaner_started;
	uint64_t prepared; /* its mounts have been made */
	uint64_t made;     /* the runtime may know it */
	uint64_t oom;      /* processes of the last run that were killed as memory was short */
	char why[RECORD_WHY_MAX]; /* how the last run ended (life/why.h), filled up with zeros */
};

/* The path for the container with this ID; owned by the caller. */
char *record_path(const char *id);
/* path must be on a file system in memory. */
int record_write(const struct record *r, const char *path, struct werr **err);
/* False when there is none, or it is not valid. */
bool record_read(struct record *ret, const char *path);
/* The same from the text of the file. */
bool record_parse(struct record *ret, const char *text, size_t size);

#endif
