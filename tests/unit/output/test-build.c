/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/fixture.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "output/build.h"

#define OS                                                                   \
	"kernel: {image: kernel, tar: none, cmdline: quiet}\ninit: [init]\n" \
	"services: [{name: s, image: app}, {name: t, image: init}]\n"

enum { TEXT_MAX = 1 << 10 };

/* A build of a YAML text; formats: "tar docker", or NULL. */
struct sample_build {
	const char *yaml; /* NULL: OS */
	const char *formats;
	bool compat;
	struct build_options options;
};

static int build(const struct fixture *f, const struct sample_build *sample,
	struct build_report *ret, struct werr **err)
{
	const char *yaml = sample->yaml ? sample->yaml : OS;
	const struct config_text text = {"dir/os.yml", yaml, strlen(yaml)};
	struct build_options o = sample->options;
	const struct config_options loading = {
		.platform = &o.images.platform, .compat = sample->compat};
	CLEANUP(config) struct config *c = NULL;
	CLEANUP(strv) struct strv formats = {0};

	o.images.store = f->store;
	assert_ok(platform_parse("linux/amd64", &o.images.platform, err), *err);
	assert_ok(config_load_texts(&text, 1, &loading, &c, err), *err);
	if (sample->formats)
		strv_split(&formats, sample->formats, ' ');
	o.formats = formats;
	return build_run(c, &o, ret, err);
}

/* Each test begins with an empty directory, the fixture's "out". */
static char *out;

static int empty_out(void)
{
	int r = file_remove_all(out, NULL);

	return r < 0 ? r : file_make_dirs(out, 0755, NULL);
}

static int setup(void **state)
{
	out = fixture_path(*state, "out");
	free(fixture_warnings());
	return empty_out();
}

static int teardown(ATTR_UNUSED void **state)
{
	free(out);
	return 0;
}

static int add_name(
	ATTR_UNUSED int dir_fd, const char *name, void *ctx, ATTR_UNUSED struct werr **err)
{
	strv_add(ctx, name);
	return 0;
}

/* The names in the directory, sorted, with spaces in between; owned by the caller. */
static char *list_out(void)
{
	CLEANUP(strv) struct strv names = {0};
	struct werr *err = NULL;

	assert_ok(file_visit_dir(out, FILE_ABSENT_IS_ERROR, add_name, &names, &err), err);
	strv_sort(&names);
	return strv_join(&names, " ");
}

static void assert_out(const char *names)
{
	CLEANUP(free) char *is = list_out();

	assert_string_equal(is, names);
}

static void assert_file(const struct fixture *f, const char *name, const char *text)
{
	CLEANUP(free) char *is = fixture_read(f, name);

	assert_non_null(is);
	assert_string_equal(is, text);
}

/* "os-kernel os-cmdline": the names of the outputs, in the report's order. Owned by the caller. */
static char *outputs(const struct build_report *r)
{
	CLEANUP(strv) struct strv names = {0};

	for (size_t i = 0; i < r->n; i++)
		strv_add(&names, str_after(r->outputs[i].path, out) + 1);
	return strv_join(&names, " ");
}

/* clang-format off */
static const struct {
	const char *what;
	struct sample_build build; /* into the directory */
	const char *outputs, *names;
} builds[] = {
	{"without a format: what boots", {NULL},
		"os-kernel os-initrd.img os-cmdline", "os-cmdline os-initrd.img os-kernel"},
	{"another name", {.options = {.name = "x"}},
		"x-kernel x-initrd.img x-cmdline", "x-cmdline x-initrd.img x-kernel"},
	{"several formats, each once", {.formats = "tar tar-kernel-initrd tar"},
		"os.tar os-initrd.tar", "os-initrd.tar os.tar"},
	{"formats that have files in common", {.formats = "kernel+initrd kernel+squashfs"},
		"os-kernel os-initrd.img os-cmdline os-squashfs.img",
		"os-cmdline os-initrd.img os-kernel os-squashfs.img"},
	{"no kernel", {.yaml = "init: [init]"}, "os-initrd.img", "os-initrd.img"},
	{"LinuxKit's, with an empty command line",
		{.yaml = "kernel: {image: kernel, tar: none}", .compat = true},
		"os-kernel os-initrd.img", "os-initrd.img os-kernel"},
};
/* clang-format on */

static void test_outputs_have_their_formats_names(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(builds); i++) {
		struct sample_build sample = builds[i].build;
		struct build_report report = {0};
		CLEANUP(free) char *is = NULL;
		struct werr *err = NULL;

		assert_int_equal(empty_out(), 0);
		sample.options.dir = out;
		assert_ok(build(*state, &sample, &report, &err), err);
		is = outputs(&report);
		if (!str_eq(is, builds[i].outputs))
			fail_msg("%s: '%s' and not '%s'", builds[i].what, is, builds[i].outputs);
		assert_out(builds[i].names);
		build_report_cleanup(&report);
	}
}

