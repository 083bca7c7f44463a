/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/kmsg.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/mem.h"
#include "tools/args.h"

/* The kernel's CONSOLE_EXT_LOG_MAX: no record is longer. */
enum { RECORD_SIZE_MAX = 8192, MICROSECONDS = 1000000 };

#define PATH "/dev/kmsg"

/* The number up to a comma or the end; moves *at behind it. */
static int parse_number(const char **at, const char *end, uint64_t *ret)
{
	const char *p = *at;
	uint64_t value = 0;

	for (; p < end && *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(value, 10, &value) ||
			__builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
			return -EINVAL;
	if (p == *at || (p < end && *p != ','))
		return -EINVAL;
	*at = p < end ? p + 1 : p;
	*ret = value;
	return 0;
}

int kmsg_parse(const char *record, size_t size, struct kmsg *ret)
{
	const char *head = record, *end = memchr(record, ';', size), *text, *line;
	struct kmsg m = {0};
	uint64_t priority;

	if (!end || parse_number(&head, end, &priority) < 0 ||
		parse_number(&head, end, &m.number) < 0 ||
		parse_number(&head, end, &m.microseconds) < 0)
		return -EINVAL;
	text = end + 1;
	m.size = size - (size_t)(text - record);
	line = memchr(text, '\n', m.size);
	if (line)
		m.size = (size_t)(line - text);
	m.text = text;
	*ret = m;
	return 0;
}

static void print(const struct kmsg *m, uint64_t expected)
{
	if (expected && m->number > expected)
		printf("kmsg: %" PRIu64 " messages were overwritten before they could be read\n",
			m->number - expected);
	printf("[%5" PRIu64 ".%06" PRIu64 "] %.*s\n", m->microseconds / MICROSECONDS,
		m->microseconds % MICROSECONDS, (int)m->size, m->text);
}

/* A read returns one record, and waits for the next one at the end. */
static int follow(int fd, struct werr **err)
{
	char record[RECORD_SIZE_MAX];
	uint64_t expected = 0;

	for (;;) {
		struct kmsg m;
		ssize_t n = read(fd, record, sizeof(record));

		/* EPIPE: the next record was overwritten; the read after it gets the oldest. */
		if (n < 0 && errno != EPIPE && errno != EINTR)
			return werr_errno(err, errno, "can't read " PATH);
		if (n == 0)
			return werr_set(err, WERR_INVALID, PATH " has an end");
		if (n < 0 || kmsg_parse(record, (size_t)n, &m) < 0)
			continue;
		print(&m, expected);
		expected = m.number + 1;
		if (fflush(stdout) != 0)
			return werr_errno(err, errno, "can't write");
	}
}

/* The first process of a container ignores what it has no handler for. */
static void end(ATTR_UNUSED int signal)
{
	_exit(0);
}

int kmsg_main(int argc, char **argv)
{
	CLEANUP(strv) struct strv words = {0};
	CLEANUP(werr) struct werr *err = NULL;
	CLEANUP(fd) int fd = -1;
	const struct arg options[] = {{0}};
	int r = args_parse(options, argc, argv, &words, &err);

	if (r == 0 && words.n)
		r = werr_set(&err, WERR_USAGE, "'%s' is one word too many", words.items[0]);
	signal(SIGTERM, end);
	signal(SIGINT, end);
	if (r == 0) {
		fd = open(PATH, O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			werr_errno(&err, errno, "can't open " PATH);
			werr_hint(&err, "it needs CAP_SYSLOG and the device");
		} else {
			follow(fd, &err);
		}
	}
	return args_report("kmsg", err);
}
