/* SPDX-License-Identifier: Apache-2.0 */
/* The root: the kernel's modules, the init images, the sections' directories, and the files. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "plan/added-modules.h"
#include "plan/rootfs.h"
#include "plan/script-check.h"
#include "hash/sha256-fields.h"
#include "plan/kernel-check.h"
#include "plan/part-impl.h"
#include "codec/codec.h"
#include "tree/graft.h"
#include "contract/paths.h"

/* It may also be empty only once unpacked. A broken compression is reported where it is read. */
static int check_not_empty(const struct plan *p, struct werr **err)
{
	struct reader *tar = tree_open_file(p->kernel.tree, p->kernel.tar);
	CLEANUP(reader) struct reader *unpacked = NULL;
	const char *name = p->config->kernel.tar;
	char byte;
	size_t got = 1;

	if (decompress_wide_reader_new(tar, name, &unpacked, NULL) < 0 ||
		reader_read(unpacked, &byte, 1, &got, NULL) < 0 || got > 0)
		return 0;
	werr_set(err, WERR_INVALID, "%s is empty", name);
	werr_hint(err, "write `tar: none` for a kernel without modules");
	return werr_code(WERR_INVALID);
}

/*
 * LinuxKit refuses a compressed tar and accepts an empty one, which is a mistake here: `tar: none`
 * says that there are no modules.
 */
static int check_tar(const struct plan *p, struct werr **err)
{
	const char *name = p->config->kernel.tar, *codec;
	CLEANUP(reader) struct reader *tar = NULL;
	char head[CODEC_HEAD] = {0};
	size_t got;
	int r;

	if (!p->config->compat)
		return check_not_empty(p, err);
	tar = tree_open_file(p->kernel.tree, p->kernel.tar);
	r = reader_read(tar, head, sizeof(head), &got, err);
	if (r < 0)
		return r;
	codec = codec_detect(head, sizeof(head));
	return codec ? werr_set(err, WERR_INVALID, "%s is compressed with %s", name, codec) : 0;
}

static int add_modules(const struct plan *p, struct part_content *ret, struct werr **err)
{
	const struct config_kernel *k = &p->config->kernel;
	CLEANUP(reader) struct reader *tar = tree_open_file(p->kernel.tree, p->kernel.tar);
	int r;

	part_content_set_image(ret, k->image, "kernel");
	r = check_tar(p, err);
	if (r == 0)
		r = tree_apply_wide_layer(ret->tree, tar, k->tar, err);
	if (r < 0) {
		werr_wrap(err, "kernel image %s", k->image);
		node_place(err, k->node);
	}
	return r;
}

/* ---- Alpine's list of installed packages: the root gets those of all init images ---- */

#define APK_LIST   "lib/apk/db/installed"
#define APK_SOURCE "LINUXKIT.apkinit"

struct apk_lists {
	struct tree *tree; /* with the joined lists as APK_LIST; NULL: none so far */
	size_t n;
	int fd; /* the lists end to end */
};

static void apk_lists_cleanup(struct apk_lists *l)
{
	fd_cleanup(&l->fd);
}

static int add_list(
	const struct plan *p, struct apk_lists *l, const struct tree *image, struct werr **err)
{
	const struct tree_node *n = tree_resolve(image, APK_LIST);
	CLEANUP(reader) struct reader *list = NULL;
	CLEANUP(writer) struct writer *all = NULL;
	int r = 0;

	if (!n || !S_ISREG(n->meta.mode))
		return 0;
	if (l->fd < 0)
		r = file_open_unnamed(store_spool_dir(p->store), &l->fd, err);
	if (r < 0)
		return r;
	list = tree_open_file(image, n);
	all = fd_writer_new(l->fd, FD_LENT, APK_LIST);
	r = io_copy(list, all, NULL, err);
	l->n++;
	return r < 0 ? r : writer_write(all, "\n\n", 2, err);
}

static int put_lists(struct part_content *ret, const struct apk_lists *l, struct werr **err)
{
	const struct tree_meta meta = {.mode = S_IFREG | 0644};
	CLEANUP(reader) struct reader *all = NULL;

	if (l->n < 2)
		return 0;
	if (lseek(l->fd, 0, SEEK_SET) < 0)
		return werr_errno(err, errno, "can't read %s", APK_LIST);
	part_content_set_origin(ret, APK_SOURCE, "init");
	all = fd_reader_new(l->fd, FD_LENT, APK_LIST);
	return tree_merge(ret->tree, APK_LIST, &meta, NULL, all, NULL, NULL, err);
}

/* An init image, laid over what is there. */
static int add_init(const struct plan *p, struct part_content *ret, size_t index,
	struct apk_lists *lists, struct werr **err)
{
	const char *reference = p->config->init.images[index];
	CLEANUP(tree) struct tree *image = NULL;
	int r;

	part_content_set_image_at(ret, reference, "init", index);
	r = rootfs_load(p->store, plan_image(p, reference), ret->meter, &image, err);

	if (r == 0)
		r = add_list(p, lists, image, err);
	if (r == 0)
		r = rootfs_fix(image, ROOTFS_FOR_INIT, err);
	if (r < 0)
		return r;
	r = tree_graft(ret->tree, "", image, err);
	if (r < 0) {
		werr_wrap(err, "image %s", reference);
		node_place(err, p->config->init.nodes[index]);
	}
	return r;
}

static int add_inits(const struct plan *p, struct part_content *ret, struct werr **err)
{
	CLEANUP(apk_lists) struct apk_lists lists = {.fd = -1};
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->config->init.n; i++)
		r = add_init(p, ret, i, &lists, err);
	return r < 0 ? r : put_lists(ret, &lists, err);
}

