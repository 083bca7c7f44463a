/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>
#include <sys/socket.h>

#include "base/str.h"
#include "contract/netaddr.h"
#include "contract/network.h"

static void test_addresses(ATTR_UNUSED void **state)
{
	static const char *const bad[] = {"", "192.0.2", "192.0.2.256", "192.0.2.1/24",
		"::1::", "fe80::1%eth0", "1.2.3.4 ", "g::", "0x7f000001"};
	struct netaddr a;

	assert_true(netaddr_parse("192.0.2.1", &a));
	assert_int_equal(a.family, AF_INET);
	assert_int_equal(a.length, 32);
	assert_memory_equal(a.bytes, "\xc0\x00\x02\x01", 4);
	assert_true(netaddr_parse("2001:DB8::1", &a));
	assert_int_equal(a.family, AF_INET6);
	assert_int_equal(a.length, 128);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(netaddr_parse(bad[i], &a));
}

static void test_prefixes(ATTR_UNUSED void **state)
{
	static const char *const bad[] = {"192.0.2.1", "192.0.2.1/33", "192.0.2.1/", "192.0.2.1/+1",
		"192.0.2.1/-1", "192.0.2.1/ 1", "::/129", "/8", "::1/64/64"};
	char text[NETADDR_TEXT];
	struct netaddr a;

	assert_true(netaddr_parse_prefix("10.1.2.3/12", &a));
	assert_int_equal(a.length, 12);
	assert_false(netaddr_is_network(&a));
	netaddr_format_network(&a, text);
	assert_string_equal(text, "10.0.0.0");
	netaddr_format(&a, text);
	assert_string_equal(text, "10.1.2.3");
	assert_true(netaddr_parse_prefix("::/0", &a) && netaddr_is_network(&a));
	assert_true(netaddr_parse_prefix("2001:db8:8000::/33", &a) && netaddr_is_network(&a));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(netaddr_parse_prefix(bad[i], &a));
}

static void test_membership(ATTR_UNUSED void **state)
{
	static const struct {
		const char *address, *network;
		bool in;
	} cases[] = {
		{"192.0.2.129", "192.0.2.200/25", true},
		{"192.0.2.127", "192.0.2.200/25", false},
		{"192.0.2.1", "192.0.2.1/32", true},
		{"192.0.2.0", "192.0.2.1/32", false},
		{"203.0.113.1", "0.0.0.0/0", true},
		{"::1", "0.0.0.0/0", false},
		{"2001:db8::1:0:0:1", "2001:db8:0:0:1::/80", true},
		{"2001:db8::2:0:0:1", "2001:db8:0:0:1::/80", false},
	};
	struct netaddr a, n;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_true(netaddr_parse(cases[i].address, &a));
		assert_true(netaddr_parse_prefix(cases[i].network, &n));
		assert_int_equal(netaddr_is_in(&a, &n), cases[i].in);
	}
	assert_true(netaddr_parse("febf::1", &a) && netaddr_is_link_local(&a));
	assert_true(netaddr_parse("fec0::1", &a) && !netaddr_is_link_local(&a));
	assert_true(netaddr_parse("254.128.0.1", &a) && !netaddr_is_link_local(&a));
}

static void test_macs(ATTR_UNUSED void **state)
{
	static const char *const bad[] = {"", "52:54:00:12:34", "52:54:00:12:34:5",
		"52-54-00-12-34-56", "52:54:00:12:34:5g",
		"52:54:00:12:34:56:", "5:254:00:12:34:56"};
	unsigned char mac[NETADDR_MAC];

	assert_true(netaddr_parse_mac("52:54:00:aB:Cd:eF", mac));
	assert_memory_equal(mac, "\x52\x54\x00\xab\xcd\xef", sizeof(mac));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(netaddr_parse_mac(bad[i], mac));
}

static void test_names_of_interfaces(ATTR_UNUSED void **state)
{
	static const char *const bad[] = {"", ".", "..", "all", "default", "-x", "a/b", "a b",
		"a:1", "sixteen-letters.", "\xc3\xa4"};

	assert_null(network_name_fault("eth0"));
	assert_null(network_name_fault("eth0.4094@lan"));
	assert_null(network_name_fault("fifteen-letters"));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_non_null(network_name_fault(bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_membership),
		cmocka_unit_test(test_macs),
		cmocka_unit_test(test_names_of_interfaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
