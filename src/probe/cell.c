/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/cell.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "probe/page.h"
#include "probe/machine.h"

enum { ATTEMPT_MS = 5000, PAUSE_MS = 200 };

const char *const probe_outcomes[] = {"not run", "passed", "failed", "skipped"};

struct run {
	const struct probe_file *file;
	const struct probe_port *ports;
	struct probe_machine machine;
	uint64_t deadline; /* of the step */
	uint64_t next;     /* when a port is asked again */
	uint64_t lists;    /* answers of the supervisor that were compared */
	char *last;        /* why the step is not over yet; NULL: nothing is known */
};
static void run_cleanup(struct run *r)
{
	probe_machine_cleanup(&r->machine);
	free(r->last);
}

void probe_cell_cleanup(struct probe_cell *c)
{
	free(c->why);
	free(c->tail);
	free(c->log);
}

char *probe_cell_name(const struct probe_cell *c)
{
	return str_printf("%s%s%s %s %s", c->format, *c->root ? " " : "", c->root,
		probe_firmwares[c->firmware], c->arch);
}

void probe_cell_end(struct probe_cell *c, enum probe_outcome outcome, struct werr *why)
{
	c->outcome = outcome;
	free(c->why);
	c->why = why->hint ? str_printf("%s (%s)", why->message, why->hint) : str_dup(why->message);
	werr_free(why);
}

/* ---- steps: 1 when it is over, 0 when not yet, or -errno ---- */

static void note(struct run *r, char *why)
{
	free(r->last);
	r->last = why;
}

/* What an attempt says that the end may have cut short: less than an earlier one that was whole. */
static void note_silence(struct run *r, char *why)
{
	if (r->last)
		free(why);
	else
		r->last = why;
}

static unsigned host_port(const struct run *r, unsigned guest)
{
	const struct probe_port *p = r->ports;

	while (p->guest != guest)
		p++;
	return p->host;
}

/* A port is asked again and again; false: not now. */
static bool is_due(struct run *r)
{
	uint64_t now = clock_ms();

	if (now < r->next)
		return false;
	r->next = now + PAUSE_MS;
	return true;
}

static uint64_t attempt_ms(const struct run *r)
{
	uint64_t now = clock_ms(), left = r->deadline > now ? r->deadline - now : 1;

	return left < ATTEMPT_MS ? left : ATTEMPT_MS;
}

static bool never_enough(ATTR_UNUSED const struct buf *got, ATTR_UNUSED void *ctx)
{
	return false;
}

static int try_http(struct run *r, const struct probe_step *s, struct werr **err)
{
	CLEANUP(buf) struct buf got = BUF_INIT(PROBE_ANSWER_MAX);
	CLEANUP(free) char *request = NULL;
	struct probe_page page;
	int res;

	if (!is_due(r))
		return 0;
	request = probe_page_request(s->path);
	res = probe_tcp_ask(host_port(r, s->port), request, strlen(request), attempt_ms(r),
		never_enough, NULL, &got, err);
	if (res == -ECANCELED)
		return res;
	if (!got.len) {
		note_silence(r, str_printf("port %u does not answer", s->port));
	} else if (!probe_page_parse(got.data, got.len, &page) || !page.status) {
		note_silence(r, str_printf("port %u answers, but not as a web server", s->port));
	} else if (page.status != s->status) {
		note(r, str_printf(
				"the status of %s is %u, not %u", s->path, page.status, s->status));
	} else if (s->pattern.text &&
		   !probe_text_matches(&s->pattern, page.body ? page.body : "", page.size)) {
		note(r, str_printf("no line of %s matches '%s'", s->path, s->pattern.text));
	} else {
		return 1;
	}
	return 0;
}

static bool has_banner(const struct buf *got, void *ctx)
{
	return got->len && probe_text_matches(ctx, got->data, got->len);
}

static int try_tcp(struct run *r, const struct probe_step *s, struct werr **err)
{
	CLEANUP(buf) struct buf got = BUF_INIT(PROBE_ANSWER_MAX);
	struct probe_pattern pattern = s->pattern;
	const char *text = s->text ? s->text : "";
	int res;

	if (!is_due(r))
		return 0;
	res = probe_tcp_ask(host_port(r, s->port), text, strlen(text), attempt_ms(r), has_banner,
		&pattern, &got, err);
	if (res == -ECANCELED)
		return res;
	if (has_banner(&got, &pattern))
		return 1;
	if (got.len)
		note(r, str_printf("no line of what port %u says matches '%s'", s->port,
				s->pattern.text));
	else
		note_silence(r, str_printf("port %u says nothing", s->port));
	return 0;
}

static int try_services(struct run *r, const struct probe_step *s, struct werr **err)
{
	CLEANUP(free) char *why = NULL;
	int res = 0;

	if (r->machine.lists != r->lists && r->machine.list) {
		probe_outside_compare(r->machine.list->root, s->node, &why);
		r->lists = r->machine.lists;
		if (!why)
			return 1;
		note(r, STEAL(why));
		r->next = clock_ms() + PAUSE_MS;
	}
	if (!r->machine.ended && (r->machine.asked_ms || is_due(r)))
		res = probe_machine_ask(&r->machine, err);
	return res;
}

static int try_console(struct run *r, const struct probe_step *s, ATTR_UNUSED struct werr **err)
{
	return probe_console_find(&r->machine.console, &s->pattern);
}

static int try_send(struct run *r, const struct probe_step *s, struct werr **err)
{
	int res = probe_machine_type(&r->machine, s->text, err);

	return res < 0 ? res : 1;
}

