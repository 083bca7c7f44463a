/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/built.h"

#include <stdlib.h>

#include "base/mem.h"
#include "cli/print.h"
#include "data/table.h"
#include "data/json.h"

void built_add_output(struct buf *out, const struct build_output *o)
{
	CLEANUP(free) char *path = realpath(o->path, NULL);
	struct json_writer w = JSON_WRITER_SHOWN(out);

	json_open_object(&w);
	json_key_string(&w, "output", o->path);
	json_key_string(&w, "path", path ? path : o->path);
	json_key_string(&w, "format", o->format);
	json_key_u64(&w, "size", o->size);
	json_key_string_opt(&w, "sha256", *o->sha256 ? o->sha256 : NULL);
	json_close_object(&w);
	buf_putc(out, '\n');
}

void built_add_compressors(struct buf *out)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);

	json_open_object(&w);
	print_add_compressors(&w);
	json_close_object(&w);
	buf_putc(out, '\n');
}

void built_add_image(struct buf *out, const struct build_image *i)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);

	json_open_object(&w);
	json_key_string(&w, "image", i->name);
	json_key_string(&w, "digest", i->digest.text);
	json_key_string(&w, "manifest", i->manifest.text);
	json_close_object(&w);
	buf_putc(out, '\n');
}

static void add_pieces(struct json_writer *w, const struct build_part *p)
{
	json_key(w, "pieces");
	json_open_array(w);
	for (size_t i = 0; i < p->n_pieces; i++) {
		const struct build_piece *piece = &p->pieces[i];

		json_open_object(w);
		json_key_string(w, "encoding", piece->encoding);
		json_key_u64(w, "size", piece->size);
		json_key_string_opt(w, "sha256", *piece->sha256 ? piece->sha256 : NULL);
		json_close_object(w);
	}
	json_close_array(w);
}

void built_add_part(struct buf *out, const struct build_part *p)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);

	json_open_object(&w);
	json_key_string(&w, "part", p->name);
	if (p->is_known) {
		json_key_u64(&w, "files", p->files);
		json_key_u64(&w, "size", p->unpacked);
	}
	if (p->size)
		json_key_u64(&w, "packed", p->size);
	json_key_bool(&w, "unchanged", p->kept);
	add_pieces(&w, p);
	json_close_object(&w);
	buf_putc(out, '\n');
}

void built_add_parts(struct buf *out, const struct build_report *r)
{
	static const struct table_column columns[] = {
		{"PART"}, {"SIZE", .right = true}, {"PACKED", .right = true}, {""}};
	CLEANUP(table) struct table table = {columns, ARRAY_SIZE(columns), {0}};

	for (size_t i = 0; i < r->parts; i++) {
		const struct build_part *p = &r->part_items[i];
		CLEANUP(buf) struct buf name = BUF_INIT(1 << 16);
		char size[16];

		print_add_printable(&name, p->name);
		strv_add(&table.cells, buf_str(&name));
		strv_add(&table.cells, p->is_known ? str_size(size, p->unpacked) : "-");
		strv_add(&table.cells, p->size ? str_size(size, p->size) : "-");
		strv_add(&table.cells, p->kept ? "unchanged" : "made");
	}
	table_write(out, &table, 0);
}
