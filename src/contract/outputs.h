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
#define OUTPUT_BOOT_INITRD "-boot-initrd.img"
/* The first in the tar for the SD card of a Raspberry Pi. */
#define RPI_FIRST_FILE "bootcode.bin"
/* An OCI layout whose only image is an artifact that holds other outputs. */
#define OUTPUT_OCI "-oci.tar"

/* What an artifact of outputs is, and each of its files: media types. */
#define OUTPUT_TYPE "application/vnd.wherry.os.v1"

#define OUTPUT_TYPE_KERNEL      "application/vnd.wherry.kernel.v1"
#define OUTPUT_TYPE_INITRD      "application/vnd.wherry.initrd.v1"
#define OUTPUT_TYPE_BOOT_INITRD "application/vnd.wherry.boot-initrd.v1"
#define OUTPUT_TYPE_CMDLINE     "application/vnd.wherry.cmdline.v1"
#define OUTPUT_TYPE_SQUASHFS    "application/vnd.wherry.root.squashfs.v1"
#define OUTPUT_TYPE_EROFS       "application/vnd.wherry.root.erofs.v1"
#define OUTPUT_TYPE_ROOT_ISO    "application/vnd.wherry.root.iso.v1"
#define OUTPUT_TYPE_UKI         "application/vnd.wherry.uki.v1"
#define OUTPUT_TYPE_ISO         "application/vnd.wherry.iso.v1"
#define OUTPUT_TYPE_RAW         "application/vnd.wherry.disk.raw.v1"
#define OUTPUT_TYPE_QCOW2       "application/vnd.wherry.disk.qcow2.v1"
#define OUTPUT_TYPE_VMDK        "application/vnd.wherry.disk.vmdk.v1"
#define OUTPUT_TYPE_VHD         "application/vnd.wherry.disk.vhd.v1"
#define OUTPUT_TYPE_VHDX        "application/vnd.wherry.disk.vhdx.v1"
#define OUTPUT_TYPE_OVA         "application/vnd.wherry.disk.ova.v1"
#define OUTPUT_TYPE_GCP         "application/vnd.wherry.disk.raw.v1.tar+gzip"

enum { OUTPUT_OVA_MEM_MIB = 1024 }; /* of the machine that an OVA describes */

#endif
