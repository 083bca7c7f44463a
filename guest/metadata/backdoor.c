/* SPDX-License-Identifier: Apache-2.0 */
#include "metadata/backdoor.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"

enum {
	/* Kinds of messages, in the upper half of cx; the status comes back there. */
	OPEN,
	SEND_SIZE,
	SEND_BYTES,
	RECEIVE_SIZE,
	RECEIVE_BYTES,
	RECEIVED,
	CLOSE,
	STATUS_OK = 0x0001,
	STATUS_REPLY = 0x0002,
	REPLY_MAX = BACKDOOR_VALUE_MAX + 2, /* with its verdict */
};
static const uint32_t rpci = 0x49435052, with_cookie = 0x80000000;

#if defined(__x86_64__) || defined(__i386__)
static void read_port(struct backdoor_registers *r, void *ctx ATTR_UNUSED)
{
	__asm__ volatile(
		"inl %%dx, %%eax"
		: "+a"(r->ax), "+b"(r->bx), "+c"(r->cx), "+d"(r->dx), "+S"(r->si), "+D"(r->di)
		:
		: "memory", "cc");
}

const struct backdoor *backdoor_port(void)
{
	static const struct backdoor b = {.read = read_port};

	return &b;
}
#else
const struct backdoor *backdoor_port(void)
{
	return NULL;
}
#endif

bool backdoor_is_there(const struct backdoor *b)
{
	struct backdoor_registers r = {.ax = BACKDOOR_MAGIC,
		.bx = ~(uint32_t)BACKDOOR_MAGIC,
		.cx = BACKDOOR_VERSION,
		.dx = BACKDOOR_PORT};

	b->read(&r, b->ctx);
	return r.bx == BACKDOOR_MAGIC && r.ax != UINT32_MAX;
}

/* One conversation with the host. */
struct channel {
	const struct backdoor *b;
	uint32_t id, si, di;
};

/* Returns the status. */
static unsigned message(const struct channel *c, unsigned kind, struct backdoor_registers *r)
{
	r->ax = BACKDOOR_MAGIC;
	r->cx = kind << 16 | BACKDOOR_MESSAGE;
	r->dx = c->id << 16 | BACKDOOR_PORT;
	r->si = c->si;
	r->di = c->di;
	c->b->read(r, c->b->ctx);
	return r->cx >> 16;
}

static bool open_channel(const struct backdoor *b, struct channel *ret)
{
	struct backdoor_registers r = {.bx = rpci | with_cookie};

	*ret = (struct channel){.b = b};
	if (!(message(ret, OPEN, &r) & STATUS_OK))
		return false;
	ret->id = r.dx >> 16;
	ret->si = r.si;
	ret->di = r.di;
	return true;
}

static bool send_text(const struct channel *c, const char *text)
{
	size_t size = strlen(text);
	struct backdoor_registers r = {.bx = (uint32_t)size};

	if (!(message(c, SEND_SIZE, &r) & STATUS_OK))
		return false;
	for (size_t at = 0; at < size; at += 4) {
		r.bx = 0;
		memcpy(&r.bx, text + at, size - at < 4 ? size - at : 4);
		if (!(message(c, SEND_BYTES, &r) & STATUS_OK))
			return false;
	}
	return true;
}

/* The reply, or NULL. A host that says a length keeps to it. */
static char *receive_text(const struct channel *c, size_t *ret_size)
{
	struct backdoor_registers r = {0};
	unsigned status = message(c, RECEIVE_SIZE, &r), want = STATUS_OK | STATUS_REPLY;
	uint32_t size = r.bx, id = r.dx >> 16;
	CLEANUP(free) char *text = NULL;

	if ((status & want) != want || size > REPLY_MAX)
		return NULL;
	text = mem_alloc((size_t)size + 1);
	for (size_t at = 0; at < size; at += 4) {
		r.bx = id;
		if (!(message(c, RECEIVE_BYTES, &r) & STATUS_OK))
			return NULL;
		memcpy(text + at, &r.bx, size - at < 4 ? size - at : 4);
	}
	r.bx = id;
	message(c, RECEIVED, &r);
	*ret_size = size;
	return STEAL(text);
}

int backdoor_guestinfo(
	const struct backdoor *b, const char *name, char **ret, size_t *ret_size, struct werr **err)
{
	CLEANUP(free) char *question = str_printf("info-get guestinfo.%s", name);
	CLEANUP(free) char *reply = NULL;
	struct backdoor_registers r = {0};
	struct channel c;
	size_t size = 0;

	if (!open_channel(b, &c))
		return werr_set(err, WERR_CORRUPT, "the host does not take messages");
	if (send_text(&c, question))
		reply = receive_text(&c, &size);
	message(&c, CLOSE, &r);
	if (!reply)
		return werr_set(err, WERR_CORRUPT,
			"guestinfo.%s: no reply, or one of more than %d bytes", name,
			BACKDOOR_VALUE_MAX);
	/* "1 VALUE", or "0 REASON" */
	if (size < 2 || reply[0] != '1' || reply[1] != ' ')
		return werr_set(err, WERR_NOT_FOUND, "guestinfo.%s is not set", name);
	*ret = str_dup_n(reply + 2, size - 2);
	*ret_size = size - 2;
	return 0;
}