static int try_button(
	struct run *r, ATTR_UNUSED const struct probe_step *s, ATTR_UNUSED struct werr **err)
{
	probe_machine_press_button(&r->machine);
	return 1;
}

static const char *how_it_ended(const struct probe_machine *m)
{
	return m->reset ? "restarted" : m->asked ? "switched itself off" : "was ended";
}

static int try_exit(struct run *r, const struct probe_step *s, struct werr **err)
{
	const struct probe_machine *m = &r->machine;

	if (s->exit == PROBE_PANIC && m->console.panicked)
		return 1;
	if (!m->ended)
		return 0;
	if (s->exit == PROBE_POWEROFF ? m->asked : s->exit == PROBE_REBOOT && m->reset)
		return 1;
	return werr_set(err, WERR_FAILED, "the machine %s", how_it_ended(m));
}

static int (*const tries[])(struct run *r, const struct probe_step *s, struct werr **err) = {
	[PROBE_CONSOLE] = try_console,
	[PROBE_SERVICES] = try_services,
	[PROBE_HTTP] = try_http,
	[PROBE_TCP] = try_tcp,
	[PROBE_SEND] = try_send,
	[PROBE_BUTTON] = try_button,
	[PROBE_EXIT] = try_exit,
};

/* ---- the machine ---- */

/* What no step waits for, and ends the test. */
static int check_nevers(struct run *r, struct werr **err)
{
	const struct probe_file *f = r->file;
	size_t which = 0;
	CLEANUP(free)
	char *line = probe_console_never(&r->machine.console, f->nevers, f->n_nevers, &which);

	if (line)
		return werr_set(err, WERR_FAILED, "the console has a line that '%s' matches: %s",
			f->nevers[which].text, line);
	if (r->machine.console.panicked && !probe_file_expects(f, PROBE_PANIC))
		return werr_set(err, WERR_FAILED, "the kernel panics");
	return 0;
}

/* It may be what a step waits for, so those come first. */
static int check_boot(const struct run *r, struct werr **err)
{
	if (!r->machine.console.unbootable)
		return 0;
	return werr_set(err, WERR_FAILED, "the firmware starts nothing of what it finds");
}

static int out_of_time(const struct run *r, const struct probe_step *s, struct werr **err)
{
	const char *what = s->kind == PROBE_CONSOLE    ? "no line of the console matches "
			   : s->kind == PROBE_EXIT     ? "the machine does not end: "
			   : s->kind == PROBE_SERVICES ? "the supervisor does not answer"
						       : "it takes too long";
	const char *pattern =
		s->kind == PROBE_CONSOLE || s->kind == PROBE_EXIT ? s->node->text : "";

	if (r->last)
		return werr_set(err, WERR_FAILED, "%s", r->last);
	return werr_set(err, WERR_FAILED, "%s%s%s%s", what, *pattern ? "'" : "", pattern,
		*pattern ? "'" : "");
}

static int do_step(struct run *r, const struct probe_step *s, uint64_t end, struct werr **err)
{
	int res;

	r->deadline =
		s->within_ms && clock_ms() + s->within_ms < end ? clock_ms() + s->within_ms : end;
	r->next = 0;
	r->lists = r->machine.lists;
	free(STEAL(r->last));
	probe_console_begin(&r->machine.console);
	for (;;) {
		bool ended = r->machine.ended;

		res = tries[s->kind](r, s, err);
		if (res == 0)
			res = check_nevers(r, err);
		if (res == 0)
			res = check_boot(r, err);
		if (res != 0)
			return res < 0 ? res : 0;
		if (ended)
			return werr_set(err, WERR_FAILED, "the machine %s before %s%s%s",
				how_it_ended(&r->machine), probe_kinds[s->kind],
				s->kind == PROBE_CONSOLE ? ": " : "",
				s->kind == PROBE_CONSOLE ? s->node->text : "");
		if (clock_ms() >= r->deadline)
			return out_of_time(r, s, err);
		res = probe_machine_look(&r->machine, err);
		if (res < 0)
			return res;
	}
}

static int do_steps(struct run *r, struct probe_cell *c, uint64_t end, struct werr **err)
{
	int res = 0;

	for (size_t i = 0; res == 0 && i < r->file->n_steps; i++) {
		res = do_step(r, &r->file->steps[i], end, err);
		if (res < 0)
			c->line = r->file->steps[i].node->line;
	}
	return res < 0 ? res : check_nevers(r, err);
}

int probe_cell_run(struct probe_cell *c, const struct probe_file *f, const struct qemu_spec *spec,
	const char *dir, const struct probe_port *ports, struct werr **err)
{
	CLEANUP(run)
	struct run r = {.file = f, .ports = ports, .machine = PROBE_MACHINE_INIT};
	uint64_t start = clock_ms();
	struct werr *why = NULL;
	int res;

	res = probe_machine_start(spec, dir, &r.machine, &why);
	if (r.machine.started)
		c->log = path_join(r.machine.vm.dir, MACHINE_LOG);
	if (res == 0)
		res = do_steps(&r, c, start + f->timeout_ms, &why);
	c->ms = clock_ms() - start;
	if (res < 0 && why && why->kind == WERR_CANCELLED) {
		werr_pass(err, why);
		return res;
	}
	c->outcome = PROBE_PASSED;
	if (res < 0)
		probe_cell_end(c, PROBE_FAILED, why);
	if (res < 0 && r.machine.started)
		c->tail = probe_console_tail(&r.machine.console);
	return 0;
}
