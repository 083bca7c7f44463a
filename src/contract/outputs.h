/* SPDX-License-Identifier: Apache-2.0 */
/* What follows the name of an output, which one verb writes and another finds. LinuxKit's names. */
#ifndef WHERRY_CONTRACT_OUTPUTS_H
#define WHERRY_CONTRACT_OUTPUTS_H

#define OUTPUT_KERNEL   "-kernel"
#define OUTPUT_INITRD   "-initrd.img"
#define OUTPUT_CMDLINE  "-cmdline"
#define OUTPUT_SQUASHFS "-squashfs.img"
#define OUTPUT_EROFS    "-erofs.img"
#define OUTPUT_ISO      ".iso"
#define OUTPUT_UKI      ".efi"
/* A directory for machines that boot from the network, and its files. */
#define OUTPUT_PXE "-pxe"
#define PXE_SCRIPT "boot.ipxe"
#define PXE_KERNEL "kernel"
#define PXE_INITRD "initrd.img"
/* A directory for Firecracker, and its files. */
#define OUTPUT_FIRECRACKER "-firecracker"
#define FIRECRACKER_CONFIG "vm.json"
#define FIRECRACKER_KERNEL "vmlinux"
#define FIRECRACKER_INITRD "initrd.img"
#define FIRECRACKER_ROOT   "root.img"
/* Finds the disk with the root. A name of our own: LinuxKit has no such file. */
/* The first in the tar for the SD card of a Raspberry Pi. */
#define RPI_FIRST_FILE "bootcode.bin"

#define OUTPUT_BOOT_INITRD "-boot-initrd.img"

enum { OUTPUT_OVA_MEM_MIB = 1024 }; /* of the machine that an OVA describes */

#endif
