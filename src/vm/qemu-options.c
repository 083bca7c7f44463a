/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/qemu-options.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "arch/arch.h"
#include "base/mem.h"
#include "contract/address.h"

/* The last one is how LinuxKit writes "auto". */
static const char *const accel_names[] = {"auto", "kvm", "tcg", "kvm:tcg", NULL};
static const enum qemu_accel accels[] = {
	QEMU_ACCEL_AUTO, QEMU_ACCEL_KVM, QEMU_ACCEL_TCG, QEMU_ACCEL_AUTO};

static const char *const *accel_choices(void)
{
	return accel_names;
}

/* The names, and LinuxKit's, which are the kernel's: "amd64", "arm64", "x86_64", "aarch64". */
static const char *const *arch_choices(void)
{
	static const char *names[ARCH_MAX * 2 + 1];
	size_t n = 0;

	for (const char *const *a = qemu_architectures(); *a; a++)
		names[n++] = *a;
	for (const char *const *a = qemu_architectures(); *a; a++) {
		const char *alias = arch_find(*a)->aliases[0].name;

		if (alias)
			names[n++] = alias;
	}
	return names;
}

/* LinuxKit has it for macOS only. */
#define VSOCK "QEMU has no ports for it, but a device; use --device vhost-vsock-pci,guest-cid=3"

