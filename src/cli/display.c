/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/display.h"

#include <pthread.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/print.h"
#include "cli/terminal.h"
#include "data/json.h"

enum {
	ROWS_MAX = 8,         /* of bars; steps beyond that are only counted */
	REDRAW_MS = 80,       /* between two drawings */
	NAME_WIDTH = 32,      /* columns for the name before a bar */
	TEXT_MAX = 256 << 10, /* for one drawing or line */
};

enum style { STYLE_LINES, STYLE_BARS, STYLE_JSON };

struct step {
	char *what, *name;
	uint64_t done, total;
};

struct display {
	int fd;
	enum style style;
	struct progress progress;
	bool quiet;           /* no progress */
	pthread_mutex_t lock; /* for all below */
	struct step *steps;   /* those that run now */
	size_t n, cap, finished;
	unsigned rows;  /* of bars on the screen */
	uint64_t drawn; /* when, by clock_ms() */
};

/* If stderr can't be written to, there is nowhere to report that. */
static void show(const struct display *d, const struct buf *text)
{
	(void)fd_write_all(d->fd, buf_str(text), text->len);
}

/* ---- bars ---- */

static void erase_bars(struct display *d, struct buf *out)
{
	if (d->rows)
		buf_printf(out, "\r\033[%uA\033[J", d->rows);
	d->rows = 0;
}

static void add_name(struct buf *out, const char *what, const char *name)
{
	CLEANUP(buf) struct buf text = BUF_INIT(TEXT_MAX);

	buf_printf(&text, "%s ", what);
	print_add_printable(&text, name);
	/* The end of a long name says more than its beginning. */
	if (text.len > NAME_WIDTH) {
		const char *end = buf_str(&text) + text.len - NAME_WIDTH + 2;

		/* Not in the middle of a character. */
		while (((unsigned char)*end & 0xC0) == 0x80)
			end++;
		buf_printf(out, "..%s", end);
	} else {
		buf_printf(out, "%-*s", NAME_WIDTH, buf_str(&text));
	}
}

static void add_bar(struct buf *out, const struct step *s, unsigned width)
{
	enum { SIZES = 24 }; /* columns after the bar */
	char done[16], total[16];
	unsigned room = width > NAME_WIDTH + SIZES + 14 ? width - NAME_WIDTH - SIZES - 4 : 0;

	add_name(out, s->what, s->name);
	str_size(done, s->done);
	if (s->total && room) {
		uint64_t part = s->done < s->total ? s->done : s->total;
		unsigned full = (unsigned)((double)part / (double)s->total * room);

		buf_puts(out, " [");
		buf_fill(out, '=', full);
		buf_fill(out, ' ', room - full);
		buf_putc(out, ']');
	}
	if (s->total)
		buf_printf(out, " %s of %s\n", done, str_size(total, s->total));
	else
		buf_printf(out, " %s\n", s->done ? done : "");
}

static void draw_bars(struct display *d, struct buf *out)
{
	unsigned width = (unsigned)terminal_width(d->fd);

	erase_bars(d, out);
	if (d->n == 0)
		return;
	for (size_t i = 0; i < d->n && i < ROWS_MAX; i++, d->rows++)
		add_bar(out, &d->steps[i], width);
	buf_printf(out, "%zu running, %zu finished\n", d->n, d->finished);
	d->rows++;
	d->drawn = clock_ms();
}

/* ---- the log ---- */

static void add_log_json(struct buf *out, enum log_level level, const char *line)
{
	static const char *const names[] = {"warning", "info", "detail", "debug"};
	struct json_writer w = JSON_WRITER_SHOWN(out);

	json_open_object(&w);
	json_key_string(&w, "log", line);
	json_key_string(&w, "level", names[level]);
	json_close_object(&w);
	buf_putc(out, '\n');
}

static void on_log(enum log_level level, const char *line, void *ctx)
{
	struct display *d = ctx;
	CLEANUP(buf) struct buf out = BUF_INIT(TEXT_MAX);

	pthread_mutex_lock(&d->lock);
	if (d->style == STYLE_JSON) {
		add_log_json(&out, level, line);
	} else {
		erase_bars(d, &out);
		buf_puts(&out, level == LOG_WARNING ? "warning: " : "");
		print_add_printable(&out, line);
		buf_putc(&out, '\n');
		if (d->style == STYLE_BARS)
			draw_bars(d, &out);
	}
	show(d, &out);
	pthread_mutex_unlock(&d->lock);
}

