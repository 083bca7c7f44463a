/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a container's life and must outlive the supervisor: a small JSON file, which is
 * always whole. */
#ifndef WHERRY_GUEST_RECORD_H
#define WHERRY_GUEST_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "life/life.h"

enum { RECORD_STATUS_UNKNOWN = -1 };

struct record {
	enum life_state state;
	/* All times are uptime_ms()'s; 0: not yet. */
	uint64_t since;                    /* the state was entered */
	uint64_t began;                    /* this start */
	uint64_t first_began, first_ready; /* the first start, for the picture of the boot */
	uint64_t ended;                    /* its process, last */
	uint64_t restarts;                 /* by the supervisor, since the boot */
	uint64_t streak;                   /* failures in a row */
	uint64_t status;                   /* the last end's, as waitpid has it, plus 1; 0: none */
	/* As struct pidref has it; 0: none. */
	uint64_t pid, pid_started;
	uint64_t runtime, runtime_started;
	uint64_t cleaner, cleaner_started;
	uint64_t prepared; /* its mounts are there */
	uint64_t made;     /* the runtime may know of it */
};

/* The file of the container with this id; owned by the caller. */
char *record_path(const char *id);
/* path is on a file system in memory. */
int record_write(const struct record *r, const char *path, struct werr **err);
/* False when there is none, or none that makes sense. */
bool record_read(struct record *ret, const char *path);
/* The same from the file's text. */
bool record_parse(struct record *ret, const char *text, size_t size);

#endif
