/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/state.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "boot/efi-variables.h"
#include "boot/signer.h"
#include "vm/efi-disk.h"
#include "vm/firmware.h"
#include "vm/machines-impl.h"
#include "vm/metadata.h"
#include "vm/unpack.h"

enum { FIRMWARE_MAX = 128 << 20, MAC_BYTES = 6, MAC_SIZE = 3 * MAC_BYTES };

/* The file's path in the directory, which exists afterwards. */
static int place(const struct vm_state *s, const char *name, char **ret, struct werr **err)
{
	int r = file_make_dirs(s->dir, 0700, err);

	if (r == 0)
		*ret = str_printf("%s/%s", s->dir, name);
	return r;
}

/* LinuxKit's names: disk.img, disk1.img, disk2.img. */
static int name_disks(const struct vm_state *s, struct qemu_spec *spec, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < spec->n_disks; i++) {
		CLEANUP(free) char *number = i ? str_printf("%zu", i) : str_dup("");
		CLEANUP(free) char *name = str_printf("disk%s.img", number);

		if (!spec->disks[i].path)
			r = place(s, name, &spec->disks[i].path, err);
	}
	return r;
}

static int write_data(const struct qemu_options *o, struct vm_state *s, struct werr **err)
{
	CLEANUP(free) char *bytes = NULL;
	size_t size = 0;
	int r = 0;

	if (!o->data && !o->data_file)
		return 0;
	if (o->data_file)
		r = file_read(o->data_file, VM_METADATA_MAX, &bytes, &size, err);
	if (r == 0)
		r = place(s, "data.iso", &s->data, err);
	if (r < 0)
		return r;
	/* They are often secret. */
	return vm_metadata_write(
		s->data, 0600, bytes ? bytes : o->data, bytes ? size : strlen(o->data), err);
}

/* Others than those of the last run, so that just this certificate counts. */
static int enroll(const char *certificate, const char *code, const char *template, const char *to,
	struct werr **err)
{
	CLEANUP(free) char *bytes = NULL;
	CLEANUP(free) void *der = NULL;
	size_t size, der_size;
	int r;

	if (!template)
		return werr_set(
			err, WERR_NOT_FOUND, "there are no variables beside the firmware %s", code);
	r = file_read(template, FIRMWARE_MAX, &bytes, &size, err);
	if (r == 0)
		r = signer_read_certificate(certificate, &der, &der_size, err);
	if (r == 0)
		r = efi_variables_enroll(bytes, size, der, der_size, err);
	return r < 0 ? r : file_write_atomic(to, 0600, bytes, size, err);
}

/*
 * Those of the last run, or as the firmware has them: also when what is there is another
 * firmware's, as after a run for another architecture, which shows by its size.
 */
static int keep_variables(const char *template, const char *to, struct werr **err)
{
	CLEANUP(free) char *bytes = NULL;
	struct stat st;
	size_t size;
	int r = file_read(template, FIRMWARE_MAX, &bytes, &size, err);
	bool there = r == 0 && stat(to, &st) == 0;

	if (r < 0 || (there && (uint64_t)st.st_size == size))
		return r;
	if (there)
		log_info("%s is of another firmware, and begins anew", to);
	return file_write_atomic(to, 0600, bytes, size, err);
}

/* Which kinds will do, the best first; 0: none is needed. */
static size_t choose_kinds(const struct qemu_options *o, bool needed, enum vm_firmware_kind ret[2])
{
	ret[0] = o->secure_boot ? VM_FIRMWARE_SECURE
		 : o->u_boot    ? VM_FIRMWARE_U_BOOT
				: VM_FIRMWARE_UEFI;
	ret[1] = VM_FIRMWARE_U_BOOT;
	if (o->secure_boot || o->u_boot || o->uefi)
		return 1;
	return needed || o->firmware ? 2 : 0;
}

static int find_firmware(const struct qemu_options *o, const struct qemu_spec *spec,
	struct vm_state *s, struct werr **err)
{
	CLEANUP(vm_firmware_found) struct vm_firmware_found found = {0};
	CLEANUP(free) char *variables = NULL;
	enum vm_firmware_kind kinds[2];
	size_t n = choose_kinds(o, spec->uefi, kinds);
	int r = n ? vm_firmware_find(spec->arch, o->firmware, kinds, n, &found, err) : 0;

