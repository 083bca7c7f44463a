/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Run a command where nothing of this machine is seen but what is named: in a root of its own,
 * read-only, with its own processes, without network, capabilities and new privileges, as user
 * 65534 (nobody). By namespaces: as an ordinary user one for users as well; as root, which needs
 * none, as the machine's nobody. When the command ends, all that it started ends.
 */
#ifndef WHERRY_PKG_SANDBOX_H
#define WHERRY_PKG_SANDBOX_H

#include <stdbool.h>

#include "base/process.h"

/*
 * A file or directory of this machine that is seen at a place in the root, which must have one of
 * the kind there.
 */
struct sandbox_bind {
	const char *from; /* absolute */
	const char *to;   /* in the root, without a slash at the beginning */
	bool writable;
};

struct sandbox {
	const char *
		/*
		 * absolute; with directories proc and tmp, and dev/null and its like as files
		 * (sandbox_devices)
		 */
		root;
	const struct sandbox_bind *binds; /* `from` NULL ends them */
	bool network;
};

/* dev/null, dev/zero...: names in the root that must be there as empty files; NULL ends them. */
extern const char *const sandbox_devices[];

/* Make the directory one in which the command may write: as root, nobody's. */
int sandbox_give(const char *dir, struct werr **err);

/*
 * process_run_ok() in there, in the directory spec->cwd of the root; spec->env is needed.
 * WERR_UNSUPPORTED, with the way out, when the machine does not let it be.
 */
int sandbox_run(const struct sandbox *s, const struct process_spec *spec, struct werr **err);

#endif
