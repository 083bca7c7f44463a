/* SPDX-License-Identifier: Apache-2.0 */
/* The `wherry` map of an entry, in the form it has in runtime.json: docs/runtime-json.md. */
#include "base/mem.h"
#include "base/signals.h"
#include "base/str.h"
#include "config/model.h"
#include "bundle/spec.h"
#include "config/wherry-values.h"
#include "contract/runtime.h"
#include "contract/wherry.h"

typedef void write_value(struct json_writer *w, const struct settings *s, const struct node *n);

static void write_as_is(
	struct json_writer *w, const struct settings *s ATTR_UNUSED, const struct node *n)
{
	json_node(w, n);
}

static void write_duration(
	struct json_writer *w, const struct settings *s ATTR_UNUSED, const struct node *n)
{
	uint64_t ms = 0;

	value_parse_duration(n, &ms);
	json_u64(w, ms);
}

static void write_byte_size(
	struct json_writer *w, const struct settings *s ATTR_UNUSED, const struct node *n)
{
	uint64_t size = 0;

	value_parse_byte_size(n, &size);
	json_u64(w, size);
}

static void write_signal(
	struct json_writer *w, const struct settings *s ATTR_UNUSED, const struct node *n)
{
	json_string(w, signal_name(signal_number(n->text)));
}

static void write_tcp(
	struct json_writer *w, const struct settings *s ATTR_UNUSED, const struct node *n)
{
	CLEANUP(free) char *address = value_parse_tcp(n->text);

	json_string(w, address);
}

static void write_http(
	struct json_writer *w, const struct settings *s ATTR_UNUSED, const struct node *n)
{
	CLEANUP(free) char *url = value_parse_http(n->text);

	json_string(w, url);
}

static void write_after(struct json_writer *w, const struct settings *s, const struct node *n)
{
	json_open_array(w);
	for (size_t i = 0; i < n->n; i++)
		if (config_after_counts(s->config, s->entry, n->items[i]))
			json_string(w, n->items[i]->text);
	json_close_array(w);
}

struct value {
	const char *key;
	write_value *write;
};

static void write_map(struct json_writer *w, const struct settings *s, const struct node *n,
	const struct value *values, size_t n_values)
{
	json_open_object(w);
	for (size_t i = 0; i < n_values; i++) {
		const struct node *value = node_get(n, values[i].key);

		if (!value)
			continue;
		json_key(w, values[i].key);
		values[i].write(w, s, value);
	}
	json_close_object(w);
}

static void write_health(struct json_writer *w, const struct settings *s, const struct node *n)
{
	static const struct value values[] = {{WHERRY_KEY_COMMAND, write_as_is},
		{WHERRY_KEY_TCP, write_tcp}, {WHERRY_KEY_HTTP, write_http},
		{WHERRY_KEY_INTERVAL, write_duration}, {WHERRY_KEY_TIMEOUT, write_duration},
		{WHERRY_KEY_RETRIES, write_as_is}};

	write_map(w, s, n, values, ARRAY_SIZE(values));
}

static void write_log(struct json_writer *w, const struct settings *s, const struct node *n)
{
	static const struct value values[] = {{WHERRY_KEY_SIZE, write_byte_size}};

	write_map(w, s, n, values, ARRAY_SIZE(values));
}

/* Only `after` is a list, which may have no name that has to be waited for. */
static bool is_given(const struct settings *s, const struct node *n)
{
	if (!n || n->kind != NODE_LIST)
		return n != NULL;
	for (size_t i = 0; i < n->n; i++)
		if (config_after_counts(s->config, s->entry, n->items[i]))
			return true;
	return false;
}

/* The signal that the image asks for, as if its label had it; NULL: none, or SIGTERM, which is the
 * default. */
static const struct node *image_signal(const struct settings *s, struct node *ret)
{
	const char *text = s->image->stop_signal;
	const char *name = text && !s->config->compat ? signal_name(signal_number(text)) : NULL;

	if (!name || str_eq(name, WHERRY_STOP_SIGNAL))
		return NULL;
	*ret = (struct node){
		.kind = NODE_SCALAR, .quoted = true, .text = name, .size = strlen(name)};
	return ret;
}

void spec_write_wherry(struct json_writer *w, const struct settings *s)
{
	static const struct value values[] = {{WHERRY_KEY_RESTART, write_as_is},
		{WHERRY_KEY_RESTART_DELAY, write_duration}, {WHERRY_KEY_AFTER, write_after},
		{WHERRY_KEY_TIMEOUT, write_duration}, {WHERRY_KEY_ONFAIL, write_as_is},
		{WHERRY_KEY_HEALTH, write_health}, {WHERRY_KEY_STOP_SIGNAL, write_signal},
		{WHERRY_KEY_STOP_TIMEOUT, write_duration}, {WHERRY_KEY_CONSOLE, write_as_is},
		{WHERRY_KEY_LOG, write_log}};
	const struct settings wherry = settings_map(s, "wherry");
	struct node signal;
	bool any = false;

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		const struct node *n = settings_get(&wherry, values[i].key);

		if (!n && values[i].write == write_signal)
			n = image_signal(s, &signal);
		if (!is_given(s, n))
			continue;
		if (!any) {
			json_key(w, RUNTIME_WHERRY);
			json_open_object(w);
			any = true;
		}
		json_key(w, values[i].key);
		values[i].write(w, s, n);
	}
	if (any)
		json_close_object(w);
}
