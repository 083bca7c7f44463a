/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "contract/outputs.h"
#include "vm/artifact.h"

#define D "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* An artifact of these layers: types and titles, NULL ends them. */
static struct manifest *artifact(const char *const *layers)
{
	CLEANUP(buf) struct buf text = BUF_INIT(1 << 20);
	struct manifest *m;
	struct werr *err = NULL;

	buf_puts(&text, "{\"schemaVersion\":2,\"artifactType\":\"" OUTPUT_TYPE
			"\",\"config\":{\"mediaType\":\"" MEDIA_OCI_EMPTY "\",\"digest\":\"" D
			"\",\"size\":2},\"layers\":[");
	for (size_t i = 0; layers[i]; i += 2)
		buf_printf(&text,
			"%s{\"mediaType\":\"%s\",\"digest\":\"" D
			"\",\"size\":0,\"annotations\":{\"" ANNOTATION_TITLE "\":\"%s\"}}",
			i ? "," : "", layers[i], layers[i + 1]);
	buf_puts(&text, "]}");
	assert_ok(manifest_parse("m", buf_str(&text), text.len, NULL, &m, &err), err);
	return m;
}

static void check_path(const char *const *layers, bool iso, size_t n, const char *path)
{
	CLEANUP(manifest) struct manifest *m = artifact(layers);
	CLEANUP(vm_artifact) struct vm_artifact a = {0};
	struct werr *err = NULL;

	assert_ok(vm_artifact_read(m, "x", iso, &a, &err), err);
	assert_int_equal(a.n, n);
	assert_string_equal(a.path, path);
}

static void test_what_is_started(ATTR_UNUSED void **state)
{
	static const char *const all[] = {OUTPUT_TYPE_ISO, "a.iso", OUTPUT_TYPE_UKI, "a.efi",
		OUTPUT_TYPE_KERNEL, "a-b-kernel", "x/y", "../other", NULL};
	static const char *const no_kernel[] = {OUTPUT_TYPE_ISO, "a.iso", OUTPUT_TYPE_CMDLINE, "a",
		OUTPUT_TYPE_RAW, "a.img", OUTPUT_TYPE_UKI, "a.efi", NULL};

	check_path(all, false, 3, "a-b");
	check_path(all, true, 3, "a.iso");
	check_path(no_kernel, false, 4, "a.img");
	check_path(no_kernel, true, 4, "a.iso");
}

static void test_refused(ATTR_UNUSED void **state)
{
	static const struct {
		const char *layers[5];
		const char *message;
	} cases[] = {
		{{NULL}, "nothing that can be started"},
		{{OUTPUT_TYPE_INITRD, "a-initrd.img", NULL}, "nothing that can be started"},
		{{OUTPUT_TYPE_KERNEL, "../a-kernel", NULL}, "not the name of a file"},
		{{OUTPUT_TYPE_KERNEL, "-kernel", NULL}, "not the name of a file"},
		{{OUTPUT_TYPE_KERNEL, "kernel", NULL}, "and not NAME-kernel"},
		{{OUTPUT_TYPE_UKI, "a", OUTPUT_TYPE_RAW, "a", NULL}, "two layers have the title a"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(manifest) struct manifest *m = artifact(cases[i].layers);
		struct vm_artifact a;
		struct werr *err = NULL;

		assert_true(vm_artifact_read(m, "x", false, &a, &err) < 0);
		assert_non_null(strstr(err->message, cases[i].message));
		werr_free(err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_started),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
