/* SPDX-License-Identifier: Apache-2.0 */
/* The program extend: grows the last partition of a disk that has grown, and its file system. */
#ifndef WHERRY_GUEST_EXTEND_H
#define WHERRY_GUEST_EXTEND_H

#include "base/error.h"
#include "base/str.h"

/* Read [-type ext4|btrfs|xfs] [DEVICE...]. *ret_type: NULL: any. WERR_USAGE. */
int extend_parse(
	int argc, char **argv, const char **ret_type, struct strv *words, struct werr **err);
int extend_main(int argc, char **argv);

#endif
