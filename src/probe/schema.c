/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/schema.h"

#include <regex.h>

#include "base/mem.h"
#include "base/str.h"
#include "config/check.h"
#include "config/wherry-values.h"

enum { PORT_MAX = 65535, STATUS_MIN = 100, STATUS_MAX = 599 };

const char *const probe_firmwares[] = {"direct", "bios", "uefi", "secure-boot", "u-boot", NULL};
const char *const probe_exits[] = {"poweroff", "reboot", "panic", NULL};
const char *const probe_kinds[] = {
	"console", "services", "http", "tcp", "send", "power-button", "exit", NULL};
_Static_assert(ARRAY_SIZE(probe_firmwares) == PROBE_FIRMWARES + 1, "a word for each");
_Static_assert(ARRAY_SIZE(probe_exits) == PROBE_EXITS + 1, "a word for each");
_Static_assert(ARRAY_SIZE(probe_kinds) == PROBE_KINDS + 1, "a key for each");

static void check_pattern(struct checker *c, const struct node *n)
{
	regex_t regex;
	char why[256];
	int r = regcomp(&regex, n->text, REG_EXTENDED | REG_NOSUB);

	if (r == 0) {
		regfree(&regex);
		return;
	}
	regerror(r, &regex, why, sizeof(why));
	checker_add(c, n, "%s: '%.80s' is not a regular expression: %s", buf_str(&c->where),
		n->text, why);
}

static const struct form form_pattern = {.check = check_pattern};

static void check_path(struct checker *c, const struct node *n)
{
	if (n->text[0] == '/' && !strpbrk(n->text, " \t\r\n"))
		return;
	checker_add(c, n, "%s: '%.80s' is not the path of a page", buf_str(&c->where), n->text);
	checker_hint(c, "write it as it is in a URL: /index.html");
}

static const struct form form_path = {.check = check_path, .pattern = "^/[^ \\t\\r\\n]*$"};

static const struct key http_keys[] = {
	{"port", KEY_NUMBER, KEY_REQUIRED, "port of the guest", .min = 1, .max = PORT_MAX},
	{"path", KEY_TEXT, 0, "what is asked for (default: /)", .form = &form_path},
	{"status", KEY_NUMBER, 0, "the answer's (default: 200)", .min = STATUS_MIN,
		.max = STATUS_MAX},
	{"body", KEY_TEXT, 0, "regular expression that a line of the answer's body matches",
		.form = &form_pattern},
};
static const struct key_map http_map = KEY_MAP_OF("http", http_keys);

static const struct key tcp_keys[] = {
	{"port", KEY_NUMBER, KEY_REQUIRED, "port of the guest", .min = 1, .max = PORT_MAX},
	{"send", KEY_TEXT, 0, "text that is sent first"},
	{"banner", KEY_TEXT, KEY_REQUIRED | KEY_NOT_EMPTY,
		"regular expression that a line of what comes back matches", .form = &form_pattern},
};
static const struct key_map tcp_map = KEY_MAP_OF("tcp", tcp_keys);

static void check_step(struct checker *c, const struct node *n)
{
	const char *found[PROBE_KINDS] = {NULL};
	const struct node *button = node_get(n, probe_kinds[PROBE_BUTTON]);
	size_t count = 0;
	bool value = true;

	for (size_t i = 0; i < PROBE_KINDS; i++)
		if (node_get(n, probe_kinds[i]))
			found[count++] = probe_kinds[i];
	if (count == 0) {
		checker_add(c, n, "%s says nothing that is expected", buf_str(&c->where));
		checker_hint(c, "write one of console, services, http, tcp, send, power-button, "
				"exit");
	} else if (count > 1) {
		checker_add(
			c, n, "%s has both '%s' and '%s'", buf_str(&c->where), found[0], found[1]);
		checker_hint(c, "make two elements of it, in the order in which they are expected");
	} else if (button && node_to_bool(button, &value) && !value) {
		checker_add(c, button, "%s.power-button can only be true", buf_str(&c->where));
	}
}

