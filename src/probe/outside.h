/* SPDX-License-Identifier: Apache-2.0 */
/* Asks a machine's supervisor from outside: contract/outside.h. */
#ifndef WHERRY_PROBE_OUTSIDE_H
#define WHERRY_PROBE_OUTSIDE_H

#include "contract/outside.h"
#include "data/node.h"

struct probe_outside {
	struct outside_reader reader;
	struct document *answer;
};
#define PROBE_OUTSIDE_INIT ((struct probe_outside){.reader = OUTSIDE_READER_INIT})
void probe_outside_cleanup(struct probe_outside *o);

/* A new request for the list; what is sent, owned by the caller. */
char *probe_outside_ask(struct probe_outside *o);
/*
 * Bytes that came. Whether the answer is complete: its first line is then in o->answer, or NULL
 * when that was no JSON.
 */
bool probe_outside_add(struct probe_outside *o, const char *bytes, size_t size);

/*
 * Compare a list with the states that a map wants. *ret_why: "nginx is failed, not ready", owned by
 * the caller; NULL when they are the same.
 */
void probe_outside_compare(const struct node *list, const struct node *wanted, char **ret_why);

#endif
