/* SPDX-License-Identifier: Apache-2.0 */
/* The `wherry` map: what is refused, and what runtime.json says. */
#include "made.h"
#include "config/wherry-values.h"

static struct node scalar(const char *text, bool quoted)
{
	return (struct node){
		.kind = NODE_SCALAR, .text = text, .size = strlen(text), .quoted = quoted};
}

static void test_durations(ATTR_UNUSED void **state)
{
	static const struct {
		const char *text;
		uint64_t ms;
	} good[] = {{"10s", 10000}, {"500ms", 500}, {"2m", 120000}, {"1h", 3600000},
		{"1m30s", 90000}, {"0", 0}, {"0s", 0}, {"7", 7000}, {"604800", 604800000},
		{"168h", 604800000}};
	static const char *const bad[] = {"", "s", "10", "10 s", "-1s", "1.5s", "10sec", "1d",
		"s10", "604801s", "99999999999999999999s", "999999999999h", "168h1ms", "1m30"};
	uint64_t ms;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		const struct node n = scalar(good[i].text, false);

		assert_true(value_parse_duration(&n, &ms));
		assert_int_equal(ms, good[i].ms);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const struct node n = scalar(bad[i], true);

		if (value_parse_duration(&n, &ms))
			fail_msg("'%s' was taken", bad[i]);
	}
}

static void assert_text(char *actual, const char *expected)
{
	assert_string_equal(actual ? actual : "-", expected);
	free(actual);
}

static void test_addresses(ATTR_UNUSED void **state)
{
	assert_text(value_parse_tcp("80"), "127.0.0.1:80");
	assert_text(value_parse_tcp("10.0.0.1:80"), "10.0.0.1:80");
	assert_text(value_parse_tcp("localhost:80"), "127.0.0.1:80");
	assert_text(value_parse_tcp("[::1]:80"), "[::1]:80");
	assert_text(value_parse_tcp("::1:80"), "-");
	assert_text(value_parse_tcp("[::1]"), "-");
	assert_text(value_parse_tcp(":80"), "-");
	assert_text(value_parse_tcp("example.com:80"), "-");
	assert_text(value_parse_tcp("0"), "-");
	assert_text(value_parse_tcp("65536"), "-");
	assert_text(value_parse_tcp(""), "-");
	assert_text(value_parse_http("80"), "http://127.0.0.1:80/");
	assert_text(value_parse_http("8080/a?b=c"), "http://127.0.0.1:8080/a?b=c");
	assert_text(value_parse_http("http://10.0.0.1/x"), "http://10.0.0.1:80/x");
	assert_text(value_parse_http("http://[::1]"), "http://[::1]:80/");
	assert_text(value_parse_http("localhost/"), "http://127.0.0.1:80/");
	assert_text(value_parse_http("https://10.0.0.1/"), "-");
	assert_text(value_parse_http("http://a@10.0.0.1/"), "-");
	assert_text(value_parse_http("80/a b"), "-");
	assert_text(value_parse_http("80/a\r\nHost: x"), "-");
	assert_text(value_parse_http("/"), "-");
	assert_text(value_parse_http(""), "-");
}

static void assert_wherry(const char *keys, const char *label, const char *expected)
{
	CLEANUP(made) struct made b = make_service(keys, label);

	assert_json(find(b.runtime, "wherry"), expected);
}

static void test_nothing_is_written_for_nothing(ATTR_UNUSED void **state)
{
	assert_wherry("env: []", NULL, "-");
	assert_wherry("wherry: {}", NULL, "-");
	assert_wherry("wherry: {after: []}", NULL, "-");
}

