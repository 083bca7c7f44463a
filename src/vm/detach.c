/* SPDX-License-Identifier: Apache-2.0 */
/* Machines in the background: starting and stopping one. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/process.h"
#include "vm/machines-impl.h"
#include "vm/publish.h"
#include "vm/share.h"
#include "vm/tpm.h"

enum { START_SECONDS = 120, PLUG_MS = 5000, AGAIN_MS = 5000, SLICE_MS = 200 };

/* ---- starting ---- */

/* What needs a process beside QEMU's. */
static int check_possible(const struct qemu_spec *spec, const char *dir, struct werr **err)
{
	CLEANUP(free) char *longest = path_join(dir, MACHINE_OUTSIDE "0");
	const char *what = spec->gui ? "--gui" : spec->exit_on_panic ? "--exit-on-panic" : NULL;
	const char *text;

	STRV_FOREACH (text, &spec->publish) {
		struct vm_publish p;
		int r = vm_publish_parse(text, &p, err);

		if (r < 0)
			return r;
		if (p.v6)
			what = "an IPv6 address of --publish";
	}
	if (what)
		return werr_set(err, WERR_UNSUPPORTED, "%s is not possible with --detached", what);
	if (strlen(longest) >= sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
		werr_set(err, WERR_LIMIT, "the name of the state directory is too long: %s", dir);
		werr_hint(err, "name a shorter one with --state");
		return werr_code(WERR_LIMIT);
	}
	return 0;
}

static int check_free(const struct vm_machine *m, struct werr **err)
{
	CLEANUP(fd) int fd = -1;
	int r = vm_machine_connect(m, MACHINE_CONTROL, &fd, err);

	if (r < 0 || fd < 0)
		return r;
	werr_set(err, WERR_EXISTS, "%s runs already", m->name);
	werr_hint(err, "end it with: wherry run stop %s", m->name);
	return werr_code(WERR_EXISTS);
}

static int run_daemon(const struct qemu_spec *spec, struct werr **err)
{
	CLEANUP(strv) struct strv argv = {0};
	int r = qemu_arguments(spec, &argv, err);

	if (r < 0)
		return r;
	r = process_run_ok(
		&(struct process_spec){
			.argv = (const char *const *)argv.items,
			.enter = qemu_enter,
			.timeout_seconds = START_SECONDS,
		},
		NULL, err);
	if (r == -ENOENT && !spec->program)
		werr_hint(
			err, "install it: apt-get install %s", arch_find(spec->arch)->qemu.package);
	return r;
}

static int read_pid(struct vm_machine *m, struct werr **err)
{
	CLEANUP(free) char *path = path_join(m->dir, MACHINE_PID);
	char text[32];
	ssize_t n = file_read_small(path, text, sizeof(text));

	if (n < 0)
		return werr_errno(err, (int)-n, "can't read %s", path);
	text[strcspn(text, "\n")] = 0;
	if (str_to_u64(text, 10, &m->pid) < 0)
		return werr_set(err, WERR_INVALID, "%s has no number of a process", path);
	return 0;
}

static int add_link(const struct vm_machine *m, struct werr **err)
{
	CLEANUP(free) char *dir = NULL;
	CLEANUP(free) char *link = NULL;
	int r = vm_machines_dir(&dir, err);

	if (r == 0)
		r = file_make_dirs(dir, 0700, err);
	if (r < 0)
		return r;
	link = str_printf("%s/%llu", dir, (unsigned long long)m->pid);
	if (unlink(link) < 0 && errno != ENOENT)
		return werr_errno(err, errno, "can't remove %s", link);
	if (symlink(m->dir, link) < 0)
		return werr_errno(err, errno, "can't make the link %s", link);
	return 0;
}

