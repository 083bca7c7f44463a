/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/display.h"

#include <pthread.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/bar.h"
#include "cli/called.h"
#include "cli/print.h"
#include "data/terminal.h"
#include "cli/ticker.h"
#include "data/json.h"

enum {
	ROWS_MAX = 8,         /* of bars; steps beyond that are only counted */
	REDRAW_MS = 80,       /* between two drawings */
	TICK_MS = 250,        /* how often a changed terminal, or the time, is looked at */
	TEXT_MAX = 256 << 10, /* for one drawing or line */
};

enum style { STYLE_LINES, STYLE_BARS, STYLE_JSON };

struct step {
	char *what, *name, *detail;
	uint64_t done, total;
	uint64_t began; /* by clock_ms() */
	struct rate rate;
};

struct display {
	int fd;
	enum style style;
	struct progress progress;
	bool quiet; /* no progress */
	const struct called *called;
	pthread_mutex_t lock; /* for all below */
	struct step *steps;   /* those that run now */
	size_t n, cap, finished;
	size_t rows[ROWS_MAX + 1]; /* the lines on the screen: the columns of each */
	unsigned n_rows;
	size_t width;   /* of the terminal, when they were drawn */
	uint64_t drawn; /* when, by clock_ms() */
	bool stale;     /* something has happened since */
	struct ticker *ticker;
};

/* If stderr can't be written to, there is nowhere to report that. */
static void show(const struct display *d, const struct buf *text)
{
	(void)fd_write_all(d->fd, buf_str(text), text->len);
}

/* ---- bars ---- */

/* A terminal that became narrower has wrapped what it showed. */
static void erase_bars(struct display *d, struct buf *out)
{
	size_t width = terminal_width(d->fd), up = 0;

	for (unsigned i = 0; i < d->n_rows; i++)
		up += d->rows[i] > width ? (d->rows[i] + width - 1) / width : 1;
	if (up)
		buf_printf(out, "\r\033[%zuA\033[J", up);
	d->n_rows = 0;
}

/* One line, a column narrower than the terminal: some go on to the next line at its edge. */
static void add_row(struct display *d, struct buf *out, const char *line)
{
	size_t before = out->len;

	terminal_add(out, line, d->width > 1 ? d->width - 1 : 1, TERMINAL_CUT_END);
	d->rows[d->n_rows++] = terminal_columns(buf_str(out) + before);
	buf_putc(out, '\n');
}

static void add_step(struct display *d, struct buf *out, const struct step *s)
{
	CLEANUP(buf) struct buf line = BUF_INIT(TEXT_MAX);
	uint64_t now = clock_ms();
	bool whole = str_eq(s->what, "pull") || str_eq(s->what, "push");
	const struct bar bar = {.what = s->what,
		.name = s->name,
		.detail = s->detail,
		.done = s->done,
		.total = s->total,
		.rate = whole ? rate_now(&s->rate, now, s->done) : 0,
		.seconds = (now - s->began) / 1000};

	bar_add(&line, &bar, d->width > 1 ? d->width - 1 : 1);
	add_row(d, out, buf_str(&line));
}

static void draw_bars(struct display *d, struct buf *out)
{
	size_t height = terminal_height(d->fd), most = height > 3 ? height - 3 : 1;
	CLEANUP(buf) struct buf count = BUF_INIT(TEXT_MAX);

	erase_bars(d, out);
	d->width = terminal_width(d->fd);
	d->drawn = clock_ms();
	d->stale = false;
	if (d->n == 0)
		return;
	for (size_t i = 0; i < d->n && i < ROWS_MAX && i < most; i++)
		add_step(d, out, &d->steps[i]);
	buf_printf(&count, "%zu running, %zu finished", d->n, d->finished);
	add_row(d, out, buf_str(&count));
}

/* Now and then, whether something has happened or not. */
static void on_tick(void *ctx)
{
	struct display *d = ctx;
	CLEANUP(buf) struct buf out = BUF_INIT(TEXT_MAX);
	bool old;

	pthread_mutex_lock(&d->lock);
	old = d->stale || terminal_width(d->fd) != d->width || clock_ms() - d->drawn >= 1000;
	if (d->n_rows && old) {
		draw_bars(d, &out);
		show(d, &out);
	}
	pthread_mutex_unlock(&d->lock);
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

static void on_log(enum log_level level, const char *text, void *ctx)
{
	struct display *d = ctx;
	CLEANUP(free) char *line = called_text(d->called, text);
	CLEANUP(buf) struct buf out = BUF_INIT(TEXT_MAX);

	pthread_mutex_lock(&d->lock);
	if (d->style == STYLE_JSON) {
		add_log_json(&out, level, line);
	} else {
		erase_bars(d, &out);
		if (level == LOG_WARNING)
			buf_puts(&out, terminal_is_rich(d->fd) ? "\033[1;33mwarning: \033[0m"
							       : "warning: ");
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
		*s = (struct step){0};
		s->what = str_dup(e->what);
		s->name = str_dup(e->name);
		s->began = clock_ms();
		rate_begin(&s->rate, s->began, e->done);
	}
	s->done = e->done;
	s->total = e->total;
	rate_update(&s->rate, clock_ms(), e->done);
	if (e->detail)
		str_replace(&s->detail, e->detail);
}

static void step_free(struct step *s)
{
	free(s->what);
	free(s->name);
	free(s->detail);
}

static void forget(struct display *d, const struct progress_event *e)
{
	struct step *s = find_step(d, e);

	if (!s)
		return;
	step_free(s);
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
	json_key_string_opt(&w, "detail", e->detail);
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
	if (d->style == STYLE_BARS && !d->ticker)
		d->ticker = ticker_start(TICK_MS, on_tick, d);
	d->stale = true;
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

struct display *display_new(
	int fd, const struct global_options *options, const struct called *called)
{
	struct display *d = mem_new(struct display);

	d->called = called;
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

	ticker_stop(d->ticker);
	log_setup(LOG_WARNING, NULL, NULL);
	erase_bars(d, &out);
	show(d, &out);
	for (size_t i = 0; i < d->n; i++)
		step_free(&d->steps[i]);
	free(d->steps);
	pthread_mutex_destroy(&d->lock);
	free(d);
}
