/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a GUID partition table (UEFI 2.10, 5.3), which is not trusted. */
#ifndef WHERRY_DISK_GPT_READ_H
#define WHERRY_DISK_GPT_READ_H

#include "base/bytes.h"
#include "disk/gpt.h"

enum { GPT_NAME_TEXT = GPT_NAME_MAX * 3 + 1 };

struct gpt_found {
	struct guid type, id;
	uint64_t at, size; /* bytes; not checked against the end of the disk */
	unsigned number;   /* from 1 on */
	char name[GPT_NAME_TEXT];
};

/*
 * The partitions that the first table has, at most GPT_PARTITIONS_MAX. False: there is no table, or
 * it is cut short.
 */
bool gpt_read(struct bytes *disk, struct gpt_found ret[static GPT_PARTITIONS_MAX], size_t *ret_n);

#endif
