/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/git.h"

#include <errno.h>

#include "base/mem.h"
#include "base/process.h"
#include "base/str.h"

enum {
	GIT_TIMEOUT = 120,         /* seconds */
	GIT_OUTPUT_MAX = 64 << 20, /* a list of all files of a folder */
};

int git_run(const char *dir, const char *const *args, char **ret, size_t *ret_size, int *exit_code,
	struct werr **err)
{
	CLEANUP(strv) struct strv argv = {0};
	struct process_spec spec = {.output_max = GIT_OUTPUT_MAX, .timeout_seconds = GIT_TIMEOUT};
	struct process_result result = {0};
	int r;

	strv_add(&argv, "git");
	strv_add(&argv, "-C");
	strv_add(&argv, dir);
	for (size_t i = 0; args[i]; i++)
		strv_add(&argv, args[i]);
	spec.argv = (const char *const *)argv.items;
	r = exit_code ? process_run(&spec, &result, err) : process_run_ok(&spec, &result, err);
	if (r < 0) {
		if (r == -ENOENT)
			werr_hint(err, "install git, or name the image with --hash");
		return r;
	}
	if (exit_code)
		*exit_code = result.exit_code;
	if (ret)
		*ret = STEAL(result.output);
	if (ret_size)
		*ret_size = result.output_size;
	process_result_cleanup(&result);
	return 0;
}
