/* SPDX-License-Identifier: Apache-2.0 */
/* An entry's `wherry` map, which LinuxKit does not have: what the supervisor does with it. */
#include "base/str.h"
#include "config/grants.h"
#include "config/schema.h"
#include "config/wherry-values.h"
#include "contract/words.h"

static const struct key health_keys[] = {
	{"command", KEY_TEXT, KEY_LIST,
		"program run in the container; it is well when that ends with 0"},
	{"tcp", KEY_SIZE, 0, "PORT or ADDRESS:PORT; it is well when that takes a connection",
		.check = check_tcp},
	{"http", KEY_SIZE, 0, "PORT/PATH or a URL; it is well when the answer is 2xx or 3xx",
		.check = check_http},
	{"interval", KEY_SIZE, 0, "time between two checks (default: 10s)",
		.check = check_duration},
	{"timeout", KEY_SIZE, 0, "time that a check may take (default: 5s)",
		.check = check_duration},
	{"retries", KEY_NUMBER, 0, "failures in a row that make it unhealthy (default: 3)",
		.min = 1, .max = 1000},
};
static const struct key_map health_map = {
	.name = "health", .keys = health_keys, .n = ARRAY_SIZE(health_keys), .check = check_health};

static const struct key log_keys[] = {
	{"size", KEY_SIZE, KEY_REQUIRED, "how much of its output is kept in memory, such as 256K",
		.check = check_log_size},
};
static const struct key_map log_map = KEY_MAP_OF("log", log_keys);

static const char *const userns_words[] = {"auto", "host", NULL};

static const struct key wherry_keys[] = {
	{"restart", KEY_TEXT, 0, "start it again when it ends (default: no)",
		.values = contract_restarts},
	{"restart-delay", KEY_SIZE, 0,
		"time before that; doubles with each failure (default: 200ms)",
		.check = check_duration},
	{"after", KEY_TEXT, KEY_LIST | KEY_NOT_EMPTY | KEY_ENTRY_ONLY,
		"names of entries that are ready, or done, before it starts"},
	{"timeout", KEY_SIZE, 0, "time to be done in; for services, to be ready in",
		.check = check_duration},
	{"onfail", KEY_TEXT, 0, "what the machine does when it fails for good",
		.values = contract_onfails},
	{"health", KEY_MAP, 0, "how to find out whether it is well", .map = &health_map},
	{"stop-signal", KEY_SIZE, 0,
		"signal that asks it to end (default: the image's, else SIGTERM)",
		.check = check_signal},
	{"stop-timeout", KEY_SIZE, 0, "time before SIGKILL follows (default: 10s)",
		.check = check_duration},
	{"seccomp", KEY_TEXT, KEY_NOT_EMPTY,
		"filter of system calls: default, none, or a JSON file (default: default for services, unless they have all capabilities; else none)",
		.check = check_seccomp},
	{"root-size", KEY_SIZE, 0,
		"how much of what it writes to its root is kept in memory, such as 64M, or a part of the machine's memory (default: 25%)",
		.check = check_root_size},
	{"accept", KEY_TEXT, KEY_LIST | KEY_ENTRY_ONLY,
		"what it, or its image's label, may give up of the defaults without a warning",
		.values = grant_names},
	{"userns", KEY_TEXT, 0,
		"auto: a user namespace with ids of its own, 65536 of them (default: the machine's ids)",
		.values = userns_words},
	{"console", KEY_BOOL, 0, "show its output on the console"},
	{"log", KEY_MAP, 0, "what is kept of its output", .map = &log_map},
};
const struct key_map schema_wherry = KEY_MAP_OF("wherry", wherry_keys);
