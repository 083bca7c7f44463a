/* SPDX-License-Identifier: Apache-2.0 */
#include "run/policy.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/signals.h"
#include "contract/address.h"

/* Reads the value of a key into p. */
typedef int policy_read(struct policy *p, const struct node *n, struct werr **err);

void policy_init(struct policy *p)
{
	*p = (struct policy){.restart_delay = WHERRY_RESTART_DELAY_MS,
		.stop_timeout = WHERRY_STOP_TIMEOUT_S * 1000,
		.stop_signal = signal_number(WHERRY_STOP_SIGNAL),
		.console = -1,
		.onfail = POLICY_ONFAIL_UNSET,
		.health = {.interval = WHERRY_HEALTH_INTERVAL_S * 1000,
			.timeout = WHERRY_HEALTH_TIMEOUT_S * 1000,
			.retries = WHERRY_HEALTH_RETRIES}};
}

void policy_cleanup(struct policy *p)
{
	strv_clear(&p->after);
	strv_clear(&p->health.command);
	free(p->health.host);
	free(p->health.path);
	*p = (struct policy){0};
}

static const char *text_of(const struct node *n)
{
	return n->kind == NODE_SCALAR ? n->text : NULL;
}

static int get_ms(const struct node *n, uint64_t *ret, struct werr **err)
{
	uint64_t ms;

	if (!node_to_u64(n, &ms) || ms > WHERRY_TIME_MAX_MS)
		return node_error(
			err, n, "a time must be a number of milliseconds, at most a week");
	*ret = ms;
	return 0;
}

static int get_texts(const struct node *n, struct strv *ret, struct werr **err)
{
	strv_clear(ret);
	if (n->kind == NODE_SCALAR)
		strv_add(ret, n->text);
	else if (n->kind != NODE_LIST)
		return node_error(err, n, "must be a list of strings");
	for (size_t i = 0; n->kind == NODE_LIST && i < n->n; i++) {
		if (!text_of(n->items[i]))
			return node_error(err, n->items[i], "must be a list of strings");
		strv_add(ret, n->items[i]->text);
	}
	return 0;
}

static int read_restart(struct policy *p, const struct node *n, struct werr **err)
{
	int i = contract_word(contract_restarts, text_of(n));

	if (i < 0)
		return node_error(err, n, "'restart' must be no, on-failure or always");
	p->restart = (enum policy_restart)i;
	return 0;
}

static int read_onfail(struct policy *p, const struct node *n, struct werr **err)
{
	int i = contract_word(contract_onfails, text_of(n));

	if (i < 0)
		return node_error(err, n, "'onfail' must be continue, reboot, poweroff or shell");
	p->onfail = (enum policy_onfail)i;
	return 0;
}

static int read_restart_delay(struct policy *p, const struct node *n, struct werr **err)
{
	return get_ms(n, &p->restart_delay, err);
}

static int read_timeout(struct policy *p, const struct node *n, struct werr **err)
{
	return get_ms(n, &p->timeout, err);
}

static int read_stop_timeout(struct policy *p, const struct node *n, struct werr **err)
{
	return get_ms(n, &p->stop_timeout, err);
}

static int read_stop_signal(struct policy *p, const struct node *n, struct werr **err)
{
	int number = text_of(n) ? signal_number(n->text) : 0;

	if (!number)
		return node_error(err, n, "'stop-signal' is not the name of a signal");
	p->stop_signal = number;
	return 0;
}

static int read_console(struct policy *p, const struct node *n, struct werr **err)
{
	bool value;

	if (!node_to_bool(n, &value))
		return node_error(err, n, "'console' must be true or false");
	p->console = value;
	return 0;
}

static int read_after(struct policy *p, const struct node *n, struct werr **err)
{
	return get_texts(n, &p->after, err);
}

static int read_command(struct policy *p, const struct node *n, struct werr **err)
{
	int r = get_texts(n, &p->health.command, err);

	if (r == 0 && !p->health.command.n)
		r = node_error(err, n, "the command must not be empty");
	p->health.kind = POLICY_HEALTH_COMMAND;
	return r;
}

/* Set the address for the health check. False: text is not ADDRESS:PORT. */
static bool set_address(struct policy *p, const char *text, uint16_t default_port)
{
	free(p->health.host);
	p->health.host = NULL;
	return address_parse(text, default_port, &p->health.host, &p->health.port);
}

