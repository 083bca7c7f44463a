/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdlib.h>

#include "base/file.h"
#include "tar-of-plan.h"

#define KERNEL "kernel: {image: kernel, cmdline: a}\n"
#define INIT   "init: [init, tools]\n"
#define ONBOOT "onboot: [{name: b, image: su}]\n"
#define SERVICES                                                        \
	"services:\n- {name: s, image: app}\n- {name: t, image: app}\n" \
	"- {name: u, image: www}\n"
#define VOLUMES                                                                  \
	"volumes: [{name: v, image: tools}, {name: l, image: su, format: oci}, " \
	"{name: e}]\n"
#define METADATA "- {path: etc/os.yml, metadata: yaml}\n"
#define FILES    "files:\n" METADATA "- {path: etc/a, contents: x}\n"
#define BASE     KERNEL INIT ONBOOT SERVICES VOLUMES FILES

#define CONTAINERS "onboot/000-b services/s services/t services/u"
#define ALL        "boot root " CONTAINERS " volumes/v volumes/l"

/* clang-format off */
static const struct row {
	const char *what;
	const char *then;     /* what the earlier tar was made of; NULL: BASE */
	struct sample_os now;
	const char *taken;    /* the parts that are taken from it */
} rows[] = {
	{"all but what no image is in", NULL, {BASE}, ALL},
	{"all of what LinuxKit makes", NULL, {BASE, .compat = true}, ALL},
	{"names of images in full", "init: [init]\nservices: [{name: s, image: app}]\n" FILES,
		{"init: ['docker.io/library/init']\n"
		 "services: [{image: 'docker.io/library/app', name: s}]\n" FILES},
		"root services/s"},

	{"a tag, which the tar's records are to have then", "init: [init]\n" FILES,
		{"init: ['init:latest']\n" FILES}, ""},

	{"another command line", NULL,
		{"kernel: {image: kernel, cmdline: b}\n" INIT ONBOOT SERVICES VOLUMES FILES},
		CONTAINERS " volumes/v volumes/l"},
	{"a kernel that is decompressed", NULL, {BASE, .options = {.decompress_kernel = true}},
		"root " CONTAINERS " volumes/v volumes/l"},
	{"no kernel any more", NULL, {INIT ONBOOT SERVICES VOLUMES FILES},
		CONTAINERS " volumes/v volumes/l"},
	{"one init image fewer", NULL, {KERNEL "init: [init]\n" ONBOOT SERVICES VOLUMES FILES},
		"boot " CONTAINERS " volumes/v volumes/l"},
	{"init images in another order", "init: [init, tools]\n" FILES,
		{"init: [tools, init]\n" FILES}, ""},
	{"neither kernel nor init images", "services: [{name: s, image: app}]\n" FILES,
		{"services: [{name: s, image: app}]\n" FILES}, "services/s"},

	{"another file", "init: [init]\n" FILES,
		{"init: [init]\n" FILES "- {path: etc/b, contents: y}\n"}, ""},
	{"a file that may be missing",
		"init: [init]\n" FILES "- {path: b, source: b, optional: true}\n",
		{"init: [init]\n" FILES "- {path: b, source: b, optional: true}\n"}, ""},

	{"what a service runs", NULL,
		{KERNEL INIT ONBOOT "services:\n- {name: s, image: app}\n- {name: t, image: app}\n"
		 "- {name: u, image: www, command: [x]}\n" VOLUMES FILES},
		"boot root onboot/000-b services/s services/t volumes/v volumes/l"},
	{"what the service runs that has the files of two", NULL,
		{KERNEL INIT ONBOOT "services:\n- {name: s, image: app, command: [x]}\n"
		 "- {name: t, image: app}\n- {name: u, image: www}\n" VOLUMES FILES},
		"boot root onboot/000-b services/u volumes/v volumes/l"},
	{"the image of the service that has the files of two",
		"services: [{name: s, image: app}, {name: t, image: app}]\n" FILES,
		{"services: [{name: s, image: www}, {name: t, image: app}]\n" FILES}, ""},
	{"another service at the end", NULL,
		{KERNEL INIT ONBOOT SERVICES "- {name: w, image: su}\n" VOLUMES FILES}, ALL},
	{"another service at the beginning, which moves the ids of all",
		"services: [{name: s, image: app}]\n" FILES,
		{"services: [{name: a, image: su}, {name: s, image: app}]\n" FILES}, ""},
	{"a name that means another entry's id now",
		"onboot: [{name: x, image: su}, {name: y, image: app}]\n" FILES,
		{"onboot: [{name: x, image: su}, {name: y, image: app}, {name: x, image: www}]\n"
		 FILES}, ""},
	{"a name that meant another entry's id then",
		"onboot: [{name: x, image: su}, {name: y, image: app}, {name: x, image: www}]\n"
		FILES, {"onboot: [{name: x, image: su}, {name: y, image: app}]\n" FILES}, ""},
	{"the section of an entry", "onboot: [{name: x, image: su}]\n" FILES,
		{"services: [{name: x, image: su}]\n" FILES}, ""},
	{"the second entry's name",
		"services: [{name: s, image: app}, {name: t, image: su}]\n" FILES,
		{"services: [{name: s, image: app}, {name: u, image: su}]\n" FILES}, "services/s"},

	{"an entry's name, which another one may use",
		"onboot: [{name: x, image: app}, {name: y, image: su}, {name: z, image: www}]\n"
		FILES,
		{"onboot: [{name: x, image: app}, {name: u, image: su}, {name: z, image: www}]\n"
		 FILES}, "onboot/000-x"},

	{"a volume that is read-only", NULL,
		{KERNEL INIT ONBOOT SERVICES
		 "volumes: [{name: v, image: tools, readonly: true}, "
		 "{name: l, image: su, format: oci}]\n"
		 FILES}, "boot root " CONTAINERS " volumes/l"},
	{"a volume at the beginning", "volumes: [{name: v, image: tools}]\n" FILES,
		{"volumes: [{name: w, image: su}, {name: v, image: tools}]\n" FILES}, ""},
};
/* clang-format on */

