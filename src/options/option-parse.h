/* SPDX-License-Identifier: Apache-2.0 */
/* From arguments to the fields of structs, as the declarations say. */
#ifndef WHERRY_OPTIONS_OPTION_PARSE_H
#define WHERRY_OPTIONS_OPTION_PARSE_H

#include <stdint.h>

#include "base/error.h"
#include "options/option.h"

/*
 * The groups that a command line may use. {0} has none. The structs that its options fill outlive
 * it: their lists are freed with it.
 */
struct option_sets {
	struct option_set {
		const struct option *list;
		void *values;   /* the group's struct */
		uint64_t given; /* bit i: list[i] was on the command line */
	} * items;
	size_t n;
};

/*
 * Add groups, before those that are there already. values: the struct that the groups' offsets
 * refer to, all zeros; it has to outlive the sets.
 */
void option_sets_add(struct option_sets *s, const struct option_group *groups, void *values);
/* Frees also the lists among the values. */
void option_sets_cleanup(struct option_sets *s);
/*
 * Take the option args[*at] and its value; *at is then the last argument that was taken. "--x v",
 * "--x=v", "-x v" and "-x=v" all mean the same; letters can share a dash ("-lR"), and a number or a
 * known word can follow its letter ("-v0"). WERR_USAGE says what is wrong.
 */
int option_sets_take(struct option_sets *s, const char *const *args, size_t *at, struct werr **err);
/* WERR_USAGE for an option of the kind OPTION_ABSENT: why, and the way out. */
int option_absent(const struct option *o, struct werr **err);
/* The value that the command line gives a text option, NULL when it gives none. */
const char *option_sets_given(const struct option_sets *s, const char *name);
/* What was not given comes from the environment, else from the fallback. */
int option_sets_finish(struct option_sets *s, struct werr **err);

#endif