/* Note where it is; a machine that nobody would find again ends. */
static int keep(struct vm_machine *m, struct werr **err)
{
	CLEANUP(werr) struct werr *ignored = NULL;
	bool killed;
	int r = read_pid(m, err);

	if (r == 0)
		r = add_link(m, err);
	if (r < 0)
		(void)vm_machine_stop(m, 0, &killed, &ignored);
	return r;
}

int vm_machine_start(const struct qemu_spec *wanted, const char *state, struct vm_machine *ret,
	struct werr **err)
{
	CLEANUP(vm_machine) struct vm_machine m = {0};
	CLEANUP(free) char *links = NULL;
	CLEANUP(vm_shares) struct vm_shares shares = {0};
	CLEANUP(vm_tpm) pid_t tpm = 0;
	struct qemu_spec spec = *wanted;
	int r = file_make_dirs(state, 0700, err);

	if (r < 0)
		return r;
	m.dir = realpath(state, NULL);
	if (!m.dir)
		return werr_errno(err, errno, "can't look up %s", state);
	m.name = vm_machine_name(m.dir);
	r = vm_machine_check_dir(m.dir, err);
	if (r == 0)
		r = check_possible(&spec, m.dir, err);
	/* Without a place for its link, nobody would find it again. */
	if (r == 0)
		r = vm_machines_dir(&links, err);
	if (r == 0)
		r = check_free(&m, err);
	if (r == 0)
		r = qemu_prepare(&spec, err);
	spec.detached = spec.outside = m.dir;
	spec.share_dir = m.dir;
	if (r == 0)
		r = vm_shares_start(&spec, &shares, err);
	if (r == 0)
		r = vm_tpm_start(&spec, &tpm, err);
	if (r == 0)
		r = run_daemon(&spec, err);
	if (r == 0)
		r = keep(&m, err);
	if (r < 0)
		return r;
	vm_shares_leave(&shares);
	tpm = 0;
	*ret = m;
	m = (struct vm_machine){0};
	return 0;
}

/* ---- stopping ---- */

/* Read what comes, which does not matter, until the machine ends: true; or the time is over. */
static bool wait_for_end(int fd, uint64_t ms, struct werr **err)
{
	uint64_t until = clock_ms() + ms;
	char ignored[4096];

	while (clock_ms() < until && cancel_check(err) == 0) {
		struct pollfd p = {.fd = fd, .events = POLLIN};

		if (poll(&p, 1, SLICE_MS) > 0 && recv(fd, ignored, sizeof(ignored), 0) <= 0)
			return true;
	}
	return false;
}

/* QMP (QEMU, docs/interop/qmp-spec): commands are taken as they come. */
static void tell(int fd, const char *command)
{
	(void)!send(fd, command, strlen(command), MSG_NOSIGNAL);
}

int vm_machine_stop(
	const struct vm_machine *m, unsigned seconds, bool *ret_killed, struct werr **err)
{
	CLEANUP(fd) int fd = -1;
	int r = vm_machine_connect(m, MACHINE_CONTROL, &fd, err);

	*ret_killed = false;
	if (r < 0)
		return r;
	if (fd < 0)
		return werr_set(err, WERR_NOT_FOUND, "%s does not run", m->name);
	tell(fd, "{\"execute\":\"qmp_capabilities\"}\n");
	/* A machine that is still starting misses it, so the button is pressed again. */
	for (uint64_t left = (uint64_t)seconds * 1000; left > 0 && r == 0;) {
		uint64_t ms = left < AGAIN_MS ? left : AGAIN_MS;

		tell(fd, MACHINE_PRESS);
		if (wait_for_end(fd, ms, err))
			return 0;
		r = cancel_check(err);
		left -= ms;
	}
	if (r < 0)
		return r;
	*ret_killed = true;
	tell(fd, "{\"execute\":\"quit\"}\n");
	if (!wait_for_end(fd, PLUG_MS, err) && m->pid > 1) {
		kill((pid_t)m->pid, SIGKILL);
		(void)wait_for_end(fd, PLUG_MS, err);
	}
	return cancel_check(err);
}
