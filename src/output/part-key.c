/* SPDX-License-Identifier: Apache-2.0 */
#include "output/part-key.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/build-id.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "hash/sha256.h"
#include "base/str.h"
#include "plan/part-impl.h"
#include "codec/codec.h"

/* Each value with its size before it, so that no two lists of values are the same bytes. */
static void add_bytes(struct sha256 *h, const void *p, uint64_t size)
{
	char head[24];
	int n = snprintf(head, sizeof(head), "%" PRIu64 ":", size);

	sha256_add(h, head, (size_t)n);
	sha256_add(h, p, size);
}

static void add_number(struct sha256 *h, uint64_t n)
{
	char text[24];
	int size = snprintf(text, sizeof(text), "%" PRIu64, n);

	add_bytes(h, text, (size_t)size);
}

static void add_text(struct sha256 *h, const char *text)
{
	add_number(h, text != NULL);
	if (text)
		add_bytes(h, text, strlen(text));
}

static void add_image(struct sha256 *h, const struct image *image)
{
	add_text(h, image ? image->descriptor.digest.text : NULL);
}

static int add_source(struct sha256 *h, const struct config_file *f)
{
	CLEANUP(reader) struct reader *from = NULL;
	CLEANUP(writer) struct writer *to = sha256_writer_new(NULL, h);
	struct stat st;
	uint64_t size = 0;
	int fd, r;

	if (stat(f->source, &st) < 0) {
		add_text(h, NULL);
		return f->optional ? 0 : -errno;
	}
	if (!S_ISREG(st.st_mode))
		return -ENOTSUP;
	r = file_open(f->source, &fd, NULL);
	if (r < 0)
		return r;
	from = fd_reader_new(fd, true, f->source);
	r = io_copy(from, to, &size, NULL);
	add_number(h, size);
	return r;
}

static int add_files(struct sha256 *h, const struct plan *p, bool into_bundles)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->config->n_files; i++) {
		const struct config_file *f = &p->config->files[i];

		if (part_file_is_in_bundle(f) != into_bundles)
			continue;
		add_number(h, f->kind);
		add_text(h, f->path);
		add_number(h, f->mode);
		add_number(h, f->uid);
		add_number(h, f->gid);
		add_text(h, f->target);
		if (f->kind == FILE_SOURCE)
			r = add_source(h, f);
		else
			add_bytes(h, f->contents, f->size);
	}
	return r;
}

static int add_boot(struct sha256 *h, const struct plan *p, ATTR_UNUSED const struct part *part)
{
	const struct config_kernel *k = &p->config->kernel;

	add_image(h, plan_image(p, k->image));
	add_text(h, k->binary);
	add_text(h, k->ucode);
	add_text(h, k->cmdline);
	add_number(h, p->options.decompress_kernel);
	return 0;
}

/* Each of the folders that entries are in, once: another entry does not change the root. */
static void add_section_dirs(struct sha256 *h, const struct config *c)
{
	CLEANUP(strv) struct strv dirs = {0};
	const char *dir;

	for (size_t i = 0; i < c->n_containers; i++) {
		CLEANUP(free) char *parent = path_dir(c->containers[i].dir);

		if (!strv_has(&dirs, parent))
			strv_add(&dirs, parent);
	}
	add_number(h, dirs.n);
	STRV_FOREACH (dir, &dirs)
		add_text(h, dir);
}

/* The root has the folders that the SBOM goes into. */
static void add_sbom_dir(struct sha256 *h, const struct plan *p)
{
	CLEANUP(free) char *dir = p->options.sbom ? path_dir(p->options.sbom) : NULL;

	add_text(h, dir);
}

static int add_root(struct sha256 *h, const struct plan *p, ATTR_UNUSED const struct part *part)
{
	const struct config *c = p->config;

	add_number(h, c->kernel.image && c->kernel.tar);
	if (c->kernel.image && c->kernel.tar) {
		add_image(h, plan_image(p, c->kernel.image));
		add_text(h, c->kernel.tar);
	}
	add_number(h, c->init.n);
	for (size_t i = 0; i < c->init.n; i++)
		add_image(h, plan_image(p, c->init.images[i]));
	add_section_dirs(h, c);
	add_number(h, c->n_volumes > 0);
	add_sbom_dir(h, p);
	return add_files(h, p, false);
}

