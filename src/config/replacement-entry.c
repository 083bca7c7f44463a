/* SPDX-License-Identifier: Apache-2.0 */
/* An entry of LinuxKit's that gets a component of ours: its command line and its binds. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "config/replacement.h"
#include "config/values.h"
#include "data/document.h"

static bool is_list(const struct node *n)
{
	return n && n->kind == NODE_LIST;
}

static bool has_text(const struct node *list, const char *text)
{
	for (size_t i = 0; is_list(list) && i < list->n; i++)
		if (str_eq(list->items[i]->text, text))
			return true;
	return false;
}

/* ---- the command ---- */

/* The row's, at the place of the entry. */
static void set_command(struct node *entry, const struct node *command)
{
	CLEANUP(free) struct node **items = mem_new_array(struct node *, command->n);
	struct document *d = entry->document;
	struct node *list = document_node(d, NODE_LIST, entry->line, entry->column);

	for (size_t i = 0; i < command->n; i++)
		items[i] = document_scalar(d, entry->line, entry->column, command->items[i]->text,
			command->items[i]->size, true);
	document_set_list(d, list, items, command->n);
	document_put(entry, "command", list, "command");
}

static void check_program(
	struct checker *checker, const struct node *program, const struct node *row)
{
	const struct node *programs = node_get(row, "programs");
	CLEANUP(buf) struct buf list = BUF_INIT(4096);

	if (!programs || has_text(programs, program->text))
		return;
	for (size_t i = 0; i < programs->n; i++)
		buf_printf(&list, "%s%s", i ? ", " : "", programs->items[i]->text);
	checker_add(checker, program, "@pkg:%s, which replaces linuxkit/%s, can't run '%.80s'",
		node_get_text(row, "ours"), node_get_text(row, "linuxkit"), program->text);
	checker_hint(checker, "what it runs: %s; docs/components.md#%s", buf_str(&list),
		node_get_text(row, "ours"));
}

/* "-x" also as "-x=1". */
static bool is_refused(const struct node *refuses, const char *word)
{
	CLEANUP(free) char *option = str_dup_n(word, strcspn(word, "="));

	return *word == '-' && has_text(refuses, option);
}

static void check_command(
	struct checker *checker, const struct node *command, const struct node *row)
{
	for (size_t i = 0; i < command->n; i++) {
		const struct node *word = command->items[i];

		if (word->kind != NODE_SCALAR)
			continue;
		if (i == 0)
			check_program(checker, word, row);
		if (!is_refused(node_get(row, "refuses"), word->text))
			continue;
		checker_add(checker, word,
			"@pkg:%s, which replaces linuxkit/%s, has no option '%.80s'",
			node_get_text(row, "ours"), node_get_text(row, "linuxkit"), word->text);
		checker_hint(checker, "what it does is in docs/components.md#%s",
			node_get_text(row, "ours"));
	}
}

/* ---- binds ---- */

/*
 * LinuxKit's image has what its program needs in its label, as ours has; what an entry gives comes
 * on top of that, as ours needs other things. Of binds at the same place the entry's counts.
 */
static void add_binds(struct node *entry)
{
	const struct node *lists[] = {node_get(entry, "binds"), node_get(entry, "binds.add")};
	CLEANUP(free) struct node **items = NULL;
	struct node *joined;
	size_t n = 0;

	if (!is_list(lists[0]) || (lists[1] && !is_list(lists[1])))
		return;
	items = mem_new_array(struct node *, lists[0]->n + (lists[1] ? lists[1]->n : 0));
	for (size_t k = 0; k < ARRAY_SIZE(lists); k++)
		for (size_t i = 0; lists[k] && i < lists[k]->n; i++)
			items[n++] = lists[k]->items[i];
	joined = document_node(entry->document, NODE_LIST, lists[0]->line, lists[0]->column);
	document_set_list(entry->document, joined, items, n);
	document_put(entry, "binds.add", joined, "binds");
}

void replacement_adapt_entry(struct checker *checker, struct node *entry, const struct node *row)
{
	const struct node *command = node_get(entry, "command"), *usual = node_get(row, "command");

	if (usual && (!command || (is_list(command) && command->n == 0)))
		set_command(entry, usual);
	else if (is_list(command))
		check_command(checker, command, row);
	add_binds(entry);
}

static const char *const gone[] = {"/usr/bin/containerd", "/usr/bin/containerd-shim-runc-v2",
	"/usr/bin/ctr", "/usr/bin/runc", "/run/containerd/containerd.sock", NULL};

static void check_bind(struct checker *checker, const struct node *bind)
{
	struct mount_text m = {0};

	if (bind->kind != NODE_SCALAR || mount_text_parse_bind(bind->text, &m, NULL) < 0)
		return; /* the table check says what is wrong */
	for (const char *const *path = gone; *path; path++)
		if (m.source && str_eq(m.source, *path)) {
			checker_add(checker, bind,
				"with `components: wherry` the OS has no %s: containerd and runc "
				"are replaced",
				*path);
			checker_hint(checker,
				"what to do instead of `ctr` is in docs/coming-from-linuxkit.md");
		}
	mount_text_cleanup(&m);
}

void replacement_check_binds(struct checker *checker, const struct node *entry)
{
	static const char *const keys[] = {"binds", "binds.add", NULL};

	for (const char *const *key = keys; *key; key++) {
		const struct node *list = node_get(entry, *key);

		for (size_t i = 0; is_list(list) && i < list->n; i++)
			check_bind(checker, list->items[i]);
	}
}
