/* SPDX-License-Identifier: Apache-2.0 */
/* test: builds, boots, and compares with what is expected. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/pool.h"
#include "cli/cli.h"
#include "cli/print.h"
#include "cli/test-matrix.h"
#include "cli/test-report.h"
#include "probe/junit.h"
#include "yaml/yaml.h"

enum { REPORT_MAX = 64 << 20, JOBS_MAX = 64 };

struct options {
	const char *dir, *junit;
	uint64_t jobs;
	bool dry_run, strict;
};

static const struct option options[] = {
	{.name = "dir",
		.kind = OPTION_TEXT,
		.value = "DIR",
		.help = "Directory that keeps the outputs and what belongs to the machines; by "
			"default a temporary one, of which the consoles of failures are kept",
		.offset = offsetof(struct options, dir)},
	{.name = "dry-run",
		.kind = OPTION_FLAG,
		.help = "Only check FILE, and list what would be booted",
		.offset = offsetof(struct options, dry_run)},
	{.name = "jobs",
		.letter = 'j',
		.kind = OPTION_NUMBER,
		.value = "N",
		.help = "How many machines to run at once",
		.fallback = "1",
		.offset = offsetof(struct options, jobs)},
	{.name = "junit",
		.kind = OPTION_TEXT,
		.value = "FILE",
		.help = "Write the results there as well, as JUnit's XML",
		.offset = offsetof(struct options, junit)},
	{.name = "strict",
		.kind = OPTION_FLAG,
		.help = "Fail also when something was skipped",
		.offset = offsetof(struct options, strict)},
	{0},
};

/* ---- the file ---- */

static int read_file(const char *path, struct probe_file **ret, struct werr **err)
{
	CLEANUP(reader) struct reader *in = NULL;
	CLEANUP(free) char *text = NULL;
	size_t size;
	int r;

	if (str_eq(path, "-")) {
		in = fd_reader_new(STDIN_FILENO, FD_LENT, "stdin");
		r = reader_read_all(in, YAML_SIZE_MAX, &text, &size, err);
	} else {
		r = file_read(path, YAML_SIZE_MAX, &text, &size, err);
	}
	return r < 0 ? r : probe_file_parse(path, text, size, test_check_words, ret, err);
}

/* ---- where things are ---- */

struct place {
	char *dir;
	bool temporary;
};

static void place_cleanup(struct place *p)
{
	free(p->dir);
}

static int open_place(const struct options *o, struct place *ret, struct werr **err)
{
	if (!o->dir) {
		ret->temporary = true;
		return file_temp_dir(file_temp_parent(), "wherry-test", &ret->dir, err);
	}
	ret->dir = str_dup(o->dir);
	return file_make_dirs(o->dir, 0777, err);
}

/* Of a temporary directory only the consoles of failures are kept. */
static void close_place(const struct place *p, const struct test_matrix *m)
{
	bool kept = false;

	if (!p->temporary)
		return;
	for (size_t i = 0; i < m->n_builds; i++)
		file_remove_all(m->builds[i]->dir, NULL);
	for (size_t i = 0; i < m->n; i++) {
		bool keep = m->results[i].outcome == PROBE_FAILED && m->results[i].tail;

		kept = kept || keep;
		if (!keep)
			file_remove_all(m->cells[i].dir, NULL);
	}
	if (!kept)
		file_remove_all(p->dir, NULL);
}

/* ---- running ---- */

static int build_all(struct context *ctx, struct test_matrix *m, struct werr **err)
{
	struct context quiet = *ctx;
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->n_builds; i++) {
		if (!test_build_is_needed(m, m->builds[i]))
			continue;
		r = test_build_make(&quiet, m, m->builds[i], err);
		/* The warnings about the OS are the same for each. */
		quiet.global.quiet = true;
	}
	for (size_t i = 0; r == 0 && i < m->n; i++)
		if (m->results[i].outcome == PROBE_NOT_RUN)
			r = test_cell_prepare(ctx, m, i, err);
	return r;
}

struct work {
	const struct context *ctx;
	struct test_matrix *m;
};

