/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"

enum {
	NOBODY = 65534,
	LAST_CAPABILITY_MAX = 63,
	ROOT_DEPTH_MAX = 256, /* of a chroot below the machine's root */
};
#define FILE_SIZE_MAX ((rlim_t)64 << 30) /* of each file that the command writes */

const char *const sandbox_devices[] = {
	"dev/null", "dev/zero", "dev/full", "dev/random", "dev/urandom", NULL};

/* What failed in a child. Both texts are at the same address in the parent, which reads this. */
struct report {
	const char *what, *name;
	int errnum;
};

struct entering {
	const struct sandbox *sandbox;
	bool users;    /* also a user namespace */
	int report_fd; /* the child's end */
	char user_map[32], group_map[32];
};

/* ---- in the children: only calls that are safe after fork() ---- */

static ATTR_NORETURN void fail(const struct entering *e, const char *what, const char *name)
{
	const struct report r = {what, name, errno};

	if (write(e->report_fd, &r, sizeof(r)) < 0)
		_exit(125);
	_exit(126);
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return n < 0 ? -1 : 0;
}

static int set_attributes(const char *path, uint64_t set)
{
	struct mount_attr a = {.attr_set = set};

	return (int)syscall(SYS_mount_setattr, AT_FDCWD, path, 0, &a, sizeof(a));
}

/* from: on this machine; to: in the root; name: the one of them that the parent has as well. */
static void bind(const struct entering *e, const char *from, const char *to, const char *name,
	uint64_t attributes)
{
	if (mount(from, to, NULL, MS_BIND, NULL) < 0)
		fail(e, "can't show the step", name);
	if (set_attributes(to, attributes) < 0)
		fail(e, "can't protect", name);
}

/*
 * Hide what is mounted from now on from the outside. In a chroot, "/" may not be a mount; then all
 * mounts are reached from the namespace's own root, which is where ".." ends for a process that is
 * not below its root.
 */
