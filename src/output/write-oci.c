/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An OCI image layout in a tar (image-spec, image-layout.md), with an index of one artifact
 * (manifest.md, "Guidelines for Artifact Usage"): its layers are the files of other formats as they
 * are. A layout says the digest of each before its bytes, so a file is written twice, and no copy
 * is kept.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "contract/outputs.h"
#include "output/write.h"
#include "store/export.h"

#define NO_CONFIG "{}"

struct artifact {
	struct manifest *manifest;
	const struct output_job **jobs; /* of its layers */
};

static void artifact_cleanup(struct artifact *a)
{
	if (a->manifest)
		manifest_free(a->manifest);
	free(a->jobs);
}

/* What is zeros has to be hashed and sent all the same: a limit, before hours of that. */
struct dense_writer {
	struct writer writer, *to;
	uint64_t skipped;
};

static int dense_write(struct writer *w, const void *p, size_t size, struct werr **err)
{
	return writer_write(CONTAINER_OF(w, struct dense_writer, writer)->to, p, size, err);
}

static int dense_skip(struct writer *w, uint64_t n, struct werr **err)
{
	struct dense_writer *d = CONTAINER_OF(w, struct dense_writer, writer);

	d->skipped += n;
	if (d->skipped <= SHA256_HOLES_MAX)
		return writer_skip(d->to, n, err);
	werr_set(err, WERR_LIMIT, "a disk with so many zeros can't be in an artifact");
	werr_hint(err, "take a smaller --size, or a format without zeros such as qcow2");
	return werr_code(WERR_LIMIT);
}

/* A file ends here, and the archive around it goes on. */
static int dense_finish(ATTR_UNUSED struct writer *w, ATTR_UNUSED struct werr **err)
{
	return 0;
}

/* Write a file, and say what was written. OUTPUT_NONE: there is no such file. */
static int write_held(
	const struct output_job *job, struct writer *to, struct descriptor *ret, struct werr **err)
{
	CLEANUP(sha256) struct sha256 *hash = sha256_new();
	CLEANUP(writer) struct writer *hasher = sha256_writer_new(to, hash);
	CLEANUP(writer) struct writer *counter = count_writer_new(hasher, &ret->size);
	struct dense_writer dense = {
		.writer = {dense_write, dense_finish, .skip = dense_skip}, .to = counter};
	char hex[SHA256_HEX + 1];
	int r = output_write_file(job, &dense.writer, err);

	sha256_hex(hash, hex);
	digest_from_hex(hex, &ret->digest);
	return r;
}

/* ORAS's convention: the title of a layer is its file's name. */
static int name_file(const struct output_job *job, struct descriptor *d, struct werr **err)
{
	CLEANUP(free) char *path = str_printf("%s%s", job->name, job->file->suffix);
	const char *slash = strrchr(path, '/'), *title = slash ? slash + 1 : path;

	if (!title_is_safe(title)) {
		werr_set(err, WERR_INVALID, "a file can't be called '%s' in an artifact", title);
		werr_hint(err, "give the outputs another name with --name");
		return werr_code(WERR_INVALID);
	}
	descriptor_annotate(d, ANNOTATION_TITLE, title);
	d->media_type = str_dup(job->file->type);
	return 0;
}

static int add_files(const struct output_job *job, struct artifact *a, struct werr **err)
{
	struct manifest *m = a->manifest;
	int r = 0;

	m->items = mem_new_array(struct descriptor, job->n_held);
	a->jobs = mem_new_array(const struct output_job *, job->n_held);
	for (size_t i = 0; r >= 0 && i < job->n_held; i++) {
		struct descriptor *d = &m->items[m->n];

		r = write_held(&job->held[i], NULL, d, err);
		if (r == OUTPUT_NONE)
			continue;
		a->jobs[m->n++] = &job->held[i];
		if (r == 0)
			r = name_file(&job->held[i], d, err);
	}
	return r < 0 ? r : 0;
}

/* The value of a key in an os-release (os-release(5)), if it is plain; owned by the caller. */
static char *release_value(const char *text, const char *key)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789._-+~^";

	for (const char *line = text; line; line = strchr(line, '\n')) {
		const char *value = str_after(line += *line == '\n', key);
		size_t n, quoted = value && (*value == '"' || *value == '\'');

		n = value ? strspn(value + quoted, plain) : 0;
		if (n > 0 && strchr(quoted ? (char[]){*value, 0} : "\n", value[quoted + n]))
			return str_dup_n(value + quoted, n);
	}
	return NULL;
}

