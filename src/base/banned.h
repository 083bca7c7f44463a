/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions that can't be used safely, refused at compile time. The build includes this header
 * before every file of the project. Each line says what to call instead.
 */
#ifndef WHERRY_BASE_BANNED_H
#define WHERRY_BASE_BANNED_H

/* The system's headers declare (and sometimes call) these; they must be read first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* With _FORTIFY_SOURCE some headers make macros of these for clang. */
#undef sprintf
#undef vsprintf

/* clang-format off */
#pragma GCC poison strcpy strncpy stpcpy stpncpy   /* str_dup, str_copy */
#pragma GCC poison strcat strncat                  /* struct buf */
#pragma GCC poison sprintf vsprintf                /* buf_printf, str_printf, str_format */
#pragma GCC poison gets getwd                      /* file_read */
#pragma GCC poison strtok strtok_r                 /* strv_split */
#pragma GCC poison atoi atol atoll atof            /* str_to_u64, str_to_i64 */
#pragma GCC poison mktemp tmpnam tempnam           /* file_temp_dir, struct atomic_file */
#pragma GCC poison gmtime gmtime_r localtime ctime asctime /* utc_from */
#pragma GCC poison system popen                    /* process_run */
#pragma GCC poison setenv putenv unsetenv          /* process_spec.env: threads are running */
/* clang-format on */

#endif
