/* SPDX-License-Identifier: Apache-2.0 */
#include "keep/scripts.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "common/console.h"
#include "common/fs.h"
#include "common/spawn.h"
#include "common/uptime.h"

enum { NOTE_MAX = 4096 };

/* As LinuxKit's init: whatever is a regular file, also behind a link. */
static bool is_script(const char *dir, const char *name)
{
	CLEANUP(free) char *path = path_join(dir, name);
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && !initd_replaced(name);
}

void scripts_read(struct scripts *ret, const char *dir, const char *note, uint64_t limit)
{
	CLEANUP(strv) struct strv all = {0};
	CLEANUP(free) char *last = NULL;
	const char *name;
	size_t size;

	*ret = (struct scripts){.dir = str_dup(dir), .limit = limit};
	if (fs_names(dir, &all) < 0)
		return;
	STRV_FOREACH (name, &all)
		if (is_script(dir, name))
			strv_add(&ret->names, name);
	if (file_read(note, NOTE_MAX, &last, &size, NULL) == 0)
		while (ret->next < ret->names.n && strcmp(ret->names.items[ret->next], last) <= 0)
			ret->next++;
}

void scripts_cleanup(struct scripts *s)
{
	strv_clear(&s->names);
	free(s->dir);
}

static void begin(struct scripts *s, const char *note)
{
	const char *name = s->names.items[s->next++];
	CLEANUP(free) char *path = path_join(s->dir, name);
	const char *const argv[] = {path, NULL};
	pid_t pid;

	file_write_atomic(note, 0600, name, strlen(name), NULL);
	pid = spawn(path, argv, -1);
	if (pid < 0) {
		console_line(
			"init.d %s: can't be run: %s; continuing without it", name, strerror(-pid));
		return;
	}
	s->pid = pid;
	s->began = uptime_ms();
	s->deadline = s->began + s->limit;
}

bool scripts_run(struct scripts *s, const char *note, enum initd_when when)
{
	while (!s->pid && s->next < s->names.n && initd_when(s->names.items[s->next]) <= when)
		begin(s, note);
	return s->pid != 0;
}

bool scripts_child_ended(struct scripts *s, pid_t pid, int status)
{
	const char *name = s->next ? s->names.items[s->next - 1] : "";
	double seconds = (double)(uptime_ms() - s->began) / 1000;
	char how[64];

	if (!s->pid || pid != s->pid)
		return false;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		console_line("init.d %s: done in %.2f s", name, seconds);
	else
		console_line("init.d %s: failed with %s after %.2f s; continuing without it", name,
			spawn_status(how, sizeof(how), status), seconds);
	s->pid = 0;
	s->deadline = 0;
	return true;
}

void scripts_tick(struct scripts *s, uint64_t now)
{
	if (!s->deadline || now < s->deadline)
		return;
	s->deadline = 0;
	console_line("init.d %s: takes longer than %llu s; killing it", s->names.items[s->next - 1],
		(unsigned long long)(s->limit / 1000));
	kill(-s->pid, SIGKILL);
}

void scripts_stop(struct scripts *s)
{
	s->next = s->names.n;
	s->deadline = 0;
	if (s->pid)
		kill(-s->pid, SIGKILL);
	s->pid = 0;
}
