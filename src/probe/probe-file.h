/* SPDX-License-Identifier: Apache-2.0 */
/* A test file (docs/testing.md), read and checked. */
#ifndef WHERRY_PROBE_PROBE_FILE_H
#define WHERRY_PROBE_PROBE_FILE_H

#include <regex.h>

#include "base/str.h"
#include "config/check.h"
#include "probe/schema.h"

enum { PROBE_TIMEOUT_S = 300, PROBE_STEPS_MAX = 1000, PROBE_CELLS_MAX = 4096 };

struct probe_pattern {
	const char *text; /* NULL: there is none */
	regex_t regex;
};

/* An element of `expect`. */
struct probe_step {
	enum probe_kind kind;
	const struct node *node; /* the value of its key */
	uint64_t within_ms;      /* 0: as long as the machine may take */
	struct probe_pattern pattern;
	const char *text; /* what is sent; or NULL */
	const char *path; /* of a page */
	unsigned port, status;
	enum probe_exit exit;
};

/* An element of `matrix`: every combination of these. */
struct probe_row {
	const struct node *node;                       /* or NULL: it is the default one */
	struct strv formats, roots, firmwares, arches; /* empty: the default */
	const struct node *build, *run;                /* maps of options, or NULL */
};

struct probe_file {
	struct document *document;            /* that the texts are in */
	struct strv os;                       /* paths, seen from where the tool runs */
	const struct node *set, *build, *run; /* maps, or NULL */
	uint64_t timeout_ms;
	struct probe_row *rows;
	size_t n_rows;
	struct probe_step *steps;
	size_t n_steps;
	struct probe_pattern *nevers;
	size_t n_nevers;
};

/*
 * Checks a map whose words are other verbs': options of `build` or of `run`, or an element of
 * `matrix`; and adds the mistakes.
 */
enum probe_map { PROBE_MAP_BUILD, PROBE_MAP_RUN, PROBE_MAP_ROW };
typedef void probe_check(struct checker *c, const struct node *map, enum probe_map which);

/* The text of a file, whose name is "-" for stdin. On failure *err has all mistakes. */
int probe_file_parse(const char *name, const char *text, size_t size, probe_check *check,
	struct probe_file **ret, struct werr **err);
void probe_file_free(struct probe_file *f);
DEFINE_CLEANUP(struct probe_file *, probe_file_free, probe_file)

/* Whether a line, or the first part of one, matches. */
bool probe_pattern_matches(const struct probe_pattern *p, const char *line);
/* The guest's ports that the steps ask, each once; free() the array. */
size_t probe_file_ports(const struct probe_file *f, unsigned **ret);
/* Whether it is expected that the machine ends like this. */
bool probe_file_expects(const struct probe_file *f, enum probe_exit exit);

#endif
