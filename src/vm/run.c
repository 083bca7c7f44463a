/* SPDX-License-Identifier: Apache-2.0 */
/* Running QEMU in the foreground. */
#include "vm/qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <termios.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/mem.h"
#include "base/process.h"
#include "vm/publish.h"

/* What QEMU changes of stdin and stdout, to be restored however it ends. */
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

/* process_spec's enter. */
static int enter(void *parent)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction was;
	sigset_t ignored;

	/* QEMU must not outlive this process, whatever ends it, even if that happened just now. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != *(const pid_t *)parent)
		_exit(127);
	/*
	 * QEMU catches these signals even when they are ignored (nohup), but it leaves the mask
	 * alone.
	 */
	sigemptyset(&ignored);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (sigaction(ends[i], NULL, &was) == 0 && was.sa_handler == SIG_IGN)
			sigaddset(&ignored, ends[i]);
	return sigprocmask(SIG_BLOCK, &ignored, NULL);
}

static int run_in_foreground(const struct strv *argv, int *ret_exit_code, struct werr **err)
{
	CLEANUP(process_result) struct process_result result = {0};
	pid_t parent = getpid();
	const struct process_spec process = {
		.argv = (const char *const *)argv->items,
		.foreground = true,
		.enter = enter,
		.enter_ctx = &parent,
	};
	struct terminal terminal;
	int r;

	terminal_save(&terminal);
	r = process_run(&process, &result, err);
	terminal_restore(&terminal);
	if (r == 0)
		*ret_exit_code = result.exit_code;
	return r;
}

static int choose_accel(struct qemu_spec *spec, struct werr **err)
{
	bool works = spec->accel != QEMU_ACCEL_TCG && qemu_kvm_works(spec->arch);

	if (spec->accel == QEMU_ACCEL_KVM && !works) {
		werr_set(err, WERR_DENIED, "KVM does not work here for %s", spec->arch);
		werr_hint(err, "check the permissions of /dev/kvm, or use --accel tcg");
		return werr_code(WERR_DENIED);
	}
	spec->accel = works ? QEMU_ACCEL_KVM : QEMU_ACCEL_TCG;
	return 0;
}

int qemu_run(const struct qemu_spec *wanted, int *exit_code, struct werr **err)
{
	CLEANUP(strv) struct strv argv = {0};
	CLEANUP(strv) struct strv publish = {0};
	CLEANUP(vm_relay) struct vm_relay *relay = NULL;
	struct qemu_spec spec = *wanted;
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
	r = run_in_foreground(&argv, exit_code, err);
	if (r == -ENOENT && !spec.program)
		werr_hint(
			err, "install it: apt-get install %s", arch_find(spec.arch)->qemu.package);
	return r;
}
