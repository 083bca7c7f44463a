/* SPDX-License-Identifier: Apache-2.0 */
/* The values of an entry's `wherry` map: parsers, and checks for its table. */
#ifndef WHERRY_CONFIG_WHERRY_VALUES_H
#define WHERRY_CONFIG_WHERRY_VALUES_H

#include "config/check.h"

/* Of the machine's memory: how much a container may write to its root when nothing says so. */
#define ROOT_SIZE_DEFAULT "25%"

/* "10s", "500ms", "1m30s", "1h", or a plain number of seconds; at most a week. */
bool duration_parse(const struct node *n, uint64_t *ret_ms);
/* "64K", "1M", or a plain number of bytes. */
bool byte_size_parse(const struct node *n, uint64_t *ret);
/*
 * PORT or ADDRESS:PORT as ADDRESS:PORT, and PORT[/PATH], ADDRESS[:PORT][/PATH] or
 * http://ADDRESS[:PORT][/PATH] as http://ADDRESS:PORT/PATH. ADDRESS is numeric or localhost, and
 * 127.0.0.1 when it isn't given. Owned by the caller; NULL: it is none of these.
 */
char *health_tcp(const char *text);
char *health_http(const char *text);
/* Does the text of `wherry.seccomp` name a file, rather than "default" or "none"? */
bool seccomp_is_file(const char *text);

void check_duration(struct checker *c, const struct node *n);
void check_log_size(struct checker *c, const struct node *n);
void check_tcp(struct checker *c, const struct node *n);
void check_http(struct checker *c, const struct node *n);
/* "64M", "1G", a plain number of bytes, or "25%", as tmpfs takes it. */
void check_root_size(struct checker *c, const struct node *n);
void check_signal(struct checker *c, const struct node *n);
void check_seccomp(struct checker *c, const struct node *n);
void check_health(struct checker *c, const struct node *n);

#endif
