/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "oci/manifest.h"

#define D "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

#define CONFIG "{\"mediaType\":\"" MEDIA_OCI_CONFIG "\",\"digest\":\"" D "\",\"size\":2}"
#define LAYER                                                                           \
	"{\"mediaType\":\"" MEDIA_OCI_LAYER_GZIP "\",\"digest\":\"" D "\",\"size\":30," \
	"\"urls\":[\"https://a/b\",\"https://c/d\"]}"
#define IMAGE   "{\"schemaVersion\":2,\"mediaType\":\"" MEDIA_OCI_MANIFEST "\",\"config\":" CONFIG
#define SIGNED  "\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\"}"
#define UNKNOWN "\"platform\":{\"architecture\":\"unknown\",\"os\":\"unknown\"}"

static int parse(const char *text, struct manifest **ret, struct werr **err)
{
	return manifest_parse("m", text, strlen(text), NULL, ret, err);
}

static void test_image(void **state)
{
	static const char text[] = IMAGE ",\"layers\":[" LAYER "," LAYER
					 "],\"annotations\":{\"b\":\"1\",\"a\":\"2\"}}";
	CLEANUP(manifest) struct manifest *m = NULL;
	CLEANUP(free) char *written = NULL;
	struct werr *err = NULL;
	size_t size;

	(void)state;
	assert_ok(parse(text, &m, &err), err);
	assert_false(m->is_index);
	assert_string_equal(m->config.digest.text, D);
	assert_int_equal(m->n, 2);
	assert_int_equal(m->items[1].size, 30);
	assert_int_equal(m->items[1].urls.n, 2);
	assert_string_equal(m->items[1].media_type, MEDIA_OCI_LAYER_GZIP);
	written = manifest_write(m, &size);
	assert_string_equal(written, text);
	assert_int_equal(size, strlen(text));
}

static void test_index(void **state)
{
	static const char text[] =
		"{\"schemaVersion\":2,\"manifests\":["
		"{\"mediaType\":\"" MEDIA_DOCKER_MANIFEST "\",\"digest\":\"" D "\",\"size\":7,"
		"\"platform\":{\"architecture\":\"arm\",\"os\":\"linux\",\"variant\":\"v7\"}},"
		"{\"mediaType\":\"" MEDIA_OCI_MANIFEST "\",\"digest\":\"" D "\",\"size\":7," SIGNED
		"," UNKNOWN "}]}";
	CLEANUP(manifest) struct manifest *m = NULL;
	struct werr *err = NULL;
	char platform[PLATFORM_TEXT_MAX];

	(void)state;
	assert_ok(parse(text, &m, &err), err);
	assert_true(m->is_index);
	assert_int_equal(m->n, 2);
	assert_string_equal(platform_text(&m->items[0].platform, platform), "linux/arm/v7");
	assert_false(descriptor_is_attestation(&m->items[0]));
	assert_true(descriptor_is_attestation(&m->items[1]));
	assert_true(media_type_is_manifest(m->items[0].media_type));
	assert_true(media_type_is_index(MEDIA_DOCKER_LIST));
}