/* The parts that are taken, each of which has no key; owned by the caller. */
static char *taken(const struct plan *p)
{
	CLEANUP(strv) struct strv names = {0};

	for (size_t i = 0; i < p->n; i++) {
		char key[SHA256_HEX + 1];

		if (!p->parts[i].unchanged)
			continue;
		assert_false(part_key(p, &p->parts[i], key));
		strv_add(&names, p->parts[i].name);
	}
	return strv_join(&names, " ");
}

/* Write the tar of an OS to the fixture's os.tar; returns its path, owned by the caller. */
static char *write_tar(const struct fixture *f, const char *yaml, bool compat)
{
	CLEANUP(planned)
	struct planned p = fixture_must_plan(f, &(struct sample_os){yaml, .compat = compat});
	CLEANUP(buf) struct buf tar = BUF_INIT(TAR_OF_PLAN_MAX);
	char *path = fixture_path(f, "os.tar");
	struct werr *err = NULL;

	tar_of_plan(p.plan, &tar);
	assert_ok(file_write_atomic(path, 0644, tar.data, tar.len, &err), err);
	return path;
}

/* With what is taken from the earlier tar the new one is what it is without. */
static void assert_same_tar(const struct row *row, struct plan *with, struct plan *without)
{
	CLEANUP(buf) struct buf a = BUF_INIT(TAR_OF_PLAN_MAX), b = BUF_INIT(TAR_OF_PLAN_MAX);

	tar_of_plan(with, &a);
	tar_of_plan(without, &b);
	if (a.len != b.len || memcmp(a.data, b.data, a.len) != 0)
		fail_msg("%s: the tar has other bytes", row->what);
}

static void test_what_is_the_same_is_taken(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		CLEANUP(free)
		char *tar = write_tar(*state, row->then ? row->then : BASE, row->now.compat);
		CLEANUP(planned) struct planned without = fixture_must_plan(*state, &row->now);
		CLEANUP(planned) struct planned with = {0};
		CLEANUP(free) char *is = NULL;
		struct sample_os now = row->now;

		now.options.input_tar = tar;
		with = fixture_must_plan(*state, &now);
		for (size_t j = 0; j < with.plan->n_images; j++)
			assert_non_null(with.plan->images[j]);
		is = taken(with.plan);
		if (!str_eq(is, row->taken))
			fail_msg("%s: '%s' is taken and not '%s'", row->what, is, row->taken);
		assert_same_tar(row, with.plan, without.plan);
	}
}

static void remove_image(const struct fixture *f, const char *name)
{
	CLEANUP(reference) struct reference ref = {0};
	struct werr *err = NULL;

	assert_ok(reference_parse(name, &ref, &err), err);
	assert_ok(store_remove(f->store, &ref, &err), err);
}

