/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/git.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/process.h"

enum {
	GIT_TIMEOUT = 120,         /* seconds */
	GIT_OUTPUT_MAX = 64 << 20, /* a list of all files of a folder */
	SHA1_DIGITS = 40,
	SHA256_DIGITS = 64,
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

int git_changes(const char *dir, const struct strv *folders, char **ret, size_t *ret_size,
	struct werr **err)
{
	static const char *const status[] = {"--literal-pathspecs", "status", "--porcelain", "-z",
		"--no-renames", "--untracked-files=all", "--ignore-submodules=none", "--"};
	CLEANUP(strv) struct strv args = {0};

	for (size_t i = 0; i < ARRAY_SIZE(status); i++)
		strv_add(&args, status[i]);
	strv_add_all(&args, folders);
	return git_run(dir, (const char *const *)args.items, ret, ret_size, NULL, err);
}

bool git_is_hash(const char *text)
{
	size_t size = strspn(text, "0123456789abcdef");

	return !text[size] && size >= SHA1_DIGITS && size <= SHA256_DIGITS;
}