static void test_form_in_runtime_json(ATTR_UNUSED void **state)
{
	assert_wherry("wherry: {restart: no, console: True, onfail: shell, timeout: 1m, "
		      "restart-delay: 3, stop-signal: quit, stop-timeout: 500ms, log: {size: 64K}}",
		NULL,
		"{\"restart\":\"no\",\"restart-delay\":3000,\"timeout\":60000,\"onfail\":\"shell\","
		"\"stop-signal\":\"SIGQUIT\",\"stop-timeout\":500,\"console\":true,"
		"\"log\":{\"size\":65536}}");
	assert_wherry("wherry: {stop-signal: 10}", NULL, "{\"stop-signal\":\"SIGUSR1\"}");
	assert_wherry("wherry: {health: {http: 80/x, interval: 1s, timeout: 2, retries: 4}}", NULL,
		"{\"health\":{\"http\":\"http://127.0.0.1:80/x\",\"interval\":1000,"
		"\"timeout\":2000,"
		"\"retries\":4}}");
	assert_wherry(
		"wherry: {health: {tcp: 80}}", NULL, "{\"health\":{\"tcp\":\"127.0.0.1:80\"}}");
	assert_wherry("wherry: {health: {command: [a, '1']}}", NULL,
		"{\"health\":{\"command\":[\"a\",\"1\"]}}");
}

static void test_yaml_wins_over_label_key_by_key(ATTR_UNUSED void **state)
{
	assert_wherry("wherry: {restart: always, health: {tcp: 1}}",
		"{\"wherry\": {\"restart\": \"no\", \"onfail\": \"reboot\", "
		"\"health\": {\"http\": \"80\", \"retries\": 9}}}",
		"{\"restart\":\"always\",\"onfail\":\"reboot\","
		"\"health\":{\"tcp\":\"127.0.0.1:1\"}}");
}

static void test_after_has_only_what_is_to_be_waited_for(ATTR_UNUSED void **state)
{
	CLEANUP(config)
	struct config *c = must_load("onboot: [{name: o, image: i}, {name: b, image: i,\n"
				     "  wherry: {after: [o]}}]\n"
				     "services: [{name: b, image: i}, {name: a, image: i,\n"
				     "  wherry: {after: [o, b]}}]\n");
	struct image_config image = {0};
	CLEANUP(made) struct made b = must_make(c, &image, NULL);

	assert_json(find(b.runtime, "wherry.after"), "[\"o\",\"b\"]");
}

/* An entry of a section with these keys, of an image with a HEALTHCHECK. */
static void assert_of_image(const char *section, const char *keys, const char *expected)
{
	CLEANUP(free) char *text = str_printf("%s: [{name: a, image: i, %s}]", section, keys);
	CLEANUP(config) struct config *c = must_load(text);
	struct image_config image = {
		.health = {
			.interval = 30000, .timeout = 5000, .start_period = 10000, .retries = 3}};
	CLEANUP(made) struct made b = {0};

	strv_add(&image.health.command, "check");
	strv_add(&image.health.command, "-x");
	b = must_make(c, &image, NULL);
	assert_json(find(b.runtime, "wherry"), expected);
	strv_clear(&image.health.command);
}

static void test_healthcheck_of_the_image(ATTR_UNUSED void **state)
{
#define IMAGES                                                                            \
	"\"health\":{\"command\":[\"check\",\"-x\"],\"interval\":30000,\"timeout\":5000," \
	"\"retries\":3}"
	/* It has as long to be well as Docker gives it: the start period, then each retry. */
	assert_of_image("services", "env: []", "{\"timeout\":115000," IMAGES "}");
	assert_of_image("services", "wherry: {restart: always, timeout: 7s}",
		"{\"restart\":\"always\",\"timeout\":7000," IMAGES "}");
	assert_of_image("services", "wherry: {health: {tcp: 80}}",
		"{\"health\":{\"tcp\":\"127.0.0.1:80\"}}");
	assert_of_image("services", "wherry: {health: {disable: true}}", "-");
	assert_of_image("onboot", "env: []", "-");
}

struct mistake {
	const char *text;
	unsigned line, column;
	const char *message;
};

static void assert_mistake(const struct mistake *m)
{
	struct config *c = NULL;
	CLEANUP(werr) struct werr *err = NULL;

	if (load_text(m->text, &c, &err) >= 0)
		fail_msg("%s: was taken", m->text);
	if (!strstr(err->message, m->message) || err->line != m->line || err->column != m->column ||
		err->next)
		fail_msg("%s: %u:%u: %s", m->text, err->line, err->column, err->message);
}