static int read_tcp(struct policy *p, const struct node *n, struct werr **err)
{
	if (!text_of(n) || !set_address(p, n->text, 0))
		return node_error(err, n, "'tcp' must be a port, or a numeric ADDRESS:PORT");
	p->health.kind = POLICY_HEALTH_TCP;
	return 0;
}

static int read_http(struct policy *p, const struct node *n, struct werr **err)
{
	const char *rest = text_of(n) ? str_after(n->text, "http://") : NULL;
	size_t size = rest ? strcspn(rest, "/?") : 0;
	CLEANUP(free) char *address = rest ? str_dup_n(rest, size) : NULL;

	if (!address || !set_address(p, address, ADDRESS_HTTP_PORT) ||
		rest[size + strcspn(rest + size, " \r\n\t")])
		return node_error(
			err, n, "'http' must be http://ADDRESS:PORT/PATH, with a numeric address");
	free(p->health.path);
	p->health.path = str_printf("%s%s", rest[size] == '/' ? "" : "/", rest + size);
	p->health.kind = POLICY_HEALTH_HTTP;
	return 0;
}

static int read_interval(struct policy *p, const struct node *n, struct werr **err)
{
	return get_ms(n, &p->health.interval, err);
}

static int read_health_timeout(struct policy *p, const struct node *n, struct werr **err)
{
	return get_ms(n, &p->health.timeout, err);
}

static int read_retries(struct policy *p, const struct node *n, struct werr **err)
{
	uint64_t retries;

	if (!node_to_u64(n, &retries) || !retries || retries > WHERRY_RETRIES_MAX)
		return node_error(
			err, n, "'retries' must be a number from 1 to %d", WHERRY_RETRIES_MAX);
	p->health.retries = (unsigned)retries;
	return 0;
}

static int read_log_size(struct policy *p, const struct node *n, struct werr **err)
{
	uint64_t size;

	if (!node_to_u64(n, &size) || size > WHERRY_LOG_SIZE_MAX)
		return node_error(err, n, "'size' must be a number of bytes, at most %d",
			WHERRY_LOG_SIZE_MAX);
	p->log_size = size;
	return 0;
}

struct key {
	const char *name;
	policy_read *read;
};

static const struct key health_keys[] = {{WHERRY_KEY_COMMAND, read_command},
	{WHERRY_KEY_TCP, read_tcp}, {WHERRY_KEY_HTTP, read_http},
	{WHERRY_KEY_INTERVAL, read_interval}, {WHERRY_KEY_TIMEOUT, read_health_timeout},
	{WHERRY_KEY_RETRIES, read_retries}};

static int read_keys(struct policy *p, const struct node *map, const struct key *keys,
	size_t n_keys, struct werr **err)
{
	int r = 0;

	if (map->kind != NODE_MAP)
		return node_error(err, map, "must be an object, not %s", node_kind_name(map));
	for (size_t i = 0; r == 0 && i < n_keys; i++) {
		const struct node *n = node_get(map, keys[i].name);

		if (n && n->kind != NODE_NULL)
			r = keys[i].read(p, n, err);
	}
	return r;
}

static int read_health(struct policy *p, const struct node *n, struct werr **err)
{
	return read_keys(p, n, health_keys, ARRAY_SIZE(health_keys), err);
}

static const struct key log_keys[] = {{WHERRY_KEY_SIZE, read_log_size}};

static int read_log(struct policy *p, const struct node *n, struct werr **err)
{
	return read_keys(p, n, log_keys, ARRAY_SIZE(log_keys), err);
}

static const struct key keys[] = {{WHERRY_KEY_RESTART, read_restart},
	{WHERRY_KEY_RESTART_DELAY, read_restart_delay}, {WHERRY_KEY_AFTER, read_after},
	{WHERRY_KEY_TIMEOUT, read_timeout}, {WHERRY_KEY_ONFAIL, read_onfail},
	{WHERRY_KEY_HEALTH, read_health}, {WHERRY_KEY_STOP_SIGNAL, read_stop_signal},
	{WHERRY_KEY_STOP_TIMEOUT, read_stop_timeout}, {WHERRY_KEY_CONSOLE, read_console},
	{WHERRY_KEY_LOG, read_log}};

int policy_parse(struct policy *p, const struct node *map, struct werr **err)
{
	if (!map || map->kind == NODE_NULL)
		return 0;
	return read_keys(p, map, keys, ARRAY_SIZE(keys), err);
}