static int add_container(
	struct sha256 *h, ATTR_UNUSED const struct plan *p, const struct part *part)
{
	const struct bundle *c = part->container;
	const char *dir;

	add_text(h, part->entry->dir);
	add_text(h, c->config_json);
	add_text(h, c->set_id_config_json);
	add_text(h, c->runtime_json);
	add_number(h, c->dirs.n);
	STRV_FOREACH (dir, &c->dirs)
		add_text(h, dir);
	add_text(h, c->files_dir);
	if (c->files_dir || c->set_id_config_json)
		add_image(h, part->image);
	return 0;
}

static int add_volume(struct sha256 *h, const struct plan *p, const struct part *part)
{
	const struct config_volume *v = part->volume;
	const struct image_layout *l = part->layout;

	add_text(h, v->dir);
	add_number(h, v->readonly && !p->config->compat);
	add_image(h, part->image);
	add_number(h, l != NULL);
	if (!l)
		return 0;
	add_text(h, l->name);
	add_text(h, l->top.media_type);
	add_text(h, l->top.digest.text);
	add_number(h, l->n_blobs);
	for (size_t i = 0; i < l->n_blobs; i++)
		add_text(h, l->blobs[i].digest.text);
	return 0;
}

static int add_part(struct sha256 *h, const struct plan *p, const struct part *part);

/* Of the bundles that the files go into it counts what is in them. */
static int add_bundle_files(
	struct sha256 *h, const struct plan *p, ATTR_UNUSED const struct part *part)
{
	const struct config *c = p->config;
	int r = add_files(h, p, true);

	for (size_t i = 0; i < c->n_containers; i++)
		add_text(h, c->containers[i].dir);
	for (size_t i = 0; i < c->n_volumes; i++)
		add_text(h, c->volumes[i].dir);
	for (size_t i = 0; r == 0 && i < p->n; i++)
		for (size_t j = 0; j < c->n_files; j++)
			if (part_has_path(&p->parts[i], c->files[j].path)) {
				r = p->parts[i].unchanged ? -ENOTSUP : add_part(h, p, &p->parts[i]);
				break;
			}
	return r;
}

/* What encodes: this very program. */
static int add_encoder(struct sha256 *h)
{
	const void *id;
	size_t size;
	int r = build_id_get(&id, &size);

	if (r < 0)
		return r;
	add_bytes(h, id, size);
	return 0;
}

static int add_part(struct sha256 *h, const struct plan *p, const struct part *part)
{
	static int (*const adders[])(struct sha256 *, const struct plan *, const struct part *) = {
		[PART_BOOT] = add_boot,
		[PART_ROOT] = add_root,
		[PART_CONTAINER] = add_container,
		[PART_VOLUME] = add_volume,
		[PART_FILES] = add_bundle_files,
		[PART_SBOM] =
			NULL, /* what is attested of images is read faster than a key is made */
	};
	int r = add_encoder(h);

	if (r < 0)
		return r;
	add_number(h, part->kind);
	add_number(h, part == p->parts); /* the first one has the root's entry */
	add_number(h, p->config->compat);
	return adders[part->kind] ? adders[part->kind](h, p, part) : -ENOTSUP;
}

/* An initrd's pieces are the compressor's work, too. */
static void key_of_kind(const char *hex, int kind, const struct compression *c, struct digest *ret)
{
	CLEANUP(free)
	char *how = kind == PIECE_INITRD ? str_printf(" %s:%d %s", codec_name(c->codec), c->level,
						   codec_version(c->codec))
					 : str_dup("");
	CLEANUP(free) char *text = str_printf("%s %d%s", hex, kind, how);
	char of_kind[SHA256_HEX + 1];

	sha256_of(text, strlen(text), of_kind);
	digest_from_hex(of_kind, ret);
}

bool part_key_get(const struct plan *p, const struct part *part, struct part_key *ret)
{
	CLEANUP(sha256) struct sha256 *h = sha256_new();
	char hex[SHA256_HEX + 1];

	if (part->unchanged || add_part(h, p, part) < 0)
		return false;
	sha256_hex(h, hex);
	for (int kind = 0; kind < PIECE_KINDS; kind++)
		key_of_kind(hex, kind, &p->options.compression, &ret->of[kind]);
	return true;
}

bool part_key_eq(const struct part_key *a, const struct part_key *b)
{
	return digest_eq(&a->of[0], &b->of[0]);
}
