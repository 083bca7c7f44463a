/* SPDX-License-Identifier: Apache-2.0 */
/* From a qemu_spec to QEMU's arguments for what is stored: disks, CDs, firmware. */
#include <inttypes.h>

#include "arch/arch.h"
#include "base/mem.h"
#include "vm/arguments.h"

struct drives {
	struct strv *v;
	bool scsi;       /* disks are on the controller, too */
	bool cd_is_disk; /* as the firmware has no driver for the controller */
	bool controller; /* there is one */
	unsigned next;   /* place on it */
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

/* A disk that is a part of a file. */
static void add_part(struct strv *v, const char *id, const struct qemu_disk *disk, const char *more)
{
	CLEANUP(free) char *path = qemu_escaped(disk->path);

	strv_add(v, "-drive");
	strv_addf(v,
		"if=none,id=%s,format=%s%s,file.driver=raw,file.offset=%" PRIu64
		",file.size=%" PRIu64 ",file.file.driver=file,file.file.filename=%s",
		id, disk->format, more, disk->offset, disk->length, path);
	strv_add(v, "-device");
}

/*
 * virtio-scsi: its disks are /dev/sda and so on, as on the SATA controller that LinuxKit's machines
 * have, and kernels for clouds have its driver, which not all have for SATA.
 */
static void add_scsi(struct drives *d, const char *kind, const char *id, const char *boot)
{
	strv_addf(d->v, "%s,bus=scsi0.0,scsi-id=%u,drive=%s%s", kind, d->next++, id, boot);
}

static void need_controller(struct drives *d)
{
	if (d->controller)
		return;
	strv_add(d->v, "-device");
	strv_add(d->v, "virtio-scsi-pci,id=scsi0");
	d->controller = true;
}

static void add_disk(struct drives *d, const char *id, const struct qemu_disk *disk,
	const char *more, bool boots)
{
	const char *boot = boots ? ",bootindex=0" : "";

	if (d->scsi)
		need_controller(d);
	if (disk->length)
		add_part(d->v, id, disk, more);
	else
		add_drive(d->v, id, disk->format ? disk->format : "raw", more, disk->path);
	if (d->scsi)
		add_scsi(d, "scsi-hd", id, boot);
	else
		strv_addf(d->v, "virtio-blk-pci,drive=%s%s", id, boot);
}

static void add_cd(struct drives *d, const char *id, const char *path, bool boots)
{
	if (boots && d->cd_is_disk) {
		add_drive(d->v, id, "raw", ",readonly=on", path);
		strv_addf(d->v, "virtio-blk-pci,drive=%s,bootindex=0", id);
		return;
	}
	need_controller(d);
	add_drive(d->v, id, "raw", ",readonly=on,media=cdrom", path);
	add_scsi(d, "scsi-cd", id, boots ? ",bootindex=0" : "");
}

static void add_root(struct drives *d, const char *path)
{
	CLEANUP(qemu_disk) struct qemu_disk disk = {.path = str_dup(path)};

	add_disk(d, "root", &disk, ",readonly=on", false);
}

/* In the order in which the guest names them. */
static void add_disks(struct drives *d, const struct qemu_spec *spec)
{
	if (spec->root)
		add_root(d, spec->root);
	for (size_t i = 0; i < spec->n_disks; i++) {
		CLEANUP(free) char *id = str_printf("disk%zu", i);
		const struct qemu_disk *disk = &spec->disks[i];
		bool boots = spec->boot_disk && str_eq(disk->path, spec->boot_disk);
		const char *more = disk->is_kept || (boots && spec->snapshot) ? ",snapshot=on" : "";

		add_disk(d, id, disk, more, boots);
	}
}

static void add_flash(struct strv *v, const struct vm_firmware_found *f)
{
	CLEANUP(free) char *code = file_value(f->code);
	CLEANUP(free) char *variables = file_value(f->variables);

	if (f->row->handover == VM_HANDOVER_SMM) {
		strv_add(v, "-global");
		strv_add(v, "driver=cfi.pflash01,property=secure,value=on");
	}
	strv_add(v, "-drive");
	strv_addf(v, "if=pflash,unit=0,format=raw,readonly=on,file=%s", code);
	strv_add(v, "-drive");
	strv_addf(v, "if=pflash,unit=1,format=raw,file=%s", variables);
}

static void add_firmware(struct strv *v, const struct vm_firmware_found *f)
{
	static const char *const options[] = {
		[VM_HANDOVER_BIOS] = "-bios", [VM_HANDOVER_KERNEL] = "-kernel"};

	if (f->variables) {
		add_flash(v, f);
		return;
	}
	strv_add(v, options[f->row->handover]);
	strv_add(v, f->code);
}

void qemu_add_drives(struct strv *v, const struct qemu_spec *spec, bool has_scsi)
{
	const struct vm_firmware_found *f = spec->firmware;
	struct drives d = {.v = v,
		.scsi = has_scsi && spec->scsi,
		.cd_is_disk = f && f->row->kind == VM_FIRMWARE_U_BOOT};

	add_disks(&d, spec);
	if (spec->boot_cd)
		add_cd(&d, "cd0", spec->boot_cd, true);
	if (spec->data)
		add_cd(&d, "data", spec->data, false);
	if (f)
		add_firmware(v, f);
}

const char *qemu_first_disk(const char *arch, bool scsi)
{
	const struct arch *a = arch ? arch_find(arch) : NULL;

	return scsi && a && a->qemu.has_scsi ? "/dev/sda" : "/dev/vda";
}