const struct option qemu_options[] = {
	{.name = "accel",
		.kind = OPTION_TEXT,
		.value = "ACCEL",
		.help = "How to run the CPU; auto uses KVM when it works here",
		.choices = accel_choices,
		.fallback = "auto",
		.environment = {"LINUXKIT_QEMU_ACCEL"},
		.offset = offsetof(struct qemu_options, accel)},
	{.name = "append",
		.kind = OPTION_TEXT,
		.value = "TEXT",
		.help = "More for the kernel's command line, at its end",
		.offset = offsetof(struct qemu_options, append)},
	{.name = "arch",
		.kind = OPTION_TEXT,
		.value = "ARCH",
		.help = "The machine's architecture, instead of what is found in PATH",
		.choices = arch_choices,
		.offset = offsetof(struct qemu_options, arch)},
	{.name = "boot-chart",
		.kind = OPTION_TEXT,
		.value = "FILE",
		.help = "Write a picture of the start, SVG, once the services are ready; with "
			"--detached, wait for that",
		.offset = offsetof(struct qemu_options, boot_chart)},
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
	{.name = "credential",
		.kind = OPTION_REPEAT,
		.value = "CREDENTIAL",
		.help = "Give the guest a file as a credential, as systemd and @pkg:metadata read "
			"them from QEMU's firmware: NAME=FILE",
		.offset = offsetof(struct qemu_options, credentials)},
	{.name = "data",
		.kind = OPTION_TEXT,
		.value = "TEXT",
		.help = "Attach a CD with this text in its file config: metadata, as LinuxKit's "
			"package of that name reads them",
		.offset = offsetof(struct qemu_options, data)},
	{.name = "data-file",
		.kind = OPTION_TEXT,
		.value = "FILE",
		.help = "The same, with the content of FILE",
		.offset = offsetof(struct qemu_options, data_file)},
	{.name = "detached",
		.letter = 'd',
		.kind = OPTION_FLAG,
		.help = "Run in the background: `wherry run list` lists such machines, `run stop`, "
			"`run console` and `run logs` are for one of them",
		.offset = offsetof(struct qemu_options, detached)},
	{.name = "device",
		.kind = OPTION_REPEAT,
		.value = "DEVICE",
		.help = "Add a device, as QEMU's -device does: usb-host,hostbus=1,hostaddr=2",
		.offset = offsetof(struct qemu_options, devices)},
	{.name = "disk",
		.kind = OPTION_REPEAT,
		.value = "DISK",
		.help = "Attach a disk: [file=]PATH[,size=1G][,format=qcow2]; with a size it is "
			"created if it does not exist, without a PATH in the state directory; a "
			"comma in PATH is written twice",
		.offset = offsetof(struct qemu_options, disks)},
	{.name = "exit-on-panic",
		.kind = OPTION_FLAG,
		.help = "Fail when the guest's kernel panics, instead of waiting for ever; implies "
			"--no-reboot",
		.offset = offsetof(struct qemu_options, exit_on_panic)},
	{.name = "fw",
		.kind = OPTION_TEXT,
		.value = "FILE",
		.help = "Boot by this firmware, such as OVMF's OVMF_CODE.fd",
		.offset = offsetof(struct qemu_options, firmware)},
	{.name = "gui",
		.kind = OPTION_FLAG,
		.help = "Open a window with the machine's screen, and its console in it",
		.offset = offsetof(struct qemu_options, gui)},
	{.name = "iso",
		.kind = OPTION_FLAG,
		.help = "PATH is the image of a CD to boot from, whatever its name",
		.offset = offsetof(struct qemu_options, iso)},
	{.name = "kernel",
		.kind = OPTION_FLAG,
		.help = "PATH stands for PATH-kernel and the files beside it, even if there is a "
			"file PATH",
		.offset = offsetof(struct qemu_options, kernel)},
	{.name = "mem",
		.letter = 'm',
		.kind = OPTION_SIZE,
		.value = "SIZE",
		.help = "Memory, such as 512M or 2G; a plain number is in MiB",
		.fallback = "1G",
		.offset = offsetof(struct qemu_options, mem)},
	{.name = "networking",
		.kind = OPTION_TEXT,
		.value = "NETWORK",
		.help = "The network: user needs no privileges and reaches whatever this machine "
			"reaches; default is user; tap,DEVICE; bridge,DEVICE; lan,GROUP:PORT is "
			"an Ethernet of this machine's guests; none",
		.fallback = "user",
		.offset = offsetof(struct qemu_options, networking)},
	{.name = "no-reboot",
		.kind = OPTION_FLAG,
		.help = "Exit when the guest reboots, also after a panic",
		.offset = offsetof(struct qemu_options, no_reboot)},
	{.name = "publish",
		.letter = 'p',
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
	{.name = "root",
		.kind = OPTION_TEXT,
		.value = "ROOT",
		.help = "Which root to boot, when PATH-kernel has several beside it; by default "
			"the first of the known values that is there",
		.choices = boot_files_roots,
		.offset = offsetof(struct qemu_options, root)},
	{.name = "secure-boot",
		.kind = OPTION_TEXT,
		.value = "FILE",
		.help = "Boot by UEFI with Secure Boot, and trust only this certificate, PEM: that "
			"of `wherry build --sign-cert`",
		.offset = offsetof(struct qemu_options, secure_boot)},
	{.name = "squashfs",
		.kind = OPTION_FLAG,
		.help = "The same as --root squashfs",
		.offset = offsetof(struct qemu_options, squashfs)},
	{.name = "state",
		.kind = OPTION_TEXT,
		.value = "DIR",
		.help = "Where to keep what belongs to the machine, instead of PATH-state",
		.offset = offsetof(struct qemu_options, state)},
	{.name = "tpm",
		.kind = OPTION_FLAG,
		.help = "Add a TPM 2.0, by swtpm, whose state is kept",
		.offset = offsetof(struct qemu_options, tpm)},
	{.name = "u-boot",
		.kind = OPTION_FLAG,
		.help = "Boot by U-Boot, which starts programs for UEFI; arm64 and riscv64 only",
		.offset = offsetof(struct qemu_options, u_boot)},
	{.name = "uefi",
		.kind = OPTION_FLAG,
		.help = "Boot by UEFI instead of the BIOS, with the firmware that is installed",
		.offset = offsetof(struct qemu_options, uefi)},
	{.name = "usb",
		.kind = OPTION_FLAG,
		.help = "Add a USB controller",
		.offset = offsetof(struct qemu_options, usb)},
	{.name = "virtiofs",
		.kind = OPTION_REPEAT,
		.value = "DIR",
		.help = "Share a directory: the first one is mounted in the guest with mount -t "
			"virtiofs virtiofs0 /mnt",
		.offset = offsetof(struct qemu_options, shares)},
	{.name = "virtiofsd",
		.kind = OPTION_TEXT,
		.value = "PROG",
		.help = "The virtiofsd to run",
		.offset = offsetof(struct qemu_options, virtiofsd)},
	{.name = "vsock", .kind = OPTION_ABSENT, .help = VSOCK},
	{.name = "vsock-ports", .kind = OPTION_ABSENT, .help = VSOCK},
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

static int bad_network(const char *text, struct werr **err)
{
	werr_set(err, WERR_USAGE, "option --networking does not accept '%s'", text);
	werr_hint(err, "known values: user, default, none, tap,DEVICE, bridge,DEVICE, "
		       "lan,GROUP:PORT, such as lan,230.0.0.1:4000");
	return werr_code(WERR_USAGE);
}

/* The address of a group, and a port (RFC 5771: 224.0.0.0/4). */
static bool is_group(const char *text)
{
	CLEANUP(free) char *host = NULL;
	uint16_t port;
	struct in_addr a;

	return address_parse(text, 0, &host, &port) && inet_pton(AF_INET, host, &a) == 1 &&
	       IN_MULTICAST(ntohl(a.s_addr));
}

/* "tap,tap0": what LinuxKit takes. */
static int parse_network(const char *text, struct qemu_spec *spec, struct werr **err)
{
	static const struct {
		const char *prefix;
		enum qemu_network network;
	} kinds[] = {{"tap,", QEMU_NETWORK_TAP}, {"bridge,", QEMU_NETWORK_BRIDGE},
		{"lan,", QEMU_NETWORK_LAN}};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		spec->interface = str_after(text, kinds[i].prefix);
		if (!spec->interface)
			continue;
		spec->network = kinds[i].network;
		if (!*spec->interface ||
			(spec->network == QEMU_NETWORK_LAN && !is_group(spec->interface)))
			return bad_network(text, err);
		return 0;
	}
	if (!*text || str_eq(text, "user") || str_eq(text, "default"))
		spec->network = QEMU_NETWORK_USER;
	else if (str_eq(text, "none"))
		spec->network = QEMU_NETWORK_NONE;
	else
		return bad_network(text, err);
	return 0;
}

static int parse_disks(
	const struct qemu_options *o, bool as_linuxkit, struct qemu_spec *ret, struct werr **err)
{
	int r = 0;

	ret->disks = mem_new_array(struct qemu_disk, o->disks.n + 2);
	for (size_t i = 0; r == 0 && i < o->disks.n; i++) {
		r = qemu_disk_parse(o->disks.items[i], &ret->disks[i], err);
		if (r < 0)
			break;
		ret->disks[i].new_format = as_linuxkit ? "qcow2" : NULL;
		ret->n_disks++;
	}
	return r;
}

int qemu_options_apply(
	const struct qemu_options *o, bool as_linuxkit, struct qemu_spec *ret, struct werr **err)
{
	int r;

	*ret = (struct qemu_spec){
		.program = o->qemu,
		.accel = accels[index_of(accel_names, o->accel)],
		.mem_mib = o->mem >> 20,
		.cpus = o->cpus,
		.append = o->append,
		.scsi = as_linuxkit,
		.publish = o->publish,
		.devices = &o->devices,
		.credentials = &o->credentials,
		.shares = &o->shares,
		.virtiofsd = o->virtiofsd,
		.usb = o->usb,
		.tpm = o->tpm,
		.gui = o->gui,
		.no_reboot = o->no_reboot,
		.exit_on_panic = o->exit_on_panic,
		.control = o->control,
	};
	if (o->arch)
		ret->arch = arch_find_any(o->arch)->name;
	if (o->u_boot && (o->uefi || o->secure_boot))
		return werr_set(err, WERR_USAGE, "only one of --u-boot and --%s is possible",
			o->uefi ? "uefi" : "secure-boot");
	if (o->data && o->data_file)
		return werr_set(err, WERR_USAGE, "only one of --data and --data-file is possible");
	r = parse_network(o->networking, ret, err);
	return r < 0 ? r : parse_disks(o, as_linuxkit, ret, err);
}