static void separate_mounts(const struct entering *e)
{
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
		return;
	if (errno != EINVAL || chdir("/") < 0 || chroot(e->sandbox->root) < 0)
		fail(e, "can't separate the mounts of", "/");
	for (unsigned i = 0; i < ROOT_DEPTH_MAX; i++)
		if (chdir("..") < 0)
			fail(e, "can't go to", "the machine's root");
	if (chroot(".") < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		fail(e, "can't separate the mounts of", "the machine's root");
	if (fchdir(root) < 0 || chroot(".") < 0)
		fail(e, "can't go back to", "/");
}

static void mount_all(const struct entering *e)
{
	const struct sandbox *s = e->sandbox;

	separate_mounts(e);
	if (mount(s->root, s->root, NULL, MS_BIND, NULL) < 0 || chdir(s->root) < 0)
		fail(e, "can't use the root", s->root);
	for (size_t i = 0; sandbox_devices[i]; i++) {
		char path[32] = "/";

		/* From "dev/null" to "/dev/null". */
		memcpy(path + 1, sandbox_devices[i], strlen(sandbox_devices[i]) + 1);
		bind(e, path, sandbox_devices[i], sandbox_devices[i],
			MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	}
	for (const struct sandbox_bind *b = s->binds; b->from; b++)
		bind(e, b->from, b->to, b->from,
			MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
				(b->writable ? 0 : MOUNT_ATTR_RDONLY));
	if (mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL) < 0)
		fail(e, "can't mount", "/proc");
	if (set_attributes(".", MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV) < 0)
		fail(e, "can't protect", s->root);
}

/*
 * A root that is not a mount, as in a chroot, can't be pivoted; then the new root is moved over it.
 */
static void change_root(const struct entering *e)
{
	if (syscall(SYS_pivot_root, ".", ".") == 0) {
		if (umount2(".", MNT_DETACH) < 0)
			fail(e, "can't leave the root", "/");
	} else if (mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0) {
		fail(e, "can't change to the root", e->sandbox->root);
	}
	if (chdir("/") < 0)
		fail(e, "can't change to the root", e->sandbox->root);
}

static void drop_privileges(const struct entering *e)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	const struct __user_cap_data_struct none[2] = {0};
	const struct rlimit size = {FILE_SIZE_MAX, FILE_SIZE_MAX}, core = {0, 0};

	for (int c = 0; c <= LAST_CAPABILITY_MAX; c++)
		if (prctl(PR_CAPBSET_DROP, c, 0, 0, 0) < 0 && errno != EINVAL)
			fail(e, "can't drop", "capabilities");
	/*
	 * An ordinary user cannot give up a group, but the group does not allow more than the user
	 * may.
	 */
	if (!e->users && setgroups(0, NULL) < 0)
		fail(e, "can't leave", "groups");
	if (setresgid(NOBODY, NOBODY, NOBODY) < 0 || setresuid(NOBODY, NOBODY, NOBODY) < 0)
		fail(e, "can't become", "nobody");
	if (syscall(SYS_capset, &header, none) < 0 ||
		prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		fail(e, "can't drop", "capabilities");
	/* A lower limit stays. */
	if (setrlimit(RLIMIT_FSIZE, &size) < 0 && errno != EPERM)
		fail(e, "can't limit", "file sizes");
	setrlimit(RLIMIT_CORE, &core);
}

static ATTR_NORETURN void end_like(pid_t pid)
{
	int status = 0;
	pid_t ended;

	/* The first process of a PID namespace gets all orphans. */
	while ((ended = waitpid(-1, &status, 0)) != pid)
		if (ended < 0 && errno != EINTR)
			_exit(126);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

/* Close all descriptors except 0 to 2 and `kept` (-1: none). */
static void close_others(int kept)
{
	if (kept > 3)
		close_range(3, (unsigned)kept - 1, 0);
	close_range(kept >= 3 ? (unsigned)kept + 1 : 3, ~0U, 0);
}

/*
 * Become the first process in the new namespaces. This returns in its child, which becomes the
 * command.
 */
static int begin(const struct entering *e, int go_fd)
{
	char go;
	pid_t pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (read(go_fd, &go, 1) != 1)
		_exit(126);
	mount_all(e);
	change_root(e);
	if (sethostname("wherry", 6) < 0)
		fail(e, "can't set", "the host name");
	drop_privileges(e);
	/* Changing the identity has cleared it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	pid = fork();
	if (pid < 0)
		fail(e, "can't start", "the step");
	if (pid > 0) {
		close_others(e->report_fd);
		end_like(pid);
	}
	setsid();
	/* Close what wherry was started with; wherry's own descriptors are close-on-exec. */
	if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		fail(e, "can't close", "descriptors");
	return 0;
}

static int write_maps(const struct entering *e, pid_t pid)
{
	char path[64];

	str_format(path, sizeof(path), "/proc/%ld/setgroups", (long)pid);
	if (write_file(path, "deny") < 0)
		return -1;
	str_format(path, sizeof(path), "/proc/%ld/gid_map", (long)pid);
	if (write_file(path, e->group_map) < 0)
		return -1;
	str_format(path, sizeof(path), "/proc/%ld/uid_map", (long)pid);
	return write_file(path, e->user_map);
}

/* process_spec's enter. */
static int enter(void *ctx)
{
	const struct entering *e = ctx;
	const int flags = SIGCHLD | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS |
			  (e->sandbox->network ? 0 : CLONE_NEWNET) | (e->users ? CLONE_NEWUSER : 0);
	int go[2];
	long pid;

	/* If wherry is killed, the step ends as well. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (pipe2(go, O_CLOEXEC) < 0)
		return -1;
	pid = syscall(SYS_clone, flags, NULL, NULL, NULL, 0);
	if (pid < 0)
		fail(e, "can't make namespaces for", "the step");
	if (pid == 0) {
		close(go[1]);
		return begin(e, go[0]);
	}
	if (e->users && write_maps(e, (pid_t)pid) < 0)
		fail(e, "can't map the user of", "the step");
	if (write(go[1], "", 1) != 1)
		_exit(126);
	close_others(-1);
	end_like((pid_t)pid);
}

/* ---- in wherry ---- */

/* root in a container may be an ordinary user of the machine, without other IDs to change to. */
static bool has_nobody(void)
{
	char text[4096];
	CLEANUP(strv) struct strv lines = {0};
	const char *line;

	if (geteuid() != 0 || file_read_small("/proc/self/uid_map", text, sizeof(text)) < 0)
		return false;
	strv_split(&lines, text, '\n');
	STRV_FOREACH (line, &lines) {
		unsigned long inside, outside, n;

		if (sscanf(line, "%lu %lu %lu", &inside, &outside, &n) == 3 && inside <= NOBODY &&
			NOBODY - inside < n)
			return true;
	}
	return false;
}

int sandbox_give(const char *dir, struct werr **err)
{
	if (has_nobody() && chown(dir, NOBODY, NOBODY) < 0)
		return werr_errno(err, errno, "can't give %s to the build step", dir);
	return 0;
}

static int explain(const struct report *r, struct werr **err)
{
	int code =
		werr_set(err, WERR_UNSUPPORTED, "%s %s: %s", r->what, r->name, strerror(r->errnum));

	werr_hint(
		err, "allow user namespaces, in a container by --privileged: docs/pkg.md says how");
	return code;
}

int sandbox_run(const struct sandbox *s, const struct process_spec *spec, struct werr **err)
{
	struct entering e = {.sandbox = s, .users = !has_nobody()};
	struct process_spec inside = *spec;
	struct report report;
	int ends[2], r;

	str_format(e.user_map, sizeof(e.user_map), "%d %u 1", NOBODY, (unsigned)geteuid());
	str_format(e.group_map, sizeof(e.group_map), "%d %u 1", NOBODY, (unsigned)getegid());
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return werr_errno(err, errno, "can't make a pipe");
	e.report_fd = ends[1];
	inside.enter = enter;
	inside.enter_ctx = &e;
	r = process_run_ok(&inside, NULL, err);
	if (r < 0 && read(ends[0], &report, sizeof(report)) == sizeof(report))
		r = explain(&report, err);
	close(ends[0]);
	close(ends[1]);
	return r;
}