static int make_anew(const struct plan *p, struct part_content *ret, struct werr **err)
{
	int r = p->kernel.tar ? add_modules(p, ret, err) : 0;

	/* The images' root directories do not count, but the modules' tar may describe the OS's. */
	ret->with_root = ret->tree->root->origin != 0;
	return r < 0 ? r : add_inits(p, ret, err);
}

/* What belongs to the boot part, where the earlier tar's records do not tell. */
static void remove_boot(struct tree *t)
{
	static const char *const paths[] = {
		"boot/kernel", "boot/cmdline", "boot/ucode.cpio", "boot"};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct tree_node *n = tree_find(t, paths[i]);

		if (n && n->n == 0)
			tree_remove(t, n);
	}
}

/* The same from the earlier tar, in the same order. */
static int take_unchanged(
	const struct plan *p, const struct part *part, struct part_content *ret, struct werr **err)
{
	int r = 0;

	if (p->config->kernel.image) {
		part_content_set_image(ret, p->config->kernel.image, "kernel");
		r = part_load_unchanged(p, part, ret, err);
		remove_boot(ret->tree);
	}
	ret->with_root = ret->tree->root->origin != 0;
	for (size_t i = 0; r == 0 && i < p->config->init.n; i++) {
		part_content_set_image_at(ret, p->config->init.images[i], "init", i);
		r = part_load_unchanged(p, part, ret, err);
	}
	part_content_set_origin(ret, APK_SOURCE, "init");
	return r < 0 ? r : part_load_unchanged(p, part, ret, err);
}

/* Later parts have a directory there, and so does whatever unpacks them. */
static void free_containers(struct tree *t)
{
	struct tree_node *n = tree_find(t, CONTAINERS_DIR);

	if (!n || S_ISDIR(n->meta.mode))
		return;
	log_warning("an init image has a file or symlink 'containers': a directory takes its "
		    "place");
	tree_remove(t, n);
}

/*
 * The directories that the sections' entries are in. LinuxKit writes them before each entry, so
 * that the first one is their origin.
 */
static int put_section_dirs(const struct plan *p, struct part_content *ret, struct werr **err)
{
	const struct config *c = p->config;
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->n_containers; i++) {
		const struct config_container *k = &c->containers[i];
		CLEANUP(free) char *parent = path_dir(k->dir);

		if (tree_find(ret->tree, parent))
			continue;
		if (c->compat)
			part_content_set_image_at(
				ret, k->image, config_section_name(k->section), k->index);
		r = part_content_put_dir(ret->tree, parent, err);
	}
	if (r < 0 || c->n_volumes == 0)
		return r;
	if (c->compat && c->volumes[0].image)
		part_content_set_image_at(ret, c->volumes[0].image, "volume", c->volumes[0].index);
	else if (c->compat)
		part_content_set_origin_at(ret, "empty", "volume", c->volumes[0].index);
	return part_content_put_dir(ret->tree, VOLUMES_DIR, err);
}

static int load(
	const struct plan *p, const struct part *part, struct part_content *ret, struct werr **err)
{
	int r;

	ret->once.has_boot = p->config->kernel.image != NULL;
	ret->once.sbom = p->options.sbom;
	part_content_set_origin(ret, NULL, NULL);
	r = part->unchanged ? take_unchanged(p, part, ret, err) : make_anew(p, ret, err);
	ret->tree->origin = 0;
	if (r == 0)
		free_containers(ret->tree);
	if (r == 0)
		r = put_section_dirs(p, ret, err);
	if (r == 0)
		r = part_put_files(p, ret, err);
	if (r == 0 && !p->config->compat)
		r = added_modules_index(ret->tree, err);
	if (r == 0)
		script_check(ret->tree);
	return r < 0 ? r : part_put_sbom_dirs(p, ret->tree, err);
}

/* Each of the directories that entries are in, once: another entry does not change the root. */
static void add_section_dirs(struct sha256 *h, const struct config *c)
{
	CLEANUP(strv) struct strv dirs = {0};
	const char *dir;

	for (size_t i = 0; i < c->n_containers; i++) {
		CLEANUP(free) char *parent = path_dir(c->containers[i].dir);

		if (!strv_has(&dirs, parent))
			strv_add(&dirs, parent);
	}
	sha256_add_number(h, dirs.n);
	STRV_FOREACH (dir, &dirs)
		sha256_add_text(h, dir);
}

static int key(struct sha256 *h, const struct plan *p, ATTR_UNUSED const struct part *part)
{
	const struct config *c = p->config;
	CLEANUP(free) char *sbom_dir = p->options.sbom ? path_dir(p->options.sbom) : NULL;

	sha256_add_number(h, c->kernel.image && c->kernel.tar);
	if (c->kernel.image && c->kernel.tar) {
		part_image_key(h, plan_image(p, c->kernel.image));
		sha256_add_text(h, c->kernel.tar);
	}
	sha256_add_number(h, c->init.n);
	for (size_t i = 0; i < c->init.n; i++)
		part_image_key(h, plan_image(p, c->init.images[i]));
	add_section_dirs(h, c);
	sha256_add_number(h, c->n_volumes > 0);
	sha256_add_text(h, sbom_dir);
	return part_files_key(h, p, false);
}

const struct part_kind part_kind_root = {.name = "root",
	.needs_kernel = true,
	.is_kept = true,
	.may_have_boot = true,
	.load = load,
	.key = key,
	.check = kernel_check_root};
