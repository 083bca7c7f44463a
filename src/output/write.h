/* SPDX-License-Identifier: Apache-2.0 */
/* What the table of formats names; see format.h for what these return. */
#ifndef WHERRY_OUTPUT_WRITE_H
#define WHERRY_OUTPUT_WRITE_H

#include "boot/uki.h"
#include "output/format.h"

output_layout output_file_initrd;                            /* write-boot.c */
output_layout output_file_uki;                               /* write-uki.c */
output_layout output_file_root;                              /* write-root.c */
output_write output_write_cmdline;                           /* write-boot.c */
output_write output_write_ipxe;                              /* write-pxe.c */
output_write output_write_vmlinux, output_write_firecracker; /* write-firecracker.c */
output_write output_write_rpi;                               /* write-rpi.c */
output_write output_write_oci;                               /* write-oci.c */
output_write output_write_tar, output_write_docker, output_write_kernel_tar; /* write-tar.c */

/* What Google Cloud takes: disk.raw in a compressed tar. */
extern const struct disk_format output_disk_gcp; /* disk-gcp.c */
/* What VirtualBox and VMware import: a machine with a stream-optimised vmdk. */
extern const struct disk_format output_disk_ova; /* disk-ova.c */
/* Disks: layout-disk.c. */
output_layout output_layout_disk_efi, output_layout_disk_bios, output_layout_disk;
/* CDs, for a BIOS, UEFI and both, whose images can be copied to a disk: layout-iso.c. */
output_layout output_layout_iso_bios, output_layout_iso_efi, output_layout_iso;

/* Write the file of a job, from whichever source it has: write-file.c. */
int output_write_file(const struct output_job *job, struct writer *to, struct werr **err);
/*
 * The same, finish `to`, and say the file's SHA-256: "" when it has too many holes (hash/sha256.h).
 * Unless `fresh`, one that an earlier build has found is taken for a file that is made from the
 * same (kept-hash.h).
 */
int output_write_hashed(const struct output_job *job, bool fresh, struct writer *to,
	char ret[static SHA256_HEX + 1], struct werr **err);
/* The last piece of an encoding, as it is. */
int output_write_piece(const struct pieces *pieces, const struct encoding *e, struct writer *to,
	struct werr **err);
/* Add a plain file to a tar, with the time of all builds. */
int output_tar_add(struct archiver *tar, const char *name, uint64_t size, struct reader *content,
	struct werr **err);
/* An initrd's archives end to end, without microcode, and how many bytes that is. */
struct reader *output_open_initrd(const struct output_job *job);
uint64_t output_initrd_size(const struct output_job *job);

/*
 * The same for layouts, which put them where they like; they refer to the pieces. An initrd has its
 * microcode; where the root is on a disk, it is the one that finds that. A kernel, initrd or
 * command line that there is none of has no bytes.
 */
int output_layout_kernel(const struct output_job *job, struct extents *ret, struct werr **err);
int output_layout_initrd(const struct output_job *job, struct extents *ret, struct werr **err);
/* The root's image. */
int output_layout_root(const struct output_job *job, struct extents *ret, struct werr **err);
/*
 * The kernel's command line: one line without its end. Owned by the caller. root: what to boot from
 * ("PARTUUID=..."), as root= unless the configuration has one; or NULL.
 */
int output_cmdline(const struct output_job *job, const char *root, char **ret, struct werr **err);
/* The OS's os-release; owned by the caller, and NULL when it has none. */
int output_read_os_release(const struct output_job *job, char **ret, struct werr **err);
/*
 * A unified kernel image of the job's kernel, initrd and command line (see output_cmdline), for the
 * architecture that is built for: what UEFI starts; signed if the build has a signer. The format
 * has the loader LOADER_EFI and the encodings ENCODINGS_UKI. ret_places may be NULL.
 */
int output_layout_uki(const struct output_job *job, const char *root, struct extents *ret,
	struct uki_places *ret_places, struct werr **err);
#define LOADER_EFI  "efi-stub"
#define LOADER_BIOS "grub-bios"
#define LOADER_RPI  "rpi-firmware"
/* What it is made of besides the root. */
#define ENCODINGS_UKI                                                      \
	{                                                                  \
		&encoding_kernel, &encoding_cmdline, &encoding_os_release, \
	}

#endif
