/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/firmware.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

/*
 * The places are those of Debian and Ubuntu, then Fedora's, then Arch Linux's.
 *
 * riscv64: EDK II describes the machine by ACPI unless QEMU leaves that out, and Linux then misses
 * the serial port. OpenSBI, which QEMU has, comes before U-Boot.
 */
static const struct vm_firmware firmwares[] = {
	{"amd64", VM_FIRMWARE_UEFI, VM_HANDOVER_PFLASH, NULL, "ovmf",
		{{"/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"},
			{"/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"},
			{"/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"},
			{"/usr/share/edk2/x64/OVMF_CODE.4m.fd",
				"/usr/share/edk2/x64/OVMF_VARS.4m.fd"}}},
	{"amd64", VM_FIRMWARE_SECURE, VM_HANDOVER_SMM, "smm=on", "ovmf",
		{{"/usr/share/OVMF/OVMF_CODE_4M.secboot.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"},
			{"/usr/share/OVMF/OVMF_CODE.secboot.fd", "/usr/share/OVMF/OVMF_VARS.fd"},
			{"/usr/share/edk2/ovmf/OVMF_CODE.secboot.fd",
				"/usr/share/edk2/ovmf/OVMF_VARS.fd"},
			{"/usr/share/edk2/x64/OVMF_CODE.secboot.4m.fd",
				"/usr/share/edk2/x64/OVMF_VARS.4m.fd"}}},
	{"arm64", VM_FIRMWARE_UEFI, VM_HANDOVER_PFLASH, NULL, "qemu-efi-aarch64",
		{{"/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"},
			{"/usr/share/edk2/aarch64/QEMU_EFI-pflash.raw",
				"/usr/share/edk2/aarch64/vars-template-pflash.raw"},
			{"/usr/share/edk2/aarch64/QEMU_CODE.fd",
				"/usr/share/edk2/aarch64/QEMU_VARS.fd"}}},
	/* Debian 13's, and Debian 12's, where it is the same file as without. */
	{"arm64", VM_FIRMWARE_SECURE, VM_HANDOVER_PFLASH, NULL, "qemu-efi-aarch64",
		{{"/usr/share/AAVMF/AAVMF_CODE.secboot.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"},
			{"/usr/share/AAVMF/AAVMF_CODE.ms.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"}}},
	{"arm64", VM_FIRMWARE_U_BOOT, VM_HANDOVER_BIOS, NULL, "u-boot-qemu",
		{{"/usr/lib/u-boot/qemu_arm64/u-boot.bin", NULL},
			{"/usr/share/uboot/qemu_arm64/u-boot.bin", NULL}}},
	{"riscv64", VM_FIRMWARE_UEFI, VM_HANDOVER_PFLASH, "acpi=off",
		"qemu-efi-riscv64 (Debian 13)",
		{{"/usr/share/qemu-efi-riscv64/RISCV_VIRT_CODE.fd",
			 "/usr/share/qemu-efi-riscv64/RISCV_VIRT_VARS.fd"},
			{"/usr/share/edk2/riscv/RISCV_VIRT_CODE.fd",
				"/usr/share/edk2/riscv/RISCV_VIRT_VARS.fd"}}},
	{"riscv64", VM_FIRMWARE_U_BOOT, VM_HANDOVER_KERNEL, NULL, "u-boot-qemu",
		{{"/usr/lib/u-boot/qemu-riscv64_smode/u-boot.bin", NULL},
			{"/usr/share/uboot/qemu-riscv64_smode/u-boot.bin", NULL}}},
};

static const char *const kind_names[VM_FIRMWARE_KINDS] = {
	[VM_FIRMWARE_UEFI] = "UEFI firmware",
	[VM_FIRMWARE_SECURE] = "UEFI firmware with Secure Boot",
	[VM_FIRMWARE_U_BOOT] = "U-Boot",
};

static const struct vm_firmware *find_row(const char *arch, enum vm_firmware_kind kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(firmwares); i++)
		if (str_eq(firmwares[i].arch, arch) && firmwares[i].kind == kind)
			return &firmwares[i];
	return NULL;
}

static void set_found(struct vm_firmware_found *ret, const struct vm_firmware *f, const char *code,
	const char *variables)
{
	*ret = (struct vm_firmware_found){f, str_dup(code), variables ? str_dup(variables) : NULL};
}

