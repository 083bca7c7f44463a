/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process that writes the files in /var/log, and alone waits for their disk. It ends when the
 * supervisor ends for good.
 */
#ifndef WHERRY_GUEST_FILEWRITER_H
#define WHERRY_GUEST_FILEWRITER_H

#include <stdbool.h>

/* Start it. It reads from `end` (log/filequeue.h). Its number, or -errno. */
int filewriter_start(int end);
/* Its program: wherry-filewriter END. */
int filewriter_main(int argc, char **argv);
/*
 * Write what comes from `end` to files in dir until there is no more, if dir outlives the machine
 * or `always` is set.
 */
void filewriter_run(int end, const char *dir, bool always);

#endif
