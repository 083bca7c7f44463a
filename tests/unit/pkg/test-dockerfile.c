/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/dockerfile.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "check.h"

static const struct platform target = {"linux", "arm64", ""}, host = {"linux", "amd64", ""};

static int parse(const char *text, const char *arg, struct dockerfile *ret, struct werr **err)
{
	CLEANUP(strv) struct strv args = {0};
	struct dockerfile_input in = {.name = "Dockerfile",
		.text = text,
		.size = strlen(text),
		.args = &args,
		.target = &target,
		.host = &host};

	if (arg)
		strv_add(&args, arg);
	return dockerfile_parse(&in, ret, err);
}

/* "line name platform [as written]; ..." */
static char *summary(const char *text, const struct dockerfile *d)
{
	CLEANUP(buf) struct buf b = BUF_INIT(4096);

	for (size_t i = 0; i < d->n; i++) {
		const struct dockerfile_image *m = &d->images[i];

		buf_printf(&b, "%s%u %s%s%s [%.*s]", i ? "; " : "", m->line, m->name,
			m->platform ? " " : "", m->platform ? m->platform : "", (int)m->at.length,
			text + m->at.start);
		if (m->at_platform.length)
			buf_printf(&b, " [%.*s]", (int)m->at_platform.length,
				text + m->at_platform.start);
	}
	return buf_steal(&b);
}

static void images_are_found_where_they_are(void **state)
{
	static const struct {
		const char *text, *arg, *expected;
	} cases[] = {
		{"FROM a", NULL, "1 a [a]"},
		{"from a:1 as B\nFROM scratch\ncopy --from=b /x /x\nCOPY --from=0 /y /y\n", NULL,
			"1 a:1 [a:1]"},
		{"FROM scratch\nCOPY --chown=1 --from=c/d@sha256:12 a b\n", NULL,
			"2 c/d@sha256:12 [c/d@sha256:12]"},
		{"# escape=`\n\nFROM `\n  a`\n# between\n  AS x\n", NULL, "3 a [a]"},
		{"\xef\xbb\xbf# syntax=docker/dockerfile:1\r\nFROM a\r\n", NULL, "2 a [a]"},
		{"ARG T=3\nARG I=\"al pine:${T}\"\nFROM $I\n", NULL, "3 al pine:3 [$I]"},
		{"ARG T=3\nFROM a:${T:-4}\n", "T=5", "2 a:5 [a:${T:-4}]"},
		{"ARG T\nFROM a:${T:-${X:-7}}${T:+no}\n", NULL, "2 a:7 [a:${T:-${X:-7}}${T:+no}]"},
		{"FROM --platform=$BUILDPLATFORM a AS b\nFROM --platform=linux/$TARGETARCH b\n",
			NULL, "1 a linux/amd64 [a] [$BUILDPLATFORM]"},
		{"FROM a\nRUN --mount=type=bind,from=c,target=/c --network=none x\n", NULL,
			"1 a [a]; 2 c [c]"},
		{"FROM a\nRUN <<EOF cat <<-'END'\nFROM b\nEOF\n\tFROM c\n\tEND\nFROM d\n", NULL,
			"1 a [a]; 7 d [d]"},
		{"FROM a\nARG F=c\nCOPY --from=$F x y\nONBUILD COPY --from=e x y\n", NULL,
			"1 a [a]"},
		{"FROM a\nRUN echo \\\n# FROM b\n\nFROM c\nLABEL x=\"FROM d\"\n", NULL, "1 a [a]"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dockerfile d = {0};
		struct werr *err = NULL;

		assert_ok(parse(cases[i].text, cases[i].arg, &d, &err), err);
		CLEANUP(free) char *found = summary(cases[i].text, &d);

		assert_string_equal(found, cases[i].expected);
		dockerfile_cleanup(&d);
	}
}

static void arguments_are_listed(void **state)
{
	struct dockerfile d = {0};
	struct werr *err = NULL;

	(void)state;
	assert_ok(parse("ARG A=1 B\nFROM x\nARG C=\"d e\"\nARG A\n", NULL, &d, &err), err);
	CLEANUP(free) char *all = strv_join(&d.args, " ");

	assert_string_equal(all, "A B C");
	dockerfile_cleanup(&d);
}

static void each_mistake_has_its_line(void **state)
{
	static const struct {
		const char *text, *message;
		unsigned line;
		enum werr_kind kind;
	} cases[] = {
		{"RUN x\n", "it has no FROM", 0, WERR_INVALID},
		{"\nFROM\n", "FROM names no image", 2, WERR_INVALID},
		{"FROM --platform=x\n", "FROM names no image", 1, WERR_INVALID},
		{"FROM $NONE\n", "what FROM names is empty", 1, WERR_INVALID},
		{"FROM ${X\n", "no closing brace", 1, WERR_INVALID},
		{"FROM ${}\n", "no name", 1, WERR_INVALID},
		{"ARG X=1\nFROM a:${X%.*}\n", "can't expand '${...%.*}'", 2, WERR_UNSUPPORTED},
		{"FROM ${a:-${a:-${a:-${a:-${a:-${a:-${a:-${a:-${a:-${a:-x}}}}}}}}}}\n", "nested",
			1, WERR_LIMIT},
		{"FROM a\nRUN <<E\nFROM b\n", "does not end", 2, WERR_INVALID},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dockerfile d = {0};
		struct werr *err = NULL;

		assert_true(parse(cases[i].text, NULL, &d, &err) < 0);
		assert_string_equal(err->file, "Dockerfile");
		assert_int_equal(err->line, cases[i].line);
		assert_fails(werr_code(err->kind), err, cases[i].kind, cases[i].message);
	}
}

static void limits_hold(void **state)
{
	CLEANUP(buf) struct buf b = BUF_INIT(1 << 20);
	struct dockerfile d = {0};
	struct werr *err = NULL;

	(void)state;
	for (unsigned i = 0; i <= DOCKERFILE_IMAGES_MAX; i++)
		buf_puts(&b, "FROM a\n");
	assert_fails(parse(buf_str(&b), NULL, &d, &err), err, WERR_LIMIT, "more than 256 images");
	buf_truncate(&b, 0);
	buf_puts(&b, "ARG A=0123456789abcdef\n");
	for (unsigned i = 0; i < 10; i++)
		buf_puts(&b, "ARG A=$A$A\n");
	assert_fails(parse(buf_str(&b), NULL, &d, &err), err, WERR_LIMIT, "longer than 4096");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(images_are_found_where_they_are),
		cmocka_unit_test(arguments_are_listed),
		cmocka_unit_test(each_mistake_has_its_line),
		cmocka_unit_test(limits_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
