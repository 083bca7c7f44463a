/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of the messages that make interfaces, addresses and routes. */
#include "check.h"

#include <linux/if_link.h>
#include <string.h>
#include <sys/socket.h>

#include "network/netmsg.h"

static const struct nlmsghdr *head(const struct rtnl_message *m)
{
	const struct nlmsghdr *h = (const void *)m->bytes;

	assert_false(m->failed);
	assert_int_equal(h->nlmsg_len, m->size);
	return h;
}

/* The attribute of a type behind a header of skip bytes, which has size bytes. */
static const void *top(const struct rtnl_message *m, size_t skip, unsigned short type, size_t size)
{
	size_t at = NLMSG_HDRLEN + NLMSG_ALIGN(skip), found = 0;
	const void *p = rtnl_find(m->bytes + at, m->size - at, type, &found);

	assert_non_null(p);
	if (size)
		assert_int_equal(found, size);
	return p;
}

/* What is in the data of the kind. */
static const void *data(
	const struct rtnl_message *m, const char *kind, unsigned short type, size_t size)
{
	size_t at = NLMSG_HDRLEN + sizeof(struct ifinfomsg), n = 0, found = 0;
	const void *info = rtnl_find(m->bytes + at, m->size - at, IFLA_LINKINFO, &n);
	const void *p;

	assert_non_null(info);
	assert_string_equal(rtnl_find(info, n, IFLA_INFO_KIND, &found), kind);
	p = rtnl_find(info, n, IFLA_INFO_DATA, &n);
	assert_non_null(p);
	p = rtnl_find(p, n, type, &found);
	if (p)
		assert_int_equal(found, size);
	return p;
}

