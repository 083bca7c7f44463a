/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/probe-file.h"

#include <stdlib.h>

#include "base/mem.h"
#include "config/sources.h"
#include "config/wherry-values.h"
#include "contract/wherry.h"
#include "yaml/yaml.h"

enum { HTTP_OK = 200 };

/* ---- patterns ---- */

/* The checker has compiled it already. */
static void set_pattern(struct probe_pattern *p, const char *text)
{
	if (text && regcomp(&p->regex, text, REG_EXTENDED | REG_NOSUB) == 0)
		p->text = text;
}

static void pattern_cleanup(struct probe_pattern *p)
{
	if (p->text)
		regfree(&p->regex);
}

bool probe_pattern_matches(const struct probe_pattern *p, const char *line)
{
	return p->text && regexec(&p->regex, line, 0, NULL, 0) == 0;
}

/* ---- from nodes ---- */

static unsigned number(const struct node *map, const char *key, unsigned missing)
{
	const struct node *n = node_get(map, key);
	uint64_t value;

	return n && node_to_u64(n, &value) ? (unsigned)value : missing;
}

static uint64_t duration(const struct node *map, const char *key, uint64_t missing)
{
	const struct node *n = node_get(map, key);
	uint64_t ms;

	return n && value_parse_duration(n, &ms) ? ms : missing;
}

static void read_step(struct probe_step *s, const struct node *n)
{
	while (!(s->node = node_get(n, probe_kinds[s->kind])))
		s->kind++;
	s->within_ms = duration(n, "within", 0);
	switch (s->kind) {
	case PROBE_CONSOLE:
		set_pattern(&s->pattern, s->node->text);
		break;
	case PROBE_HTTP:
		s->path = node_get_text(s->node, "path");
		if (!s->path)
			s->path = "/";
		s->status = number(s->node, "status", HTTP_OK);
		s->port = number(s->node, "port", 0);
		set_pattern(&s->pattern, node_get_text(s->node, "body"));
		break;
	case PROBE_TCP:
		s->port = number(s->node, "port", 0);
		s->text = node_get_text(s->node, "send");
		set_pattern(&s->pattern, node_get_text(s->node, "banner"));
		break;
	case PROBE_SEND:
		s->text = s->node->text;
		break;
	case PROBE_EXIT:
		s->exit = (enum probe_exit)contract_word(probe_exits, s->node->text);
		break;
	case PROBE_SERVICES:
	case PROBE_BUTTON:
	case PROBE_KINDS:
		break;
	}
}

static void read_texts(struct strv *ret, const struct node *map, const char *key)
{
	const struct node *list = node_get(map, key);

	for (size_t i = 0; list && i < list->n; i++)
		strv_add(ret, list->items[i]->text);
}

static void read_rows(struct probe_file *f, const struct node *list)
{
	f->n_rows = list ? list->n : 1;
	f->rows = mem_new_array(struct probe_row, f->n_rows);
	for (size_t i = 0; list && i < list->n; i++) {
		struct probe_row *row = &f->rows[i];

		row->node = list->items[i];
		read_texts(&row->formats, row->node, "format");
		read_texts(&row->roots, row->node, "root");
		read_texts(&row->firmwares, row->node, "firmware");
		read_texts(&row->arches, row->node, "arch");
		row->build = node_get(row->node, "build");
		row->run = node_get(row->node, "run");
	}
}

static void read_os(struct probe_file *f, const struct node *list)
{
	const char *name = f->document->name;

	for (size_t i = 0; i < list->n; i++)
		strv_take(&f->os, str_eq(name, "-") ? str_dup(list->items[i]->text)
						    : source_resolve(name, list->items[i]->text));
}

