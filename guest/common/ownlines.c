/* SPDX-License-Identifier: Apache-2.0 */
#include "common/ownlines.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "common/console.h"
#include "common/machine.h"
#include "common/uptime.h"

/* The kernel refuses more than 1,024 bytes with the prefix (LOG_LINE_MAX in printk.c). */
enum { KERNEL_TEXT_MAX = 900, BURST = 100, PAUSE_MS = 200 };

/* The facility is that of daemons; of the levels, debug is not for the console. */
#define PREFIX "<31>wherry: "

/* May one more line be added? What is saved up is counted in ms: PAUSE_MS for each line. */
static bool may_add(void)
{
	static uint64_t saved = (uint64_t)BURST * PAUSE_MS, last;
	uint64_t now = uptime_ms();

	saved += now - last;
	last = now;
	if (saved > (uint64_t)BURST * PAUSE_MS)
		saved = (uint64_t)BURST * PAUSE_MS;
	if (saved < PAUSE_MS)
		return false;
	saved -= PAUSE_MS;
	return true;
}

void ownlines_to_kernel(const char *text, size_t size)
{
	static unsigned omitted;
	CLEANUP(buf) struct buf line = BUF_INIT(2 * KERNEL_TEXT_MAX);
	CLEANUP(fd) int fd = -1;

	if (machine_is_contained())
		return;
	if (!may_add()) {
		omitted++;
		return;
	}
	buf_puts(&line, PREFIX);
	if (omitted)
		buf_printf(&line, "(%u lines before this one omitted) ", omitted);
	omitted = 0;
	buf_add(&line, text, size < KERNEL_TEXT_MAX ? size : KERNEL_TEXT_MAX);
	buf_putc(&line, '\n');
	fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0 && write(fd, buf_str(&line), line.len) < 0)
		return;
}

/* PID 1 never waits for the supervisor: beyond what the socket holds, lines are lost to it. */
static void said(void *ctx, const char *text, size_t size)
{
	const int *fd = ctx;
	struct ownlines_message m = {.ms = uptime_ms()};

	size = size < sizeof(m.text) ? size : sizeof(m.text);
	memcpy(m.text, text, size);
	send(*fd, &m, offsetof(struct ownlines_message, text) + size, MSG_DONTWAIT | MSG_NOSIGNAL);
	ownlines_to_kernel(text, size);
}

int ownlines_begin(void)
{
	static int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
		return -1;
	console_tap(said, &ends[0]);
	return ends[1];
}