static void test_what_is_taken_needs_no_image(void **state)
{
	static const char yaml[] =
		"init: [init]\nservices: [{name: s, image: gone}, {name: t, image: gone}]\n" FILES;
	static const struct sample_image gone = {.name = "docker.io/library/gone:latest",
		.items = {{"bin/gone", 0, "away"}},
		.entrypoint = "/bin/gone"};
	const struct fixture *f = *state;
	CLEANUP(planned) struct planned without = {0};
	CLEANUP(planned) struct planned with = {0};
	CLEANUP(planned) struct planned none = {0};
	CLEANUP(free) char *tar = NULL;
	CLEANUP(free) char *is = NULL;
	struct werr *err = NULL;

	assert_ok(sample_image_put(f->store, &gone, &err), err);
	without = fixture_must_plan(f, &(struct sample_os){yaml});
	tar = write_tar(f, yaml, false);
	remove_image(f, "gone");
	with = fixture_must_plan(f, &(struct sample_os){yaml, .options = {.input_tar = tar}});
	is = taken(with.plan);
	assert_string_equal(is, "root services/s services/t");
	assert_null(plan_image(with.plan, "gone"));
	assert_null(fixture_part(with.plan, "services/s")->image);
	/* What is not taken needs its image still. */
	assert_fails(fixture_plan(f,
			     &(struct sample_os){"services: [{name: r, image: gone}]\n" FILES,
				     .options = {.input_tar = tar}},
			     &none, &err),
		err, WERR_NOT_FOUND, "gone");
	assert_ok(sample_image_put(f->store, &gone, &err), err);
	assert_same_tar(&rows[0], with.plan, without.plan);
	remove_image(f, "gone");
}

/* clang-format off */
static const struct {
	const char *then, *now, *warning;
} unused[] = {
	{"init: [init]", "init: [init]",
		"is not used: it needs a file with 'metadata: yaml', which "},
	{"init: [init]", "init: [init]\n" FILES, "is not used: it has no etc/os.yml"},
	{"init: [init]\nfiles: [{path: os.yml, metadata: yaml}]", "init: [init]\n" FILES,
		"is not used: it has no etc/os.yml"},
};
/* clang-format on */

static void test_a_tar_that_does_not_say_what_it_was_made_of_is_not_used(void **state)
{
	free(fixture_warnings());
	for (size_t i = 0; i < ARRAY_SIZE(unused); i++) {
		CLEANUP(free) char *tar = write_tar(*state, unused[i].then, false);
		CLEANUP(planned)
		struct planned p = fixture_must_plan(
			*state, &(struct sample_os){unused[i].now, .options = {.input_tar = tar}});
		CLEANUP(free) char *is = taken(p.plan);
		CLEANUP(free) char *text = fixture_warnings();

		assert_string_equal(is, "");
		assert_null(p.plan->earlier);
		if (!strstr(text, unused[i].warning) || !str_after(text, tar))
			fail_msg("'%s' has no '%s'", text, unused[i].warning);
	}
}

static void assert_refused(
	const struct fixture *f, const char *tar, enum werr_kind kind, const char *part)
{
	CLEANUP(planned) struct planned p = {0};
	struct werr *err = NULL;

	assert_fails(
		fixture_plan(f,
			&(struct sample_os){"init: [init]\n" FILES, .options = {.input_tar = tar}},
			&p, &err),
		err, kind, part);
}

static void test_a_tar_that_is_wrong_is_an_error(void **state)
{
	CLEANUP(free) char *missing = fixture_path(*state, "missing.tar");
	CLEANUP(free) char *text = fixture_path(*state, "text.tar");
	CLEANUP(free)
	char *mistaken = write_tar(*state,
		"init: [init]\nfiles: [{path: etc/os.yml, contents: \"init: 5\\n\"}]", false);

	assert_refused(*state, missing, WERR_NOT_FOUND, "missing.tar");
	fixture_write(*state, "text.tar", "This is no tar, however long the text may be.");
	assert_refused(*state, text, WERR_CORRUPT, "text.tar");
	assert_refused(*state, mistaken, WERR_INVALID, "init");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_the_same_is_taken),
		cmocka_unit_test(test_what_is_taken_needs_no_image),
		cmocka_unit_test(test_a_tar_that_does_not_say_what_it_was_made_of_is_not_used),
		cmocka_unit_test(test_a_tar_that_is_wrong_is_an_error),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