/* Entries that make no sense are left out; a platform that makes none is none. */
static void test_odd_entries(void **state)
{
#define ENTRY(more_) \
	"{\"mediaType\":\"" MEDIA_OCI_MANIFEST "\",\"digest\":\"" D "\",\"size\":7" more_ "}"
	static const char text[] =
		"{\"schemaVersion\":2,\"manifests\":["
		"{\"mediaType\":\"" MEDIA_OCI_MANIFEST "\",\"digest\":\"blake3:aa\",\"size\":7},"
		"{\"digest\":\"" D "\",\"size\":7},7,null,"
		/* clang-format off */
		ENTRY(",\"annotations\":{\"a\":1}") ","
		ENTRY(",\"platform\":{}") ","
		ENTRY(",\"platform\":{\"architecture\":\"s390x\"}") ","
		ENTRY(",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm/v7\"}") ","
		ENTRY(",\"platform\":\"linux/amd64\"") ","
		ENTRY(",\"platform\":{\"os\":\"Linux\",\"architecture\":\"x86_64\"}") "]}";
	/* clang-format on */
	CLEANUP(manifest) struct manifest *m = NULL;
	struct werr *err = NULL;

	(void)state;
	assert_ok(parse(text, &m, &err), err);
	assert_int_equal(m->n, 5);
	assert_int_equal(m->n_left_out, 5);
	for (size_t i = 0; i < 4; i++)
		assert_false(m->items[i].has_platform);
	assert_true(m->items[4].has_platform);
	assert_string_equal(m->items[4].platform.os, "linux");
	assert_string_equal(m->items[4].platform.arch, "amd64");
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *why;
		enum werr_kind kind;
	} rows[] = {
		{"[]", "not a manifest", WERR_INVALID},
		{"{}", "'schemaVersion' is missing", WERR_INVALID},
		{"{\"schemaVersion\":1}", "schema 1", WERR_UNSUPPORTED},
		{"{\"schemaVersion\":3}", "schemaVersion 3", WERR_UNSUPPORTED},
		{"{\"schemaVersion\":2,\"mediaType\":\"text/html\"}", "text/html",
			WERR_UNSUPPORTED},
		{IMAGE ",\"layers\":[],\"manifests\":[]}", "both an index", WERR_INVALID},
		{IMAGE "}", "'layers' is missing", WERR_INVALID},
		{IMAGE ",\"layers\":[1]}", "layers[0]", WERR_INVALID},
		{IMAGE ",\"layers\":[{\"mediaType\":\"x\"}]}", "no digest", WERR_INVALID},
		{IMAGE ",\"layers\":[{\"digest\":\"" D "\"}]}", "no mediaType", WERR_INVALID},
		{IMAGE ",\"layers\":[{\"mediaType\":\"x/y\",\"digest\":\"" D "\",\"size\":-1}]}",
			"no valid size", WERR_INVALID},
		{IMAGE ",\"layers\":[{\"mediaType\":\"x/y\",\"digest\":\"" D "\",\"size\":\"1\"}]}",
			"no valid size", WERR_INVALID},
		{IMAGE ",\"layers\":[{\"mediaType\":\"x/y\",\"digest\":\"sha256:../x\","
		       "\"size\":1}]}",
			"layers[0]", WERR_INVALID},
		{IMAGE ",\"layers\":[{\"mediaType\":\"x/y\",\"digest\":\"sha384:00\",\"size\":1}]}",
			"sha384", WERR_UNSUPPORTED},
	};
	struct manifest *m = NULL;
	struct werr *err = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_fails(parse(rows[i].text, &m, &err), err, rows[i].kind, rows[i].why);
	assert_null(m);
}

