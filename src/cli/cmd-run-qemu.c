/* SPDX-License-Identifier: Apache-2.0 */
/* run qemu: what was built, in a virtual machine. */
#include <unistd.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "oci/platform.h"
#include "vm/qemu.h"

struct options {
	const char *accel, *arch, *qemu, *control, *networking;
	uint64_t mem, cpus;
	struct strv disks, publish;
	bool no_reboot;
};

static const char *const *accels(void)
{
	static const char *const names[] = {
		[QEMU_ACCEL_AUTO] = "auto",
		[QEMU_ACCEL_KVM] = "kvm",
		[QEMU_ACCEL_TCG] = "tcg",
		NULL,
	};

	return names;
}

static const char *const *networks(void)
{
	static const char *const names[] = {"user", "none", NULL};

	return names;
}

static const struct option options[] = {
	{.name = "accel",
		.kind = OPTION_TEXT,
		.value = "ACCEL",
		.help = "How the CPU is run; auto takes KVM when it works here",
		.choices = accels,
		.fallback = "auto",
		.offset = offsetof(struct options, accel)},
	{.name = "arch",
		.kind = OPTION_TEXT,
		.value = "ARCH",
		.help = "The machine's architecture, where the kernel's is not to be taken",
		.choices = qemu_architectures,
		.offset = offsetof(struct options, arch)},
	{.name = "control",
		.kind = OPTION_TEXT,
		.value = "PATH",
		.help = "Make a socket there that takes QEMU's commands (QMP)",
		.offset = offsetof(struct options, control)},
	{.name = "cpus",
		.kind = OPTION_NUMBER,
		.value = "N",
		.help = "Number of CPUs",
		.fallback = "1",
		.offset = offsetof(struct options, cpus)},
	{.name = "disk",
		.kind = OPTION_REPEAT,
		.value = "DISK",
		.help = "Attach a disk: [file=]PATH[,size=1G][,format=qcow2]; with a size it is "
			"made when it is missing; a comma of PATH is written twice",
		.offset = offsetof(struct options, disks)},
	{.name = "mem",
		.kind = OPTION_SIZE,
		.value = "SIZE",
		.help = "Memory, such as 512M or 2G; a plain number is in MiB",
		.fallback = "1G",
		.offset = offsetof(struct options, mem)},
	{.name = "networking",
		.kind = OPTION_TEXT,
		.value = "NETWORK",
		.help = "The network; user needs no rights and reaches what this machine reaches",
		.choices = networks,
		.fallback = "user",
		.offset = offsetof(struct options, networking)},
	{.name = "no-reboot",
		.kind = OPTION_FLAG,
		.help = "End when the guest reboots, also after a panic",
		.offset = offsetof(struct options, no_reboot)},
	{.name = "publish",
		.kind = OPTION_REPEAT,
		.value = "PORTS",
		.help = "Forward a port to the guest: [ADDRESS:]HOST:GUEST[/tcp|udp], also ranges, "
			"and [::1]:HOST:GUEST; without an address it is open on 127.0.0.1 only",
		.offset = offsetof(struct options, publish)},
	{.name = "qemu",
		.kind = OPTION_TEXT,
		.value = "PROG",
		.help = "The QEMU to run",
		.offset = offsetof(struct options, qemu)},
	{.name = "data", .kind = OPTION_ABSENT},
	{.name = "data-file", .kind = OPTION_ABSENT},
	{.name = "detached", .kind = OPTION_ABSENT},
	{.name = "device", .kind = OPTION_ABSENT},
	{.name = "fw", .kind = OPTION_ABSENT},
	{.name = "gui", .kind = OPTION_ABSENT},
	{.name = "iso", .kind = OPTION_ABSENT},
	{.name = "kernel", .kind = OPTION_ABSENT},
	{.name = "squashfs", .kind = OPTION_ABSENT},
	{.name = "state", .kind = OPTION_ABSENT},
	{.name = "uefi", .kind = OPTION_ABSENT},
	{.name = "usb", .kind = OPTION_ABSENT},
	{.name = "virtiofs", .kind = OPTION_ABSENT},
	{0},
};

/* The index of text in a list that has it. */
static size_t index_of(const char *const *list, const char *text)
{
	size_t i = 0;

	while (list[i] && !str_eq(list[i], text))
		i++;
	return i;
}

static int run_machine(
	const struct qemu_spec *spec, const struct boot_files *files, struct werr **err)
{
	int code = 0, r = qemu_run(spec, &code, err);

	if (r < 0 || code == 0)
		return r;
	return werr_set(err, WERR_FAILED, "QEMU ended with exit code %d while running %s", code,
		files->kernel);
}

static int run(ATTR_UNUSED struct context *ctx, const void *values, const char *const *operands,
	struct werr **err)
{
	const struct options *o = values;
	CLEANUP(boot_files) struct boot_files files = {0};
	struct platform host;
	struct qemu_spec spec = {
		.program = o->qemu,
		.accel = (enum qemu_accel)index_of(accels(), o->accel),
		.mem_mib = o->mem >> 20,
		.cpus = o->cpus,
		.publish = o->publish,
		.network = str_eq(o->networking, "user"),
		.no_reboot = o->no_reboot,
		.control = o->control,
		.terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO),
	};
	int r = boot_files_find(operands[0], &files, err);

	platform_host(&host);
	spec.arch = o->arch ? o->arch : files.arch ? files.arch : host.arch;
	spec.kernel = files.kernel;
	spec.initrd = files.initrd;
	spec.cmdline = files.cmdline;
	spec.disks = mem_new_array(struct qemu_disk, o->disks.n + 1);
	for (size_t i = 0; r == 0 && i < o->disks.n; i++) {
		r = qemu_disk_parse(o->disks.items[i], &spec.disks[i], err);
		spec.n_disks += r == 0;
	}
	if (r == 0)
		r = run_machine(&spec, &files, err);
	for (size_t i = 0; i < spec.n_disks; i++)
		qemu_disk_cleanup(&spec.disks[i]);
	free(spec.disks);
	return r;
}

const struct command command_run_qemu = {
	.name = "run qemu",
	.summary = "Run what was built in QEMU, its console on this terminal",
	.operands = "PATH",
	.operands_min = 1,
	.operands_max = 1,
	.text = "PATH stands for PATH-kernel, PATH-initrd.img and PATH-cmdline, which `wherry "
		"build --format kernel+initrd` writes. The guest's serial console is on the "
		"terminal: Ctrl-C goes to the guest, Ctrl-A X leaves, Ctrl-A H shows what else "
		"there is. The exact command line of QEMU is shown with -v 2. In emulation a PC's "
		"kernel gets no_timer_check in front of its command line.\n"
		"\n"
		"    wherry run qemu --publish 8080:80 --mem 512 nginx",
	.options = (const struct option_group[]){{.options = options}, {0}},
	.size = sizeof(struct options),
	.run = run,
};