static bool find_installed(const struct vm_firmware *f, struct vm_firmware_found *ret)
{
	for (const struct vm_firmware_place *p = f->places; p->code; p++)
		if (file_exists(p->code) && (!p->variables || file_exists(p->variables))) {
			set_found(ret, f, p->code, p->variables);
			return true;
		}
	return false;
}

/* ---- a file of the user's ---- */

/* OVMF_VARS.fd beside OVMF_CODE.fd; NULL: the file has no such name, or no such neighbour. */
static char *variables_beside(const char *code)
{
	const char *slash = strrchr(code, '/'), *name = slash ? slash + 1 : code;
	const char *at = strstr(name, "CODE");
	CLEANUP(free) char *path = NULL;

	if (!at)
		return NULL;
	path = str_printf("%.*sVARS%s", (int)(at - code), code, at + strlen("CODE"));
	return file_exists(path) ? STEAL(path) : NULL;
}

/* The one of the table that is in this file, and its place there; NULL: it is in none. */
static const struct vm_firmware *find_known(
	const char *arch, const char *code, const struct vm_firmware_place **ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(firmwares); i++)
		for (const struct vm_firmware_place *p = firmwares[i].places; p->code; p++)
			if (str_eq(firmwares[i].arch, arch) && str_eq(p->code, code)) {
				*ret = p;
				return &firmwares[i];
			}
	return NULL;
}

static bool keeps_variables(const struct vm_firmware *f)
{
	return f->handover == VM_HANDOVER_PFLASH || f->handover == VM_HANDOVER_SMM;
}

/* Those beside it, or those that the table says belong to it; NULL: there are none. */
static char *variables_of(const char *code, const struct vm_firmware_place *known)
{
	char *beside = variables_beside(code);

	if (beside || !known || !known->variables || !file_exists(known->variables))
		return beside;
	return str_dup(known->variables);
}

static int find_given(const char *arch, const char *given, enum vm_firmware_kind kind,
	struct vm_firmware_found *ret, struct werr **err)
{
	static const struct vm_firmware flash = {.handover = VM_HANDOVER_PFLASH},
					plain = {.handover = VM_HANDOVER_BIOS};
	const struct vm_firmware_place *place = NULL;
	const struct vm_firmware *row = find_row(arch, kind), *known;
	CLEANUP(free) char *variables = NULL;
	bool there = false;
	int r = file_look(given, &there, err);

	if (r < 0)
		return r;
	if (!there)
		return werr_set(err, WERR_NOT_FOUND, "there is no firmware %s", given);
	known = find_known(arch, given, &place);
	if (known && kind != VM_FIRMWARE_SECURE)
		row = known;
	if (!row || keeps_variables(row))
		variables = variables_of(given, place);
	/* Without variables there is nothing for a flash, whatever the row says. */
	if (!row || keeps_variables(row) != (variables != NULL))
		row = variables ? &flash : &plain;
	set_found(ret, row, given, variables);
	return 0;
}

int vm_firmware_find(const char *arch, const char *given, const enum vm_firmware_kind *kinds,
	size_t n, struct vm_firmware_found *ret, struct werr **err)
{
	CLEANUP(strv) struct strv packages = {0};
	CLEANUP(free) char *list = NULL;

	if (given)
		return find_given(arch, given, kinds[0], ret, err);
	for (size_t i = 0; i < n; i++) {
		const struct vm_firmware *f = find_row(arch, kinds[i]);

		if (f && find_installed(f, ret))
			return 0;
		if (f)
			strv_add(&packages, f->package);
	}
	if (!packages.n)
		return werr_set(err, WERR_UNSUPPORTED, "no %s for %s is known: name one with --fw",
			kind_names[kinds[0]], arch);
	list = strv_join(&packages, " or ");
	werr_set(err, WERR_NOT_FOUND, "no %s for %s is installed", kind_names[kinds[0]], arch);
	werr_hint(err, "apt-get install %s, or name the file with --fw", list);
	return werr_code(WERR_NOT_FOUND);
}

void vm_firmware_found_cleanup(struct vm_firmware_found *f)
{
	free(f->code);
	free(f->variables);
	*f = (struct vm_firmware_found){0};
}
