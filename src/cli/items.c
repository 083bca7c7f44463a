/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/items.h"

#include "base/mem.h"
#include "cli/print.h"
#include "data/table.h"
#include "data/json.h"

enum { RESULT_MAX = 32 << 20, INDENT = 2 };

static void add_text(struct buf *out, const struct look *l)
{
	static const struct table_column columns[] = {{"NAME"}, {"KIND"}, {"SIZE", .right = true}};
	CLEANUP(table) struct table table = {columns, ARRAY_SIZE(columns), {0}};

	for (size_t i = 0; i < look_count(l); i++) {
		const struct look_item *item = look_item(l, i);
		CLEANUP(buf) struct buf name = BUF_INIT(1 << 16);
		char size[16];

		buf_fill(&name, ' ', (size_t)item->depth * INDENT);
		print_add_printable(&name, item->name);
		strv_add(&table.cells, buf_str(&name));
		strv_add(&table.cells, item->kind);
		strv_add(&table.cells, str_size(size, item->size));
	}
	table_write(out, &table, 0);
}

static void add_json(struct buf *out, const struct look *l, const char *path)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);

	json_open_object(&w);
	json_key_string(&w, "output", path);
	json_key(&w, "items");
	json_open_array(&w);
	for (size_t i = 0; i < look_count(l); i++) {
		const struct look_item *item = look_item(l, i);

		json_open_object(&w);
		json_key_string(&w, "name", item->name);
		json_key_string(&w, "kind", item->kind);
		json_key_u64(&w, "depth", item->depth);
		json_key_u64(&w, "size", item->size);
		json_close_object(&w);
	}
	json_close_array(&w);
	json_close_object(&w);
	buf_putc(out, '\n');
}

int items_show(const struct context *ctx, struct look *l, const char *path, struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(RESULT_MAX);
	int r = look_find_archives(l, err);

	if (r < 0)
		return r;
	if (ctx->global.json)
		add_json(&out, l, path);
	else
		add_text(&out, l);
	return print_result(&out, err);
}

static void add_parts(struct buf *out, const struct holdings *holdings)
{
	static const struct table_column columns[] = {{"PART"}, {"FILES", .right = true},
		{"SIZE", .right = true}, {"PACKED", .right = true}};
	CLEANUP(table) struct table table = {columns, ARRAY_SIZE(columns), {0}};

	for (size_t i = 0; i < holdings->n; i++) {
		const struct holdings_part *p = &holdings->parts[i];
		CLEANUP(buf) struct buf name = BUF_INIT(1 << 16);
		char text[32];

		print_add_printable(&name, p->name);
		strv_add(&table.cells, buf_str(&name));
		str_format(text, sizeof(text), "%zu", p->files);
		strv_add(&table.cells, text);
		strv_add(&table.cells, str_size(text, p->size));
		strv_add(&table.cells, p->packed ? str_size(text, p->packed) : "-");
	}
	table_write(out, &table, 0);
}

static void add_parts_json(struct buf *out, const struct holdings *holdings, const char *path)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);

	json_open_object(&w);
	json_key_string(&w, "yaml", path);
	json_key(&w, "parts");
	json_open_array(&w);
	for (size_t i = 0; i < holdings->n; i++) {
		const struct holdings_part *p = &holdings->parts[i];

		json_open_object(&w);
		json_key_string(&w, "name", p->name);
		json_key_u64(&w, "files", p->files);
		json_key_u64(&w, "size", p->size);
		if (p->packed)
			json_key_u64(&w, "packed", p->packed);
		json_close_object(&w);
	}
	json_close_array(&w);
	json_close_object(&w);
	buf_putc(out, '\n');
}

int items_show_parts(
	const struct context *ctx, const struct holdings *i, const char *path, struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(RESULT_MAX);

	if (ctx->global.json)
		add_parts_json(&out, i, path);
	else
		add_parts(&out, i);
	return print_result(&out, err);
}
