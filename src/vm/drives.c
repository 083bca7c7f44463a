/* SPDX-License-Identifier: Apache-2.0 */
/* From a qemu_spec to QEMU's arguments for what is stored: disks, CDs, firmware. */
#include "arch/arch.h"
#include "base/mem.h"
#include "vm/arguments.h"

enum { SATA_PORTS = 6, CD_PORT = 2 /* as in LinuxKit */ };

struct drives {
	struct strv *v;
	bool is_pc, sata;
	bool taken[SATA_PORTS];
};

/* A file among the values of one of QEMU's options; owned by the caller. */
static char *file_value(const char *path)
{
	/* QEMU takes what precedes a colon for a protocol, unless a slash comes first. */
	bool colon = path[0] != '/' && strchr(path, ':');
	CLEANUP(free) char *safe = qemu_escaped(path);

	return str_printf("%s%s", colon ? "./" : "", safe);
}

static void add_drive(
	struct strv *v, const char *id, const char *format, const char *more, const char *path)
{
	CLEANUP(free) char *file = file_value(path);

	strv_add(v, "-drive");
	strv_addf(v, "if=none,id=%s,format=%s%s,file=%s", id, format, more, file);
	strv_add(v, "-device");
}

/* The first free port from `first` on; -1: none. */
static int take_port(struct drives *d, int first)
{
	for (int i = first; i < SATA_PORTS; i++)
		if (!d->taken[i]) {
			d->taken[i] = true;
			return i;
		}
	return -1;
}

static int no_port(struct werr **err)
{
	return werr_set(err, WERR_USAGE, "the machine has room for %d disks and CDs", SATA_PORTS);
}

static int add_disk(struct drives *d, const char *id, const char *format, const char *more,
	const char *path, bool boots, struct werr **err)
{
	const char *boot = boots ? ",bootindex=0" : "";
	int port;

	add_drive(d->v, id, format, more, path);
	if (!d->sata) {
		strv_addf(d->v, "virtio-blk-pci,drive=%s%s", id, boot);
		return 0;
	}
	port = take_port(d, 0);
	if (port < 0)
		return no_port(err);
	strv_addf(d->v, "ide-hd,bus=ide.%d,drive=%s%s", port, id, boot);
	return 0;
}

static int add_cd(struct drives *d, const char *id, const char *path, bool boots, struct werr **err)
{
	const char *boot = boots ? ",bootindex=0" : "";
	int port;

	add_drive(d->v, id, "raw", ",readonly=on,media=cdrom", path);
	if (!d->is_pc) {
		strv_addf(d->v, "virtio-blk-pci,drive=%s%s", id, boot);
		return 0;
	}
	port = take_port(d, CD_PORT);
	if (port < 0)
		return no_port(err);
	strv_addf(d->v, "ide-cd,bus=ide.%d,drive=%s%s", port, id, boot);
	return 0;
}

/* In the order in which the guest names them. */
static int add_disks(struct drives *d, const struct qemu_spec *spec, struct werr **err)
{
	int r = 0;

	if (spec->root)
		r = add_disk(d, "root", "raw", ",readonly=on", spec->root, false, err);
	for (size_t i = 0; r == 0 && i < spec->n_disks; i++) {
		CLEANUP(free) char *id = str_printf("disk%zu", i);
		const struct qemu_disk *disk = &spec->disks[i];
		bool boots = spec->boot_disk && str_eq(disk->path, spec->boot_disk);

		r = add_disk(
			d, id, disk->format ? disk->format : "raw", "", disk->path, boots, err);
	}
	return r;
}

static void add_firmware(struct strv *v, const struct qemu_spec *spec)
{
	CLEANUP(free) char *code = NULL;
	CLEANUP(free) char *variables = NULL;

	if (!spec->firmware)
		return;
	if (!spec->variables) {
		strv_add(v, "-bios");
		strv_add(v, spec->firmware);
		return;
	}
	code = file_value(spec->firmware);
	variables = file_value(spec->variables);
	strv_add(v, "-drive");
	strv_addf(v, "if=pflash,unit=0,format=raw,readonly=on,file=%s", code);
	strv_add(v, "-drive");
	strv_addf(v, "if=pflash,unit=1,format=raw,file=%s", variables);
}

int qemu_add_drives(struct strv *v, const struct qemu_spec *spec, bool is_pc, struct werr **err)
{
	struct drives d = {.v = v, .is_pc = is_pc, .sata = is_pc && spec->sata};
	int r;

	/* Disks leave the CD's port free. */
	d.taken[CD_PORT] = spec->boot_cd || spec->data;
	r = add_disks(&d, spec, err);
	d.taken[CD_PORT] = false;
	if (r == 0 && spec->boot_cd)
		r = add_cd(&d, "cd0", spec->boot_cd, true, err);
	if (r == 0 && spec->data)
		r = add_cd(&d, "data", spec->data, false, err);
	add_firmware(v, spec);
	return r;
}

const char *qemu_first_disk(const char *arch, bool sata)
{
	const struct arch *a = arch ? arch_find(arch) : NULL;

	return sata && a && a->qemu.is_pc ? "/dev/sda" : "/dev/vda";
}
