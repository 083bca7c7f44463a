/* SPDX-License-Identifier: Apache-2.0 */
/* What the key `network` becomes; its mistakes are in tests/cli/bad. */
#include "load.h"

#include "base/buf.h"
#include "contract/network.h"

static void find_any(struct config_package *packages, size_t n, ATTR_UNUSED struct werr **errs,
	ATTR_UNUSED void *ctx)
{
	for (size_t i = 0; i < n; i++)
		packages[i].image = str_printf("found/%s", packages[i].word);
}

/* Those of the key are no file's: another package of that name beside the YAML is not meant. */
static void find(struct config_package *packages, size_t n, struct werr **errs, void *ctx)
{
	for (size_t i = 0; i < n; i++)
		assert_null(packages[i].base);
	find_any(packages, n, errs, ctx);
}

static struct config *load_two(
	const char *first, const char *second, bool compat, struct werr **err)
{
	const struct config_text texts[] = {
		{"a.yml", first, strlen(first)}, {"b.yml", second, strlen(second)}};
	const struct config_options options = {.find_packages = find, .compat = compat};
	struct config *c = NULL;

	config_load_texts(texts, 2, &options, &c, err);
	return c;
}

/* The JSON in the script. */
static struct document *script(const struct config *c)
{
	const char *line = strchr(c->files[0].contents, '\n');

	assert_string_equal(c->files[0].path, NETWORK_SCRIPT);
	assert_int_equal(c->files[0].mode, 0755);
	assert_int_equal(strncmp(c->files[0].contents, "#!/" NETWORK_PROGRAM "\n", 16), 0);
	return must_parse("script", line);
}

static void test_the_files_are_joined(ATTR_UNUSED void **state)
{
	struct werr *err = NULL;
	CLEANUP(config)
	struct config *c = load_two(
		"network: {interfaces: [{name: eth0, addresses: [192.0.2.1/24]}], "
		"dns: {servers: [192.0.2.2]}}\nfiles: [{path: x, contents: y}]",
		"network: {interfaces: [{name: br0, bridge: {interfaces: [eth1]}}, {name: eth1}], "
		"dns: {search: [example.net]}}",
		false, &err);
	CLEANUP(document) struct document *d = NULL;

	assert_null(err);
	assert_int_equal(c->n_files, 2);
	assert_string_equal(c->files[1].path, "x");
	assert_int_equal(c->n_containers, 0);
	d = script(c);
	assert_json(d->root,
		"{\"interfaces\":[{\"name\":\"eth0\",\"addresses\":[\"192.0.2.1/24\"]},"
		"{\"name\":\"br0\",\"bridge\":{\"interfaces\":[\"eth1\"]}},"
		"{\"name\":\"eth1\"}],"
		"\"dns\":{\"servers\":[\"192.0.2.2\"],\"search\":[\"example.net\"]}}");
}

static void test_dhcp_comes_first_and_stays(ATTR_UNUSED void **state)
{
	struct werr *err = NULL;
	CLEANUP(config)
	struct config *c = load_two("onboot: [{name: first, image: i}]\nservices: []\n",
		"network: {interfaces: [{name: a, dhcp: true}, {name: b}, {name: c, dhcp: false}, "
		"{name: d, dhcp: true}]}",
		false, &err);

	assert_null(err);
	assert_int_equal(c->n_containers, 3);
	assert_string_equal(c->containers[0].dir, "containers/onboot/000-network-dhcp");
	assert_string_equal(c->containers[0].image, "found/dhcp");
	assert_json(node_get(c->containers[0].node, "command"),
		"[\"/usr/bin/dhcp\",\"-i\",\"a\",\"-i\",\"d\"]");
	assert_string_equal(c->containers[1].name, "first");
	assert_string_equal(c->containers[2].dir, "containers/services/network-dhcp");
	assert_json(node_get(c->containers[2].node, "command"),
		"[\"/usr/bin/dhcp\",\"--renew\",\"-i\",\"a\",\"-i\",\"d\"]");
}