static void test_a_report_says_what_was_built_of_what(void **state)
{
	const struct sample_build sample = {.options = {.dir = out}};
	struct build_report first = {0}, second = {0};
	struct werr *err = NULL;

	assert_ok(build(*state, &(struct sample_build){.options = {.dir = out, .fresh = true}},
			  &first, &err),
		err);
	assert_ok(build(*state, &sample, &second, &err), err);
	assert_int_equal(first.parts, 4);
	assert_int_equal(first.parts_kept, 0);
	assert_int_equal(second.parts, 4);
	assert_int_equal(second.parts_kept, 4);
	assert_int_equal(first.n, 3);
	assert_int_equal(first.outputs[0].size, strlen("a kernel"));
	assert_int_equal(first.outputs[2].size, strlen("quiet"));
	assert_int_equal(second.outputs[1].size, first.outputs[1].size);
	assert_file(*state, "out/os-kernel", "a kernel");
	assert_file(*state, "out/os-cmdline", "quiet");
	build_report_cleanup(&first);
	build_report_cleanup(&second);
}

static void assert_images(const struct build_report *r)
{
	static const char *const names[] = {"kernel", "init", "app"};

	assert_int_equal(r->n_images, ARRAY_SIZE(names));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		CLEANUP(free) char *name = str_printf("docker.io/library/%s:latest", names[i]);

		assert_string_equal(r->images[i].name, name);
		assert_string_equal(r->images[i].manifest.text, r->images[i].digest.text);
	}
}

/* Also when those that are needed are looked for before the others. */
static void test_a_report_has_the_images_in_the_order_of_the_configuration(void **state)
{
	static const char then[] = OS "files: [{path: os.yml, metadata: yaml}]";
	static const char now[] =
		"kernel: {image: kernel, tar: none, cmdline: quiet}\ninit: [init]\n"
		"services: [{name: s, image: app, command: [x]}, {name: t, image: init}]\n"
		"files: [{path: os.yml, metadata: yaml}]";
	CLEANUP(free) char *tar = str_printf("%s/then.tar", out);
	CLEANUP(free) char *next = str_printf("%s/now.tar", out);
	struct build_report report = {0};
	struct werr *err = NULL;

	assert_ok(build(*state, &(struct sample_build){then, .options = {.output = tar}}, &report,
			  &err),
		err);
	assert_images(&report);
	build_report_cleanup(&report);
	assert_ok(
		build(*state,
			&(struct sample_build){now, .options = {.output = next, .input_tar = tar}},
			&report, &err),
		err);
	assert_images(&report);
	build_report_cleanup(&report);
}

static void test_one_stream_goes_to_a_file_of_any_name(void **state)
{
	CLEANUP(free) char *path = str_printf("%s/any", out);
	struct build_report report = {0};
	struct werr *err = NULL;

	assert_ok(build(*state,
			  &(struct sample_build){
				  .formats = "docker docker", .options = {.output = path}},
			  &report, &err),
		err);
	assert_int_equal(report.n, 1);
	assert_string_equal(report.outputs[0].path, path);
	build_report_cleanup(&report);
	/* Without a format it is a tar. */
	assert_ok(build(*state, &(struct sample_build){.options = {.output = path}}, &report, &err),
		err);
	build_report_cleanup(&report);
	assert_out("any");
}

/* clang-format off */
static const struct {
	struct sample_build build;
	enum werr_kind kind;
	const char *message;
} refused[] = {
	{{.formats = "tar.gz"}, WERR_USAGE, "unknown format 'tar.gz'"},
	{{.formats = "kernel+initrd rpi3"}, WERR_USAGE, "format rpi3 is for arm64, not for amd64"},
	{{.formats = "kernel+initrd", .options = {.output = "x"}}, WERR_USAGE,
		"-o x: format kernel+initrd is not a single file"},
	{{.formats = "tar docker", .options = {.output = "x"}}, WERR_USAGE,
		"-o x: 2 formats can't be written to one file"},
	{{.formats = "tar-kernel-initrd", .options = {.output = "-"}}, WERR_USAGE,
		"-o -: format tar-kernel-initrd is not a stream"},
	{{.formats = "tar", .options = {.size = 1 << 20}}, WERR_USAGE,
		"--size is for none of these formats"},
	{{.formats = "vmdk raw", .options = {.disk_compression = DISK_ZSTD}}, WERR_USAGE,
		"--disk-compress is for none of these formats"},
	{{.options = {.output = "x", .name = "y"}}, WERR_USAGE, "with --name"},
	{{.options = {.output = "x", .dir = "y"}}, WERR_USAGE, "with --dir"},
	{{.options = {.output = "x", .input_tar = "x"}}, WERR_USAGE,
		"both --input-tar and the output"},
	{{.options = {.name = ""}}, WERR_USAGE, "--name is empty"},
	{{.options = {.root = "ram"}}, WERR_USAGE, "unknown kind of root 'ram'"},
	{{.formats = "tar", .options = {.root = "squashfs"}}, WERR_USAGE,
		"--root squashfs is for none of these formats"},
	{{.formats = "tar kernel+initrd", .compat = true}, WERR_USAGE,
		"format tar cannot be combined with others"},
	{{.options = {.dir = "/dev/null/all"}}, WERR_FAILED, "/dev/null/all"},
};
/* clang-format on */

