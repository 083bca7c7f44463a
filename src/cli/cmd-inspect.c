/* SPDX-License-Identifier: Apache-2.0 */
/* inspect: what an output or an image is made of. */
#include <inttypes.h>

#include "base/mem.h"
#include "bundle/bundle.h"
#include "cli/cli.h"
#include "cli/facet.h"
#include "cli/image-choice.h"
#include "cli/items.h"
#include "cli/print.h"
#include "cli/subject.h"
#include "data/json.h"
#include "data/node.h"
#include "pkg/record.h"

enum { RESULT_MAX = 32 << 20, LABEL_COLUMN = 12, MS = 1000 };

struct options {
	struct subject_options subject;
};

struct inspection {
	struct image *image;
	struct store_platforms platforms;
};

static void inspection_cleanup(struct inspection *i)
{
	store_platforms_cleanup(&i->platforms);
}

static uint64_t image_size(const struct image *i)
{
	uint64_t size = i->descriptor.size + i->manifest->config.size;

	for (size_t l = 0; l < i->manifest->n; l++)
		size += i->manifest->items[l].size;
	return size;
}

/* ---- text ---- */

static void add_line(struct buf *out, const char *label, const char *text)
{
	if (!text || !*text)
		return;
	buf_printf(out, "%-*s", LABEL_COLUMN, label);
	print_add_printable(out, text);
	buf_putc(out, '\n');
}

/* The label comes before the first of several. */
static void add_lines(struct buf *out, const char *label, const struct strv *texts)
{
	for (size_t i = 0; i < texts->n; i++)
		add_line(out, i ? "" : label, texts->items[i]);
}

/* Words as JSON, which shows where each begins and ends. */
static void add_words(struct buf *out, const char *label, const struct strv *words)
{
	CLEANUP(buf) struct buf text = BUF_INIT(RESULT_MAX);
	struct json_writer w = JSON_WRITER_SHOWN(&text);

	if (words->n == 0)
		return;
	json_strings(&w, words);
	add_line(out, label, buf_str(&text));
}

static void add_platforms(struct buf *out, const struct store_platforms *p)
{
	for (size_t i = 0; i < p->n; i++) {
		char text[PLATFORM_TEXT_MAX], size[16];
		CLEANUP(free)
		char *line = str_printf("%s %s", platform_text(&p->items[i].platform, text),
			p->items[i].here ? str_size(size, p->items[i].size) : "not in the cache");

		add_line(out, i ? "" : "platforms", line);
	}
}

/* A label that lists packages: how many, as the list itself would fill the screen. */
static bool add_packages(struct buf *out, const char *key, const char *value)
{
	CLEANUP(document) struct document *d = NULL;
	CLEANUP(free) char *line = NULL;
	CLEANUP(strv) struct strv words = {0};
	bool inside = str_eq(key, RECORD_INSIDE_LABEL);
	size_t n;

	if (inside)
		strv_split(&words, value, ' ');
	else if (!str_eq(key, RECORD_LABEL) ||
		 json_parse(key, value, strlen(value), &d, NULL) < 0 || d->root->kind != NODE_LIST)
		return false;
	n = inside ? words.n : d->root->n;
	line = str_printf("%zu of Debian; --json lists them", n);
	add_line(out, inside ? "built with" : "packages", n ? line : "");
	return true;
}

static void add_labels(struct buf *out, const struct image_config *c)
{
	size_t shown = 0;

	for (size_t i = 0; i < c->n_labels; i++) {
		CLEANUP(free)
		char *line = str_printf("%s=%s", c->labels[i].key, c->labels[i].value);

		if (!add_packages(out, c->labels[i].key, c->labels[i].value))
			add_line(out, shown++ ? "" : "labels", line);
	}
}

static void add_health(struct buf *out, const struct image_health *h)
{
	CLEANUP(free) char *line = NULL;

	if (h->command.n == 0)
		return;
	add_words(out, "health", &h->command);
	line = str_printf("every %g s, %g s each, %" PRIu64 " failures in a row",
		(double)h->interval / MS, (double)h->timeout / MS, h->retries);
	add_line(out, "", line);
}

static void add_config(struct buf *out, const struct image_config *c)
{
	CLEANUP(strv) struct strv grants = {0};
	const struct facet *f;

	for (size_t n = facet_list(&f); n > 0; n--, f++) {
		if (f->kind == FACET_TEXT)
			add_line(out, f->label, facet_text(f, c));
		else if (f->kind == FACET_ARGV)
			add_words(out, f->label, facet_words(f, c));
		else
			add_lines(out, f->label, facet_words(f, c));
	}
	add_health(out, &c->health);
	add_labels(out, c);
	bundle_image_grants(c, &grants);
	add_lines(out, "asks for", &grants);
}

static void add_artifact(struct buf *out, const struct manifest *m)
{
	add_line(out, "artifact", manifest_artifact_type(m));
	for (size_t i = 0; i < m->n_annotations; i++) {
		CLEANUP(free)
		char *line = str_printf("%s=%s", m->annotations[i].key, m->annotations[i].value);

		add_line(out, i ? "" : "annotations", line);
	}
}

