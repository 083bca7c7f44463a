/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/boot-chart.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/atomic-file.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/by-port.h"
#include "client/show.h"
#include "contract/wherry.h"
#include "vm/machines.h"

enum {
	SLICE_MS = 200,
	ANSWER_MS = 30 * 1000,
	REPEAT_MS = 3000,
	READY_MS = 30 * 60 * 1000, /* an emulated machine may need minutes */
};

struct chart {
	char *path;
	struct atomic_file *file; /* NULL once it was written */
	uint64_t began_ms;        /* clock_ms() */
	bool is_running;
	pthread_t thread; /* if so */
	atomic_bool gives_up;
};

int chart_new(const char *path, struct chart **ret, struct werr **err)
{
	CLEANUP(chart) struct chart *c = path ? mem_new(struct chart) : NULL;
	int r = c ? atomic_file_open_named(&c->file, path, 0644, err) : 0;

	if (r < 0)
		return r;
	if (c) {
		c->path = str_dup(path);
		c->began_ms = clock_ms();
	}
	*ret = STEAL(c);
	return 0;
}

void chart_free(struct chart *c)
{
	if (!c)
		return;
	atomic_store(&c->gives_up, true);
	if (c->is_running)
		pthread_join(c->thread, NULL);
	if (c->file)
		atomic_file_free(c->file);
	free(c->path);
	free(c);
}

/* ---- asking ---- */

/* Until the time is over, or nobody needs it any more. A supervisor that does not answer yet may.
 */
static int check(const struct chart *c, struct werr **err)
{
	if (atomic_load(&c->gives_up))
		return werr_set(err, WERR_FAILED, "the machine ended before it was ready");
	if (clock_ms() - c->began_ms > READY_MS)
		return werr_set(err, WERR_TIMEOUT, "the machine was not ready after %d minutes",
			READY_MS / 60000);
	return 0;
}

static bool says_ready(const char *line)
{
	CLEANUP(document) struct document *d = NULL;
	const char *text = client_read(line, &d, NULL) < 0 ? NULL : node_get_text(d->root, "msg");

	return text && str_after(text, SAID_READY);
}

/* Follow the supervisor's own log. QEMU may not have made its ports yet. */
static int follow(const struct chart *c, struct by_port *p, struct werr **err)
{
	const struct request logs = {.verb = REQUEST_LOGS,
		.name = (char[]){OWN_NAME},
		.lines = REQUEST_LINES_MAX,
		.follow = true};

	for (;;) {
		CLEANUP(werr) struct werr *why = NULL;
		int r = p->transport.ask(&p->transport, &logs, &why);

		if (r == 0)
			return 0;
		if (!why || why->kind != WERR_NOT_FOUND || kill((pid_t)p->machine->pid, 0) < 0) {
			werr_pass(err, STEAL(why));
			return r;
		}
		poll(NULL, 0, SLICE_MS);
		r = check(c, err);
		if (r < 0)
			return r;
	}
}

static int wait_until_ready(const struct chart *c, struct by_port *p, struct werr **err)
{
	int r = follow(c, p, err);

	while (r == 0) {
		CLEANUP(werr) struct werr *why = NULL;
		const char *line = NULL;

		r = p->transport.next(&p->transport, SLICE_MS, &line, &why);
		if (r == 0 && line && says_ready(line))
			return 0;
		if (r == 0 && !line)
			return werr_set(err, WERR_FAILED, "its log has ended");
		/* What was asked before there was a supervisor may be lost. */
		if (r < 0 && why && why->kind == WERR_TIMEOUT)
			r = p->reader.begun || clock_ms() - p->asked_ms < REPEAT_MS
				    ? 0
				    : follow(c, p, err);
		else if (r < 0)
			werr_pass(err, STEAL(why));
		if (r == 0)
			r = check(c, err);
	}
	return r;
}

static int ask(struct by_port *p, enum request_verb verb, struct document **ret, struct werr **err)
{
	const struct request q = {.verb = verb};
	int r = p->transport.ask(&p->transport, &q, err);

	return r < 0 ? r : client_answer(&p->transport, ANSWER_MS, ret, NULL, err);
}

/* The time from QEMU's start to the kernel's, whose clock began then. */
static uint64_t firmware_ms(const struct chart *c, const struct document *list)
{
	const struct node *n = node_get(list->root, "uptime-ms");
	uint64_t elapsed = clock_ms() - c->began_ms, uptime;

	return n && node_to_u64(n, &uptime) && uptime < elapsed ? elapsed - uptime : 0;
}

static int draw(struct chart *c, struct by_port *p, struct buf *out, struct werr **err)
{
	CLEANUP(document) struct document *list = NULL, *boot = NULL;
	uint64_t before = 0;
	int r = ask(p, REQUEST_LIST, &list, err);

	if (r == 0) {
		before = firmware_ms(c, list);
		r = ask(p, REQUEST_BOOT, &boot, err);
	}
	if (r == 0)
		client_draw_boot(out, boot->root, before);
	return r;
}

/* ---- making ---- */

int chart_make(struct chart *c, const struct vm_machine *m, struct werr **err)
{
	CLEANUP(by_port) struct by_port port = {.wire = VM_WIRE_INIT};
	CLEANUP(buf) struct buf out = BUF_INIT(CLIENT_SHOWN_MAX);
	int r;

	by_port_init(&port, m);
	/* That it has not answered yet is no news. */
	port.told = true;
	r = wait_until_ready(c, &port, err);
	if (r == 0)
		r = draw(c, &port, &out, err);
	if (r == 0 && buf_error(&out) < 0)
		r = werr_set(err, WERR_LIMIT, "the picture is too large");
	if (r == 0 && (r = fd_write_all(c->file->fd, buf_str(&out), out.len)) < 0)
		r = werr_errno(err, -r, "can't write %s", c->path);
	if (r == 0)
		r = atomic_file_commit(c->file, err);
	if (r == 0)
		atomic_file_free(STEAL(c->file));
	return r;
}

/* The machine that this process runs, once it does. */
static int find_own(const struct chart *c, struct vm_machine *ret, struct werr **err)
{
	CLEANUP(free) char *own = str_printf("%d", (int)getpid());
	int r = 0;

	while (r == 0 && vm_machine_find(own, true, ret, NULL) < 0) {
		poll(NULL, 0, SLICE_MS);
		r = check(c, err);
	}
	return r;
}

static void *make_own(void *ctx)
{
	struct chart *c = ctx;
	CLEANUP(vm_machine) struct vm_machine m = {0};
	CLEANUP(werr) struct werr *err = NULL;
	sigset_t all;
	int r;

	/* Signals are for the thread that waits for the machine. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	r = find_own(c, &m, &err);
	if (r == 0)
		r = chart_make(c, &m, &err);
	if (r == 0)
		log_info("%s shows how the machine started", c->path);
	else
		log_warning("%s was not written: %s", c->path, err ? err->message : strerror(-r));
	return NULL;
}

int chart_begin(struct chart *c, struct werr **err)
{
	int problem = c ? pthread_create(&c->thread, NULL, make_own, c) : 0;

	if (problem)
		return werr_errno(err, problem, "can't start a thread");
	if (c)
		c->is_running = true;
	return 0;
}
