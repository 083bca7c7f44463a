/* SPDX-License-Identifier: Apache-2.0 */
/* An entry's `wherry` map, which LinuxKit does not have: what the supervisor does with it. */
#include "base/str.h"
#include "config/grants.h"
#include "config/schema.h"
#include "config/wherry-values.h"
#include "contract/wherry.h"

static const char *const health_kinds[] = {
	WHERRY_KEY_COMMAND, WHERRY_KEY_TCP, WHERRY_KEY_HTTP, WHERRY_KEY_DISABLE, NULL};

static void check_health(struct checker *c, const struct node *n)
{
	const struct node *command = node_get(n, WHERRY_KEY_COMMAND);
	const struct node *disable = node_get(n, WHERRY_KEY_DISABLE);
	const char *found[ARRAY_SIZE(health_kinds)] = {NULL};
	size_t count = 0;
	bool value = true;

	for (const char *const *kind = health_kinds; *kind; kind++)
		if (node_get(n, *kind))
			found[count++] = *kind;
	if (count == 0)
		checker_add(c, n, "%s needs one of 'command', 'tcp', 'http', 'disable'",
			buf_str(&c->where));
	else if (count > 1)
		checker_add(
			c, n, "%s has both '%s' and '%s'", buf_str(&c->where), found[0], found[1]);
	else if (command && command->n == 0)
		checker_add(c, command, "%s.command must not be empty", buf_str(&c->where));
	else if (disable && node_to_bool(disable, &value) && !value)
		checker_add(c, disable, "%s.disable can only be true", buf_str(&c->where));
}

static const struct key health_keys[] = {
	{WHERRY_KEY_COMMAND, KEY_TEXT, KEY_LIST,
		"program run in the container; it is well when that ends with 0"},
	{WHERRY_KEY_TCP, KEY_SIZE, 0,
		"PORT or ADDRESS:PORT; it is well when that takes a connection", .form = &form_tcp},
	{WHERRY_KEY_HTTP, KEY_SIZE, 0,
		"PORT/PATH or a URL; it is well when the answer is 2xx or 3xx", .form = &form_http},
	{WHERRY_KEY_DISABLE, KEY_BOOL, 0, "true: no check, not even that of the image"},
	{WHERRY_KEY_INTERVAL, KEY_SIZE, 0,
		"time between two checks (default: " WHERRY_TEXT(WHERRY_HEALTH_INTERVAL_S) "s)",
		.form = &form_duration},
	{WHERRY_KEY_TIMEOUT, KEY_SIZE, 0,
		"time that a check may take (default: " WHERRY_TEXT(WHERRY_HEALTH_TIMEOUT_S) "s)",
		.form = &form_duration},
	{WHERRY_KEY_RETRIES, KEY_NUMBER, 0,
		"failures in a row that make it unhealthy (default: " WHERRY_TEXT(
			WHERRY_HEALTH_RETRIES) ")",
		.min = 1, .max = WHERRY_RETRIES_MAX},
};
static const struct key_map health_map = {.name = "health",
	.keys = health_keys,
	.n = ARRAY_SIZE(health_keys),
	.check = check_health,
	.one_of = health_kinds};

static const struct key log_keys[] = {
	{WHERRY_KEY_SIZE, KEY_SIZE, KEY_REQUIRED,
		"how much of its output is kept in memory, such as 256K", .form = &form_log_size},
};
static const struct key_map log_map = KEY_MAP_OF("log", log_keys);

static const char *const userns_words[] = {"auto", "host", NULL};

static const struct key wherry_keys[] = {
	{WHERRY_KEY_RESTART, KEY_TEXT, 0, "start it again when it ends (default: no)",
		.values = contract_restarts},
	{WHERRY_KEY_RESTART_DELAY, KEY_SIZE, 0,
		"time before that; doubles with each failure (default: " WHERRY_TEXT(
			WHERRY_RESTART_DELAY_MS) "ms)",
		.form = &form_duration},
	{WHERRY_KEY_AFTER, KEY_TEXT, KEY_LIST | KEY_NOT_EMPTY | KEY_ENTRY_ONLY,
		"names of entries that are ready, or done, before it starts"},
	{WHERRY_KEY_TIMEOUT, KEY_SIZE, 0, "time to be done in; for services, to be ready in",
		.form = &form_duration},
	{WHERRY_KEY_ONFAIL, KEY_TEXT, 0, "what the machine does when it fails for good",
		.values = contract_onfails},
	{WHERRY_KEY_HEALTH, KEY_MAP, 0,
		"how to find out whether it is well (default: as the image's HEALTHCHECK says)",
		.map = &health_map},
	{WHERRY_KEY_STOP_SIGNAL, KEY_SIZE, 0,
		"signal that asks it to end (default: the image's, else " WHERRY_STOP_SIGNAL ")",
		.form = &form_signal},
	{WHERRY_KEY_STOP_TIMEOUT, KEY_SIZE, 0,
		"time before SIGKILL follows (default: " WHERRY_TEXT(WHERRY_STOP_TIMEOUT_S) "s)",
		.form = &form_duration},
	{"seccomp", KEY_TEXT, KEY_NOT_EMPTY,
		"filter of system calls: default, none, or a JSON file (default: default for "
		"services, unless they have all capabilities; else none)",
		.form = &form_seccomp},
	{"root-size", KEY_SIZE, 0,
		"how much of what it writes to its root is kept in memory, such as 64M, or a "
		"part of the machine's memory (default: " ROOT_SIZE_DEFAULT ")",
		.form = &form_root_size},
	{"accept", KEY_TEXT, KEY_LIST | KEY_ENTRY_ONLY,
		"what it, or its image's label, may give up of the defaults without a warning",
		.values = grant_names},
	{"userns", KEY_TEXT, 0,
		"auto: a user namespace with ids of its own, 65536 of them (default: the "
		"machine's ids)",
		.values = userns_words},
	{WHERRY_KEY_CONSOLE, KEY_BOOL, 0, "show its output on the console"},
	{WHERRY_KEY_LOG, KEY_MAP, 0, "what is kept of its output", .map = &log_map},
};
const struct key_map schema_wherry = KEY_MAP_OF("wherry", wherry_keys);
