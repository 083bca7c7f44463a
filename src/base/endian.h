/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers of foreign formats, at any address: le32_get(p) reads four bytes, least significant
 * first, be32_get(p) four bytes, most significant first; le32_put(p, v) and be32_put(p, v) write
 * them. The same for 16 and 64 bits.
 */
#ifndef WHERRY_BASE_ENDIAN_H
#define WHERRY_BASE_ENDIAN_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

#define ENDIAN_DEFINE(order_, bits_)                                           \
	static inline uint##bits_##_t order_##bits_##_get(const void *p)       \
	{                                                                      \
		uint##bits_##_t v;                                             \
                                                                               \
		memcpy(&v, p, sizeof(v));                                      \
		return order_##bits_##toh(v);                                  \
	}                                                                      \
	static inline void order_##bits_##_put(void *p, uint##bits_##_t value) \
	{                                                                      \
		uint##bits_##_t v = hto##order_##bits_(value);                 \
                                                                               \
		memcpy(p, &v, sizeof(v));                                      \
	}

ENDIAN_DEFINE(le, 16)
ENDIAN_DEFINE(le, 32)
ENDIAN_DEFINE(le, 64)
ENDIAN_DEFINE(be, 16)
ENDIAN_DEFINE(be, 32)
ENDIAN_DEFINE(be, 64)

#undef ENDIAN_DEFINE

#endif
