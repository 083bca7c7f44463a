/* SPDX-License-Identifier: Apache-2.0 */
#include "run/link.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

static void *put(struct link_message *m, size_t size)
{
	size_t padded = NLMSG_ALIGN(size);
	void *p = m->bytes + m->size;

	if (m->failed || padded > sizeof(m->bytes) - m->size) {
		m->failed = true;
		return NULL;
	}
	memset(p, 0, padded);
	m->size += padded;
	return p;
}

static void put_attribute(
	struct link_message *m, unsigned short type, const void *value, size_t size)
{
	struct rtattr *a = put(m, RTA_LENGTH(size));

	if (!a)
		return;
	a->rta_type = type;
	a->rta_len = (unsigned short)RTA_LENGTH(size);
	memcpy(RTA_DATA(a), value, size);
}

static void put_text(struct link_message *m, unsigned short type, const char *text)
{
	put_attribute(m, type, text, strlen(text) + 1);
}

/* Begin an attribute that contains others; returns its place, for end_nest(). */
static size_t begin_nest(struct link_message *m, unsigned short type)
{
	size_t at = m->size;

	put_attribute(m, type, "", 0);
	return at;
}

static void end_nest(struct link_message *m, size_t at)
{
	struct rtattr *a = (struct rtattr *)(void *)(m->bytes + at);

	if (!m->failed)
		a->rta_len = (unsigned short)(m->size - at);
}

static struct ifinfomsg *begin(struct link_message *m, unsigned short type, unsigned short flags)
{
	struct nlmsghdr *h;

	*m = (struct link_message){0};
	h = put(m, NLMSG_HDRLEN);
	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	h->nlmsg_seq = 1;
	return put(m, sizeof(struct ifinfomsg));
}

static void end(struct link_message *m)
{
	((struct nlmsghdr *)(void *)m->bytes)->nlmsg_len = (uint32_t)m->size;
}

void link_message_add(
	struct link_message *m, const char *name, const char *kind, const char *peer, pid_t pid)
{
	uint32_t number = (uint32_t)pid;
	size_t info;

	begin(m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	put_text(m, IFLA_IFNAME, name);
	if (pid)
		put_attribute(m, IFLA_NET_NS_PID, &number, sizeof(number));
	info = begin_nest(m, IFLA_LINKINFO);
	put_text(m, IFLA_INFO_KIND, kind);
	if (peer) {
		size_t data = begin_nest(m, IFLA_INFO_DATA), other = begin_nest(m, VETH_INFO_PEER);

		put(m, sizeof(struct ifinfomsg));
		put_text(m, IFLA_IFNAME, peer);
		end_nest(m, other);
		end_nest(m, data);
	}
	end_nest(m, info);
	end(m);
}

void link_message_move(struct link_message *m, unsigned index, pid_t pid)
{
	uint32_t number = (uint32_t)pid;

	begin(m, RTM_NEWLINK, 0)->ifi_index = (int)index;
	put_attribute(m, IFLA_NET_NS_PID, &number, sizeof(number));
	end(m);
}

void link_message_remove(struct link_message *m, unsigned index)
{
	begin(m, RTM_DELLINK, 0)->ifi_index = (int)index;
	end(m);
}

/* Send it and read the kernel's answer, which comes at once. 0 or -errno. */
static int talk(const struct link_message *m)
{
	CLEANUP(fd) int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	_Alignas(4) unsigned char answer[NLMSG_HDRLEN + sizeof(struct nlmsgerr) + LINK_MESSAGE_MAX];
	struct nlmsghdr *h = (struct nlmsghdr *)(void *)answer;
	ssize_t n;

	if (m->failed)
		return -E2BIG;
	if (fd < 0 || send(fd, m->bytes, m->size, 0) < 0)
		return -errno;
	n = recv(fd, answer, sizeof(answer), 0);
	if (n < (ssize_t)(NLMSG_HDRLEN + sizeof(int)) || h->nlmsg_type != NLMSG_ERROR)
		return n < 0 ? -errno : -EBADMSG;
	return ((struct nlmsgerr *)NLMSG_DATA(h))->error;
}

int link_add(const char *name, const char *kind, const char *peer, pid_t pid, struct werr **err)
{
	struct link_message m;
	int r;

	link_message_add(&m, name, kind, peer, pid);
	r = talk(&m);
	return r < 0 ? werr_errno(err, -r, "can't create the interface %s of type %s", name, kind)
		     : 0;
}

int link_move(const char *name, pid_t pid, struct werr **err)
{
	unsigned index = if_nametoindex(name);
	struct link_message m;
	int r;

	if (!index)
		return werr_set(err, WERR_NOT_FOUND, "there is no interface %s", name);
	link_message_move(&m, index, pid);
	r = talk(&m);
	return r < 0 ? werr_errno(err, -r, "can't move the interface %s into the container", name)
		     : 0;
}

void link_remove(const char *name)
{
	unsigned index = if_nametoindex(name);
	struct link_message m;

	if (!index)
		return;
	link_message_remove(&m, index);
	talk(&m);
}
