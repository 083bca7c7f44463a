/* SPDX-License-Identifier: Apache-2.0 */
/* One cell of a test's matrix: a machine that is started, and compared with what is expected. */
#ifndef WHERRY_PROBE_CELL_H
#define WHERRY_PROBE_CELL_H

#include "probe/probe-file.h"
#include "probe/tcp.h"
#include "vm/qemu.h"

enum probe_outcome { PROBE_NOT_RUN, PROBE_PASSED, PROBE_FAILED, PROBE_SKIPPED };
extern const char *const probe_outcomes[]; /* "not run", "passed", ... */

struct probe_cell {
	/* What it is; names are those of the matrix. root: "" for the format's own. */
	const char *format, *root, *arch;
	enum probe_firmware firmware;

	enum probe_outcome outcome;
	char *why;     /* it failed, or was skipped; or NULL */
	char *tail;    /* the console's last lines; or NULL */
	char *log;     /* the file with all of the console; or NULL */
	unsigned line; /* of the expectation that was not met; 0: none */
	uint64_t ms;   /* how long it took, without the build */
};
void probe_cell_cleanup(struct probe_cell *c);
/* "raw-efi uefi amd64"; owned by the caller. */
char *probe_cell_name(const struct probe_cell *c);
/* It failed, or can't run here, because of an error, which is taken over. */
void probe_cell_end(struct probe_cell *c, enum probe_outcome outcome, struct werr *why);

/*
 * Start the machine with this state directory, compare, and end it. ports: where the guest's are.
 * 0 whatever the outcome, which is in *c; -ECANCELED with the error.
 */
int probe_cell_run(struct probe_cell *c, const struct probe_file *f, const struct qemu_spec *spec,
	const char *dir, const struct probe_port *ports, struct werr **err);

#endif
