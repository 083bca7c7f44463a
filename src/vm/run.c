/* SPDX-License-Identifier: Apache-2.0 */
/* Running QEMU in the foreground. */
#include "vm/qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/process.h"
#include "data/terminal-mode.h"
#include "vm/machines-impl.h"
#include "vm/panic-watch.h"
#include "vm/preflight.h"
#include "vm/presence.h"
#include "vm/publish.h"
#include "vm/share.h"
#include "vm/tpm.h"

/* What QEMU changes of stdin and stdout, to be restored however it ends. */
struct terminal {
	struct terminal_mode mode;
	int flags[2];
};

static void terminal_save(struct terminal *t)
{
	terminal_mode_save(&t->mode);
	for (int fd = 0; fd < 2; fd++)
		t->flags[fd] = fcntl(fd, F_GETFL);
}

static void terminal_restore(const struct terminal *t)
{
	terminal_mode_restore(&t->mode);
	for (int fd = 0; fd < 2; fd++)
		if (t->flags[fd] >= 0)
			fcntl(fd, F_SETFL, t->flags[fd]);
}

struct entry {
	pid_t parent;
	int console; /* its stdout, or -1 for ours */
};

int qemu_enter(ATTR_UNUSED void *ctx)
{
	umask(S_IRWXG | S_IRWXO);
	return 0;
}

/* process_spec's enter. */
static int enter(void *ctx)
{
	const struct entry *e = ctx;
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction was;
	sigset_t ignored;

	/* QEMU must not outlive this process, whatever ends it, even if that happened just now. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != e->parent)
		_exit(127);
	qemu_enter(NULL);
	if (e->console >= 0 && dup2(e->console, STDOUT_FILENO) < 0)
		return -1;
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

static bool has_panicked(void *ctx)
{
	return vm_watch_is_over(ctx);
}

/* watch: NULL; or what reads the console. */
static int run_in_foreground(const struct strv *argv, int console, struct vm_watch *watch,
	int *ret_exit_code, struct werr **err)
{
	CLEANUP(process_result) struct process_result result = {0};
	struct entry entry = {getpid(), console};
	const struct process_spec process = {
		.argv = (const char *const *)argv->items,
		.foreground = true,
		.enter = enter,
		.enter_ctx = &entry,
		.is_over = watch ? has_panicked : NULL,
		.is_over_ctx = watch,
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

static int run_watched(const struct strv *argv, int *ret_exit_code, struct werr **err)
{
	struct vm_watch *watch;
	int console = -1, r = vm_watch_start(&watch, &console, err);

	if (r < 0)
		return r;
	r = run_in_foreground(argv, console, watch, ret_exit_code, err);
	if (vm_watch_end(watch) && r == 0)
		return werr_set(err, WERR_FAILED, "the machine's kernel panicked");
	return r;
}

static int choose_accel(struct qemu_spec *spec, struct werr **err)
{
	bool works = spec->accel != QEMU_ACCEL_TCG && qemu_kvm_works(spec->arch);
	CLEANUP(free) char *problem = works ? NULL : vm_kvm_problem(spec->arch);

	if (spec->accel == QEMU_ACCEL_KVM && !works) {
		werr_set(err, WERR_DENIED, "KVM does not work: %s", problem);
		werr_hint(err, "emulate the CPU: --accel tcg");
		return werr_code(WERR_DENIED);
	}
	if (spec->accel == QEMU_ACCEL_AUTO && !works)
		log_info("the CPU is emulated, which is many times slower: %s", problem);
	spec->accel = works ? QEMU_ACCEL_KVM : QEMU_ACCEL_TCG;
	return 0;
}

int qemu_prepare(struct qemu_spec *spec, struct werr **err)
{
	int r = choose_accel(spec, err);

	for (size_t i = 0; r == 0 && i < spec->n_disks; i++)
		r = qemu_disk_prepare(&spec->disks[i], err);
	return r < 0 ? r : vm_preflight(spec, err);
}

int qemu_run(const struct qemu_spec *wanted, int *exit_code, struct werr **err)
{
	CLEANUP(strv) struct strv argv = {0};
	CLEANUP(strv) struct strv publish = {0};
	CLEANUP(vm_relay) struct vm_relay *relay = NULL;
	CLEANUP(vm_shares) struct vm_shares shares = {0};
	CLEANUP(vm_tpm) pid_t tpm = 0;
	CLEANUP(vm_presence) struct vm_presence presence = {.lock = -1};
	struct qemu_spec spec = *wanted;
	int r = qemu_prepare(&spec, err);

	if (r == 0)
		r = vm_relay_start(&wanted->publish, &publish, &relay, err);
	spec.publish = publish;
	if (r == 0 && spec.name)
		vm_presence_begin(spec.name, &presence);
	spec.outside = presence.dir;
	if (r == 0)
		r = qemu_arguments(&spec, &argv, err);
	if (r == 0)
		r = vm_shares_start(&spec, &shares, err);
	if (r == 0)
		r = vm_tpm_start(&spec, &tpm, err);
	if (r < 0)
		return r;
	if (spec.terminal && !spec.gui)
		log_info("Ctrl-A X ends the machine, Ctrl-A H lists the other keys%s",
			getenv("STY") ? " (in screen: Ctrl-A A X)" : "");
	r = spec.exit_on_panic ? run_watched(&argv, exit_code, err)
			       : run_in_foreground(&argv, -1, NULL, exit_code, err);
	if (r == -ENOENT && !spec.program)
		werr_hint(
			err, "install it: apt-get install %s", arch_find(spec.arch)->qemu.package);
	return r;
}
