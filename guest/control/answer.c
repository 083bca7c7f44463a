/* SPDX-License-Identifier: Apache-2.0 */
#include "control/answer.h"

#include <stdlib.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/mem.h"
#include "common/paths.h"
#include "common/spawn.h"
#include "common/uptime.h"
#include "data/json.h"
#include "life/why.h"
#include "run/cgroup.h"

enum { MARKS_MAX = 16 * 1024 };

static void finish(struct json_writer *w)
{
	json_close_object(w);
	buf_putc(w->out, '\n');
}

void answer_error(struct buf *out, const char *message)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);

	json_open_object(&w);
	json_key_string(&w, "error", message);
	finish(&w);
}

void answer_exit(struct buf *out, int status)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);

	json_open_object(&w);
	json_key_u64(&w, "exit",
		WIFEXITED(status) ? (uint64_t)WEXITSTATUS(status)
				  : 128 + (uint64_t)WTERMSIG(status));
	finish(&w);
}

void answer_put_container(
	struct json_writer *w, const struct containers *all, const struct container *c)
{
	CLEANUP(free) char *why = why_state(all, c);
	const struct record *r = &c->record;
	char text[64];

	json_key_string(w, "name", c->name);
	json_key_string(w, "kind", container_kind_name(c->kind));
	json_key_string(w, "state", life_state_name(r->state));
	if (c->process.pid)
		json_key_u64(w, "pid", (uint64_t)c->process.pid);
	if (r->since)
		json_key_string(w, "since", uptime_text(text, uptime_wall(r->since)));
	json_key_u64(w, "ms", r->since ? uptime_ms() - r->since : 0);
	json_key_u64(w, "restarts", r->restarts);
	json_key_string_opt(w, "reason", why);
	/* A run that the runtime could not begin has no process that ended. */
	if (r->ended && r->status)
		json_key_string(w, "ended", spawn_status(text, sizeof(text), (int)r->status - 1));
	if (!c->cgroup || !life_is_active(r->state))
		return;
	json_key_u64(w, "memory", cgroup_number(c->cgroup, "memory.current", NULL));
	json_key_u64(w, "cpu-us", cgroup_number(c->cgroup, "cpu.stat", "usage_usec"));
	json_key_u64(w, "processes", cgroup_number(c->cgroup, "pids.current", NULL));
}

void answer_state(struct buf *out, const struct containers *all, const struct container *c)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);

	json_open_object(&w);
	answer_put_container(&w, all, c);
	finish(&w);
}

void answer_list(struct buf *out, const struct containers *containers)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);
	const struct container *c;

	json_open_object(&w);
	json_key_u64(&w, "uptime-ms", uptime_ms());
	json_key(&w, "containers");
	json_open_array(&w);
	for (size_t i = 0; (c = containers_at(containers, i)); i++) {
		json_open_object(&w);
		answer_put_container(&w, containers, c);
		json_close_object(&w);
	}
	json_close_array(&w);
	finish(&w);
}

static void put_span(struct json_writer *w, const char *name, const char *kind, uint64_t begin,
	uint64_t ready, uint64_t end)
{
	json_open_object(w);
	json_key_string(w, "name", name);
	json_key_string(w, "kind", kind);
	json_key_u64(w, "begin", begin);
	if (ready)
		json_key_u64(w, "ready", ready);
	if (end)
		json_key_u64(w, "end", end);
	json_close_object(w);
}

/* The steps of PID 1: lines "BEGIN END NAME", in ms. */
static void put_marks(struct json_writer *w)
{
	CLEANUP(free) char *text = NULL;
	CLEANUP(strv) struct strv lines = {0};
	const char *line;
	size_t size;

	if (file_read(RUN_BOOT, MARKS_MAX, &text, &size, NULL) < 0)
		return;
	strv_split(&lines, text, '\n');
	STRV_FOREACH (line, &lines) {
		CLEANUP(strv) struct strv words = {0};
		uint64_t begin, end;

		strv_split(&words, line, ' ');
		if (words.n == 3 && str_to_u64(words.items[0], 10, &begin) == 0 &&
			str_to_u64(words.items[1], 10, &end) == 0)
			put_span(w, words.items[2],
				str_eq(words.items[2], "kernel") ? "kernel" : "init", begin, 0,
				end);
	}
}

void answer_boot(struct buf *out, const struct containers *containers)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);
	const struct container *c;

	json_open_object(&w);
	json_key(&w, "boot");
	json_open_array(&w);
	put_marks(&w);
	for (size_t i = 0; (c = containers_at(containers, i)); i++) {
		const struct record *r = &c->record;
		bool over = life_is_over(r->state) && !r->restarts;

		if (r->first_began)
			put_span(&w, c->name, container_kind_name(c->kind), r->first_began,
				r->first_ready, over ? r->ended : 0);
	}
	json_close_array(&w);
	finish(&w);
}

void answer_line(struct buf *out, const char *name, const struct ring_line *line)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);
	char when[32];

	json_open_object(&w);
	json_key_string(&w, "time", uptime_text(when, uptime_wall(line->ms)));
	json_key_string(&w, "source", name);
	json_key_string(&w, "msg", line->text);
	finish(&w);
}
