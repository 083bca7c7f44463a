/* SPDX-License-Identifier: Apache-2.0 */
/* The EFI system partition: for which architecture there is something in it to start. */
#ifndef WHERRY_VM_ESP_H
#define WHERRY_VM_ESP_H

#include "disk/disk-image.h"

/*
 * OCI's name of the architecture that the programs EFI/BOOT/BOOT*.EFI are for, of a FAT that begins
 * at this sector; NULL: there is none that is known. What is on the disk is not trusted.
 */
const char *esp_arch(const struct disk_image *i, uint64_t sector);

#endif
