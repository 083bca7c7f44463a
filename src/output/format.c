/* SPDX-License-Identifier: Apache-2.0 */
#include "output/format.h"

#include "base/mem.h"
#include "base/str.h"
#include "contract/outputs.h"
#include "output/write.h"

/* What a boot loader needs beside the root. */
#define BOOT_ENCODINGS                               \
	{                                            \
		&encoding_kernel, &encoding_cmdline, \
	}
#define KERNEL                                                               \
	{                                                                    \
		OUTPUT_KERNEL, OUTPUT_TYPE_KERNEL, .piece = &encoding_kernel \
	}
#define CMDLINE                                                                    \
	{                                                                          \
		OUTPUT_CMDLINE, OUTPUT_TYPE_CMDLINE, .write = output_write_cmdline \
	}

/* Of a root on a disk; not of every kernel. */
#define BOOT_INITRD                                                                       \
	{                                                                                 \
		OUTPUT_BOOT_INITRD, OUTPUT_TYPE_BOOT_INITRD, .layout = output_file_initrd \
	}

/* Disks that a BIOS boots, and disks that both kinds of firmware do, in a file of some format. */
#define BIOS_DISK(name_, suffix_, type_, disk_)                                                    \
	{                                                                                          \
		.name = (name_), .has_size = true, .any_root = true, .root = &root_initrd,         \
		.loaders = {LOADER_BIOS}, .encodings = BOOT_ENCODINGS,                             \
		.files = {                                                                         \
			{(suffix_), (type_), .layout = output_layout_disk_bios, .disk = (disk_)}}, \
	}
#define DISK(name_, suffix_, type_, disk_)                                                      \
	{                                                                                       \
		.name = (name_), .has_size = true, .any_root = true, .root = &root_initrd,      \
		.loaders = {LOADER_EFI, LOADER_BIOS}, .encodings = ENCODINGS_UKI,               \
		.files = {{(suffix_), (type_), .layout = output_layout_disk, .disk = (disk_)}}, \
	}

