/* SPDX-License-Identifier: Apache-2.0 */
/* The program kmsg: writes the kernel's messages to its output. */
#ifndef WHERRY_GUEST_KMSG_H
#define WHERRY_GUEST_KMSG_H

#include <stddef.h>
#include <stdint.h>

/* A record of /dev/kmsg (Documentation/ABI/testing/dev-kmsg of Linux). */
struct kmsg {
	uint64_t number;       /* one more than that of the record before */
	uint64_t microseconds; /* since the start of the machine */
	const char *text;      /* in the record, without an end of its own */
	size_t size;
};

/*
 * What one read(2) returned: "PRIORITY,NUMBER,TIME,FLAGS[,...];TEXT\n", and lines of properties
 * that are left out. 0, or -EINVAL.
 */
int kmsg_parse(const char *record, size_t size, struct kmsg *ret);

/*
 * kmsg: a line "[   12.345678] TEXT" for each message, from the oldest that the kernel has, and a
 * line that says how many were overwritten before they could be read. Until SIGTERM.
 */
int kmsg_main(int argc, char **argv);

#endif
