/* SPDX-License-Identifier: Apache-2.0 */
/* Whether all of a disk is in its image, or the file was cut short. */
#ifndef WHERRY_VM_WHOLE_DISK_H
#define WHERRY_VM_WHOLE_DISK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Of the file of a disk, which has so many bytes from an offset on: false when its tables
 * name a place beyond them. format: QEMU's name of it; true for those of which nothing is
 * known here. What is in the file is not trusted.
 */
bool vm_disk_is_whole(const char *format, int fd, uint64_t offset, uint64_t size);

#endif