static void test_a_vlan(ATTR_UNUSED void **state)
{
	const struct netconf_interface in = {
		.name = (char *)(uintptr_t) "v", .kind = NETCONF_VLAN, .vlan = 4094};
	struct rtnl_message m;

	netmsg_create(&m, &in, 5);
	assert_int_equal(head(&m)->nlmsg_type, RTM_NEWLINK);
	assert_int_equal(
		head(&m)->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	assert_string_equal(top(&m, sizeof(struct ifinfomsg), IFLA_IFNAME, 2), "v");
	assert_int_equal(*(const uint32_t *)top(&m, sizeof(struct ifinfomsg), IFLA_LINK, 4), 5);
	assert_int_equal(*(const uint16_t *)data(&m, "vlan", IFLA_VLAN_ID, 2), 4094);
}

static void test_a_bond(ATTR_UNUSED void **state)
{
	const struct netconf_interface in = {
		.name = (char *)(uintptr_t) "b", .kind = NETCONF_BOND, .mode = 4};
	struct rtnl_message m;

	netmsg_create(&m, &in, 0);
	assert_int_equal(*(const uint8_t *)data(&m, "bond", IFLA_BOND_MODE, 1), 4);
	assert_int_equal(*(const uint32_t *)data(&m, "bond", IFLA_BOND_MIIMON, 4), 100);
	netmsg_set_primary(&m, 3, 9);
	assert_int_equal(*(const uint32_t *)data(&m, "bond", IFLA_BOND_PRIMARY, 4), 9);
	netmsg_set_master(&m, 9, 3);
	assert_int_equal(*(const uint32_t *)top(&m, sizeof(struct ifinfomsg), IFLA_MASTER, 4), 3);
}

static void test_a_bridge(ATTR_UNUSED void **state)
{
	struct netconf_interface in = {.name = (char *)(uintptr_t) "b", .kind = NETCONF_BRIDGE};
	struct rtnl_message m;

	netmsg_create(&m, &in, 0);
	assert_int_equal(*(const uint32_t *)data(&m, "bridge", IFLA_BR_STP_STATE, 4), 0);
	assert_int_equal(*(const uint32_t *)data(&m, "bridge", IFLA_BR_FORWARD_DELAY, 4), 0);
	in.stp = true;
	netmsg_create(&m, &in, 0);
	assert_int_equal(*(const uint32_t *)data(&m, "bridge", IFLA_BR_STP_STATE, 4), 1);
	assert_null(data(&m, "bridge", IFLA_BR_FORWARD_DELAY, 4));
}

static void check_address(const char *text, const char *broadcast)
{
	const struct ifaddrmsg *own;
	struct rtnl_message m;
	struct netaddr a;
	size_t at = NLMSG_HDRLEN + sizeof(*own), size;
	const void *all;

	assert_true(netaddr_parse_prefix(text, &a));
	netmsg_add_address(&m, 7, &a);
	own = (const void *)(m.bytes + NLMSG_HDRLEN);
	assert_int_equal(head(&m)->nlmsg_type, RTM_NEWADDR);
	assert_int_equal(own->ifa_family, a.family);
	assert_int_equal(own->ifa_prefixlen, a.length);
	assert_int_equal(own->ifa_index, 7);
	assert_memory_equal(
		top(&m, sizeof(*own), IFA_LOCAL, netaddr_size(&a)), a.bytes, netaddr_size(&a));
	all = rtnl_find(m.bytes + at, m.size - at, IFA_BROADCAST, &size);
	if (broadcast) {
		assert_true(netaddr_parse(broadcast, &a));
		assert_memory_equal(all, a.bytes, 4);
	} else {
		assert_null(all);
	}
}

static void test_addresses(ATTR_UNUSED void **state)
{
	check_address("192.0.2.1/24", "192.0.2.255");
	check_address("10.1.2.3/12", "10.15.255.255");
	check_address("192.0.2.1/30", "192.0.2.3");
	check_address("192.0.2.1/31", NULL);
	check_address("192.0.2.1/32", NULL);
	check_address("2001:db8::1/64", NULL);
}

static void test_routes(ATTR_UNUSED void **state)
{
	struct netconf_route route = {.has_via = true, .metric = 9};
	const struct rtmsg *own;
	struct rtnl_message m;
	size_t at = NLMSG_HDRLEN + sizeof(*own), size;

	assert_true(netaddr_parse("fe80::1", &route.via));
	route.to.family = AF_INET6;
	netmsg_add_route(&m, 7, &route);
	own = (const void *)(m.bytes + NLMSG_HDRLEN);
	assert_int_equal(head(&m)->nlmsg_type, RTM_NEWROUTE);
	assert_int_equal(own->rtm_family, AF_INET6);
	assert_int_equal(own->rtm_dst_len, 0);
	assert_int_equal(own->rtm_scope, RT_SCOPE_UNIVERSE);
	assert_null(rtnl_find(m.bytes + at, m.size - at, RTA_DST, &size));
	assert_memory_equal(top(&m, sizeof(*own), RTA_GATEWAY, 16), route.via.bytes, 16);
	assert_int_equal(*(const uint32_t *)top(&m, sizeof(*own), RTA_OIF, 4), 7);
	assert_int_equal(*(const uint32_t *)top(&m, sizeof(*own), RTA_PRIORITY, 4), 9);

	route = (struct netconf_route){.on_link = true};
	assert_true(netaddr_parse_prefix("198.51.100.0/24", &route.to));
	netmsg_add_route(&m, 7, &route);
	assert_int_equal(own->rtm_scope, RT_SCOPE_LINK);
	assert_int_equal(own->rtm_flags, RTNH_F_ONLINK);
	assert_memory_equal(top(&m, sizeof(*own), RTA_DST, 4), route.to.bytes, 4);
	assert_null(rtnl_find(m.bytes + at, m.size - at, RTA_GATEWAY, &size));
	assert_null(rtnl_find(m.bytes + at, m.size - at, RTA_PRIORITY, &size));
}

static void test_attributes_that_lie(ATTR_UNUSED void **state)
{
	static const struct rtattr cases[] = {{0, 1}, {3, 1}, {5, 1}, {UINT16_MAX, 1}};
	size_t size;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_null(rtnl_find(&cases[i], sizeof(cases[i]), 1, &size));
	assert_null(rtnl_find(cases, 3, 1, &size));
	assert_null(rtnl_find(cases, 0, 1, &size));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_vlan),
		cmocka_unit_test(test_a_bond),
		cmocka_unit_test(test_a_bridge),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_attributes_that_lie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
