/* SPDX-License-Identifier: Apache-2.0 */
/* Files on CDs and other disks, which are mounted read-only while they are read. */
#ifndef WHERRY_GUEST_SEED_H
#define WHERRY_GUEST_SEED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

enum { SEED_DEVICE = 64 };

/* A mounted disk. */
struct seed {
	char device[SEED_DEVICE]; /* its path */
	int dir_fd;
};
#define SEED() ((struct seed){.dir_fd = -1})
void seed_cleanup(struct seed *s);
/*
 * Mount the first disk or partition whose file system (ISO 9660 or FAT) has this label, in small or
 * in large letters. False: there is none. What can't be mounted is an error of the list.
 */
bool seed_mount_label(const char *label, struct seed *ret, struct werr **err);
/*
 * Read a regular file, whose path leads nowhere else; owned by the caller. False: there is none,
 * or (with an error) it can't be read.
 */
bool seed_read(const struct seed *s, const char *path, size_t max, char **ret, size_t *ret_size,
	struct werr **err);
/* The first CD that has this file; its device's path is copied to ret_device, which may be NULL. */
bool seed_read_cd(const char *path, size_t max, char **ret, size_t *ret_size,
	char ret_device[SEED_DEVICE], struct werr **err);

#endif
