/* SPDX-License-Identifier: Apache-2.0 */
/* Machines in the background: which there are. */
#include "vm/machines.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "contract/outputs.h"
#include "oci/reference.h"
#include "vm/machines-impl.h"
#include "vm/presence.h"

enum { TRIES = 100, PAUSE_MS = 50 };

/* The connection, which never waits; or -errno. */
static int try_connect(const struct vm_machine *m, const char *name)
{
	CLEANUP(free) char *path = path_join(m->dir, name);
	CLEANUP(fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int r;

	if (fd < 0)
		return -errno;
	if (str_copy(at.sun_path, sizeof(at.sun_path), path) < 0)
		return -ENOENT;
	if (connect(fd, (const struct sockaddr *)&at, sizeof(at)) < 0)
		return -errno;
	r = fd;
	fd = -1;
	return r;
}

static bool means_ended(int r)
{
	return r == -ENOENT || r == -ECONNREFUSED || r == -ENOTDIR;
}

int vm_machine_connect(const struct vm_machine *m, const char *name, int *ret_fd, struct werr **err)
{
	int r = try_connect(m, name);

	/* Others who only look are gone in a moment. */
	for (int tries = 0; r == -EAGAIN && tries < TRIES; tries++) {
		int problem = cancel_pause(PAUSE_MS, err);
		if (problem < 0)
			return problem;
		r = try_connect(m, name);
	}
	*ret_fd = r >= 0 ? r : -1;
	if (r >= 0 || means_ended(r))
		return 0;
	if (r == -EAGAIN)
		return werr_set(err, WERR_EXISTS, "another process uses %s/%s", m->dir, name);
	return werr_errno(err, -r, "can't connect to %s/%s", m->dir, name);
}

/* Whether it runs, even if others are connected to it. */
static int is_running(const struct vm_machine *m, bool *ret, struct werr **err)
{
	int r;

	*ret = vm_presence_is_real(m->dir);
	if (m->foreground)
		return 0;
	r = try_connect(m, MACHINE_CONTROL);
	*ret = r >= 0 || r == -EAGAIN;
	if (r >= 0)
		close(r);
	else if (!*ret && !means_ended(r))
		return werr_errno(err, -r, "can't connect to %s/%s", m->dir, MACHINE_CONTROL);
	return 0;
}

int vm_machines_dir(char **ret, struct werr **err)
{
	return file_state_path("machines", ret, err);
}

char *vm_machine_name(const char *dir)
{
	static const char suffix[] = "-state";
	CLEANUP(free) char *base = path_base(dir);
	size_t size = strlen(base);

	if (str_ends_with(base, suffix) && size > strlen(suffix))
		base[size - strlen(suffix)] = 0;
	return STEAL(base);
}

int vm_machine_check_dir(const char *dir, struct werr **err)
{
	struct stat st;

	if (stat(dir, &st) < 0)
		return werr_errno(err, errno, "can't look at %s", dir);
	if (st.st_uid == geteuid() && !(st.st_mode & S_IWOTH))
		return 0;
	werr_set(err, WERR_DENIED,
		st.st_uid == geteuid() ? "everybody can write to the state directory %s"
				       : "the state directory %s belongs to another user",
		dir);
	werr_hint(err, "name another one with --state");
	return werr_code(WERR_DENIED);
}

/* The name of a machine in the foreground, which its directory has; NULL: it is a state directory.
 */
static char *read_name(const char *dir)
{
	CLEANUP(free) char *path = path_join(dir, PRESENCE_NAME);
	char text[PATH_MAX];

	return file_read_small(path, text, sizeof(text)) < 0 ? NULL : str_dup(text);
}

/* The process of the machine of a directory, or 0. */
static uint64_t read_process(const struct vm_machine *m)
{
	CLEANUP(free) char *path = path_join(m->dir, MACHINE_PID);
	CLEANUP(free) char *base = path_base(m->dir);
	char text[32];
	uint64_t pid = 0;

	if (m->foreground)
		(void)str_to_u64(base, 10, &pid);
	else if (file_read_small(path, text, sizeof(text)) > 0) {
		text[strcspn(text, "\n")] = 0;
		(void)str_to_u64(text, 10, &pid);
	}
	return pid;
}

/* The machine of a directory, which may not run. */
static int read_machine(const char *dir, struct vm_machine *ret, struct werr **err)
{
	CLEANUP(vm_machine) struct vm_machine m = {0};

	m.dir = realpath(dir, NULL);
	if (!m.dir)
		return werr_errno(err, errno, "can't look up %s", dir);
	m.name = read_name(m.dir);
	m.foreground = m.name != NULL;
	if (!m.name)
		m.name = vm_machine_name(m.dir);
	m.pid = read_process(&m);
	*ret = m;
	m = (struct vm_machine){0};
	return 0;
}

int vm_machine_check_console(const struct vm_machine *m, struct werr **err)
{
	if (!m->foreground)
		return 0;
	return werr_set(err, WERR_UNSUPPORTED,
		"%s runs in the foreground: its console is a terminal of its own", m->name);
}

struct visit {
	const char *dir;
	struct vm_machines *machines;
};

static int visit_link(int dir_fd, const char *name, void *ctx, struct werr **err)
{
	const struct visit *v = ctx;
	CLEANUP(vm_machine) struct vm_machine m = {0};
	CLEANUP(werr) struct werr *ignored = NULL;
	CLEANUP(free) char *link = path_join(v->dir, name);
	bool running = false;
	int r = read_machine(link, &m, &ignored);

	if (r == 0)
		r = is_running(&m, &running, err);
	else
		r = 0;
	/* A machine that has taken another's place in a directory has a link of its own. */
	if (r == 0 && (!running || m.pid == 0)) {
		if (unlinkat(dir_fd, name, 0) < 0 && m.foreground)
			(void)file_remove_all(link, &ignored);
	} else if (r == 0) {
		CLEANUP(free) char *pid = str_printf("%llu", (unsigned long long)m.pid);

		if (!str_eq(pid, name)) {
			unlinkat(dir_fd, name, 0);
			return 0;
		}
		mem_grow(&v->machines->items, v->machines->n, &v->machines->cap, sizeof(m));
		v->machines->items[v->machines->n++] = m;
		m = (struct vm_machine){0};
	}
	return r;
}

static int by_pid(const void *a, const void *b)
{
	uint64_t x = ((const struct vm_machine *)a)->pid, y = ((const struct vm_machine *)b)->pid;

	return (x > y) - (x < y);
}

int vm_machines_list(struct vm_machines *ret, struct werr **err)
{
	CLEANUP(vm_machines) struct vm_machines l = {0};
	CLEANUP(free) char *dir = NULL;
	int r = vm_machines_dir(&dir, err);

	if (r == 0)
		r = file_visit_dir(
			dir, FILE_ABSENT_IS_EMPTY, visit_link, &(struct visit){dir, &l}, err);
	if (r < 0)
		return r;
	if (l.n > 1)
		qsort(l.items, l.n, sizeof(*l.items), by_pid);
	*ret = l;
	l = (struct vm_machines){0};
	return 0;
}

/* The one of the list that has this name or process; *ret is as it was when there is none. */
static int pick(struct vm_machines *l, const char *what, struct vm_machine *ret, struct werr **err)
{
	struct vm_machine *found = NULL;

	for (size_t i = 0; i < l->n; i++) {
		CLEANUP(free) char *pid = str_printf("%llu", (unsigned long long)l->items[i].pid);

		if (!str_eq(what, l->items[i].name) && !str_eq(what, pid))
			continue;
		if (found) {
			werr_set(err, WERR_EXISTS, "several machines are called %s", what);
			werr_hint(err, "name the process or the state directory: wherry run list");
			return werr_code(WERR_EXISTS);
		}
		found = &l->items[i];
	}
	if (found) {
		*ret = *found;
		*found = (struct vm_machine){0};
	}
	return 0;
}

static int not_running(const char *what, struct werr **err)
{
	werr_set(err, WERR_NOT_FOUND, "no machine %s runs", what);
	werr_hint(err, "'wherry run list' lists them");
	return werr_code(WERR_NOT_FOUND);
}

char *vm_machine_of_image(const char *image)
{
	CLEANUP(reference) struct reference ref = {0};
	const char *slash;

	if (str_ends_with(image, OUTPUT_OCI))
		return str_dup_n(image, strlen(image) - strlen(OUTPUT_OCI));
	if (reference_parse(image, &ref, NULL) < 0)
		return str_dup(image);
	slash = strrchr(ref.repository, '/');
	return str_dup(slash ? slash + 1 : ref.repository);
}

/* Whether it can't be the path of outputs: it has a registry or a tag, or is an artifact's file. */
static bool is_image(const char *what)
{
	CLEANUP(reference) struct reference ref = {0};

	return str_ends_with(what, OUTPUT_OCI) ||
	       (reference_parse(what, &ref, NULL) == 0 &&
		       (strchr(what, ':') || str_after(what, ref.registry)));
}

/* By the directory of what was run; ret->dir stays NULL when there is none. */
static int find_dir(const char *what, bool running, struct vm_machine *ret, struct werr **err)
{
	const char *const endings[] = {"-state", ""};
	int r = 0;

	for (size_t i = 0; r == 0 && !ret->dir && i < ARRAY_SIZE(endings); i++) {
		CLEANUP(free) char *dir = str_printf("%s%s", what, endings[i]);
		CLEANUP(free) char *log = path_join(dir, MACHINE_LOG);
		bool runs = false;

		if (!file_exists(log))
			continue;
		r = vm_machine_check_dir(dir, err);
		if (r == 0)
			r = read_machine(dir, ret, err);
		if (r == 0 && running)
			r = is_running(ret, &runs, err);
		if (r == 0 && running && !runs)
			vm_machine_cleanup(ret);
	}
	return r;
}

int vm_machine_find(const char *what, bool running, struct vm_machine *ret, struct werr **err)
{
	CLEANUP(vm_machines) struct vm_machines all = {0};
	CLEANUP(vm_machine) struct vm_machine m = {0};
	CLEANUP(free) char *image = is_image(what) ? vm_machine_of_image(what) : str_dup(what);
	CLEANUP(free) char *name = path_base(image);
	int r = find_dir(what, running, &m, err);

	if (r == 0 && !m.dir)
		r = find_dir(image, running, &m, err);
	if (r == 0 && !m.dir)
		r = vm_machines_list(&all, err);
	if (r == 0 && !m.dir)
		r = pick(&all, is_image(what) ? name : what, &m, err);
	if (r < 0)
		return r;
	if (!m.dir)
		return not_running(what, err);
	*ret = m;
	m = (struct vm_machine){0};
	return 0;
}

void vm_machine_cleanup(struct vm_machine *m)
{
	free(m->name);
	free(m->dir);
	*m = (struct vm_machine){0};
}

void vm_machines_cleanup(struct vm_machines *l)
{
	for (size_t i = 0; i < l->n; i++)
		vm_machine_cleanup(&l->items[i]);
	free(l->items);
	*l = (struct vm_machines){0};
}
