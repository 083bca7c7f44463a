/* SPDX-License-Identifier: Apache-2.0 */
/* The cells of a test file, what they are built from, and the machines that they are. */
#ifndef WHERRY_CLI_TEST_MATRIX_H
#define WHERRY_CLI_TEST_MATRIX_H

#include "cli/verb-options.h"
#include "cli/verbs.h"
#include "oci/platform.h"
#include "probe/cell.h"

/* What is built for cells that differ only in how they are started. */
struct test_build {
	const struct probe_row *row;
	const char *format, *root, *arch;
	char *dir;        /* with the outputs */
	char *path;       /* that stands for them in `wherry run`; NULL: it was not built */
	struct werr *why; /* it could not be built; or NULL */
};

struct test_cell {
	const struct probe_row *row;
	struct test_build *build;
	bool any_firmware;        /* what starts it is found in the output */
	char *dir;                /* the machine's state */
	struct probe_port *ports; /* as many as the file asks */
	struct verb_options options;
	struct verb_machine machine; /* ready to be started if the outcome is PROBE_NOT_RUN */
};

struct test_matrix {
	const struct probe_file *file;
	char *dir;  /* of outputs and states */
	char *name; /* the outputs' */
	struct platform host;
	unsigned *ports; /* of guests */
	size_t n_ports;
	struct probe_cell *results; /* a cell each */
	struct test_cell *cells;
	size_t n;
	struct test_build **builds;
	size_t n_builds;
};

/* probe_check_options of probe/probe-file.h. */
void test_check_words(struct checker *c, const struct node *map, enum probe_map which);

/*
 * Every combination of each row. On failure *err has the mistakes: formats that there are none of.
 * The directory is only named.
 */
int test_matrix_make(
	struct test_matrix *m, const struct probe_file *f, const char *dir, struct werr **err);
void test_matrix_cleanup(struct test_matrix *m);

/* Those that can't run on this machine are skipped. */
void test_matrix_skip(struct test_matrix *m);
/* Whether any cell that is to be run needs it. */
bool test_build_is_needed(const struct test_matrix *m, const struct test_build *b);
/* The error of a build that is not to be repeated with another format: a mistake in the OS's files.
 */
int test_build_make(
	struct context *ctx, const struct test_matrix *m, struct test_build *b, struct werr **err);
/* Make the machine of a cell; why it can't be is the cell's outcome. -ECANCELED with the error. */
int test_cell_prepare(
	const struct context *ctx, const struct test_matrix *m, size_t i, struct werr **err);

#endif
