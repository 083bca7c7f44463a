/* SPDX-License-Identifier: Apache-2.0 */
/* The terminal at stdin, while a program elsewhere is on it: its mode, and changes of its size. */
#ifndef WHERRY_DATA_TERMINAL_MODE_H
#define WHERRY_DATA_TERMINAL_MODE_H

#include <stdbool.h>
#include <termios.h>

struct terminal_mode {
	bool is_known; /* false: stdin is no terminal, and the functions below do nothing */
	struct termios was;
};

void terminal_mode_save(struct terminal_mode *ret);
/* Each key is for the program, also those that would end this process. */
void terminal_mode_raw(const struct terminal_mode *m);
void terminal_mode_restore(const struct terminal_mode *m);

/* A descriptor that is readable when the terminal was resized; -1: it can't be watched. */
int terminal_watch_size(void);
/* Was it, since the last call? */
bool terminal_was_resized(int watched);

#endif
