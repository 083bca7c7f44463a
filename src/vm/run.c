/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/process.h"
#include "vm/publish.h"

enum {
	TICK_MS = 50,      /* how late the end of QEMU or Ctrl-C may be noticed */
	PATIENCE_MS = 5000 /* from asking QEMU to end to killing it */
};

/* What QEMU changes of stdin and stdout, to be put back however it ends. */
struct terminal {
	bool is_terminal;
	struct termios settings;
	int flags[2];
};

static void terminal_save(struct terminal *t)
{
	t->is_terminal = tcgetattr(STDIN_FILENO, &t->settings) == 0;
	for (int fd = 0; fd < 2; fd++)
		t->flags[fd] = fcntl(fd, F_GETFL);
}

static void terminal_restore(const struct terminal *t)
{
	if (t->is_terminal)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &t->settings);
	for (int fd = 0; fd < 2; fd++)
		if (t->flags[fd] >= 0)
			fcntl(fd, F_SETFL, t->flags[fd]);
}

/* In the child, between fork and exec: only calls that are safe there. */
static ATTR_NORETURN void run_child(char *const *argv, pid_t parent, int status_fd)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction was;
	sigset_t ignored;
	int problem;

	/* It must not outlive us, whatever ends us; also not when we have ended just now. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	/* QEMU catches these even when they are ignored (nohup); it leaves the mask as it is. */
	sigemptyset(&ignored);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (sigaction(ends[i], NULL, &was) == 0 && was.sa_handler == SIG_IGN)
			sigaddset(&ignored, ends[i]);
	sigprocmask(SIG_BLOCK, &ignored, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	execvp(argv[0], argv);
	problem = errno;
	if (write(status_fd, &problem, sizeof(problem)) < 0)
		_exit(126);
	_exit(127);
}

static int start(char *const *argv, pid_t *ret, struct werr **err)
{
	int status[2], problem = 0;
	pid_t parent = getpid(), pid;
	ssize_t n;

	if (pipe2(status, O_CLOEXEC) < 0)
		return werr_errno(err, errno, "can't make a pipe");
	pid = fork();
	if (pid == 0)
		run_child(argv, parent, status[1]);
	close(status[1]);
	if (pid < 0) {
		close(status[0]);
		return werr_errno(err, errno, "can't start %s", argv[0]);
	}
	do
		n = read(status[0], &problem, sizeof(problem));
	while (n < 0 && errno == EINTR);
	close(status[0]);
	if (n == sizeof(problem)) {
		waitpid(pid, NULL, 0);
		return werr_errno(err, problem, "can't run %s", argv[0]);
	}
	*ret = pid;
	return 0;
}

/* Until it has ended; Ctrl-C asks it to end, and then insists. */
static int attend(pid_t pid, struct werr **err)
{
	unsigned waited = 0;
	bool asked = false;
	int status = 0;

	while (waitpid(pid, &status, WNOHANG) != pid) {
		if (cancel_requested()) {
			if (!asked)
				kill(pid, SIGTERM);
			else if (waited >= PATIENCE_MS)
				kill(pid, SIGKILL);
			asked = true;
			waited += TICK_MS;
		}
		poll(NULL, 0, TICK_MS);
	}
	if (cancel_requested())
		return cancel_check(err);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void hint_package(const char *arch, struct werr **err)
{
	werr_hint(err, "install it: apt-get install %s",
		str_eq(arch, "arm64") ? "qemu-system-arm" : "qemu-system-x86");
}

static int choose_accel(struct qemu_spec *spec, struct werr **err)
{
	bool works = spec->accel != QEMU_ACCEL_TCG && qemu_kvm_works(spec->arch);

	if (spec->accel == QEMU_ACCEL_KVM && !works) {
		werr_set(err, WERR_DENIED, "KVM does not work here for %s", spec->arch);
		werr_hint(err, "may you open /dev/kvm? --accel tcg works without it");
		return werr_code(WERR_DENIED);
	}
	spec->accel = works ? QEMU_ACCEL_KVM : QEMU_ACCEL_TCG;
	return 0;
}

int qemu_run(const struct qemu_spec *wanted, int *exit_code, struct werr **err)
{
	CLEANUP(strv) struct strv argv = {0};
	CLEANUP(free) char *line = NULL;
	CLEANUP(strv) struct strv publish = {0};
	CLEANUP(vm_relay) struct vm_relay *relay = NULL;
	struct qemu_spec spec = *wanted;
	struct terminal terminal;
	pid_t pid = -1;
	int r = choose_accel(&spec, err);

	for (size_t i = 0; r == 0 && i < spec.n_disks; i++)
		r = qemu_disk_prepare(&spec.disks[i], err);
	if (r == 0)
		r = vm_relay_start(&wanted->publish, &publish, &relay, err);
	spec.publish = publish;
	if (r == 0)
		r = qemu_arguments(&spec, &argv, err);
	if (r < 0)
		return r;
	line = process_quote((const char *const *)argv.items);
	log_detail("%s", line);
	terminal_save(&terminal);
	r = start(argv.items, &pid, err);
	if (r == -ENOENT && !spec.program)
		hint_package(spec.arch, err);
	if (r == 0) {
		r = attend(pid, err);
		terminal_restore(&terminal);
	}
	if (r < 0)
		return r;
	*exit_code = r;
	return 0;
}
