/* SPDX-License-Identifier: Apache-2.0 */
/* What verbs do, for verbs that do it as well: `test` builds and runs. */
#ifndef WHERRY_CLI_VERBS_H
#define WHERRY_CLI_VERBS_H

#include "cli/cli.h"
#include "cli/run-image.h"
#include "oci/platform.h"
#include "output/build.h"
#include "vm/state.h"

extern const struct command command_build, command_run;

/*
 * Build as `wherry build` does. options: the struct of command_build.size bytes that its options
 * are parsed into. What was built is in *ret, and is not shown.
 */
int verb_build(struct context *ctx, const void *options, const char *const *files,
	struct build_report *ret, struct werr **err);

/* A machine that `wherry run` would start. The spec refers to the others and to the options. */
struct verb_machine {
	struct run_image image; /* what was not on this machine */
	struct boot_files files;
	struct vm_state state;
	struct platform host; /* the spec may refer to it */
	struct qemu_spec spec;
};
/*
 * options: as for verb_build, of command_run. *ret is the caller's to clean up, also after a
 * failure.
 */
int verb_describe_machine(const struct context *ctx, const struct qemu_options *options,
	const char *path, struct verb_machine *ret, struct werr **err);
void verb_machine_cleanup(struct verb_machine *m);

#endif