static void test_what_cannot_be_is_refused_at_once(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		struct build_report report = {0};
		struct werr *err = NULL;

		assert_fails(build(*state, &refused[i].build, &report, &err), err, refused[i].kind,
			refused[i].message);
		assert_int_equal(report.n, 0);
	}
	assert_out("");
}

static void write_old(const struct fixture *f)
{
	fixture_write(f, "out/os-kernel", "old kernel");
	fixture_write(f, "out/os-cmdline", "old cmdline");
}

/* The initrd, which is the second of three files, goes to a device that is full. */
static void test_when_an_output_cannot_be_written_the_old_ones_stay(void **state)
{
	const struct sample_build sample = {.options = {.dir = out}};
	CLEANUP(free) char *initrd = str_printf("%s/os-initrd.img", out);
	struct build_report report = {0};
	struct werr *err = NULL;

	assert_int_equal(symlink("/dev/full", initrd), 0);
	assert_fails(build(*state, &sample, &report, &err), err, WERR_NO_SPACE, "os-initrd.img");
	assert_out("os-initrd.img");
	write_old(*state);
	assert_fails(build(*state, &sample, &report, &err), err, WERR_NO_SPACE, "os-initrd.img");
	assert_out("os-cmdline os-initrd.img os-kernel");
	assert_file(*state, "out/os-kernel", "old kernel");
	assert_file(*state, "out/os-cmdline", "old cmdline");
	assert_int_equal(report.n, 0);
}

/* While the build runs, a directory takes the place of the last output. */
static void on_event(ATTR_UNUSED const struct progress_event *e, ATTR_UNUSED void *ctx)
{
	CLEANUP(free) char *path = str_printf("%s/os-cmdline/x", out);

	(void)file_make_dirs(path, 0755, NULL);
}

static void test_when_an_output_cannot_get_its_name_the_old_ones_stay(void **state)
{
	const struct progress progress = {on_event, NULL};
	const struct sample_build sample = {
		.options = {.dir = out, .progress = &progress, .threads = 1}};
	struct build_report report = {0};
	CLEANUP(werr) struct werr *err = NULL;

	fixture_write(*state, "out/os-kernel", "old kernel");
	assert_true(build(*state, &sample, &report, &err) < 0);
	assert_non_null(strstr(err->message, "os-cmdline"));
	assert_out("os-cmdline os-kernel");
	assert_file(*state, "out/os-kernel", "old kernel");
}

static void test_when_an_image_is_missing_the_old_ones_stay(void **state)
{
	const struct sample_build sample = {"init: [gone]", .options = {.dir = out}};
	struct build_report report = {0};
	struct werr *err = NULL;

	write_old(*state);
	assert_fails(build(*state, &sample, &report, &err), err, WERR_NOT_FOUND, "gone");
	assert_out("os-cmdline os-kernel");
	assert_file(*state, "out/os-kernel", "old kernel");
}

/* What an earlier build has left may belong to something else. */
static void test_what_is_not_written_is_not_removed(void **state)
{
	const struct sample_build sample = {"init: [init]", .options = {.dir = out}};
	CLEANUP(free) char *text = NULL;
	struct build_report report = {0};
	struct werr *err = NULL;

	write_old(*state);
	assert_ok(build(*state, &sample, &report, &err), err);
	build_report_cleanup(&report);
	assert_out("os-cmdline os-initrd.img os-kernel");
	assert_file(*state, "out/os-kernel", "old kernel");
	text = fixture_warnings();
	assert_non_null(
		strstr(text, "/out/os-kernel is not written: the configuration has no kernel"));
	assert_non_null(strstr(text, "/out/os-cmdline is not written"));
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_outputs_have_their_formats_names),
		TEST(test_a_report_says_what_was_built_of_what),
		TEST(test_a_report_has_the_images_in_the_order_of_the_configuration),
		TEST(test_one_stream_goes_to_a_file_of_any_name),
		TEST(test_what_cannot_be_is_refused_at_once),
		TEST(test_when_an_output_cannot_be_written_the_old_ones_stay),
		TEST(test_when_an_output_cannot_get_its_name_the_old_ones_stay),
		TEST(test_when_an_image_is_missing_the_old_ones_stay),
		TEST(test_what_is_not_written_is_not_removed),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
