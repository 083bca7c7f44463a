/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/image-health.h"

#include "base/mem.h"
#include "oci/map-fields.h"

/* Docker's own, for what HEALTHCHECK leaves out. */
enum { INTERVAL_MS = 30000, TIMEOUT_MS = 30000, RETRIES = 3 };
enum { NS_IN_MS = 1000000 };

static const char *const default_shell[] = {"/bin/sh", "-c"};

/* A number that can't be one counts as missing, as 0 does. */
static uint64_t number_or(
	const struct node *map, const char *key, uint64_t unit, uint64_t otherwise)
{
	const struct node *n = node_get(map, key);
	uint64_t value;

	if (!n || !node_to_u64(n, &value) || value == 0)
		return otherwise;
	return value < unit ? 1 : value / unit;
}

static void add_shell(struct strv *command, const struct strv *shell)
{
	if (shell->n > 0)
		strv_add_all(command, shell);
	for (size_t i = 0; shell->n == 0 && i < ARRAY_SIZE(default_shell); i++)
		strv_add(command, default_shell[i]);
}

/* ["CMD", program, arguments ...] or ["CMD-SHELL", script]; "NONE" and whatever else: no check. */
static void take_test(struct image_health *h, const struct strv *test, const struct strv *shell)
{
	if (test->n < 2)
		return;
	if (str_eq(test->items[0], "CMD-SHELL"))
		add_shell(&h->command, shell);
	else if (!str_eq(test->items[0], "CMD"))
		return;
	for (size_t i = 1; i < test->n; i++)
		strv_add(&h->command, test->items[i]);
}

int image_health_parse(const struct node *process, struct image_health *h, struct werr **err)
{
	CLEANUP(strv) struct strv test = {0}, shell = {0};
	const struct node *n;
	int r = field_node(process, "Healthcheck", NODE_MAP, &n, err);

	if (r == 0)
		r = field_texts(n, "Test", &test, err);
	if (r == 0)
		r = field_texts(process, "Shell", &shell, err);
	if (r < 0)
		return r;
	take_test(h, &test, &shell);
	h->interval = number_or(n, "Interval", NS_IN_MS, INTERVAL_MS);
	h->timeout = number_or(n, "Timeout", NS_IN_MS, TIMEOUT_MS);
	h->start_period = number_or(n, "StartPeriod", NS_IN_MS, 0);
	h->retries = number_or(n, "Retries", 1, RETRIES);
	return 0;
}
