/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One container's life. The OCI runtime (crun) makes it and goes; its process is then a child of the supervisor, which
 * is a subreaper.
 *
 *     WAITING --begin--> CREATING --runtime ends--> [STARTING -->] RUNNING --process ends--> ENDED
 *
 * Every failure on the way leads to ENDED. STARTING is there only when namespaces are to be bound before the process starts.
 */
#ifndef WHERRY_GUEST_CONTAINER_H
#define WHERRY_GUEST_CONTAINER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "service/log.h"
#include "service/runtime-spec.h"

enum container_kind { CONTAINER_ONBOOT, CONTAINER_SERVICE, CONTAINER_ONSHUTDOWN };

enum container_state {
	CONTAINER_WAITING,
	CONTAINER_CREATING,
	CONTAINER_STARTING,
	CONTAINER_RUNNING,
	CONTAINER_ENDED
};

enum container_stop { CONTAINER_NOT_STOPPED, CONTAINER_STOP_ASKED, CONTAINER_STOP_LIMIT };

struct container {
	enum container_kind kind;
	enum container_state state;
	char *id;     /* the folder's name, and the runtime's: "000-dhcp" */
	char *name;   /* without the number: "dhcp" */
	char *bundle; /* "/containers/onboot/000-dhcp" */
	const char *runtime_path;
	unsigned limit;  /* seconds that it may take; 0: no limit */
	bool to_console; /* what it writes is shown there too */

	struct runtime_spec *spec;
	struct service_log log;
	struct buf line; /* to_console: the beginning of a line whose end is still to come */
	int output;      /* the pipe that it writes to; -1: none */
	pid_t runtime;   /* the runtime while it makes or starts the container; else 0 */
	pid_t pid;       /* the container's process, 0 before and after */
	char *cgroup;    /* the folder of its control group, if it has one of its own */
	bool pid_ended;  /* it ended before the runtime did, with this: */
	int pid_status;
	double began; /* console_seconds() */
	enum container_stop stop;
	double stop_began;
	double stop_next; /* when the next, harder step is due */
	int stop_signal;  /* the last one sent */
	bool deaf;        /* it would not have heard SIGTERM */
};

/* Takes over nothing; kind and folder name say what is to be known. */
struct container *container_new(enum container_kind kind, const char *folder);
void container_free(struct container *c);
DEFINE_CLEANUP(struct container *, container_free, container)

/* Begin to make it. Failures are said on the console and lead to ENDED. */
void container_begin(struct container *c);
/* A child of the supervisor ended; false when it was none of this container's. */
bool container_child_ended(struct container *c, pid_t pid, int status);
/* There is something to read from c->output. */
void container_read_output(struct container *c);
/*
 * SIGTERM now, or SIGKILL when it would not be heard; SIGKILL for sure after so many seconds. One that the kernel can't
 * end even so (it waits for a dead disk) is given up.
 */
void container_end(struct container *c, enum container_stop why, double grace);
/* When container_tick() is to be called next; 0: never. */
double container_deadline(const struct container *c);
/* Do what has become due. */
void container_tick(struct container *c);

#endif
