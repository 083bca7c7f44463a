/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Run a command that sees nothing of this machine except what is named: in a read-only root, with
 * its own processes, without network, capabilities and new privileges, as user 65534 (nobody). This
 * uses namespaces: for an ordinary user also a user namespace, while root becomes the machine's
 * nobody. When the command ends, everything that it started ends.
 */
#ifndef WHERRY_PKG_SANDBOX_H
#define WHERRY_PKG_SANDBOX_H

#include <stdbool.h>

#include "base/process.h"

/*
 * A file or directory of this machine that is visible at a place in the root, where something of
 * the same kind must exist.
 */
struct sandbox_bind {
	const char *from; /* absolute */
	const char *to;   /* in the root, without a slash at the beginning */
	bool writable;
};

struct sandbox {
	const char *
		/* absolute; has directories proc and tmp, and empty files for sandbox_devices */
		root;
	const struct sandbox_bind *binds; /* `from` NULL ends them */
	bool network;
};

/* dev/null, dev/zero...: names that must exist in the root as empty files; NULL ends the list. */
extern const char *const sandbox_devices[];

/* Let the command write in the directory: as root, by giving it to nobody. */
int sandbox_give(const char *dir, struct werr **err);

/*
 * process_run_ok() in the sandbox, in the directory spec->cwd of the root; spec->env is required.
 * WERR_UNSUPPORTED, with a hint, when the machine does not allow it.
 */
int sandbox_run(const struct sandbox *s, const struct process_spec *spec, struct werr **err);

#endif
