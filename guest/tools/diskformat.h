/* SPDX-License-Identifier: Apache-2.0 */
/* The program format: makes a partition with a file system on an empty disk. */
#ifndef WHERRY_GUEST_DISKFORMAT_H
#define WHERRY_GUEST_DISKFORMAT_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "tools/diskstate.h"

/* A file system that can be made, as a row of a table. */
struct diskformat_type {
	const char *name;
	const char *program;
	size_t label_max;           /* bytes */
	const char *const *options; /* of the program: quietly, and without questions */
};

/* What the command line asks for. */
struct diskformat {
	const struct diskformat_type *type;
	const char *label; /* NULL: none */
	bool force;        /* also a disk that is not empty, if it is named */
	bool verbose;
};

/*
 * Read [-force] [-type ext4|btrfs|xfs] [-label L] [-verbose] [DEVICE...]; *words gets the devices,
 * which may be patterns as in glob(7). WERR_USAGE.
 */
int diskformat_parse(
	int argc, char **argv, struct strv *words, struct diskformat *ret, struct werr **err);

/*
 * Which of the disks in these states is to be formatted: one where that has begun, or the first
 * that is empty. -1: none, and nothing is to be done, as there is one that was formatted and no
 * label tells it from others; -2: none, which is an error.
 */
int diskformat_choose(const enum diskstate *states, size_t n, bool has_label);

/*
 * Make the file system, then the partition table, on a disk that nothing uses, and wait for the
 * partition. Whenever it is interrupted, the disk is as before, is DISKSTATE_UNFINISHED, or is
 * done. WERR_EXISTS, unless `force`: there is something on the disk.
 */
int diskformat_make(const struct diskformat *f, const char *device, struct werr **err);

int diskformat_main(int argc, char **argv);

#endif