/* ---- progress ---- */

static struct step *find_step(struct display *d, const struct progress_event *e)
{
	for (size_t i = 0; i < d->n; i++)
		if (str_eq(d->steps[i].name, e->name) && str_eq(d->steps[i].what, e->what))
			return &d->steps[i];
	return NULL;
}

static void remember(struct display *d, const struct progress_event *e)
{
	struct step *s = find_step(d, e);

	if (!s) {
		mem_grow(&d->steps, d->n, &d->cap, sizeof(*d->steps));
		s = &d->steps[d->n++];
		s->what = str_dup(e->what);
		s->name = str_dup(e->name);
	}
	s->done = e->done;
	s->total = e->total;
}

static void forget(struct display *d, const struct progress_event *e)
{
	struct step *s = find_step(d, e);

	if (!s)
		return;
	free(s->what);
	free(s->name);
	memmove(s, s + 1, (size_t)(d->steps + d->n - (s + 1)) * sizeof(*s));
	d->n--;
}

static void add_event_json(struct buf *out, const struct progress_event *e)
{
	static const char *const phases[] = {"begin", "advance", "end"};
	struct json_writer w = JSON_WRITER_SHOWN(out);

	json_open_object(&w);
	json_key_string(&w, "progress", phases[e->phase]);
	json_key_string(&w, "what", e->what);
	json_key_string(&w, "name", e->name);
	json_key_u64(&w, "done", e->done);
	if (e->total)
		json_key_u64(&w, "total", e->total);
	json_close_object(&w);
	buf_putc(out, '\n');
}

static void add_event_line(struct buf *out, const struct progress_event *e)
{
	char size[16];

	/* A step that did nothing has failed, which the error will say, or is not worth a line. */
	if (!e->done)
		return;
	buf_printf(out, "%s ", e->what);
	print_add_printable(out, e->name);
	buf_printf(out, ": %s\n", str_size(size, e->done));
}

static void on_progress(const struct progress_event *e, void *ctx)
{
	struct display *d = ctx;
	CLEANUP(buf) struct buf out = BUF_INIT(TEXT_MAX);
	bool due;

	pthread_mutex_lock(&d->lock);
	due = e->phase != PROGRESS_ADVANCE || clock_ms() - d->drawn >= REDRAW_MS;
	if (e->phase == PROGRESS_END) {
		forget(d, e);
		d->finished++;
	} else {
		remember(d, e);
	}
	if (d->style == STYLE_BARS && due) {
		draw_bars(d, &out);
	} else if (d->style == STYLE_JSON && due) {
		add_event_json(&out, e);
		d->drawn = clock_ms();
	} else if (d->style == STYLE_LINES && e->phase == PROGRESS_END) {
		add_event_line(&out, e);
	}
	show(d, &out);
	pthread_mutex_unlock(&d->lock);
}

struct display *display_new(int fd, const struct global_options *options)
{
	struct display *d = mem_new(struct display);

	d->fd = fd;
	d->style = options->json ? STYLE_JSON : terminal_is_rich(fd) ? STYLE_BARS : STYLE_LINES;
	d->quiet = options->quiet || options->verbose < 1;
	d->progress = (struct progress){.event = on_progress, .ctx = d};
	pthread_mutex_init(&d->lock, NULL);
	if (!options->quiet)
		log_setup((enum log_level)(
				  options->verbose < LOG_DEBUG ? options->verbose : LOG_DEBUG),
			on_log, d);
	return d;
}

const struct progress *display_progress(struct display *d)
{
	return d->quiet ? NULL : &d->progress;
}

void display_free(struct display *d)
{
	CLEANUP(buf) struct buf out = BUF_INIT(TEXT_MAX);

	log_setup(LOG_WARNING, NULL, NULL);
	erase_bars(d, &out);
	show(d, &out);
	for (size_t i = 0; i < d->n; i++) {
		free(d->steps[i].what);
		free(d->steps[i].name);
	}
	free(d->steps);
	pthread_mutex_destroy(&d->lock);
	free(d);
}
