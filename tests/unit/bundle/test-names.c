/* SPDX-License-Identifier: Apache-2.0 */
/* Which containers see the machine's name servers and host names. */
#include "made.h"

static const struct node *mount_at(const struct made *b, const char *destination)
{
	const struct node *mounts = find(b->config, "mounts");

	for (size_t i = 0; i < mounts->n; i++)
		if (str_eq(node_get_text(mounts->items[i], "destination"), destination))
			return mounts->items[i];
	return NULL;
}

static void assert_resolv(const char *keys, const char *label, const char *expected)
{
	CLEANUP(made) struct made b = make_service(keys, label);

	assert_json(mount_at(&b, "/etc/resolv.conf"), expected);
	assert_null(mount_at(&b, "/etc/hosts"));
}

#define MACHINES                                                   \
	"{\"destination\":\"/etc/resolv.conf\",\"type\":\"bind\"," \
	"\"source\":\"/etc/resolv.conf\",\"options\":[\"ro\",\"rbind\""

static void test_name_servers(ATTR_UNUSED void **state)
{
	static const char own[] = "{\"destination\":\"/etc/resolv.conf\",\"type\":\"bind\","
				  "\"source\":\"/x\",\"options\":[\"ro\",\"rbind\"]}";

	assert_resolv("env: []", NULL, MACHINES "]}");
	assert_resolv("net: host, readonly: true", NULL, MACHINES "]}");
	assert_resolv("net: root, capabilities: [all]", NULL, MACHINES "]}");
	assert_resolv("wherry: {userns: auto}", NULL, MACHINES ",\"rslave\"]}");
	/* In a network of its own the machine's name servers may not be reached. */
	assert_resolv("net: new", NULL, "-");
	assert_resolv("net: none", NULL, "-");
	assert_resolv("net: /run/netns/blue", NULL, "-");
	assert_resolv("env: []", "{\"net\": \"new\"}", "-");
	/* What the file or the label mounts there counts. */
	assert_resolv("binds: ['/x:/etc/resolv.conf:ro']", NULL, own);
	assert_resolv("env: []", "{\"binds\": [\"/x:/etc/resolv.conf:ro\"]}", own);
	assert_resolv("binds: ['/etc:/etc/']", NULL, "-");
	assert_resolv("tmpfs: [/etc]", NULL, "-");
}

static struct made make(const char *files, const char *options)
{
	CLEANUP(free)
	char *text = str_printf("services: [{name: a, image: i%s}]\nfiles: [%s]", options, files);
	CLEANUP(config) struct config *c = must_load(text);
	struct image_config image = {0};

	return must_make(c, &image, NULL);
}

static void test_files(ATTR_UNUSED void **state)
{
	CLEANUP(made)
	struct made hosts = make("{path: /etc/hosts, contents: x}", "");
	CLEANUP(made)
	struct made alone = make("{path: /etc/hosts, contents: x}", ", net: new");
	CLEANUP(made)
	struct made own =
		make("{path: containers/services/a/lower/etc/resolv.conf, contents: x}", "");
	CLEANUP(made)
	struct made other =
		make("{path: containers/services/b/lower/etc/resolv.conf, contents: x}", "");

	assert_json(mount_at(&hosts, "/etc/hosts"),
		"{\"destination\":\"/etc/hosts\",\"type\":\"bind\","
		"\"source\":\"/etc/hosts\",\"options\":[\"ro\",\"rbind\"]}");
	assert_null(mount_at(&alone, "/etc/hosts"));
	assert_null(mount_at(&own, "/etc/resolv.conf"));
	assert_non_null(mount_at(&other, "/etc/resolv.conf"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name_servers),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
