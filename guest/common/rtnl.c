/* SPDX-License-Identifier: Apache-2.0 */
#include "common/rtnl.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

enum { DUMP_SIZE = 32 << 10 };

/* ---- building ---- */

void *rtnl_reserve(struct rtnl_message *m, size_t size)
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

void *rtnl_begin(struct rtnl_message *m, unsigned short type, unsigned short flags, size_t size)
{
	struct nlmsghdr *h;

	*m = (struct rtnl_message){0};
	h = rtnl_reserve(m, NLMSG_HDRLEN);
	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	h->nlmsg_seq = 1;
	return rtnl_reserve(m, size);
}

void rtnl_put(struct rtnl_message *m, unsigned short type, const void *value, size_t size)
{
	struct rtattr *a = rtnl_reserve(m, RTA_LENGTH(size));

	if (!a)
		return;
	a->rta_type = type;
	a->rta_len = (unsigned short)RTA_LENGTH(size);
	memcpy(RTA_DATA(a), value, size);
}

void rtnl_put_u8(struct rtnl_message *m, unsigned short type, uint8_t value)
{
	rtnl_put(m, type, &value, sizeof(value));
}

void rtnl_put_u16(struct rtnl_message *m, unsigned short type, uint16_t value)
{
	rtnl_put(m, type, &value, sizeof(value));
}

void rtnl_put_u32(struct rtnl_message *m, unsigned short type, uint32_t value)
{
	rtnl_put(m, type, &value, sizeof(value));
}

void rtnl_put_text(struct rtnl_message *m, unsigned short type, const char *text)
{
	rtnl_put(m, type, text, strlen(text) + 1);
}

size_t rtnl_begin_nest(struct rtnl_message *m, unsigned short type)
{
	size_t at = m->size;

	rtnl_put(m, type, "", 0);
	return at;
}

void rtnl_end_nest(struct rtnl_message *m, size_t at)
{
	struct rtattr *a = (struct rtattr *)(void *)(m->bytes + at);

	if (!m->failed)
		a->rta_len = (unsigned short)(m->size - at);
}

void rtnl_end(struct rtnl_message *m)
{
	((struct nlmsghdr *)(void *)m->bytes)->nlmsg_len = (uint32_t)m->size;
}

/* ---- sending ---- */

int rtnl_talk(const struct rtnl_message *m)
{
	CLEANUP(fd) int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	_Alignas(4) unsigned char answer[NLMSG_HDRLEN + sizeof(struct nlmsgerr) + RTNL_MESSAGE_MAX];
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

/* The messages of one packet. 1: the dump goes on; 0: it is over; or -errno. */
static int take_packet(const unsigned char *p, size_t size, rtnl_each *each, void *ctx)
{
	while (size >= NLMSG_HDRLEN) {
		const struct nlmsghdr *h = (const void *)p;
		size_t step = h->nlmsg_len;

		if (step < NLMSG_HDRLEN || step > size)
			return -EBADMSG;
		if (h->nlmsg_type == NLMSG_DONE)
			return 0;
		if (h->nlmsg_type == NLMSG_ERROR)
			return step < NLMSG_HDRLEN + sizeof(int)
				       ? -EBADMSG
				       : ((const struct nlmsgerr *)(const void *)(p + NLMSG_HDRLEN))
						 ->error;
		each(h->nlmsg_type, p + NLMSG_HDRLEN, step - NLMSG_HDRLEN, ctx);
		step = NLMSG_ALIGN(step);
		p += step;
		size -= step < size ? step : size;
	}
	return 1;
}

int rtnl_dump(unsigned short type, rtnl_each *each, void *ctx)
{
	CLEANUP(fd) int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	CLEANUP(free) unsigned char *packet = mem_alloc(DUMP_SIZE);
	struct rtnl_message m;
	int r = 1;

	/* The header of each of these types begins with the family: all of them. */
	rtnl_begin(&m, type, NLM_F_DUMP, sizeof(struct ifinfomsg));
	rtnl_end(&m);
	if (fd < 0 || send(fd, m.bytes, m.size, 0) < 0)
		return -errno;
	while (r > 0) {
		ssize_t n = recv(fd, packet, DUMP_SIZE, 0);

		r = n < 0 ? -errno : n == 0 ? -EBADMSG : take_packet(packet, (size_t)n, each, ctx);
	}
	return r;
}

const void *rtnl_find(const void *p, size_t size, unsigned short type, size_t *ret_size)
{
	const unsigned char *at = p;

	while (size >= sizeof(struct rtattr)) {
		const struct rtattr *a = (const void *)at;
		size_t step = RTA_ALIGN((size_t)a->rta_len);

		if (a->rta_len < sizeof(*a) || a->rta_len > size)
			return NULL;
		if ((a->rta_type & NLA_TYPE_MASK) == type) {
			*ret_size = a->rta_len - RTA_LENGTH(0);
			return at + RTA_LENGTH(0);
		}
		at += step;
		size -= step < size ? step : size;
	}
	return NULL;
}
