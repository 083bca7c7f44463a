/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/machine.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "data/json.h"

enum { TICK_MS = 50, CHUNK = 16 << 10, PATIENCE_MS = 3000, TYPE_MS = 5000 };

void probe_machine_cleanup(struct probe_machine *m)
{
	CLEANUP(werr) struct werr *ignored = NULL;
	bool killed;

	/* QEMU's sockets take one client each. */
	fd_cleanup(&m->qmp);
	vm_wire_cleanup(&m->wire);
	if (m->started && !m->ended)
		(void)vm_machine_stop(&m->vm, 0, &killed, &ignored);
	vm_guard_end(&m->guard);
	fd_cleanup(&m->log);
	vm_machine_cleanup(&m->vm);
	buf_clear(&m->events);
	probe_console_cleanup(&m->console);
	probe_outside_cleanup(&m->supervisor);
	document_free(STEAL(m->list));
}

/* ---- sockets ---- */

static void say(int fd, const char *text)
{
	(void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

/* {"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-reset"}}: QEMU,
 * qapi/run-state.json.
 */
static void take_event(struct probe_machine *m, const char *line, size_t size)
{
	CLEANUP(document) struct document *d = NULL;
	const char *event, *reason;

	if (json_parse("event", line, size, &d, NULL) < 0)
		return;
	event = node_get_text(d->root, "event");
	reason = node_get_text(node_get(d->root, "data"), "reason");
	if (!event || !str_eq(event, "SHUTDOWN") || !reason)
		return;
	m->reset = str_eq(reason, "guest-reset");
	m->asked = str_eq(reason, "guest-shutdown");
}

static void take_events(struct probe_machine *m, const char *bytes, size_t size)
{
	const char *end;

	buf_add(&m->events, bytes, size);
	/* QEMU's lines are much shorter. */
	if (buf_error(&m->events) < 0)
		buf_clear(&m->events);
	while (m->events.len && (end = memchr(m->events.data, '\n', m->events.len))) {
		size_t n = (size_t)(end - m->events.data) + 1;

		take_event(m, m->events.data, n - 1);
		memmove(m->events.data, m->events.data + n, m->events.len - n);
		buf_truncate(&m->events, m->events.len - n);
	}
}

static void read_qmp(struct probe_machine *m)
{
	char chunk[CHUNK];
	ssize_t n = recv(m->qmp, chunk, sizeof(chunk), 0);

	if (n > 0)
		take_events(m, chunk, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		m->ended = true;
}

static void read_outside(struct probe_machine *m)
{
	char chunk[CHUNK];
	ssize_t n = recv(m->wire.fd, chunk, sizeof(chunk), 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		vm_wire_cleanup(&m->wire);
		m->asked_ms = 0;
		return;
	}
	if (!probe_outside_add(&m->supervisor, chunk, (size_t)n))
		return;
	document_free(STEAL(m->list));
	m->list = STEAL(m->supervisor.answer);
	m->lists++;
	m->asked_ms = 0;
}

/* Whether there was anything. */
static bool read_log(struct probe_machine *m)
{
	char chunk[CHUNK];
	bool any = false;
	ssize_t n;

	while ((n = read(m->log, chunk, sizeof(chunk))) > 0) {
		probe_console_add(&m->console, chunk, (size_t)n);
		any = true;
	}
	return any;
}

int probe_machine_look(struct probe_machine *m, struct werr **err)
{
	struct pollfd fds[] = {
		{.fd = m->qmp, .events = POLLIN}, {.fd = m->wire.fd, .events = POLLIN}};
	bool any = read_log(m);

	if (poll(fds, ARRAY_SIZE(fds), any || m->ended ? 0 : TICK_MS) > 0) {
		if (fds[0].revents)
			read_qmp(m);
		if (fds[1].revents)
			read_outside(m);
	}
	/* What it wrote before it ended is there by now. */
	if (m->ended) {
		read_log(m);
		fd_cleanup(&m->qmp);
		m->qmp = -1;
	}
	return cancel_check(err);
}

/* ---- starting it, and acting on it ---- */

int probe_machine_start(
	const struct qemu_spec *wanted, const char *dir, struct probe_machine *m, struct werr **err)
{
	struct qemu_spec spec = *wanted;
	CLEANUP(free) char *log = NULL;
	int r;

	spec.no_reboot = true;
	spec.snapshot = true;
	r = vm_machine_start(&spec, dir, &m->vm, err);
	if (r < 0)
		return r;
	m->started = true;
	r = vm_guard_start(m->vm.pid, &m->guard, err);
	if (r < 0)
		return r;
	log = path_join(m->vm.dir, MACHINE_LOG);
	r = file_open(log, &m->log, err);
	if (r == 0)
		r = vm_machine_connect(&m->vm, MACHINE_CONTROL, &m->qmp, err);
	if (r == 0 && m->qmp < 0)
		m->ended = true;
	else if (r == 0)
		say(m->qmp, "{\"execute\":\"qmp_capabilities\"}\n");
	return r;
}

void probe_machine_press_button(struct probe_machine *m)
{
	if (m->qmp >= 0)
		say(m->qmp, MACHINE_PRESS);
}

int probe_machine_type(struct probe_machine *m, const char *text, struct werr **err)
{
	CLEANUP(fd) int fd = -1;
	uint64_t until = clock_ms() + TYPE_MS;
	size_t left = strlen(text);
	int r = vm_machine_connect(&m->vm, MACHINE_CONSOLE, &fd, err);

	if (r == 0 && fd < 0)
		r = werr_set(err, WERR_FAILED, "the machine has ended");
	while (r == 0 && left > 0 && clock_ms() < until) {
		struct pollfd p = {.fd = fd, .events = POLLOUT};
		ssize_t n = send(fd, text, left, MSG_NOSIGNAL);

		if (n > 0) {
			text += n;
			left -= (size_t)n;
		} else if (errno != EAGAIN && errno != EINTR) {
			return werr_errno(err, errno, "can't write to the console");
		} else {
			poll(&p, 1, TICK_MS);
		}
		r = cancel_check(err);
	}
	if (r == 0 && left > 0)
		return werr_set(err, WERR_TIMEOUT, "the console takes nothing");
	return r;
}

int probe_machine_ask(struct probe_machine *m, struct werr **err)
{
	CLEANUP(free) char *question = NULL;
	int r = 0;

	if (m->asked_ms && clock_ms() - m->asked_ms < PATIENCE_MS)
		return 0;
	if (m->wire.fd < 0)
		r = vm_wire_open(&m->vm, &m->wire, err);
	if (r < 0 || m->wire.fd < 0)
		return r;
	question = probe_outside_ask(&m->supervisor);
	say(m->wire.fd, question);
	m->asked_ms = clock_ms();
	return 0;
}
