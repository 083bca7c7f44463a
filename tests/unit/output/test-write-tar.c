/* SPDX-License-Identifier: Apache-2.0 */
/* From pieces that are made by hand. */
#include "made-pieces.h"

#include <stdlib.h>

#include "buf-writer.h"
#include "output/write.h"
#include "tar/ustar.h"

enum { OUT_MAX = 64 << 10 };

/*
 * "NAME=TEXT" of each file of a tar whose first `at` bytes are something else, with zeros as '0'.
 * Owned by the caller.
 */
static char *list(const struct buf *tar, size_t at)
{
	CLEANUP(buf) struct buf text = BUF_INIT(OUT_MAX);

	while (at < tar->len && tar->data[at]) {
		struct ustar h;
		uint64_t size;

		memcpy(&h, tar->data + at, sizeof(h));
		at += sizeof(h);
		assert_true(ustar_is_intact(&h));
		assert_true(ustar_get_number(h.size, sizeof(h.size), &size));
		assert_in_range(size, 0, tar->len - at);
		buf_printf(&text, "%s%.100s=", text.len ? " " : "", h.name);
		for (const char *p = tar->data + at; p < tar->data + at + size; p++)
			buf_putc(&text, *p ? *p : '0');
		at += (size_t)size + tar_padding(size);
	}
	assert_int_equal(tar->len - at, TAR_END);
	return str_dup(buf_str(&text));
}

/* What is written: the tar's own pieces, then these files. */
static void assert_written(const struct made_pieces *m, output_write *write, const char *files)
{
	CLEANUP(buf) struct buf out = BUF_INIT(OUT_MAX);
	struct buf_writer to = BUF_WRITER(&out);
	CLEANUP(free) char *is = NULL;
	const struct output_job job = made_job(m);
	struct werr *err = NULL;

	assert_ok(write(&job, &to.writer, &err), err);
	is = list(&out, (size_t)pieces_size(&m->pieces, &encoding_tar));
	assert_string_equal(is, files);
}

/* clang-format off */
static const struct {
	const char *what;
	enum codec codec;
	int kernel[MADE_PARTS], initrd[MADE_PARTS], cmdline[MADE_PARTS], ucode[MADE_PARTS];
	const char *files;
} kernels[] = {
	{"everything", CODEC_ZSTD,
		{3, NONE, NONE}, {2, NONE, 2}, {1, NONE, NONE}, {5, NONE, NONE},
		"kernel=kkk initrd.img=aacc cmdline=p ucode.cpio=uuuuu"},
	{"no kernel", CODEC_ZSTD,
		{NONE, NONE, NONE}, {4, NONE, NONE}, {NONE, NONE, NONE}, {NONE, NONE, NONE},
		"initrd.img=aaaa"},
	{"an empty command line has no entry", CODEC_ZSTD,
		{3, NONE, NONE}, {4, NONE, NONE}, {0, NONE, NONE}, {NONE, NONE, NONE},
		"kernel=kkk initrd.img=aaaa"},
	{"the size of the initrd counts its zeros", CODEC_LZ4,
		{NONE, NONE, NONE}, {3, NONE, NONE}, {2, NONE, NONE}, {NONE, NONE, NONE},
		"initrd.img=aaa00000 cmdline=pp"},
	{"the last part's files", CODEC_GZIP,
		{3, 2, NONE}, {3, NONE, NONE}, {1, NONE, 2}, {NONE, NONE, NONE},
		"kernel=ll initrd.img=aaa cmdline=rr"},
};
/* clang-format on */

static void test_a_kernel_tar_has_the_files_that_there_are(ATTR_UNUSED void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++) {
		CLEANUP(made_pieces) struct made_pieces m = {.config = {0}};

		made_pieces_init(&m, kernels[i].codec);
		make_pieces(&m, &encoding_kernel, kernels[i].kernel, 'k');
		make_pieces(&m, &encoding_initrd, kernels[i].initrd, 'a');
		make_pieces(&m, &encoding_cmdline, kernels[i].cmdline, 'p');
		make_pieces(&m, &encoding_ucode, kernels[i].ucode, 'u');
		assert_written(&m, output_write_kernel_tar, kernels[i].files);
	}
}

static void test_a_tar_is_its_pieces_and_an_end(ATTR_UNUSED void **state)
{
	static const int sizes[MADE_PARTS] = {512, NONE, 1024};
	CLEANUP(made_pieces) struct made_pieces m = {.config = {0}};
	CLEANUP(buf) struct buf out = BUF_INIT(OUT_MAX);
	struct buf_writer to = BUF_WRITER(&out);
	const struct output_job job = made_job(&m);
	struct werr *err = NULL;

	made_pieces_init(&m, CODEC_NONE);
	make_pieces(&m, &encoding_tar, sizes, 'a');
	assert_ok(output_write_tar(&job, &to.writer, &err), err);
	assert_int_equal(out.len, 512 + 1024 + TAR_END);
	for (size_t i = 0; i < out.len; i++)
		assert_int_equal(out.data[i], i < 512 ? 'a' : i < 512 + 1024 ? 'c' : 0);
}

static void test_a_docker_context_has_a_dockerfile_at_its_end(ATTR_UNUSED void **state)
{
	static const int sizes[MADE_PARTS] = {512, 512, NONE};
	static const char *const inits[] = {"/init", "/bin/rc.init"};

	for (int compat = 0; compat < 2; compat++) {
		CLEANUP(made_pieces) struct made_pieces m = {.config = {.compat = compat}};
		CLEANUP(free)
		char *files = str_printf("Dockerfile=\nFROM scratch\n\nCOPY . ./\n\n"
					 "ENTRYPOINT [\"%s\"]\n",
			inits[compat]);

		made_pieces_init(&m, CODEC_NONE);
		make_pieces(&m, &encoding_tar, sizes, 'a');
		assert_written(&m, output_write_docker, files);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_kernel_tar_has_the_files_that_there_are),
		cmocka_unit_test(test_a_tar_is_its_pieces_and_an_end),
		cmocka_unit_test(test_a_docker_context_has_a_dockerfile_at_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
