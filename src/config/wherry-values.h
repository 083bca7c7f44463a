/* SPDX-License-Identifier: Apache-2.0 */
/* The values of an entry's `wherry` map: parsers, and checks for its table. */
#ifndef WHERRY_CONFIG_WHERRY_VALUES_H
#define WHERRY_CONFIG_WHERRY_VALUES_H

#include "config/check.h"

/* Of the machine's memory: how much a container may write to its root when nothing says so. */
#define ROOT_SIZE_DEFAULT "25%"

/* "10s", "500ms", "1m30s", "1h", or a plain number of seconds; at most a week. */
bool value_parse_duration(const struct node *n, uint64_t *ret_ms);
/* "64K", "1M", or a plain number of bytes. */
bool value_parse_byte_size(const struct node *n, uint64_t *ret);
/*
 * PORT or ADDRESS:PORT as ADDRESS:PORT, and PORT[/PATH], ADDRESS[:PORT][/PATH] or
 * http://ADDRESS[:PORT][/PATH] as http://ADDRESS:PORT/PATH. ADDRESS is numeric or localhost, and
 * 127.0.0.1 by default. Owned by the caller; NULL: the text has none of these forms.
 */
char *value_parse_tcp(const char *text);
char *value_parse_http(const char *text);
/* Does the text of `wherry.seccomp` name a file, rather than "default" or "none"? */
bool value_is_seccomp_file(const char *text);

extern const struct form form_duration, form_log_size, form_tcp, form_http, form_signal;
extern const struct form form_root_size; /* "64M", "1G", a number of bytes, or "25%": as tmpfs */
extern const struct form form_seccomp;

#endif
