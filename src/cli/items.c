/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/items.h"

#include "base/mem.h"
#include "cli/print.h"
#include "cli/table.h"
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
