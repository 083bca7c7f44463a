/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "network/nameserver.h"
#include "network/netconf.h"

static int parse(const char *text, struct netconf **ret, struct werr **err)
{
	return netconf_parse("net", text, strlen(text), ret, err);
}

static struct netconf *must_parse(const char *text)
{
	struct netconf *conf = NULL;
	struct werr *err = NULL;

	assert_ok(parse(text, &conf, &err), err);
	return conf;
}

static void test_everything(ATTR_UNUSED void **state)
{
	CLEANUP(netconf)
	struct netconf *conf = must_parse(
		"#!/sbin/network\n"
		"{\"interfaces\": [{\"name\": \"lan\", \"match\": {\"mac\": \"52:54:00:12:34:56\", "
		"\"driver\": \"virtio_net\", \"name\": \"eth0\"}, \"dhcp\": true, \"mtu\": 1400, "
		"\"addresses\": [\"192.0.2.1/24\", \"2001:db8::1/64\"], \"accept-ra\": false, "
		"\"routes\": [{\"via\": \"192.0.2.2\"}, {\"to\": \"2001:db8:1::/48\", "
		"\"via\": \"fe80::1\", \"metric\": 7, \"on-link\": true}, {\"to\": \"::/0\"}]}, "
		"{\"name\": \"v\", \"vlan\": {\"id\": 4094, \"link\": \"bond0\"}}, "
		"{\"name\": \"bond0\", \"bond\": {\"interfaces\": [\"lan\"], "
		"\"mode\": \"802.3ad\", \"primary\": \"lan\"}}, "
		"{\"name\": \"br0\", \"bridge\": {\"interfaces\": [\"v\"], \"stp\": true}}], "
		"\"dns\": {\"servers\": [\"192.0.2.53\"], \"search\": [\"example.net\"]}}");
	const struct netconf_interface *in = conf->interfaces;

	assert_int_equal(conf->n, 4);
	assert_string_equal(in[0].match_name, "eth0");
	assert_string_equal(in[0].driver, "virtio_net");
	assert_true(in[0].has_mac && in[0].no_ra);
	assert_int_equal(in[0].mtu, 1400);
	assert_int_equal(in[0].n_addresses, 2);
	assert_int_equal(in[0].addresses[1].length, 64);
	assert_int_equal(in[0].n_routes, 3);
	assert_int_equal(in[0].routes[0].to.family, AF_INET);
	assert_int_equal(in[0].routes[0].to.length, 0);
	assert_int_equal(in[0].routes[1].metric, 7);
	assert_true(in[0].routes[1].on_link && in[0].routes[1].has_via);
	assert_false(in[0].routes[2].has_via);
	assert_int_equal(in[1].kind, NETCONF_VLAN);
	assert_int_equal(in[1].vlan, 4094);
	assert_int_equal(in[2].kind, NETCONF_BOND);
	assert_int_equal(in[2].mode, 4);
	assert_int_equal(in[3].kind, NETCONF_BRIDGE);
	assert_true(in[3].stp);
	assert_int_equal(netconf_find(conf, "br0"), 3);
	assert_int_equal(netconf_find(conf, "br1"), 4);
}

static void test_defaults(ATTR_UNUSED void **state)
{
	CLEANUP(netconf)
	struct netconf *conf =
		must_parse("{\"interfaces\": [{\"name\": \"b\", \"bond\": {\"interfaces\": []}}]}");

	assert_int_equal(conf->interfaces[0].mode, NETWORK_BOND_ACTIVE_BACKUP);
	assert_false(conf->interfaces[0].no_ra);
}

static void test_mistakes(ATTR_UNUSED void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"[]", "must be an object"},
		{"{\"x\": 1}", "unknown key 'x'"},
		{"#!/sbin/network", "JSON"},
		{"{\"interfaces\": {}}", "must be a list of at most"},
		{"{\"interfaces\": [{}]}", "needs a name"},
		{"{\"interfaces\": [{\"name\": \"all\"}]}", "is reserved"},
		{"{\"interfaces\": [{\"name\": \"a\"}, {\"name\": \"a\"}]}", "two interfaces a"},
		{"{\"interfaces\": [{\"name\": \"a\", \"mtu\": 1}]}", "from 68 to 65535"},
		{"{\"interfaces\": [{\"name\": \"a\", \"addresses\": [\"x\"]}]}", "not an address"},
		{"{\"interfaces\": [{\"name\": \"a\", \"routes\": [{}]}]}", "needs a 'via'"},
		{"{\"interfaces\": [{\"name\": \"a\", \"routes\": [{\"to\": \"::/0\", "
		 "\"via\": \"192.0.2.1\"}]}]}",
			"of its family"},
		{"{\"interfaces\": [{\"name\": \"a\", \"vlan\": {\"id\": 3}}]}", "'id' and 'link'"},
		{"{\"interfaces\": [{\"name\": \"a\", \"vlan\": {\"id\": 0, \"link\": \"b\"}}]}",
			"from 1 to 4094"},
		{"{\"interfaces\": [{\"name\": \"a\", \"vlan\": {\"id\": 3, \"link\": \"b\"}}]}",
			"no interface b"},
		{"{\"interfaces\": [{\"name\": \"a\", \"bond\": {\"interfaces\": [\"b\"]}}]}",
			"no interface b"},
		{"{\"interfaces\": [{\"name\": \"a\", \"bond\": {\"mode\": \"x\"}}]}",
			"unknown mode"},
		{"{\"interfaces\": [{\"name\": \"a\", \"bond\": {}, \"bridge\": {}}]}",
			"only one of"},
		{"{\"interfaces\": [{\"name\": \"a\", \"match\": {\"mac\": \"x\"}}]}",
			"MAC address"},
		{"{\"dns\": {\"servers\": [\"a\"]}}", "not an address"},
		{"{\"dns\": {\"search\": [\"a b\"]}}", "a space"},
	};
	struct netconf *conf = NULL;
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_fails(
			parse(cases[i].text, &conf, &err), err, WERR_INVALID, cases[i].message);
}

static void test_resolv_conf(ATTR_UNUSED void **state)
{
	CLEANUP(netconf)
	struct netconf *conf = must_parse(
		"{\"dns\": {\"servers\": [\"192.0.2.1\", \"::1\", \"192.0.2.3\", \"192.0.2.4\"], "
		"\"search\": [\"a.example\", \"b.example\"]}}");
	CLEANUP(buf) struct buf out = BUF_INIT(4096);

	nameserver_format(conf, &out);
	assert_string_equal(buf_str(&out), "search a.example b.example\nnameserver 192.0.2.1\n"
					   "nameserver ::1\nnameserver 192.0.2.3\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_resolv_conf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
