/* SPDX-License-Identifier: Apache-2.0 */
/* Checks nodes against the tables of schema.h and collects all mistakes. */
#ifndef WHERRY_CONFIG_CHECK_H
#define WHERRY_CONFIG_CHECK_H

#include "base/buf.h"
#include "config/schema.h"

enum { CHECK_ERRORS_MAX = 100, CHECK_WARNINGS_MAX = 100 };

struct checker {
	const struct node *entry; /* NULL; or that is being checked: an entry, or a label */
	bool label;               /* it is an image's label */
	bool compat;              /* what LinuxKit accepts is accepted unless it is harmful */
	bool incomplete;          /* a file could not be read, so missing things may be in it */
	struct buf where;         /* "services[1].mounts[0]" */
	struct werr *errors;      /* in the order they were found */
	size_t n_errors;          /* beyond CHECK_ERRORS_MAX they are only counted */
	struct werr *warnings;
	size_t n_warnings; /* likewise */
	struct werr *last; /* the one that was just added; NULL: it was only counted */
};
#define CHECKER_INIT ((struct checker){.where = BUF_INIT(4096)})
void checker_cleanup(struct checker *c);

/* Further mistakes are only counted: their messages need not be made. */
static inline bool checker_is_full(const struct checker *c)
{
	return c->n_errors >= CHECK_ERRORS_MAX;
}
/* A mistake at a node. */
void checker_add(struct checker *c, const struct node *n, const char *fmt, ...) ATTR_PRINTF(3, 4);
/*
 * What is allowed but unsafe or without any effect, and so probably unintended. Only what is
 * certain from the file alone; nothing is reported about an image's label, which is not the user's.
 */
void checker_warn(struct checker *c, const struct node *n, const char *fmt, ...) ATTR_PRINTF(3, 4);
/* The hint of the mistake or warning that was just added. */
void checker_hint(struct checker *c, const char *fmt, ...) ATTR_PRINTF(2, 3);
/* Takes over an error without a place, and gives it the node's. */
void checker_take(struct checker *c, const struct node *n, struct werr *err);
/* Takes over the errors (or NULL) of a file that could not be read, or only in part: what is
 * missing may be in the rest. */
void checker_take_list(struct checker *c, struct werr *errors);
/* "; did you mean 'x'?" or "", owned by the caller. */
char *check_suggestion(const char *text, const char *const *candidates);

/* check-types.c: is a node of the key's type? Mistakes are added. */
bool check_type(struct checker *c, const struct key *key, const struct node *n);
/* Adds that a list was expected. */
void check_expected_list(struct checker *c, const struct node *n);

void check_map(struct checker *c, const struct key_map *map, const struct node *n);
/* 0, or -errno with the list of mistakes in *err: file by file, in the order of their places. */
int checker_finish(struct checker *c, struct werr **err);
/* Likewise the warnings, owned by the caller; NULL: none. */
struct werr *checker_steal_warnings(struct checker *c);

#endif