static void add_text(struct buf *out, const struct inspection *in)
{
	const struct image *i = in->image;
	char text[PLATFORM_TEXT_MAX], size[16];

	add_line(out, "name", i->name);
	add_line(out, "digest", i->top.digest.text);
	add_platforms(out, &in->platforms);
	add_line(out, "platform", platform_text(&i->platform, text));
	add_line(out, "manifest", i->descriptor.digest.text);
	add_line(out, "size", str_size(size, image_size(i)));
	if (i->config)
		add_config(out, i->config);
	else
		add_artifact(out, i->manifest);
	for (size_t l = 0; l < i->manifest->n; l++) {
		const struct descriptor *layer = &i->manifest->items[l];
		const char *title = descriptor_annotation(layer, ANNOTATION_TITLE);
		CLEANUP(free)
		char *line =
			str_printf("%s %s %s%s%s", layer->digest.text, str_size(size, layer->size),
				layer->media_type, title ? " " : "", title ? title : "");

		add_line(out, l ? "" : "layers", line);
	}
}

/* ---- JSON ---- */

static void add_health_json(struct json_writer *w, const struct image_health *h)
{
	if (h->command.n == 0)
		return;
	json_key(w, "health");
	json_open_object(w);
	json_key_strings(w, "command", &h->command);
	json_key_u64(w, "interval", h->interval);
	json_key_u64(w, "timeout", h->timeout);
	json_key_u64(w, "startPeriod", h->start_period);
	json_key_u64(w, "retries", h->retries);
	json_close_object(w);
}

static void add_config_json(struct json_writer *w, const struct image_config *c)
{
	CLEANUP(strv) struct strv grants = {0};
	const struct facet *f;

	for (size_t n = facet_list(&f); n > 0; n--, f++) {
		if (f->kind == FACET_TEXT)
			json_key_string_opt(w, f->json, facet_text(f, c));
		else
			json_key_strings(w, f->json, facet_words(f, c));
	}
	add_health_json(w, &c->health);
	json_key(w, "labels");
	json_open_object(w);
	for (size_t i = 0; i < c->n_labels; i++)
		json_key_string(w, c->labels[i].key, c->labels[i].value);
	json_close_object(w);
	bundle_image_grants(c, &grants);
	json_key_strings(w, "asksFor", &grants);
}

static void add_artifact_json(struct json_writer *w, const struct manifest *m)
{
	json_key_string(w, "artifactType", manifest_artifact_type(m));
	json_key(w, "annotations");
	json_open_object(w);
	for (size_t i = 0; i < m->n_annotations; i++)
		json_key_string(w, m->annotations[i].key, m->annotations[i].value);
	json_close_object(w);
}

static void add_layers_json(struct json_writer *w, const struct image *i)
{
	json_key(w, "layers");
	json_open_array(w);
	for (size_t l = 0; l < i->manifest->n; l++) {
		const struct descriptor *layer = &i->manifest->items[l];

		json_open_object(w);
		json_key_string(w, "digest", layer->digest.text);
		json_key_string(w, "mediaType", layer->media_type);
		json_key_u64(w, "size", layer->size);
		if (i->config)
			json_key_string(w, "diffId", i->config->diff_ids.items[l]);
		json_key_string_opt(w, "title", descriptor_annotation(layer, ANNOTATION_TITLE));
		json_close_object(w);
	}
	json_close_array(w);
}

static void add_json(struct buf *out, const struct inspection *in)
{
	const struct image *i = in->image;
	struct json_writer w = JSON_WRITER_SHOWN(out);
	char text[PLATFORM_TEXT_MAX];

	json_open_object(&w);
	json_key_string(&w, "name", i->name);
	json_key_string(&w, "digest", i->top.digest.text);
	json_key_string(&w, "mediaType", i->top.media_type);
	choice_add_platforms(&w, &in->platforms, CHOICE_ALL);
	json_key_string(&w, "platform", platform_text(&i->platform, text));
	json_key_string(&w, "manifest", i->descriptor.digest.text);
	json_key_u64(&w, "size", image_size(i));
	if (i->config)
		add_config_json(&w, i->config);
	else
		add_artifact_json(&w, i->manifest);
	add_layers_json(&w, i);
	json_close_object(&w);
	buf_putc(out, '\n');
}

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	const struct options *o = values;
	CLEANUP(subject) struct subject s = {0};
	CLEANUP(inspection) struct inspection in = {0};
	CLEANUP(buf) struct buf out = BUF_INIT(RESULT_MAX);
	int r = subject_open(ctx, &o->subject, operands[0], &s, err);

	if (r == 0 && s.look)
		return items_show(ctx, s.look, operands[0], err);
	if (r == 0 && s.config)
		return items_show_parts(ctx, &s.holdings, operands[0], err);
	in.image = s.image;
	if (r == 0)
		r = store_list_platforms(s.store, &in.image->top, &in.platforms, err);
	if (r < 0)
		return r;
	(ctx->global.json ? add_json : add_text)(&out, &in);
	return print_result(&out, err);
}

const struct command command_inspect = {
	.name = "inspect",
	.summary = "Show what an output or an image is made of",
	.operands = "WHAT",
	.operands_min = 1,
	.operands_max = 1,
	.text = "WHAT is as for `wherry ls`. Of an output: its partitions, file systems, sections "
		"and archives, and how large each is. Of an image: its digests, platforms, "
		"configuration, labels and layers; of an artifact, as `build --format oci` writes "
		"it, its type and its files.",
	.options =
		(const struct option_group[]){
			SUBJECT_OPTIONS(struct options, subject),
			{0},
		},
	.size = sizeof(struct options),
	.run = run,
};
