/* SPDX-License-Identifier: Apache-2.0 */
#include "service/runtime.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "common/spawn.h"

static const char *const runtimes[] = {
	"/usr/bin/crun", "/usr/bin/runc", "/usr/local/bin/crun", "/usr/local/bin/runc"};

const char *runtime_find(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(runtimes); i++)
		if (access(runtimes[i], X_OK) == 0)
			return runtimes[i];
	return runtimes[0];
}

static char *pid_file(const char *id)
{
	return str_printf("/run/wherry/%s.pid", id);
}

static int run(
	const char *runtime, const char *const *argv, int output, pid_t *ret, struct werr **err)
{
	pid_t pid = spawn(runtime, argv, output);

	if (pid < 0)
		return werr_errno(err, -pid, "can't run %s", runtime);
	*ret = pid;
	return 0;
}

int runtime_create(const char *runtime, const char *bundle, const char *id, bool only_create,
	int output, pid_t *ret, struct werr **err)
{
	CLEANUP(free) char *pids = pid_file(id);
	const char *const run_it[] = {
		runtime, "run", "--detach", "--pid-file", pids, "--bundle", bundle, id, NULL};
	const char *const create_it[] = {
		runtime, "create", "--pid-file", pids, "--bundle", bundle, id, NULL};

	unlink(pids);
	return run(runtime, only_create ? create_it : run_it, output, ret, err);
}

int runtime_start(const char *runtime, const char *id, pid_t *ret, struct werr **err)
{
	const char *const argv[] = {runtime, "start", id, NULL};

	return run(runtime, argv, -1, ret, err);
}

pid_t runtime_read_pid(const char *id)
{
	CLEANUP(free) char *path = pid_file(id);
	CLEANUP(free) char *text = NULL;
	uint64_t pid;
	size_t size;

	if (file_read(path, 32, &text, &size, NULL) < 0)
		return 0;
	text[strcspn(text, "\n")] = 0;
	return str_to_u64(text, 10, &pid) == 0 && pid <= INT32_MAX ? (pid_t)pid : 0;
}

void runtime_forget(const char *runtime, const char *id)
{
	const char *const argv[] = {runtime, "delete", "--force", id, NULL};
	CLEANUP(fd) int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	CLEANUP(free) char *path = pid_file(id);

	unlink(path);
	spawn(runtime, argv, null);
}