static void test_media_types(void **state)
{
	static const char *const good[] = {"a/b", MEDIA_OCI_LAYER_ZSTD, "x1!#$&-^_.+/1"};
	static const char *const bad[] = {"", "a", "/a", "a/", "a/b/c", "a/b;c=d", "a b/c", "-a/b",
		"a/b\r\nX: y", "a/\xc3\xa4"};
	CLEANUP(buf) struct buf longest = BUF_INIT(1000);
	struct manifest *m = NULL;
	struct werr *err = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(media_type_is_valid(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (media_type_is_valid(bad[i]))
			fail_msg("%s", bad[i]);
	buf_fill(&longest, 'a', 127);
	buf_putc(&longest, '/');
	buf_fill(&longest, 'b', 127);
	assert_true(media_type_is_valid(buf_str(&longest)));
	buf_putc(&longest, 'b');
	assert_false(media_type_is_valid(buf_str(&longest)));
	assert_fails(parse(IMAGE ",\"layers\":[{\"mediaType\":\"x/y\\r\\nA: b\",\"digest\":\"" D
				 "\",\"size\":1}]}",
			     &m, &err),
		err, WERR_INVALID, "layers[0] is not a media type");
}

static void test_types_in_fields(void **state)
{
	static const char *const nothing[] = {
		"", "application/json", "binary/octet-stream", "text/html; charset=utf-8"};

	(void)state;
	assert_string_equal(media_type_of_field("APPLICATION/VND.OCI.IMAGE.INDEX.V1+JSON; x=y"),
		MEDIA_OCI_INDEX);
	assert_string_equal(media_type_of_field(MEDIA_DOCKER_MANIFEST ",application/json"),
		MEDIA_DOCKER_MANIFEST);
	for (size_t i = 0; i < ARRAY_SIZE(nothing); i++)
		assert_null(media_type_of_field(nothing[i]));
}

static void test_bounds(void **state)
{
	CLEANUP(buf) struct buf b = BUF_INIT(MANIFEST_SIZE_MAX + 10);
	struct manifest *m = NULL;
	struct werr *err = NULL;

	(void)state;
	buf_puts(&b, IMAGE ",\"layers\":[" LAYER);
	for (unsigned i = 0; i < MANIFEST_LAYERS_MAX; i++)
		buf_puts(&b, "," LAYER);
	buf_puts(&b, "]}");
	assert_fails(parse(buf_str(&b), &m, &err), err, WERR_LIMIT, "1001 layers");
	buf_fill(&b, ' ', MANIFEST_SIZE_MAX + 1 - b.len);
	assert_fails(parse(buf_str(&b), &m, &err), err, WERR_LIMIT, "is larger than");
}

static void test_descriptor(void **state)
{
	struct descriptor a = {.media_type = str_dup("x"), .size = 5}, b;

	(void)state;
	descriptor_annotate(&a, "k", "1");
	descriptor_annotate(&a, "k", "2");
	descriptor_copy(&b, &a);
	descriptor_cleanup(&a);
	assert_string_equal(descriptor_annotation(&b, "k"), "2");
	assert_null(descriptor_annotation(&b, "other"));
	assert_int_equal(b.n_annotations, 1);
	assert_int_equal(b.size, 5);
	descriptor_cleanup(&b);
}

#define EMPTY    "{\"mediaType\":\"" MEDIA_OCI_EMPTY "\",\"digest\":\"" D "\",\"size\":2}"
#define ARTIFACT "{\"schemaVersion\":2,\"mediaType\":\"" MEDIA_OCI_MANIFEST "\","

static void test_artifact(ATTR_UNUSED void **state)
{
	static const char text[] =
		ARTIFACT "\"artifactType\":\"a/b\",\"config\":" EMPTY ",\"layers\":[]}";
	CLEANUP(manifest) struct manifest *m = NULL, *old = NULL, *image = NULL;
	CLEANUP(free) char *written = NULL;
	struct werr *err = NULL;
	size_t size;

	assert_ok(parse(text, &m, &err), err);
	assert_true(manifest_is_artifact(m));
	assert_string_equal(manifest_artifact_type(m), "a/b");
	written = manifest_write(m, &size);
	assert_string_equal(written, text);
	/* As they were before there was artifactType. */
	assert_ok(parse(ARTIFACT "\"config\":{\"mediaType\":\"c/d\",\"digest\":\"" D
				 "\",\"size\":2},\"layers\":[]}",
			  &old, &err),
		err);
	assert_true(manifest_is_artifact(old));
	assert_string_equal(manifest_artifact_type(old), "c/d");
	assert_ok(parse(IMAGE ",\"artifactType\":\"a/b\",\"layers\":[]}", &image, &err), err);
	assert_false(manifest_is_artifact(image));
	assert_fails(parse(ARTIFACT "\"artifactType\":\"b\",\"config\":" EMPTY ",\"layers\":[]}",
			     &m, &err),
		err, WERR_INVALID, "the artifactType is not a media type");
}

static void test_titles(ATTR_UNUSED void **state)
{
	static const char *const unsafe[] = {
		"", ".", "..", ".a", "-a", "/a", "a/b", "a/", "a\nb", "a\x1b", "a\x7f", "a,b"};
	char long_title[257] = "";

	memset(long_title, 'a', 255);
	assert_true(title_is_safe(long_title));
	long_title[255] = 'a';
	assert_false(title_is_safe(long_title));
	assert_true(title_is_safe("a b-kernel..\xc3\xa4"));
	for (size_t i = 0; i < ARRAY_SIZE(unsafe); i++)
		assert_false(title_is_safe(unsafe[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_image),
		cmocka_unit_test(test_index),
		cmocka_unit_test(test_odd_entries),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_media_types),
		cmocka_unit_test(test_types_in_fields),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_descriptor),
		cmocka_unit_test(test_artifact),
		cmocka_unit_test(test_titles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
