/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml/yaml-write.h"

#include <inttypes.h>
#include <stdlib.h>
#include <strings.h>
#include <yaml.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"

struct output {
	yaml_emitter_t emitter;
	bool failed;
};
static void output_cleanup(struct output *o)
{
	yaml_emitter_delete(&o->emitter);
}

static int write_bytes(void *ctx, unsigned char *p, size_t size)
{
	struct buf *out = ctx;

	buf_add(out, p, size);
	return buf_error(out) == 0;
}

/* The emitter owns the event from here on, even after a failure. */
static void emit(struct output *o, int made, yaml_event_t *event)
{
	if (!made)
		abort(); /* out of memory; texts were checked */
	if (!o->failed && !yaml_emitter_emit(&o->emitter, event))
		o->failed = true;
	else if (o->failed)
		yaml_event_delete(event);
}

static yaml_char_t *bytes(const char *s)
{
	return (yaml_char_t *)(uintptr_t)s;
}

static void emit_text(
	struct output *o, const char *tag, const char *text, size_t size, yaml_scalar_style_t style)
{
	yaml_event_t event;

	emit(o,
		yaml_scalar_event_initialize(&event, NULL, tag ? bytes(tag) : NULL, bytes(text),
			(int)size, !tag, !tag, style),
		&event);
}

/* No reader takes it for anything but text: a word or a path, except YAML 1.1's words for true,
 * false and null. */
static bool may_be_plain(const char *s)
{
	static const char *const words[] = {
		"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
	bool starts_well = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || *s == '/';

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcasecmp(s, words[i]) == 0)
			return false;
	return starts_well;
}

static void emit_binary(struct output *o, const struct node *n)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	CLEANUP(buf) struct buf out = BUF_INIT(n->size / 3 * 4 + 8);

	for (size_t i = 0; i < n->size; i += 3) {
		uint32_t bits = 0;
		size_t left = n->size - i < 3 ? n->size - i : 3;

		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (k < left ? (unsigned char)n->text[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			buf_putc(&out, k <= left ? digits[bits >> (18 - 6 * k) & 63] : '=');
	}
	emit_text(o, "tag:yaml.org,2002:binary", buf_str(&out), out.len,
		YAML_DOUBLE_QUOTED_SCALAR_STYLE);
}

static void emit_string(struct output *o, const struct node *n)
{
	bool has_nul = strlen(n->text) != n->size;

	if (!utf8_is_valid(n->text, n->size))
		emit_binary(o, n);
	else if (!has_nul && strchr(n->text, '\n'))
		emit_text(o, NULL, n->text, n->size, YAML_LITERAL_SCALAR_STYLE);
	else if (!has_nul && may_be_plain(n->text))
		emit_text(o, NULL, n->text, n->size, YAML_PLAIN_SCALAR_STYLE);
	else
		emit_text(o, NULL, n->text, n->size, YAML_DOUBLE_QUOTED_SCALAR_STYLE);
}

/* Numbers in the one form that all readers understand alike. */
static void emit_scalar(struct output *o, const struct node *n)
{
	char text[32];
	int64_t i;
	uint64_t u;
	bool truth;

	if (node_scalar_type(n) == SCALAR_TEXT) {
		emit_string(o, n);
		return;
	}
	if (node_to_bool(n, &truth))
		str_copy(text, sizeof(text), truth ? "true" : "false");
	else if (node_to_i64(n, &i))
		str_format(text, sizeof(text), "%" PRId64, i);
	else if (node_to_u64(n, &u))
		str_format(text, sizeof(text), "%" PRIu64, u);
	else { /* a fraction */
		emit_text(o, NULL, n->text, n->size, YAML_PLAIN_SCALAR_STYLE);
		return;
	}
	emit_text(o, NULL, text, strlen(text), YAML_PLAIN_SCALAR_STYLE);
}

static void emit_node(struct output *o, const struct node *n);

static void emit_list(struct output *o, const struct node *n)
{
	yaml_event_t event;

	emit(o,
		yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
			n->n ? YAML_BLOCK_SEQUENCE_STYLE : YAML_FLOW_SEQUENCE_STYLE),
		&event);
	for (size_t i = 0; i < n->n; i++)
		emit_node(o, n->items[i]);
	emit(o, yaml_sequence_end_event_initialize(&event), &event);
}

static void emit_map(struct output *o, const struct node *n)
{
	yaml_event_t event;

	emit(o,
		yaml_mapping_start_event_initialize(&event, NULL, NULL, 1,
			n->n ? YAML_BLOCK_MAPPING_STYLE : YAML_FLOW_MAPPING_STYLE),
		&event);
	for (size_t i = 0; i < n->n; i++) {
		emit_string(o, n->keys[i]);
		emit_node(o, n->items[i]);
	}
	emit(o, yaml_mapping_end_event_initialize(&event), &event);
}

static void emit_node(struct output *o, const struct node *n)
{
	switch (n->kind) {
	case NODE_NULL:
		emit_text(o, NULL, "null", 4, YAML_PLAIN_SCALAR_STYLE);
		break;
	case NODE_SCALAR:
		emit_scalar(o, n);
		break;
	case NODE_LIST:
		emit_list(o, n);
		break;
	case NODE_MAP:
		emit_map(o, n);
		break;
	}
}

int yaml_write(const struct node *n, struct buf *out, struct werr **err)
{
	CLEANUP(output) struct output o = {0};
	yaml_event_t event;

	if (!yaml_emitter_initialize(&o.emitter))
		abort();
	yaml_emitter_set_output(&o.emitter, write_bytes, out);
	yaml_emitter_set_unicode(&o.emitter, 1);
	yaml_emitter_set_width(&o.emitter, -1);
	emit(&o, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING), &event);
	emit(&o, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1), &event);
	emit_node(&o, n);
	emit(&o, yaml_document_end_event_initialize(&event, 1), &event);
	emit(&o, yaml_stream_end_event_initialize(&event), &event);
	if (o.failed)
		return werr_set(err, WERR_LIMIT, "the YAML is too large");
	return 0;
}
