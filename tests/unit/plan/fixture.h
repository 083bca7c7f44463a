/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans of YAML texts, whose images are in a store that lives as long as the test program:
 * "kernel", "init", "tools", "app", "www", and "su" (fixture.c says what is in them).
 */
#ifndef WHERRY_TESTS_UNIT_PLAN_FIXTURE_H
#define WHERRY_TESTS_UNIT_PLAN_FIXTURE_H

#include "../check.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "image-maker.h"
#include "plan/plan.h"

struct fixture {
	char *dir; /* for files of the tests */
	struct store *store;
};

/* For cmocka's setup and teardown of a group: *state is a struct fixture. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

char *fixture_path(const struct fixture *f, const char *name); /* in its directory */
/* Write a file there. */
void fixture_write(const struct fixture *f, const char *name, const char *text);
/* Its text; NULL: it is not there. */
char *fixture_read(const struct fixture *f, const char *name);

/* Let the name of an image, "app", mean one that has a file more; and all mean the first one again.
 */
void fixture_change_image(const struct fixture *f, const char *name);
void fixture_restore_images(const struct fixture *f);

/* What was logged as a warning since the last call, a line each; owned by the caller. */
char *fixture_warnings(void);

/* What a plan is made of. */
struct sample_os {
	const char *yaml;
	bool compat;
	struct plan_options options;
};
struct planned {
	struct config *config;
	struct plan *plan;
};
void planned_cleanup(struct planned *p);
/* Make the plan; the configuration must be right. *ret is to be cleaned up also after a failure. */
int fixture_plan(const struct fixture *f, const struct sample_os *os, struct planned *ret,
	struct werr **err);
/* The same where it must not fail. */
struct planned fixture_must_plan(const struct fixture *f, const struct sample_os *os);
/* The part of a name; NULL: there is none. */
const struct part *fixture_part(const struct plan *p, const char *name);
/* All errors of the list, a line each: "LINE:COLUMN: MESSAGE". Owned by the caller. */
char *fixture_errors(const struct werr *err);

#endif