static void read_file(struct probe_file *f)
{
	const struct node *root = f->document->root, *steps = node_get(root, "expect");
	const struct node *nevers = node_get(root, "never");

	read_os(f, node_get(root, "os"));
	f->set = node_get(root, "set");
	f->build = node_get(root, "build");
	f->run = node_get(root, "run");
	f->timeout_ms = duration(root, "timeout", (uint64_t)PROBE_TIMEOUT_S * 1000);
	read_rows(f, node_get(root, "matrix"));
	f->n_steps = steps->n;
	f->steps = mem_new_array(struct probe_step, f->n_steps);
	for (size_t i = 0; i < f->n_steps; i++)
		read_step(&f->steps[i], steps->items[i]);
	f->n_nevers = nevers ? nevers->n : 0;
	f->nevers = mem_new_array(struct probe_pattern, f->n_nevers);
	for (size_t i = 0; i < f->n_nevers; i++)
		set_pattern(&f->nevers[i], nevers->items[i]->text);
}

/* ---- checks ---- */

/* What is no map is a mistake by itself. */
static void check_words(
	struct checker *c, const struct node *n, enum probe_map which, probe_check *check)
{
	if (n && n->kind == NODE_MAP)
		check(c, n, which);
}

static void check_options_of(struct checker *c, const struct node *map, probe_check *check)
{
	check_words(c, node_get(map, "build"), PROBE_MAP_BUILD, check);
	check_words(c, node_get(map, "run"), PROBE_MAP_RUN, check);
}

static void check_rows(struct checker *c, const struct node *matrix, probe_check *check)
{
	for (size_t i = 0; matrix && matrix->kind == NODE_LIST && i < matrix->n; i++) {
		if (matrix->items[i]->kind != NODE_MAP)
			continue;
		check(c, matrix->items[i], PROBE_MAP_ROW);
		check_options_of(c, matrix->items[i], check);
	}
}

static void check_root(struct checker *c, const struct node *root, probe_check *check)
{
	const struct node *steps;

	if (root->kind != NODE_MAP) {
		checker_add(c, root, "expected a map with os, expect ..., not %s",
			node_kind_name(root));
		return;
	}
	check_map(c, &probe_schema, root);
	steps = node_get(root, "expect");
	if (steps && steps->kind == NODE_LIST && steps->n > PROBE_STEPS_MAX)
		checker_add(c, steps, "expect has more than %d elements", PROBE_STEPS_MAX);
	check_options_of(c, root, check);
	check_rows(c, node_get(root, "matrix"), check);
}

int probe_file_parse(const char *name, const char *text, size_t size, probe_check *check,
	struct probe_file **ret, struct werr **err)
{
	CLEANUP(probe_file) struct probe_file *f = mem_new(struct probe_file);
	CLEANUP(checker) struct checker c = CHECKER_INIT;
	struct werr *mistakes = NULL, *why = NULL;
	int r = yaml_read(name, text, size, &f->document, &mistakes, &why);

	checker_take_list(&c, mistakes);
	checker_take_list(&c, why);
	if (r == 0)
		check_root(&c, f->document->root, check);
	r = checker_finish(&c, err);
	if (r < 0)
		return r;
	read_file(f);
	*ret = STEAL(f);
	return 0;
}

/* ---- using it ---- */

size_t probe_file_ports(const struct probe_file *f, unsigned **ret)
{
	CLEANUP(free) unsigned *ports = mem_new_array(unsigned, f->n_steps);
	size_t n = 0;

	for (size_t i = 0; i < f->n_steps; i++) {
		size_t known = 0;

		while (known < n && ports[known] != f->steps[i].port)
			known++;
		if (f->steps[i].port && known == n)
			ports[n++] = f->steps[i].port;
	}
	*ret = STEAL(ports);
	return n;
}

bool probe_file_expects(const struct probe_file *f, enum probe_exit how)
{
	const struct probe_step *last = &f->steps[f->n_steps - 1];

	return last->kind == PROBE_EXIT && last->exit == how;
}

void probe_file_free(struct probe_file *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n_steps; i++)
		pattern_cleanup(&f->steps[i].pattern);
	for (size_t i = 0; i < f->n_nevers; i++)
		pattern_cleanup(&f->nevers[i]);
	for (size_t i = 0; i < f->n_rows; i++) {
		strv_clear(&f->rows[i].formats);
		strv_clear(&f->rows[i].roots);
		strv_clear(&f->rows[i].firmwares);
		strv_clear(&f->rows[i].arches);
	}
	free(f->steps);
	free(f->nevers);
	free(f->rows);
	strv_clear(&f->os);
	document_free(f->document);
	free(f);
}
