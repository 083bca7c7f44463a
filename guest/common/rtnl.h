/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of rtnetlink(7): building them, sending one and reading its answer, and dumps.
 * Attributes are put behind each other and may nest; a message that is too large fails when it is
 * sent.
 */
#ifndef WHERRY_GUEST_RTNL_H
#define WHERRY_GUEST_RTNL_H

#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RTNL_MESSAGE_MAX = 512 };

/* A request; failed when it did not fit. */
struct rtnl_message {
	_Alignas(4) unsigned char bytes[RTNL_MESSAGE_MAX];
	size_t size;
	bool failed;
};

/* Begin a request whose own header has size bytes; returns that, all zeros. */
void *rtnl_begin(struct rtnl_message *m, unsigned short type, unsigned short flags, size_t size);
/* Room for size bytes, zeros, behind what is there; NULL: it does not fit. */
void *rtnl_reserve(struct rtnl_message *m, size_t size);
void rtnl_put(struct rtnl_message *m, unsigned short type, const void *value, size_t size);
void rtnl_put_u8(struct rtnl_message *m, unsigned short type, uint8_t value);
void rtnl_put_u16(struct rtnl_message *m, unsigned short type, uint16_t value);
void rtnl_put_u32(struct rtnl_message *m, unsigned short type, uint32_t value);
void rtnl_put_text(struct rtnl_message *m, unsigned short type, const char *text);
/* Begin an attribute that contains others; returns its place, for rtnl_end_nest(). */
size_t rtnl_begin_nest(struct rtnl_message *m, unsigned short type);
void rtnl_end_nest(struct rtnl_message *m, size_t at);
/* Nothing follows. */
void rtnl_end(struct rtnl_message *m);

/* Send it and read the kernel's answer, which comes at once. 0 or -errno. */
int rtnl_talk(const struct rtnl_message *m);
/* One for each message of a dump; p is its own header, with its attributes size bytes. */
typedef void rtnl_each(unsigned short type, const void *p, size_t size, void *ctx);
/*
 * Ask for all objects: type is RTM_GETLINK or RTM_GETADDR. 0 or -errno. each may have been called
 * for some of them when it fails.
 */
int rtnl_dump(unsigned short type, rtnl_each *each, void *ctx);
/*
 * The attribute of a type among the size bytes at p; *ret_size are the bytes of its value. NULL:
 * there is none.
 */
const void *rtnl_find(const void *p, size_t size, unsigned short type, size_t *ret_size);

#endif
