/* SPDX-License-Identifier: Apache-2.0 */
/* The answer to "status": what is known of one container. */
#include <stdlib.h>
#include <sys/wait.h>

#include "base/mem.h"
#include "common/uptime.h"
#include "control/answer.h"
#include "data/json.h"
#include "run/cgroup.h"
#include "run/rights.h"

enum { OUTPUT_LINES = 8 };

/* How the last run ended. */
static void put_end(struct json_writer *w, const struct container *c)
{
	const struct record *r = &c->record;
	int status = (int)r->status - 1;

	if (!r->ended)
		return;
	json_key_u64(w, "ended-ms", uptime_ms() - r->ended);
	json_key_string_opt(w, "end", r->why);
	if (r->status && status >= 0 && WIFEXITED(status))
		json_key_u64(w, "exit", (uint64_t)WEXITSTATUS(status));
	else if (r->status && status >= 0)
		json_key_u64(w, "signal", (uint64_t)WTERMSIG(status));
}

static void put_memory(struct json_writer *w, const struct container *c)
{
	uint64_t kills = c->record.oom;

	if (c->cgroup && life_is_active(c->record.state)) {
		json_key_u64(w, "memory-peak", cgroup_number(c->cgroup, "memory.peak", NULL));
		kills = cgroup_number(c->cgroup, "memory.events", "oom_kill");
	}
	if (kills)
		json_key_u64(w, "oom-kills", kills);
}

/* A number of the configuration that is a limit. */
static void put_limit(
	struct json_writer *w, const char *key, const struct node *map, const char *name)
{
	const struct node *n = node_get(map, name);
	int64_t value;

	if (n && node_to_i64(n, &value) && value > 0)
		json_key_i64(w, key, value);
}

static void put_limits(struct json_writer *w, const struct container *c)
{
	CLEANUP(document) struct document *d = NULL;
	const struct node *resources, *cpu;

	if (rights_config(c->bundle, &d) < 0)
		return;
	resources = node_get(node_get(d->root, "linux"), "resources");
	cpu = node_get(resources, "cpu");
	put_limit(w, "memory-limit", node_get(resources, "memory"), "limit");
	put_limit(w, "processes-limit", node_get(resources, "pids"), "limit");
	put_limit(w, "cpu-quota", cpu, "quota");
	put_limit(w, "cpu-period", cpu, "period");
	put_limit(w, "cpu-shares", cpu, "shares");
	json_key_string_opt(w, "cpus", node_get_text(cpu, "cpus"));
}

static void put_health(struct json_writer *w, const struct container *c)
{
	const struct policy_health *p = &c->spec->policy.health;
	const struct health *h = &c->health;
	CLEANUP(free) char *what = NULL;

	if (p->kind == POLICY_HEALTH_NONE)
		return;
	if (p->kind == POLICY_HEALTH_COMMAND)
		what = strv_join(&p->command, " ");
	else
		what = str_printf("%s %s:%u%s", p->kind == POLICY_HEALTH_TCP ? "tcp" : "http",
			p->host, p->port, p->kind == POLICY_HEALTH_TCP ? "" : p->path);
	json_key(w, "health");
	json_open_object(w);
	json_key_string(w, "check", what);
	if (*h->said) {
		json_key_string(w, "answer", h->said);
		json_key_u64(w, "ms", uptime_ms() - h->said_at);
		json_key_u64(w, "failures", h->failures);
	}
	json_close_object(w);
}

static void put_waits(
	struct json_writer *w, const struct containers *all, const struct container *c)
{
	const char *name;

	if (!c->spec->policy.after.n)
		return;
	json_key(w, "after");
	json_open_array(w);
	STRV_FOREACH (name, &c->spec->policy.after) {
		const struct container *other = containers_find(all, name);

		json_open_object(w);
		json_key_string(w, "name", name);
		if (other)
			json_key_string(w, "state", life_state_name(other->record.state));
		json_close_object(w);
	}
	json_close_array(w);
}

/* The last lines of its present or last run. */
static void put_output(struct json_writer *w, const struct stream *s)
{
	uint64_t cursor = ring_last(&s->ring, OUTPUT_LINES, s->began);
	struct ring_line line;
	char when[32];

	json_key(w, "output");
	json_open_array(w);
	while (ring_next(&s->ring, &cursor, &line)) {
		json_open_object(w);
		json_key_string(w, "time", uptime_text(when, uptime_wall(line.ms)));
		json_key_string(w, "msg", line.text);
		json_close_object(w);
	}
	json_close_array(w);
}

void answer_status(struct buf *out, const struct containers *all, const struct container *c)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);
	uint64_t now = uptime_ms();

	json_open_object(&w);
	answer_put_container(&w, all, c);
	put_end(&w, c);
	if (c->record.state == LIFE_BACKOFF && c->due)
		json_key_u64(&w, "next-ms", c->due > now ? c->due - now : 0);
	put_memory(&w, c);
	put_limits(&w, c);
	put_health(&w, c);
	put_waits(&w, all, c);
	put_output(&w, c->stream);
	json_close_object(&w);
	buf_putc(out, '\n');
}
