/* SPDX-License-Identifier: Apache-2.0 */
/* Where links lead that the user names as the place of a file. */
#ifndef WHERRY_BASE_FILE_LINKS_H
#define WHERRY_BASE_FILE_LINKS_H

#include "base/error.h"

/*
 * *ret: the path after all links are followed; it need not exist. *fd: the descriptor that the path
 * stands for, or -1. Errors say that the file can't be written.
 */
int file_follow_links(const char *path, char **ret, int *fd, struct werr **err);

#endif