static const struct key step_keys[] = {
	{"console", KEY_TEXT, KEY_NOT_EMPTY,
		"regular expression that a line of the console matches", .form = &form_pattern},
	{"services", KEY_TEXT_MAP, 0, "names of containers, and their states in `service list`"},
	{"http", KEY_MAP, 0, "a page, and what it is", .map = &http_map},
	{"tcp", KEY_MAP, 0, "a port, and what it says", .map = &tcp_map},
	{"send", KEY_TEXT, KEY_NOT_EMPTY, "text that is typed on the console"},
	{"power-button", KEY_BOOL, 0, "true: the power button is pressed"},
	{"exit", KEY_TEXT, 0, "how the machine ends", .values = probe_exits},
	{"within", KEY_SIZE, 0, "time that it may take (default: the rest of `timeout`)",
		.form = &form_duration},
};
static const struct key_map step_map = {.name = "expect",
	.keys = step_keys,
	.n = ARRAY_SIZE(step_keys),
	.check = check_step,
	.one_of = probe_kinds};

static const struct key row_keys[] = {
	{"format", KEY_TEXT, KEY_LIST | KEY_NOT_EMPTY,
		"formats, as for --format (default: [kernel+initrd])"},
	{"root", KEY_TEXT, KEY_LIST | KEY_NOT_EMPTY,
		"where the root is, as for --root (default: what each format says)"},
	{"firmware", KEY_TEXT, KEY_LIST,
		"what starts the machine (default: what `wherry run` takes for the output)",
		.values = probe_firmwares},
	{"arch", KEY_TEXT, KEY_LIST | KEY_NOT_EMPTY, "architectures (default: [the builder's])"},
	{"build", KEY_OPTION_MAP, 0, "like `build`, for these cells, and counts more"},
	{"run", KEY_OPTION_MAP, 0, "like `run`, for these cells, and counts more"},
};
static const struct key_map row_map = KEY_MAP_OF("matrix", row_keys);

static const struct key file_keys[] = {
	{"os", KEY_TEXT, KEY_LIST | KEY_REQUIRED | KEY_NOT_EMPTY,
		"the YAML files of the OS, seen from this file"},
	{"set", KEY_SCALAR_MAP, 0, "variables of the OS, as --set"},
	{"build", KEY_OPTION_MAP, 0, "options of `wherry build`, without dashes"},
	{"run", KEY_OPTION_MAP, 0, "options of `wherry run`, without dashes"},
	{"matrix", KEY_MAP, KEY_LIST, "what is booted (default: kernel+initrd)", .map = &row_map},
	{"timeout", KEY_SIZE, 0, "time that each machine may take (default: 5m)",
		.form = &form_duration},
	{"expect", KEY_MAP, KEY_LIST | KEY_REQUIRED, "what each machine does, in order",
		.map = &step_map},
	{"never", KEY_TEXT, KEY_LIST | KEY_NOT_EMPTY,
		"regular expressions that no line of the console may match", .form = &form_pattern},
};

static void check_file(struct checker *c, const struct node *n)
{
	const struct node *steps = node_get(n, "expect"), *os = node_get(n, "os");
	const struct node *matrix = node_get(n, "matrix");

	if (os->n == 0)
		checker_add(c, os, "os must not be empty");
	if (steps->n == 0)
		checker_add(c, steps, "expect must not be empty");
	if (matrix && matrix->n == 0)
		checker_add(c, matrix, "matrix must not be empty");
	for (size_t i = 0; i + 1 < steps->n; i++)
		if (node_get(steps->items[i], "exit"))
			checker_add(c, steps->items[i + 1],
				"expect[%zu] can't follow the end of the machine", i + 1);
}

const struct key_map probe_schema = {
	.name = "test", .keys = file_keys, .n = ARRAY_SIZE(file_keys), .check = check_file};
