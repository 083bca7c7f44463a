/* SPDX-License-Identifier: Apache-2.0 */
/* Formats that are a single tar. */
#include <string.h>

#include "output/write.h"

int output_tar_add(struct archiver *tar, const char *name, uint64_t size, struct reader *content,
	struct werr **err)
{
	const struct tree_meta meta = {.mode = S_IFREG | 0644, .mtime = BUILD_TIME};
	const struct archive_member entry = {.path = name, .meta = &meta, .size = size, .links = 1};

	return tar->add(tar, &entry, content, err);
}

static int add_pieces(const struct pieces *pieces, struct writer *to, struct werr **err)
{
	CLEANUP(reader) struct reader *all = pieces_open(pieces, &encoding_tar, 0);

	return io_copy(all, to, NULL, err);
}

int output_write_tar(const struct output_job *job, struct writer *to, struct werr **err)
{
	CLEANUP(archiver) struct archiver *tar = archiver_new_tar(to);
	int r = add_pieces(job->pieces, to, err);

	return r < 0 ? r : tar->finish(tar, err);
}

#define DOCKERFILE(entrypoint) "\nFROM scratch\n\nCOPY . ./\n\nENTRYPOINT [\"" entrypoint "\"]\n"

/* A tar that is a context for `docker build -`. */
int output_write_docker(const struct output_job *job, struct writer *to, struct werr **err)
{
	const char *text =
		job->plan->config->compat ? DOCKERFILE("/bin/rc.init") : DOCKERFILE("/init");
	CLEANUP(reader) struct reader *dockerfile = mem_reader_new(text, strlen(text));
	CLEANUP(archiver) struct archiver *tar = archiver_new_tar(to);
	int r = add_pieces(job->pieces, to, err);

	if (r == 0)
		r = output_tar_add(tar, "Dockerfile", strlen(text), dockerfile, err);
	return r < 0 ? r : tar->finish(tar, err);
}

/* A file of boot/; a missing or empty one has no entry. */
static int add_boot_file(struct archiver *tar, const struct pieces *pieces,
	const struct encoding *e, const char *name, struct werr **err)
{
	const struct piece *piece = pieces_last(pieces, e);
	CLEANUP(reader) struct reader *content = piece ? pieces_open_one(piece) : NULL;

	if (!piece || piece->size == 0)
		return 0;
	return output_tar_add(tar, name, piece->size, content, err);
}

int output_write_kernel_tar(const struct output_job *job, struct writer *to, struct werr **err)
{
	CLEANUP(archiver) struct archiver *tar = archiver_new_tar(to);
	CLEANUP(reader) struct reader *initrd = output_open_initrd(job);
	int r = add_boot_file(tar, job->pieces, &encoding_kernel, "kernel", err);

	if (r == 0)
		r = output_tar_add(tar, "initrd.img", output_initrd_size(job), initrd, err);
	if (r == 0)
		r = add_boot_file(tar, job->pieces, &encoding_cmdline, "cmdline", err);
	if (r == 0)
		r = add_boot_file(tar, job->pieces, &encoding_ucode, "ucode.cpio", err);
	return r < 0 ? r : tar->finish(tar, err);
}