/* A pool_job. */
static int run_cell(void *ctx, size_t i, struct werr **err)
{
	const struct work *w = ctx;
	struct test_cell *cell = &w->m->cells[i];
	struct probe_cell *c = &w->m->results[i];
	CLEANUP(free) char *name = NULL;
	int r;

	if (c->outcome != PROBE_NOT_RUN)
		return 0;
	name = probe_cell_name(c);
	progress_report(w->ctx->progress, PROGRESS_BEGIN, "test", name, 0, 0);
	r = probe_cell_run(c, w->m->file, &cell->machine.spec, cell->dir, cell->ports, err);
	progress_tell(w->ctx->progress, "test", name, probe_outcomes[c->outcome]);
	progress_report(w->ctx->progress, PROGRESS_END, "test", name, 0, 0);
	return r;
}

/* ---- the results ---- */

static int write_junit(
	const struct options *o, const char *name, const struct test_matrix *m, struct werr **err)
{
	CLEANUP(buf) struct buf xml = BUF_INIT(REPORT_MAX);

	if (!o->junit)
		return 0;
	probe_junit_write(&xml, name, m->results, m->n);
	return file_write_atomic(o->junit, 0644, buf_str(&xml), xml.len, err);
}

static int show(const struct context *ctx, const struct test_matrix *m, struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(REPORT_MAX);

	if (ctx->global.json)
		test_report_json(&out, m);
	else
		test_report_text(&out, m);
	return print_result(&out, err);
}

static int judge(const struct options *o, const struct test_matrix *m, struct werr **err)
{
	size_t n[PROBE_SKIPPED + 1] = {0};

	for (size_t i = 0; i < m->n; i++)
		n[m->results[i].outcome]++;
	if (n[PROBE_FAILED])
		return werr_set(err, WERR_FAILED, "%zu of %zu failed", n[PROBE_FAILED], m->n);
	if (o->strict && n[PROBE_SKIPPED])
		return werr_set(
			err, WERR_FAILED, "%zu of %zu were skipped", n[PROBE_SKIPPED], m->n);
	return 0;
}

static int run_matrix(struct context *ctx, const struct options *o, const char *path,
	struct test_matrix *m, struct werr **err)
{
	struct work work = {ctx, m};
	unsigned jobs = (unsigned)(o->jobs < JOBS_MAX ? o->jobs : JOBS_MAX);
	int r;

	test_matrix_skip(m);
	r = build_all(ctx, m, err);
	if (r == 0)
		r = pool_run(jobs ? jobs : 1, m->n, run_cell, &work, err);
	if (r == 0)
		r = write_junit(o, path, m, err);
	if (r == 0)
		r = show(ctx, m, err);
	return r < 0 ? r : judge(o, m, err);
}

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	const struct options *o = values;
	CLEANUP(probe_file) struct probe_file *file = NULL;
	CLEANUP(place) struct place place = {0};
	CLEANUP(test_matrix) struct test_matrix m = {0};
	int r = read_file(operands[0], &file, err);

	if (r == 0 && !o->dry_run)
		r = open_place(o, &place, err);
	if (r == 0)
		r = test_matrix_make(&m, file, place.dir ? place.dir : "", err);
	if (r == 0)
		r = o->dry_run ? show(ctx, &m, err) : run_matrix(ctx, o, operands[0], &m, err);
	if (place.dir)
		close_place(&place, &m);
	return r;
}

const struct command command_test = {
	.name = "test",
	.summary = "Build an OS, boot it in QEMU, and check what it does",
	.operands = "FILE",
	.operands_min = 1,
	.operands_max = 1,
	.text = "FILE says which OS, in which formats and by which firmware, and what is expected "
		"of each machine: lines of its console, states of its services, pages, ports, its "
		"end (docs/testing.md has all keys; `wherry schema --test` is for editors). \"-\" "
		"is stdin. What this machine lacks the firmware or the QEMU for is skipped. Ends "
		"with a table, and with exit code 1 when anything failed.\n"
		"\n"
		"    wherry test --junit results.xml nginx-test.yml",
	.options = (const struct option_group[]){{options, 0}, {0}},
	.size = sizeof(struct options),
	.run = run,
};
