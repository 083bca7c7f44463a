/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/print.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/str.h"
#include "data/json.h"
#include "data/printable.h"
#include "codec/codec.h"

static const char RED[] = "\033[1;31m", YELLOW[] = "\033[1;33m", DIM[] = "\033[2m",
		  PLAIN[] = "\033[0m";

int print_check_stdout(struct werr **err)
{
	int flags = fcntl(STDOUT_FILENO, F_GETFL);

	if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY)
		return 0;
	return werr_set(err, WERR_FAILED, "can't write to stdout: it is closed");
}

int print_result(const struct buf *text, struct werr **err)
{
	int r = buf_error(text);

	if (r < 0)
		return werr_set(err, WERR_LIMIT, "the result is too long");
	if (text->len > 0)
		r = print_check_stdout(err);
	if (r < 0)
		return r;
	r = fd_write_all(STDOUT_FILENO, buf_str(text), text->len);
	if (r < 0 && r != -EPIPE)
		werr_errno(err, -r, "can't write to stdout");
	return r;
}

static const char *kind_name(enum werr_kind kind)
{
	static const char *const names[] = {
		[WERR_FAILED] = "failed",
		[WERR_USAGE] = "usage",
		[WERR_INVALID] = "invalid",
		[WERR_CORRUPT] = "corrupt",
		[WERR_NOT_FOUND] = "not-found",
		[WERR_EXISTS] = "exists",
		[WERR_DENIED] = "denied",
		[WERR_NO_SPACE] = "no-space",
		[WERR_LIMIT] = "limit",
		[WERR_UNSUPPORTED] = "unsupported",
		[WERR_TIMEOUT] = "timeout",
		[WERR_CANCELLED] = "cancelled",
	};

	return names[kind];
}

void print_add_printable(struct buf *out, const char *text)
{
	printable_add(out, text, strlen(text), "");
}

static void add_place(struct buf *out, const struct werr *err)
{
	print_add_printable(out, err->file ? err->file : "wherry");
	if (err->file && err->line)
		buf_printf(out, ":%u", err->line);
	if (err->file && err->line && err->column)
		buf_printf(out, ":%u", err->column);
}

static void add_text(
	struct buf *out, const struct werr *err, const char *colour, const char *severity)
{
	for (; err; err = err->next) {
		buf_puts(out, colour ? colour : "");
		add_place(out, err);
		buf_printf(out, ": %s%s", severity, colour ? PLAIN : "");
		print_add_printable(out, err->message);
		buf_putc(out, '\n');
		if (err->hint) {
			buf_printf(out, "  %shint: ", colour ? DIM : "");
			print_add_printable(out, err->hint);
			buf_printf(out, "%s\n", colour ? PLAIN : "");
		}
	}
}

static void add_json(struct buf *out, const struct werr *err, bool warning)
{
	for (; err; err = err->next) {
		struct json_writer w = JSON_WRITER_SHOWN(out);

		json_open_object(&w);
		json_key_string(&w, warning ? "warning" : "error", err->message);
		if (!warning)
			json_key_string(&w, "kind", kind_name(err->kind));
		json_key_string_opt(&w, "hint", err->hint);
		json_key_string_opt(&w, "file", err->file);
		if (err->file && err->line) {
			json_key_u64(&w, "line", err->line);
			json_key_u64(&w, "column", err->column);
		}
		json_close_object(&w);
		buf_putc(out, '\n');
	}
}

void print_errors_text(struct buf *out, const struct werr *err, bool colour)
{
	add_text(out, err, colour ? RED : NULL, "");
}

void print_warnings_text(struct buf *out, const struct werr *warnings, bool colour)
{
	add_text(out, warnings, colour ? YELLOW : NULL, "warning: ");
}

void print_errors_json(struct buf *out, const struct werr *err)
{
	add_json(out, err, false);
}

void print_warnings_json(struct buf *out, const struct werr *warnings)
{
	add_json(out, warnings, true);
}

void print_add_compressors(struct json_writer *w)
{
	json_key(w, "compressors");
	json_open_object(w);
	for (int c = 0; c < CODECS; c++)
		if (codec_library(c))
			json_key_string(w, codec_library(c), codec_version(c));
	json_close_object(w);
}