static const struct format formats[] = {
	{
		.name = "kernel+initrd",
		.may_lack_kernel = true,
		.root = &root_initrd,
		.encodings = BOOT_ENCODINGS,
		.files = {KERNEL, {OUTPUT_INITRD, OUTPUT_TYPE_INITRD, .layout = output_file_initrd},
			CMDLINE},
	},
	{
		.name = "tar-kernel-initrd",
		.is_not_run = true,
		.may_lack_kernel = true,
		.root = &root_initrd,
		.encodings = BOOT_ENCODINGS,
		.files = {{"-initrd.tar", .write = output_write_kernel_tar}},
	},
	{
		.name = "tar",
		.is_not_run = true,
		.is_stream = true,
		.encodings = {&encoding_tar},
		.files = {{".tar", .write = output_write_tar}},
	},
	{
		.name = "docker",
		.is_not_run = true,
		.is_stream = true,
		.encodings = {&encoding_tar},
		.files = {{".docker", .write = output_write_docker}},
	},
	{
		.name = "oci",
		.is_stream = true,
		.holds = "kernel+initrd",
		.root = &root_initrd,
		.encodings = ENCODINGS_UKI,
		.files = {{OUTPUT_OCI, .write = output_write_oci}},
	},
	{
		.name = "uki",
		.root = &root_initrd,
		.loaders = {LOADER_EFI},
		.encodings = ENCODINGS_UKI,
		.files = {{OUTPUT_UKI, OUTPUT_TYPE_UKI, .layout = output_file_uki}},
	},
	{
		.name = "pxe",
		.root = &root_initrd,
		.encodings = BOOT_ENCODINGS,
		.files = {{OUTPUT_PXE "/" PXE_SCRIPT, .write = output_write_ipxe},
			{OUTPUT_PXE "/" PXE_KERNEL, .piece = &encoding_kernel},
			{OUTPUT_PXE "/" PXE_INITRD, .layout = output_file_initrd}},
	},
	{
		.name = "firecracker",
		.is_not_run = true,
		.arches = {"amd64", "arm64"},
		.any_root = true,
		.root = &root_initrd,
		.encodings = BOOT_ENCODINGS,
		.files = {{OUTPUT_FIRECRACKER "/" FIRECRACKER_CONFIG,
				  .write = output_write_firecracker},
			{OUTPUT_FIRECRACKER "/" FIRECRACKER_KERNEL, .write = output_write_vmlinux},
			{OUTPUT_FIRECRACKER "/" FIRECRACKER_INITRD, .layout = output_file_initrd},
			{OUTPUT_FIRECRACKER "/" FIRECRACKER_ROOT, .layout = output_file_root}},
	},
	{
		.name = "kernel+squashfs",
		.may_lack_kernel = true,
		.root = &root_squashfs,
		.encodings = BOOT_ENCODINGS,
		.files = {KERNEL,
			{OUTPUT_SQUASHFS, OUTPUT_TYPE_SQUASHFS, .layout = output_layout_root,
				.disk = &disk_raw},
			CMDLINE, BOOT_INITRD},
	},
	{
		.name = "kernel+erofs",
		.may_lack_kernel = true,
		.root = &root_erofs,
		.encodings = BOOT_ENCODINGS,
		.files = {KERNEL,
			{OUTPUT_EROFS, OUTPUT_TYPE_EROFS, .layout = output_layout_root,
				.disk = &disk_raw},
			CMDLINE, BOOT_INITRD},
	},
	{
		.name = "kernel+iso",
		.may_lack_kernel = true,
		.root = &root_iso,
		.encodings = BOOT_ENCODINGS,
		.files = {KERNEL, {OUTPUT_ISO, OUTPUT_TYPE_ROOT_ISO, .piece = &encoding_iso},
			CMDLINE, BOOT_INITRD},
	},
	{
		.name = "iso-bios",
		.root = &root_iso,
		.other_root = &root_initrd,
		.loaders = {LOADER_BIOS},
		.encodings = BOOT_ENCODINGS,
		.files = {{OUTPUT_ISO, OUTPUT_TYPE_ISO, .layout = output_layout_iso_bios,
			.disk = &disk_raw}},
	},
	{
		.name = "iso-efi",
		.root = &root_iso,
		.other_root = &root_initrd,
		.loaders = {LOADER_EFI},
		.encodings = ENCODINGS_UKI,
		.files = {{"-efi" OUTPUT_ISO, OUTPUT_TYPE_ISO, .layout = output_layout_iso_efi,
			.disk = &disk_raw}},
	},
	{
		.name = "iso-efi-initrd",
		.root = &root_initrd,
		.loaders = {LOADER_EFI},
		.encodings = ENCODINGS_UKI,
		.files = {{"-efi-initrd" OUTPUT_ISO, OUTPUT_TYPE_ISO,
			.layout = output_layout_iso_efi, .disk = &disk_raw}},
	},
	{
		.name = "iso",
		.root = &root_initrd,
		.other_root = &root_iso,
		.loaders = {LOADER_EFI, LOADER_BIOS},
		.encodings = ENCODINGS_UKI,
		.files = {{OUTPUT_ISO, OUTPUT_TYPE_ISO, .layout = output_layout_iso,
			.disk = &disk_raw}},
	},
	BIOS_DISK("raw-bios", "-bios.img", OUTPUT_TYPE_RAW, &disk_raw),
	{
		.name = "raw-efi",
		.has_size = true,
		.any_root = true,
		.root = &root_initrd,
		.loaders = {LOADER_EFI},
		.encodings = ENCODINGS_UKI,
		.files = {{"-efi.img", OUTPUT_TYPE_RAW, .layout = output_layout_disk_efi,
			.disk = &disk_raw}},
	},
	BIOS_DISK("qcow2-bios", ".qcow2", OUTPUT_TYPE_QCOW2, &disk_qcow2),
	{
		.name = "qcow2-efi",
		.has_size = true,
		.any_root = true,
		.root = &root_initrd,
		.loaders = {LOADER_EFI},
		.encodings = ENCODINGS_UKI,
		.files = {{"-efi.qcow2", OUTPUT_TYPE_QCOW2, .layout = output_layout_disk_efi,
			.disk = &disk_qcow2}},
	},
	DISK("vmdk", ".vmdk", OUTPUT_TYPE_VMDK, &disk_stream_vmdk),
	DISK("vhd", ".vhd", OUTPUT_TYPE_VHD, &disk_vhd),
	DISK("dynamic-vhd", ".vhd", OUTPUT_TYPE_VHD, &disk_dynamic_vhd),
	DISK("vhdx", ".vhdx", OUTPUT_TYPE_VHDX, &disk_vhdx),
	DISK("ova", ".ova", OUTPUT_TYPE_OVA, &output_disk_ova),
	DISK("aws", ".raw", OUTPUT_TYPE_RAW, &disk_raw),
	DISK("gcp", ".img.tar.gz", OUTPUT_TYPE_GCP, &output_disk_gcp),
	{
		.name = "rpi3",
		.is_not_run = true,
		.arches = {"arm64"},
		.root = &root_initrd,
		.loaders = {LOADER_RPI},
		.encodings = BOOT_ENCODINGS,
		.files = {{".tar", .write = output_write_rpi}},
	},
	DISK("raw", ".img", OUTPUT_TYPE_RAW, &disk_raw),
	DISK("qcow2", ".qcow2", OUTPUT_TYPE_QCOW2, &disk_qcow2),
};

const struct format *format_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (str_eq(formats[i].name, name))
			return &formats[i];
	return NULL;
}

bool format_is_for(const struct format *f, const char *arch)
{
	for (const char *const *a = f->arches; *a; a++)
		if (str_eq(*a, arch))
			return true;
	return !f->arches[0];
}

bool format_has_kernel(const struct format *f)
{
	for (size_t i = 0; i < FORMAT_ENCODINGS_MAX && f->encodings[i]; i++)
		if (f->encodings[i] == &encoding_kernel)
			return true;
	return false;
}

bool format_is_signed(const struct format *f)
{
	for (size_t i = 0; f->loaders[i]; i++)
		if (str_eq(f->loaders[i], LOADER_EFI))
			return true;
	return false;
}

bool format_can_be_held(const struct format *f)
{
	return f->files[0].type != NULL;
}

const char *const *format_names(void)
{
	static const char *names[ARRAY_SIZE(formats) + 1];

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		names[i] = formats[i].name;
	return names;
}
