/* SPDX-License-Identifier: Apache-2.0 */
/* Compiler attributes and the cleanup idiom. */
#ifndef WHERRY_BASE_ATTR_H
#define WHERRY_BASE_ATTR_H

#include <stddef.h>

/* The arguments fmt_ and args_ (counted from 1) are printf's. */
#define ATTR_PRINTF(fmt_, args_) __attribute__((format(printf, fmt_, args_)))
#define ATTR_UNUSED              __attribute__((unused))
#define ATTR_WARN_UNUSED         __attribute__((warn_unused_result))
#define ATTR_NORETURN            __attribute__((noreturn))

/*
 * CLEANUP(type): when the variable goes out of scope, type##_cleanup(&variable) is called.
 * A type whose objects are released by `void T_free(struct T *)` gets its cleanup from
 * DEFINE_CLEANUP(struct T *, T_free, T): `CLEANUP(T) struct T *x = NULL;`
 */
#define CLEANUP(name_) __attribute__((cleanup(name_##_cleanup)))
#define DEFINE_CLEANUP(type_, free_, name_)                      \
	static inline ATTR_UNUSED void name_##_cleanup(type_ *p) \
	{                                                        \
		if (*p)                                          \
			free_(*p);                               \
	}

/* Hand a pointer on: the value of the variable, which becomes NULL. */
#define STEAL(p_)                                 \
	__extension__({                           \
		__typeof__(p_) steal_tmp_ = (p_); \
		(p_) = NULL;                      \
		steal_tmp_;                       \
	})

/* The same for a file descriptor, which becomes -1. */
static inline int fd_steal(int *fd)
{
	int value = *fd;

	*fd = -1;
	return value;
}

#define ARRAY_SIZE(a_) (sizeof(a_) / sizeof((a_)[0]))

/* The object that holds the member that p_ points at. */
#define CONTAINER_OF(p_, type_, member_) ((type_ *)(void *)((char *)(p_)-offsetof(type_, member_)))

#endif
