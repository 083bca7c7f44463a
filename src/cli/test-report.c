/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/test-report.h"

#include "base/mem.h"
#include "cli/print.h"
#include "data/table.h"
#include "data/json.h"
#include "data/printable.h"

static void add_row(struct table *t, const struct probe_cell *c)
{
	bool ran = c->outcome == PROBE_PASSED || c->ms;

	strv_add(&t->cells, c->format);
	strv_add(&t->cells, *c->root ? c->root : "-");
	strv_add(&t->cells, probe_firmwares[c->firmware]);
	strv_add(&t->cells, c->arch);
	if (ran)
		strv_addf(&t->cells, "%llu.%llu s", (unsigned long long)(c->ms / 1000),
			(unsigned long long)(c->ms % 1000 / 100));
	else
		strv_add(&t->cells, "-");
	if (c->outcome == PROBE_SKIPPED)
		strv_addf(&t->cells, "skipped: %s", c->why ? c->why : "");
	else
		strv_add(&t->cells, probe_outcomes[c->outcome]);
}

/* Each line of it, indented. */
static void add_tail(struct buf *out, const char *tail)
{
	CLEANUP(buf) struct buf safe = BUF_INIT(1 << 20);
	CLEANUP(strv) struct strv lines = {0};
	const char *line;

	printable_add(&safe, tail, strlen(tail), "\n\t");
	strv_split(&lines, buf_str(&safe), '\n');
	STRV_FOREACH (line, &lines)
		if (*line)
			buf_printf(out, "    | %s\n", line);
}

static void add_failure(struct buf *out, const struct test_matrix *m, const struct probe_cell *c)
{
	CLEANUP(free) char *name = probe_cell_name(c);

	buf_printf(out, "\n%s: ", name);
	if (c->line)
		buf_printf(out, "%s:%u: ", m->file->document->name, c->line);
	print_add_printable(out, c->why ? c->why : "");
	buf_putc(out, '\n');
	if (c->tail)
		add_tail(out, c->tail);
	if (c->tail && c->log)
		buf_printf(out, "    all of the console: %s\n", c->log);
}

void test_report_text(struct buf *out, const struct test_matrix *m)
{
	static const struct table_column columns[] = {{.title = "FORMAT"}, {.title = "ROOT"},
		{.title = "FIRMWARE"}, {.title = "ARCH"}, {.title = "TIME", .right = true},
		{.title = "RESULT"}};
	CLEANUP(table) struct table t = {columns, ARRAY_SIZE(columns), {0}};

	for (size_t i = 0; i < m->n; i++)
		add_row(&t, &m->results[i]);
	table_write(out, &t, 0);
	for (size_t i = 0; i < m->n; i++)
		if (m->results[i].outcome == PROBE_FAILED)
			add_failure(out, m, &m->results[i]);
}

void test_report_json(struct buf *out, const struct test_matrix *m)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct probe_cell *c = &m->results[i];
		struct json_writer w = JSON_WRITER_SHOWN(out);

		json_open_object(&w);
		json_key_string(&w, "format", c->format);
		json_key_string_opt(&w, "root", c->root);
		json_key_string(&w, "firmware", probe_firmwares[c->firmware]);
		json_key_string(&w, "arch", c->arch);
		json_key_string(&w, "result", probe_outcomes[c->outcome]);
		json_key_u64(&w, "ms", c->ms);
		json_key_string_opt(&w, "why", c->why);
		if (c->line)
			json_key_u64(&w, "line", c->line);
		json_key_string_opt(&w, "console", c->tail);
		json_key_string_opt(&w, "log", c->tail ? c->log : NULL);
		json_close_object(&w);
		buf_putc(out, '\n');
	}
}