	if (r == 0 && (o->secure_boot || found.variables))
		r = place(s, o->secure_boot ? "secure-boot-variables.fd" : "uefi-variables.fd",
			&variables, err);
	if (r == 0 && o->secure_boot)
		r = enroll(o->secure_boot, found.code, found.variables, variables, err);
	else if (r == 0 && found.variables)
		r = keep_variables(found.variables, variables, err);
	if (r < 0)
		return r;
	s->firmware = (struct vm_firmware_found){found.row, STEAL(found.code), STEAL(variables)};
	return 0;
}

static bool is_mac(const char *text)
{
	for (size_t i = 0; i < MAC_SIZE - 1; i++)
		if (i % 3 == 2 ? text[i] != ':' : !strchr("0123456789abcdef", text[i]) || !text[i])
			return false;
	return !text[MAC_SIZE - 1];
}

/* In LinuxKit's file: an address of its own on a network that other machines are in. */
static int find_mac(struct vm_state *s, struct werr **err)
{
	CLEANUP(free) char *path = NULL;
	unsigned char b[MAC_BYTES];
	char text[4 * MAC_SIZE];
	int r = place(s, "mac-addr", &path, err);
	ssize_t n = r == 0 ? file_read_small(path, text, sizeof(text)) : 0;

	if (r < 0)
		return r;
	if (n >= 0 && !is_mac(text))
		return werr_set(
			err, WERR_INVALID, "%s has no address like 52:54:00:12:34:56", path);
	if (n == -ENOENT) {
		if (getrandom(b, sizeof(b), 0) != sizeof(b))
			return werr_errno(err, errno, "can't choose an address");
		/* Of one machine, and not a manufacturer's. */
		b[0] = (unsigned char)((b[0] & ~1U) | 2U);
		str_format(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2],
			b[3], b[4], b[5]);
		r = file_write_atomic(path, 0644, text, strlen(text), err);
	} else if (n < 0) {
		r = werr_errno(err, (int)-n, "can't read %s", path);
	}
	if (r == 0)
		s->mac = str_dup(text);
	return r;
}

void vm_state_begin(const struct qemu_options *o, const char *path, struct vm_state *ret)
{
	size_t size = strlen(path) - (str_ends_with(path, ".iso") ? strlen(".iso") : 0);

	ret->dir = o->state ? str_dup(o->state) : str_printf("%.*s-state", (int)size, path);
	ret->name = vm_machine_name(ret->dir);
}

int vm_state_fill(const struct qemu_options *o, struct qemu_spec *spec, struct vm_state *ret,
	struct werr **err)
{
	int r = name_disks(ret, spec, err);

	spec->name = ret->name;
	if (r == 0)
		r = write_data(o, ret, err);
	if (r == 0)
		r = find_firmware(o, spec, ret, err);
	if (r == 0 && spec->network != QEMU_NETWORK_USER && spec->network != QEMU_NETWORK_NONE)
		r = find_mac(ret, err);
	if (r == 0 && (o->shares.n || o->tpm))
		r = file_make_dirs(ret->dir, 0700, err);
	spec->share_dir = ret->dir;
	spec->data = ret->data;
	spec->firmware = ret->firmware.row ? &ret->firmware : NULL;
	spec->mac = ret->mac;
	return r;
}

int vm_state_find_disk(
	struct vm_state *s, struct boot_files *f, const char **ret, struct werr **err)
{
	bool packed = vm_disk_is_packed(f->disk), program = vm_disk_is_program(f->disk, NULL);
	int r = packed || program ? place(s, program ? "efi.img" : "disk.raw", &s->unpacked, err)
				  : 0;

	if (r == 0 && packed)
		r = vm_disk_unpack(f->disk, s->unpacked, err);
	if (r == 0 && packed)
		r = boot_files_look(s->unpacked, f, err);
	if (r == 0 && program)
		r = vm_disk_of_program(f->disk, s->unpacked, err);
	if (r == 0)
		*ret = packed || program ? s->unpacked : f->disk;
	return r;
}

void vm_state_cleanup(struct vm_state *s)
{
	free(s->unpacked);
	free(s->dir);
	free(s->name);
	free(s->data);
	vm_firmware_found_cleanup(&s->firmware);
	free(s->mac);
	*s = (struct vm_state){0};
}