static size_t warnings_of(const char *text, const char *part)
{
	const struct config_text t = {"a.yml", text, strlen(text)};
	struct werr *err = NULL, *warnings = NULL;
	const struct config_options options = {.find_packages = find_any, .warnings = &warnings};
	CLEANUP(config) struct config *c = NULL;
	size_t n = 0;

	assert_ok(config_load_texts(&t, 1, &options, &c, &err), err);
	for (const struct werr *w = warnings; w; w = w->next)
		n += strstr(w->message, part) != NULL;
	werr_free(warnings);
	return n;
}

static void test_warnings(ATTR_UNUSED void **state)
{
	static const struct {
		const char *text, *part;
		size_t n;
	} cases[] = {
		{"network: {}\nonboot: [{name: d, image: \"@pkg:dhcp\"}]", "on each card", 1},
		{"network: {}\nservices: [{name: d, image: \"@pkg:dhcpcd\", "
		 "command: [/sbin/dhcpcd, -f, /dhcpcd.conf, -t, \"30\"]}]",
			"on each card", 1},
		{"network: {}\nservices: [{name: d, image: \"@pkg:dhcpcd\", "
		 "command: [/sbin/dhcpcd, -B, eth1]}]",
			"on each card", 0},
		{"network: {}\nonboot: [{name: d, image: \"@pkg:dhcp\", "
		 "command: [/usr/bin/dhcp, -i, eth1]}]",
			"on each card", 0},
		{"onboot: [{name: d, image: \"@pkg:dhcp\"}]", "on each card", 0},
		{"network: {interfaces: [{name: eth1, match: {driver: e1000}}, "
		 "{name: eth0, match: {name: eth0}}, {name: ethx, match: {name: eth7}}]}",
			"another card may have the name 'eth1'", 1},
		{"network: {dns: {servers: [192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4]}}",
			"more than three", 1},
		{"network: {interfaces: [{name: a, routes: [{to: \"::/0\", on-link: true}]}]}",
			"no effect without 'via'", 1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(warnings_of(cases[i].text, cases[i].part), cases[i].n);
}

static void test_it_is_no_key_of_linuxkit(ATTR_UNUSED void **state)
{
	struct werr *err = NULL;

	assert_null(load_two("init: []", "network: {}", true, &err));
	assert_string_equal(
		err->message, "'network' is an extension, which is not applied with --compat");
	assert_string_equal(err->file, "b.yml");
	werr_free(err);
}

/* Each address is compared with all others, so there is a limit: this would take minutes. */
static void test_too_many_addresses(ATTR_UNUSED void **state)
{
	enum { MANY = 50000, TEXT_MAX = 4 << 20 };
	CLEANUP(buf) struct buf b = BUF_INIT(TEXT_MAX);
	struct werr *err = NULL;

	buf_puts(&b, "network:\n  interfaces:\n    - name: lan\n      addresses:\n");
	for (unsigned i = 0; i < MANY; i++)
		buf_printf(
			&b, "        - 10.%u.%u.%u/8\n", 1 + i / 62500, i / 250 % 250, 1 + i % 250);
	buf_puts(&b, "      routes:\n");
	for (unsigned i = 0; i < MANY; i++)
		buf_printf(&b, "        - {to: 172.%u.%u.%u/32, via: 10.0.0.9}\n", 1 + i / 62500,
			i / 250 % 250, 1 + i % 250);
	assert_null(load_two(buf_str(&b), "services: []\n", false, &err));
	assert_string_equal(err->message, "network: more than 1024 addresses");
	assert_int_equal(err->line, 5 + 1024);
	assert_string_equal(err->next->message, "network: more than 1024 routes");
	werr_free(err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_files_are_joined),
		cmocka_unit_test(test_dhcp_comes_first_and_stays),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_it_is_no_key_of_linuxkit),
		cmocka_unit_test(test_too_many_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
