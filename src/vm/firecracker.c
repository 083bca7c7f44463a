/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/firecracker.h"

#include <errno.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/process.h"
#include "contract/outputs.h"

/* A name without a slash is looked up in PATH; a path is seen from where the user is. */
static char *program_of(const char *program)
{
	if (!program)
		return str_dup("firecracker");
	return strchr(program, '/') ? realpath(program, NULL) : str_dup(program);
}

static int make_arguments(const char *dir, const char *program, struct strv *ret, struct werr **err)
{
	CLEANUP(free) char *config = str_printf("%s/" FIRECRACKER_CONFIG, dir);
	CLEANUP(free) char *name = program_of(program);

	if (!name)
		return werr_errno(err, errno, "can't find %s", program);
	if (!file_exists(config)) {
		werr_set(err, WERR_NOT_FOUND, "nothing to boot: there is no %s", config);
		werr_hint(err, "make it with: wherry build --format firecracker OS.yml");
		return werr_code(WERR_NOT_FOUND);
	}
	strv_add(ret, name);
	strv_add(ret, "--no-api");
	strv_add(ret, "--config-file");
	strv_add(ret, FIRECRACKER_CONFIG);
	return 0;
}

int firecracker_run(const char *dir, const char *program, int *ret_exit_code, struct werr **err)
{
	CLEANUP(process_result) struct process_result result = {0};
	CLEANUP(strv) struct strv argv = {0};
	CLEANUP(free) char *shown = NULL;
	struct process_spec process = {.cwd = dir, .foreground = true};
	int r = make_arguments(dir, program, &argv, err);

	if (r < 0)
		return r;
	shown = strv_join(&argv, " ");
	log_detail("in %s: %s", dir, shown);
	process.argv = (const char *const *)argv.items;
	r = process_run(&process, &result, err);
	if (r == -ENOENT)
		werr_hint(err, "install Firecracker, or name the program with --firecracker");
	if (r == 0)
		*ret_exit_code = result.exit_code;
	return r;
}
