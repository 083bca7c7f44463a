/* SPDX-License-Identifier: Apache-2.0 */
#include "run/runtime.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "common/paths.h"
#include "common/spawn.h"

static const char *const runtimes[] = {
	"/usr/bin/crun", "/usr/bin/runc", "/usr/local/bin/crun", "/usr/local/bin/runc"};

/*
 * The runtime's state is kept where there is room when /run is full, and where no container that
 * binds /run can change it. The runtime's default would be /run/crun or /run/runc.
 */
#define RUNTIME_ROOT "--root=" RUN_RUNTIME

const char *runtime_find(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(runtimes); i++)
		if (access(runtimes[i], X_OK) == 0)
			return runtimes[i];
	return runtimes[0];
}

static char *pid_file(const char *id)
{
	return str_printf(RUN_DIR "/%s.pid", id);
}

static int run(const char *runtime, const char *const *argv, int output,
	const struct spawn_witness *witness, struct werr **err)
{
	struct spawn s = SPAWN(runtime, argv);
	pid_t pid;

	s.out = output;
	s.witness = witness;
	pid = spawn_run(&s);
	return pid < 0 ? werr_errno(err, -pid, "can't run %s", runtime) : 0;
}

int runtime_create(const char *runtime, const char *bundle, const char *id, bool only_create,
	bool debug, int output, const struct spawn_witness *witness, struct werr **err)
{
	CLEANUP(free) char *pids = pid_file(id);
	const char *argv[13];
	size_t n = 0;

	argv[n++] = runtime;
	argv[n++] = RUNTIME_ROOT;
	if (debug)
		argv[n++] = "--debug";
	argv[n++] = only_create ? "create" : "run";
	if (!only_create)
		argv[n++] = "--detach";
	argv[n++] = "--pid-file";
	argv[n++] = pids;
	argv[n++] = "--bundle";
	argv[n++] = bundle;
	argv[n++] = id;
	argv[n] = NULL;
	unlink(pids);
	return run(runtime, argv, output, witness, err);
}

int runtime_start(
	const char *runtime, const char *id, const struct spawn_witness *witness, struct werr **err)
{
	const char *const argv[] = {runtime, RUNTIME_ROOT, "start", id, NULL};

	return run(runtime, argv, -1, witness, err);
}

pid_t runtime_read_pid(const char *id)
{
	CLEANUP(free) char *path = pid_file(id);
	uint64_t pid;
	char text[32];

	if (file_read_small(path, text, sizeof(text)) < 0)
		return 0;
	text[strcspn(text, "\n")] = 0;
	return str_to_u64(text, 10, &pid) == 0 && pid <= INT32_MAX ? (pid_t)pid : 0;
}

int runtime_forget(
	const char *runtime, const char *id, const struct spawn_witness *witness, struct werr **err)
{
	const char *const argv[] = {runtime, RUNTIME_ROOT, "delete", "--force", id, NULL};
	CLEANUP(fd) int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	CLEANUP(free) char *path = pid_file(id);

	unlink(path);
	return run(runtime, argv, null, witness, err);
}

static pid_t exec_in(const char *runtime, const char *id, const struct strv *command,
	const int stdio[static 3], int third, bool terminal, const char *pids, const char *group)
{
	CLEANUP(free) const char **argv = mem_alloc_array(command->n + 12, sizeof(char *));
	struct spawn s = SPAWN(runtime, argv);
	size_t n = 0;

	argv[n++] = runtime;
	argv[n++] = RUNTIME_ROOT;
	argv[n++] = "exec";
	if (terminal)
		argv[n++] = "--tty";
	if (third >= 0)
		argv[n++] = "--preserve-fds=1";
	if (pids) {
		unlink(pids);
		argv[n++] = "--pid-file";
		argv[n++] = pids;
	}
	if (group) {
		argv[n++] = "--cgroup";
		argv[n++] = group;
	}
	argv[n++] = id;
	for (size_t i = 0; i < command->n; i++)
		argv[n++] = command->items[i];
	s.in = stdio[0];
	s.out = stdio[1];
	s.err = stdio[2];
	s.third = third;
	return spawn_run(&s);
}

pid_t runtime_exec_on(const char *runtime, const char *id, const struct strv *command,
	const int stdio[static 3], int third, bool terminal)
{
	return exec_in(runtime, id, command, stdio, third, terminal, NULL, NULL);
}

static char *check_of(const char *id)
{
	return str_printf("%s.health", id);
}

pid_t runtime_exec(
	const char *runtime, const char *id, const struct strv *command, const char *group)
{
	CLEANUP(fd) int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	CLEANUP(free) char *check = check_of(id), *pids = pid_file(check);
	const int stdio[3] = {null, null, null};

	return exec_in(runtime, id, command, stdio, -1, false, pids, group);
}

void runtime_exec_kill(const char *id, pid_t runtime)
{
	CLEANUP(free) char *check = check_of(id);
	pid_t pid = runtime_read_pid(check);

	/*
	 * The runtime does not kill its command when it is killed. It reaps the command, so that
	 * number cannot be reused before the runtime is gone.
	 */
	if (pid && kill(-pid, SIGKILL) < 0)
		kill(pid, SIGKILL);
	kill(runtime, SIGKILL);
}
