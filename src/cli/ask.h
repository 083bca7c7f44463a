/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to the user, on the terminal. */
#ifndef WHERRY_CLI_ASK_H
#define WHERRY_CLI_ASK_H

#include <stdbool.h>

#include "base/error.h"

enum ask_answer { ASK_SHOWN, ASK_HIDDEN };

/* A line from stdin, which has to be a terminal; owned by the caller. */
int ask_line(const char *question, enum ask_answer answer, char **ret, struct werr **err);
/* " [y/N] " is added; nothing but y and yes is one. */
int ask_yes(const char *question, bool *ret, struct werr **err);
/* Bytes up to the end of the line; what follows it is ignored. */
int ask_read_line(int fd, char **ret, struct werr **err);

#endif
