/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel inside a kernel file: for machines and loaders that want it uncompressed. */
#ifndef WHERRY_PLAN_KERNEL_PAYLOAD_H
#define WHERRY_PLAN_KERNEL_PAYLOAD_H

#include "base/io.h"

/*
 * Look for a compressed kernel in the size bytes at offset of the file fd (not owned, must outlive
 * the reader):
 *
 * - a file compressed as a whole (arm64's Image.gz);
 * - an x86 bzImage (Linux, Documentation/arch/x86/boot.rst, "payload_offset"), whose payload is an
 * ELF file;
 * - an EFI zboot image (Linux, drivers/firmware/efi/libstub/zboot-header.S), arm64's and RISC-V's
 * vmlinuz.efi.
 *
 * By gzip, xz, zstd or lz4, or not at all inside a bzImage. *ret gives the kernel; it is NULL when
 * the file is a kernel that isn't packed. The size that a packed kernel is said to have is checked.
 * WERR_UNSUPPORTED: packed in another way; WERR_CORRUPT: a payload that is not inside the file, or
 * broken. name is for errors. Memory: up to 128 MiB for zstd's largest window, as far as the kernel
 * is that large.
 */
int kernel_payload_open(int fd, uint64_t offset, uint64_t size, const char *name,
	struct reader **ret, struct werr **err);

#endif