/* What a person who looks at it wants to know. */
static int annotate(const struct output_job *job, struct manifest *m, struct werr **err)
{
	const char *slash = strrchr(job->name, '/');
	CLEANUP(free) char *release = NULL, *version = NULL;
	int r = output_read_os_release(job, &release, err);

	if (r < 0)
		return r;
	version = release_value(release, "IMAGE_VERSION=");
	if (!version)
		version = release_value(release, "VERSION_ID=");
	annotations_set(&m->annotations, &m->n_annotations, ANNOTATION_TITLE,
		slash ? slash + 1 : job->name);
	if (version)
		annotations_set(&m->annotations, &m->n_annotations, ANNOTATION_VERSION, version);
	return 0;
}

static int make_artifact(const struct output_job *job, struct artifact *a, struct werr **err)
{
	struct manifest *m = a->manifest = mem_new(struct manifest);
	int r;

	m->media_type = str_dup(MEDIA_OCI_MANIFEST);
	m->artifact_type = str_dup(OUTPUT_TYPE);
	m->config = (struct descriptor){
		.media_type = str_dup(MEDIA_OCI_EMPTY), .size = strlen(NO_CONFIG)};
	digest_of(NO_CONFIG, strlen(NO_CONFIG), &m->config.digest);
	r = add_files(job, a, err);
	return r < 0 ? r : annotate(job, m, err);
}

/* An index of one manifest or index; text is its JSON, owned by the caller. */
static struct manifest *make_index(
	const char *media_type, const char *text, const struct platform *platform, const char *name)
{
	struct manifest *index = mem_new(struct manifest);

	index->is_index = true;
	index->media_type = str_dup(MEDIA_OCI_INDEX);
	index->items = mem_new_array(struct descriptor, 1);
	index->n = 1;
	index->items[0] =
		(struct descriptor){.media_type = str_dup(media_type), .size = strlen(text)};
	digest_of(text, strlen(text), &index->items[0].digest);
	if (platform) {
		index->items[0].has_platform = true;
		index->items[0].platform = *platform;
	}
	if (name)
		descriptor_annotate(&index->items[0], ANNOTATION_REF_NAME, name);
	return index;
}

/* ---- the tar ---- */

static int add_text(struct export_tar *tar, const char *text, struct werr **err)
{
	CLEANUP(free) char *path = NULL;
	struct digest digest;

	digest_of(text, strlen(text), &digest);
	path = digest_blob_path(&digest);
	return export_text(&tar->sink, path, text, err);
}

static int add_file(const struct output_job *job, struct export_tar *tar,
	const struct descriptor *d, struct werr **err)
{
	CLEANUP(free) char *path = digest_blob_path(&d->digest);
	struct descriptor now = {0};
	int r = export_tar_begin_file(tar, path, d->size, err);

	if (r == 0)
		r = write_held(job, tar->to, &now, err);
	if (r == 0 && !digest_eq(&now.digest, &d->digest))
		return werr_set(err, WERR_CORRUPT, "%s%s changed while it was written", job->name,
			job->file->suffix);
	return r < 0 ? r : export_tar_end_file(tar, d->size, err);
}

/* Files with the same bytes are one blob. */
static bool is_first(const struct manifest *m, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (digest_eq(&m->items[k].digest, &m->items[i].digest))
			return false;
	return true;
}

static int write_blobs(const struct artifact *a, const char *manifest, const char *index,
	struct export_tar *tar, struct werr **err)
{
	const struct manifest *m = a->manifest;
	int r = add_text(tar, index, err);

	if (r == 0)
		r = add_text(tar, manifest, err);
	if (r == 0)
		r = add_text(tar, NO_CONFIG, err);
	for (size_t i = 0; r == 0 && i < m->n; i++)
		if (is_first(m, i))
			r = add_file(a->jobs[i], tar, &m->items[i], err);
	return r;
}

/* It has no name, which would be a registry's; the tag is for tools that want one. */
int output_write_oci(const struct output_job *job, struct writer *to, struct werr **err)
{
	CLEANUP(artifact) struct artifact a = {0};
	CLEANUP(manifest) struct manifest *index = NULL, *top = NULL;
	CLEANUP(free) char *manifest = NULL, *text = NULL;
	struct platform platform = job->plan->images_from.platform;
	struct export_tar tar;
	size_t size;
	int r = make_artifact(job, &a, err);

	if (r < 0)
		return r;
	if (str_eq(platform.variant, PLATFORM_ANY_VARIANT))
		platform.variant[0] = 0;
	manifest = manifest_write(a.manifest, &size);
	index = make_index(MEDIA_OCI_MANIFEST, manifest, &platform, NULL);
	text = manifest_write(index, &size);
	top = make_index(MEDIA_OCI_INDEX, text, NULL, "latest");
	export_tar_init(&tar, to);
	r = export_layout(&tar.sink, top, err);
	if (r == 0)
		r = write_blobs(&a, manifest, text, &tar, err);
	return r < 0 ? r : export_tar_end(&tar, err);
}
