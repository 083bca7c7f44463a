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

/* `after` is a list, which may have no name that has to be waited for; a health check may be
 * disabled. */
static bool is_given(const struct settings *s, const struct node *n)
{
	if (node_get(n, WHERRY_KEY_DISABLE))
		return false;
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

/* The image's HEALTHCHECK counts where neither the file nor the label says anything; NULL: none. */
static const struct image_health *image_health(const struct settings *s)
{
	const struct image_health *h = &s->image->health;

	if (s->config->compat || s->entry->section != CONFIG_SERVICES || h->command.n == 0 ||
		node_get(node_get(s->yaml, "wherry"), WHERRY_KEY_HEALTH) ||
		node_get(node_get(s->label, "wherry"), WHERRY_KEY_HEALTH))
		return NULL;
	return h;
}

static uint64_t at_most(uint64_t value, uint64_t max)
{
	return value < max ? value : max;
}

/* What Docker takes to call it unhealthy, when it never answers; 0: not more than the default. */
static uint64_t time_to_be_well(const struct image_health *h)
{
	uint64_t once =
		at_most(h->interval, WHERRY_TIME_MAX_MS) + at_most(h->timeout, WHERRY_TIME_MAX_MS);
	uint64_t all = at_most(h->start_period, WHERRY_TIME_MAX_MS) +
		       at_most(h->retries, WHERRY_RETRIES_MAX) * once;

	return all > WHERRY_READY_TIMEOUT_S * 1000 ? at_most(all, WHERRY_TIME_MAX_MS) : 0;
}

static void begin(struct json_writer *w, bool *began)
{
	if (!*began) {
		json_key(w, RUNTIME_WHERRY);
		json_open_object(w);
	}
	*began = true;
}

/* The value of a key that only the image gives; nothing when it does not. */
static void write_of_image(
	struct json_writer *w, const struct image_health *h, const char *key, bool *began)
{
	uint64_t limit = h ? time_to_be_well(h) : 0;

	if (limit && str_eq(key, WHERRY_KEY_TIMEOUT)) {
		begin(w, began);
		json_key_u64(w, key, limit);
	} else if (h && str_eq(key, WHERRY_KEY_HEALTH)) {
		begin(w, began);
		json_key(w, key);
		json_open_object(w);
		json_key_strings(w, WHERRY_KEY_COMMAND, &h->command);
		json_key_u64(w, WHERRY_KEY_INTERVAL, at_most(h->interval, WHERRY_TIME_MAX_MS));
		json_key_u64(w, WHERRY_KEY_TIMEOUT, at_most(h->timeout, WHERRY_TIME_MAX_MS));
		json_key_u64(w, WHERRY_KEY_RETRIES, at_most(h->retries, WHERRY_RETRIES_MAX));
		json_close_object(w);
	}
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
	const struct image_health *health = image_health(s);
	struct node signal;
	bool began = false;

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		const struct node *n = settings_get(&wherry, values[i].key);

		if (!n && values[i].write == write_signal)
			n = image_signal(s, &signal);
		if (!n)
			write_of_image(w, health, values[i].key, &began);
		if (!is_given(s, n))
			continue;
		begin(w, &began);
		json_key(w, values[i].key);
		values[i].write(w, s, n);
	}
	if (began)
		json_close_object(w);
}
