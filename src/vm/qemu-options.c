/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/qemu-options.h"

#include "base/mem.h"

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

const struct option qemu_options[] = {
	{.name = "accel",
		.kind = OPTION_TEXT,
		.value = "ACCEL",
		.help = "How to run the CPU; auto uses KVM when it works here",
		.choices = accels,
		.fallback = "auto",
		.offset = offsetof(struct qemu_options, accel)},
	{.name = "arch",
		.kind = OPTION_TEXT,
		.value = "ARCH",
		.help = "The machine's architecture, instead of the kernel's",
		.choices = qemu_architectures,
		.offset = offsetof(struct qemu_options, arch)},
	{.name = "control",
		.kind = OPTION_TEXT,
		.value = "PATH",
		.help = "Create a socket there that takes QEMU's commands (QMP)",
		.offset = offsetof(struct qemu_options, control)},
	{.name = "cpus",
		.kind = OPTION_NUMBER,
		.value = "N",
		.help = "Number of CPUs",
		.fallback = "1",
		.offset = offsetof(struct qemu_options, cpus)},
	{.name = "disk",
		.kind = OPTION_REPEAT,
		.value = "DISK",
		.help = "Attach a disk: [file=]PATH[,size=1G][,format=qcow2]; with a size it is "
			"created if it does not exist; a comma in PATH is written twice",
		.offset = offsetof(struct qemu_options, disks)},
	{.name = "mem",
		.kind = OPTION_SIZE,
		.value = "SIZE",
		.help = "Memory, such as 512M or 2G; a plain number is in MiB",
		.fallback = "1G",
		.offset = offsetof(struct qemu_options, mem)},
	{.name = "networking",
		.kind = OPTION_TEXT,
		.value = "NETWORK",
		.help = "The network; user needs no privileges and reaches whatever this machine "
			"reaches",
		.choices = networks,
		.fallback = "user",
		.offset = offsetof(struct qemu_options, networking)},
	{.name = "no-reboot",
		.kind = OPTION_FLAG,
		.help = "Exit when the guest reboots, also after a panic",
		.offset = offsetof(struct qemu_options, no_reboot)},
	{.name = "publish",
		.kind = OPTION_REPEAT,
		.value = "PORTS",
		.help = "Forward a port to the guest: [ADDRESS:]HOST:GUEST[/tcp|udp], also ranges, "
			"and [::1]:HOST:GUEST; without an address it is open on 127.0.0.1 only",
		.offset = offsetof(struct qemu_options, publish)},
	{.name = "qemu",
		.kind = OPTION_TEXT,
		.value = "PROG",
		.help = "The QEMU to run",
		.offset = offsetof(struct qemu_options, qemu)},
	{.name = "squashfs",
		.kind = OPTION_FLAG,
		.help = "Fail unless PATH-squashfs.img is there, which then has the root anyway",
		.offset = offsetof(struct qemu_options, squashfs)},
	{.name = "data", .kind = OPTION_ABSENT},
	{.name = "data-file", .kind = OPTION_ABSENT},
	{.name = "detached", .kind = OPTION_ABSENT},
	{.name = "device", .kind = OPTION_ABSENT},
	{.name = "fw", .kind = OPTION_ABSENT},
	{.name = "gui", .kind = OPTION_ABSENT},
	{.name = "iso", .kind = OPTION_ABSENT},
	{.name = "kernel", .kind = OPTION_ABSENT},
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

int qemu_options_apply(const struct qemu_options *o, struct qemu_spec *ret, struct werr **err)
{
	int r = 0;

	*ret = (struct qemu_spec){
		.program = o->qemu,
		.arch = o->arch,
		.accel = (enum qemu_accel)index_of(accels(), o->accel),
		.mem_mib = o->mem >> 20,
		.cpus = o->cpus,
		.disks = mem_new_array(struct qemu_disk, o->disks.n + 1),
		.publish = o->publish,
		.network = str_eq(o->networking, "user"),
		.no_reboot = o->no_reboot,
		.control = o->control,
	};
	for (size_t i = 0; r == 0 && i < o->disks.n; i++) {
		r = qemu_disk_parse(o->disks.items[i], &ret->disks[i], err);
		ret->n_disks += r == 0;
	}
	return r;
}
