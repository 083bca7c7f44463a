/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of rtnetlink's messages, parsed as the kernel does. */
#include "check.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <string.h>

#include "run/link.h"

/* The attribute of a type among the size bytes at p; NULL: there is none. */
static const struct rtattr *find(const void *p, size_t size, unsigned short type)
{
	const struct rtattr *a = p;

	while (RTA_OK(a, size)) {
		size_t step = RTA_ALIGN(a->rta_len);

		if (a->rta_type == type)
			return a;
		a = (const void *)((const char *)a + step);
		size -= step < size ? step : size;
	}
	return NULL;
}

/* RTA_DATA, which drops const. */
static const void *data_of(const struct rtattr *a)
{
	return (const char *)a + RTA_LENGTH(0);
}

static const struct rtattr *within(const struct rtattr *a, size_t skip, unsigned short type)
{
	assert_non_null(a);
	return find((const char *)data_of(a) + skip, RTA_PAYLOAD(a) - skip, type);
}

static const struct rtattr *top(const struct rtnl_message *m, unsigned short type)
{
	size_t head = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct ifinfomsg));

	return find(m->bytes + head, m->size - head, type);
}

static const char *text(const struct rtattr *a)
{
	assert_non_null(a);
	return data_of(a);
}

static void test_a_veth_in_the_container(ATTR_UNUSED void **state)
{
	struct rtnl_message m;
	const struct nlmsghdr *h = (const void *)m.bytes;
	const struct rtattr *info, *peer;

	link_message_add(&m, "eth7", "veth", "host7", 4711);
	assert_false(m.failed);
	assert_int_equal(h->nlmsg_len, m.size);
	assert_int_equal(h->nlmsg_type, RTM_NEWLINK);
	assert_int_equal(h->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	assert_string_equal(text(top(&m, IFLA_IFNAME)), "eth7");
	assert_int_equal(*(const uint32_t *)data_of(top(&m, IFLA_NET_NS_PID)), 4711);
	info = top(&m, IFLA_LINKINFO);
	assert_string_equal(text(within(info, 0, IFLA_INFO_KIND)), "veth");
	peer = within(within(info, 0, IFLA_INFO_DATA), 0, VETH_INFO_PEER);
	assert_string_equal(text(within(peer, sizeof(struct ifinfomsg), IFLA_IFNAME)), "host7");
}

static void test_an_interface_made_outside(ATTR_UNUSED void **state)
{
	struct rtnl_message m;

	link_message_add(&m, "wg0", "wireguard", NULL, 0);
	assert_null(top(&m, IFLA_NET_NS_PID));
	assert_null(within(top(&m, IFLA_LINKINFO), 0, IFLA_INFO_DATA));
}

static void test_a_move(ATTR_UNUSED void **state)
{
	struct rtnl_message m;
	const struct ifinfomsg *info = (const void *)(m.bytes + NLMSG_HDRLEN);

	link_message_move(&m, 3, 99);
	assert_int_equal(info->ifi_index, 3);
	assert_int_equal(*(const uint32_t *)data_of(top(&m, IFLA_NET_NS_PID)), 99);
}

static void test_a_removal(ATTR_UNUSED void **state)
{
	struct rtnl_message m;
	const struct nlmsghdr *h = (const void *)m.bytes;
	const struct ifinfomsg *info = (const void *)(m.bytes + NLMSG_HDRLEN);

	link_message_remove(&m, 7);
	assert_int_equal(h->nlmsg_type, RTM_DELLINK);
	assert_int_equal(h->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
	assert_int_equal(info->ifi_index, 7);
}

static void test_what_does_not_fit_fails(ATTR_UNUSED void **state)
{
	char kind[RTNL_MESSAGE_MAX];
	struct rtnl_message m;

	memset(kind, 'x', sizeof(kind) - 1);
	kind[sizeof(kind) - 1] = 0;
	link_message_add(&m, "a", kind, "b", 1);
	assert_true(m.failed);
	assert_true(m.size <= sizeof(m.bytes));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_veth_in_the_container),
		cmocka_unit_test(test_an_interface_made_outside),
		cmocka_unit_test(test_a_move),
		cmocka_unit_test(test_a_removal),
		cmocka_unit_test(test_what_does_not_fit_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
