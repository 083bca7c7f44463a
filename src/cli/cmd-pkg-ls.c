/* SPDX-License-Identifier: Apache-2.0 */
/* pkg ls: the packages that "@pkg:NAME" finds, and what they need. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/component-path.h"
#include "cli/print.h"
#include "data/table.h"
#include "data/terminal.h"
#include "data/json.h"
#include "pkg/pkg-about.h"
#include "pkg/pkg-find.h"

enum { RESULT_MAX = 16 << 20 };

/* ---- what is needed, in a word each ---- */

/* Three programs of the machine's may be one file. */
static void add_once(struct strv *out, char *word)
{
	if (strv_has(out, word))
		free(word);
	else
		strv_take(out, word);
}

static void add_capabilities(struct strv *out, const struct strv *capabilities)
{
	const char *name;

	STRV_FOREACH (name, capabilities)
		strv_add(out, str_eq(name, "all")       ? "all capabilities"
			      : str_after(name, "CAP_") ? str_after(name, "CAP_")
							: name);
}

/* "/etc:ro" for "/etc:/hostroot/etc:ro". */
static void add_binds(struct strv *out, const struct strv *binds)
{
	const char *bind;

	STRV_FOREACH (bind, binds) {
		CLEANUP(strv) struct strv parts = {0}, options = {0};

		strv_split(&parts, bind, ':');
		if (parts.n == 0)
			continue;
		if (parts.n > 2)
			strv_split(&options, parts.items[2], ',');
		add_once(out,
			str_printf("%s%s", parts.items[0], strv_has(&options, "ro") ? ":ro" : ""));
	}
}

static void add_devices(struct strv *out, const struct strv *devices)
{
	const char *device;

	STRV_FOREACH (device, devices)
		strv_add(out, str_eq(device, "all") ? "devices" : device);
}

/* What it has of the machine's when it does not say anything else. */
static bool has_network(const struct pkg_about *a)
{
	return a->runs && !(a->net && (str_eq(a->net, "new") || str_eq(a->net, "none")));
}

static char *needs_of(const struct pkg_about *a)
{
	CLEANUP(strv) struct strv words = {0};

	if (!a->runs)
		return str_dup("files only");
	add_capabilities(&words, &a->capabilities);
	add_binds(&words, &a->binds);
	add_devices(&words, &a->devices);
	if (has_network(a))
		strv_add(&words, "network");
	if (a->pid && str_eq(a->pid, "host"))
		strv_add(&words, "processes");
	return words.n ? strv_join(&words, ", ") : str_dup("nothing");
}

/* ---- output ---- */

static const struct table_column columns[] = {{.title = "NAME"},
	{.title = "WHAT IT DOES", .wrap = true}, {.title = "NEEDS", .wrap = true}};

/* Of untrusted bytes, such as a comment's. */
static void take_printable(struct strv *cells, const char *text)
{
	CLEANUP(buf) struct buf b = BUF_INIT(RESULT_MAX);

	print_add_printable(&b, text);
	strv_add(cells, buf_str(&b));
}

static void add_cells(struct strv *cells, const char *name, const struct pkg_about *a)
{
	CLEANUP(free) char *needs = needs_of(a);

	take_printable(cells, name);
	take_printable(cells, a->does);
	take_printable(cells, needs);
}

static void add_json(struct buf *out, const char *name, const char *dir, const struct pkg_about *a)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);

	json_open_object(&w);
	json_key_string(&w, "name", name);
	json_key_string(&w, "directory", dir);
	json_key_string(&w, "does", a->does);
	json_key_bool(&w, "runs", a->runs);
	json_key_strings(&w, "arches", &a->arches);
	json_key_strings(&w, "capabilities", &a->capabilities);
	json_key_strings(&w, "binds", &a->binds);
	json_key_strings(&w, "devices", &a->devices);
	json_key_bool(&w, "network", has_network(a));
	json_key_bool(&w, "processes", a->pid && str_eq(a->pid, "host"));
	json_close_object(&w);
	buf_putc(out, '\n');
}

/* ---- the verb ---- */

static bool has_word(const char *text, const char *word)
{
	return strcasestr(text, word);
}

/* Each of the words is in the name or in the comment. */
static bool matches(const char *name, const struct pkg_about *a, const char *const *words)
{
	for (; *words; words++)
		if (!has_word(name, *words) && !has_word(a->comment, *words))
			return false;
	return true;
}

static int nothing_found(const char *const *words, struct werr **err)
{
	if (!*words) {
		werr_set(err, WERR_NOT_FOUND, "no packages were found");
		werr_hint(err, "name a directory that has some with --pkg-path DIR");
	} else {
		werr_set(err, WERR_NOT_FOUND, "no package has '%.80s'%s in its name or comment",
			*words, words[1] ? " and the other words" : "");
		werr_hint(err, "`wherry pkg ls` without words lists all packages");
	}
	return werr_code(WERR_NOT_FOUND);
}

/* One line each, for other programs. */
static void add_lines(struct buf *out, const struct strv *cells)
{
	for (size_t i = 0; i + ARRAY_SIZE(columns) <= cells->n; i += ARRAY_SIZE(columns))
		buf_printf(out, "%s\t%s\t%s\n", cells->items[i], cells->items[i + 1],
			cells->items[i + 2]);
}

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	CLEANUP(strv) struct strv path = {0}, names = {0}, dirs = {0};
	CLEANUP(buf) struct buf out = BUF_INIT(RESULT_MAX);
	CLEANUP(table) struct table table = {.columns = columns, .n = ARRAY_SIZE(columns)};
	size_t found = 0;

	component_path_list(values, &path);
	pkg_find_all("", &path, &names, &dirs);
	for (size_t i = 0; i < names.n; i++) {
		CLEANUP(pkg_about) struct pkg_about about = {0};
		CLEANUP(werr) struct werr *why = NULL;

		if (pkg_about_read(dirs.items[i], &about, &why) < 0) {
			log_warning("%s is left out: %s", dirs.items[i], why->message);
			continue;
		}
		if (!matches(names.items[i], &about, operands))
			continue;
		found++;
		if (ctx->global.json)
			add_json(&out, names.items[i], dirs.items[i], &about);
		else
			add_cells(&table.cells, names.items[i], &about);
	}
	if (!found)
		return nothing_found(operands, err);
	if (!ctx->global.json && isatty(STDOUT_FILENO))
		table_write(&out, &table, terminal_width(STDOUT_FILENO));
	else
		add_lines(&out, &table.cells);
	return print_result(&out, err);
}

const struct command command_pkg_ls = {
	.name = "pkg ls",
	.summary = "List packages, what they do and what they need",
	.operands = "[WORD...]",
	.operands_max = OPERANDS_ANY,
	.text = "Packages are what `@pkg:NAME` finds: the components that came with wherry, those "
		"of --pkg-path and WHERRY_PKG_PATH, and those below the current directory and its "
		"pkg/. With words, only those that have each of them in their name or in the "
		"comment of their build.yml. What one needs: capabilities, paths and devices of "
		"the machine, its network, its processes.",
	.options =
		(const struct option_group[]){
			{component_path_options, 0},
			{0},
		},
	.size = sizeof(struct component_path_options),
	.run = run,
};