static void test_mistakes(ATTR_UNUSED void **state)
{
	/* What follows "services: [{name: a, image: i, wherry: {". */
	static const struct mistake mistakes[] = {
		{"restrat: no", 1, 41, "unknown key 'restrat' in services[0].wherry; did you mean"},
		{"restart: never", 1, 50, "services[0].wherry.restart: unknown value 'never'"},
		{"restart: on-failed", 1, 50, "did you mean 'on-failure'?"},
		{"timeout: 10 s", 1, 50, "services[0].wherry.timeout: '10 s' is not a time"},
		{"timeout: -1", 1, 50, "timeout: -1 is not a whole number"},
		{"console: yes", 1, 50, "expected true or false"},
		{"stop-signal: SIGTRM", 1, 54, "unknown signal 'SIGTRM'; did you mean 'SIGTERM'?"},
		{"stop-signal: 0", 1, 54, "unknown signal '0'"},
		{"health: {}", 1, 49, "needs one of 'command', 'tcp', 'http'"},
		{"health: {tcp: 1, http: 2}", 1, 49, "has both 'tcp' and 'http'"},
		{"health: {disable: false}", 1, 59, "health.disable can only be true"},
		{"health: {tcp: 1, disable: true}", 1, 49, "has both 'tcp' and 'disable'"},
		{"health: {command: []}", 1, 59, "command must not be empty"},
		{"health: {tcp: web:80}", 1, 55, "'web:80' is not a port"},
		{"health: {http: 'https://1.2.3.4'}", 1, 56, "is not a URL that can be checked"},
		{"log: {size: 1K}", 1, 53, "'1K' is not a valid log size"},
		{"log: {}", 1, 46, "has no 'size'"},
		{"after: [b]", 1, 49, "no entry is named 'b'"},
		{"after: [a]", 1, 49, "'a' can't start after itself"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
		struct mistake m = mistakes[i];
		CLEANUP(free)
		char *text = str_printf(
			"services: [{name: a, image: i, wherry: {%s}}]", mistakes[i].text);

		m.text = text;
		assert_mistake(&m);
	}
}

static void test_mistakes_in_the_order(ATTR_UNUSED void **state)
{
	static const struct mistake mistakes[] = {
		{"onboot: [{name: a, image: i, wherry: {after: [b]}}, {name: b, image: i}]", 1, 47,
			"'a' can't start after 'b', which is in onboot and comes after it"},
		{"onboot: [{name: a, image: i, wherry: {after: [b]}}]\n"
		 "services: [{name: b, image: i}]",
			1, 47, "'a' can't start after 'b', which is in services"},
		{"services: [{name: a, image: i, wherry: {after: [b]}},\n"
		 "  {name: b, image: i, wherry: {after: [c]}},\n"
		 "  {name: c, image: i, wherry: {after: [d, b]}}, {name: d, image: i}]",
			2, 40, "services wait for each other: 'b' after 'c' after 'b'"},
	};
	static const char fine[] =
		"onboot: [{name: a, image: i}, {name: b, image: i, wherry: {after: [a]}}]\n"
		"onshutdown: [{name: z, image: i, wherry: {after: [a, d, b]}}]\n"
		"services: [{name: c, image: i, wherry: {after: [b, d]}}, {name: d, image: i}]\n";
	CLEANUP(config) ATTR_UNUSED struct config *c = must_load(fine);

	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++)
		assert_mistake(&mistakes[i]);
}

static void test_an_image_does_not_know_names(ATTR_UNUSED void **state)
{
	CLEANUP(config) struct config *c = must_load("services: [{name: a, image: i}]");
	struct annotation label = {
		(char[]){"org.mobyproject.config"}, (char[]){"{\"wherry\": {\"after\": [\"b\"]}}"}};
	struct image_config image = {.labels = &label, .n_labels = 1};
	struct bundle *k = NULL;
	struct werr *err = NULL;

	assert_fails(bundle_make(c, c->containers, &image, NULL, NULL, &k, &err), err, WERR_INVALID,
		"'after' is not allowed in an image's label");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_nothing_is_written_for_nothing),
		cmocka_unit_test(test_form_in_runtime_json),
		cmocka_unit_test(test_yaml_wins_over_label_key_by_key),
		cmocka_unit_test(test_after_has_only_what_is_to_be_waited_for),
		cmocka_unit_test(test_healthcheck_of_the_image),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_mistakes_in_the_order),
		cmocka_unit_test(test_an_image_does_not_know_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
