/* SPDX-License-Identifier: Apache-2.0 */
/* /etc/os-release: what system this is, and a digest of what it was made from. */
#include "base/mem.h"
#include "contract/paths.h"
#include "hash/sha256-fields.h"
#include "plan/listing.h"
#include "plan/part-impl.h"
#include "plan/rootfs.h"

enum { BUILD_ID_DIGITS = 32 };

static bool is_release(const char *path)
{
	return str_eq(path, OS_RELEASE) || str_eq(path, "usr/lib/os-release");
}

static bool has_release(const struct plan *p, const struct image *image)
{
	CLEANUP(tree) struct tree *t = NULL;

	if (!image ||
		(!listing_find(p->store, image, &t) && rootfs_list(p->store, image, &t, NULL) < 0))
		return false;
	return tree_find(t, OS_RELEASE) != NULL;
}

bool part_wants_release(const struct plan *p)
{
	const struct config *c = p->config;

	if (!p->options.release || c->compat || c->init.n == 0)
		return false;
	for (size_t i = 0; i < c->n_files; i++)
		if (is_release(c->files[i].path))
			return false;
	for (size_t i = 0; i < c->init.n; i++)
		if (has_release(p, plan_image(p, c->init.images[i])))
			return false;
	return true;
}

static void add_layout(struct sha256 *h, const struct plan *p, const struct config_volume *v)
{
	struct descriptor top = {0};

	if (!v->layout)
		return;
	sha256_add_text(h,
		store_resolve(p->store, &v->reference, &top, NULL) == 0 ? top.digest.text : NULL);
	descriptor_cleanup(&top);
}

/* Of the whole configuration, its images and its files; NULL: a file can't be read twice. */
static char *build_id(const struct plan *p)
{
	static const struct resolved_options as_json = {.json = true, .full_names = true};
	const struct config *c = p->config;
	CLEANUP(sha256) struct sha256 *h = sha256_new();
	CLEANUP(buf) struct buf text = BUF_INIT(CONFIG_TEXT_MAX);
	char hex[SHA256_HEX + 1], platform[PLATFORM_TEXT_MAX];

	if (config_write(c, &as_json, &text, NULL) < 0)
		return NULL;
	sha256_add_field(h, buf_str(&text), text.len);
	sha256_add_text(h, platform_text(&p->images_from.platform, platform));
	sha256_add_number(h, p->options.decompress_kernel);
	for (size_t i = 0; i < p->n_images; i++)
		part_image_key(h, p->images[i]);
	for (size_t i = 0; i < c->n_volumes; i++)
		add_layout(h, p, &c->volumes[i]);
	if (part_files_key(h, p, false) < 0 || part_files_key(h, p, true) < 0)
		return NULL;
	sha256_hex(h, hex);
	return str_dup_n(hex, BUILD_ID_DIGITS);
}

/* Does the earlier tar have this very configuration, at the same path? */
static bool is_in_earlier(const struct plan *p, size_t file)
{
	const struct config_file *f = &p->config->files[file];
	CLEANUP(free) char *location = str_printf("files[%zu]", file);
	CLEANUP(reader) struct reader *from = NULL;
	CLEANUP(tree) struct tree *t = NULL;
	CLEANUP(free) char *text = NULL;
	const struct tree_node *n;
	size_t size;

	if (tree_new(&t, store_spool_dir(p->store), NULL) < 0 ||
		earlier_put(p->earlier, "linuxkit.files", location, t, NULL) < 0)
		return false;
	n = tree_find(t, f->path);
	if (!n || !S_ISREG(n->meta.mode))
		return false;
	from = tree_open_file(t, n);
	return reader_read_all(from, CONFIG_TEXT_MAX, &text, &size, NULL) == 0 && size == f->size &&
	       memcmp(text, f->contents, size) == 0;
}

/* The digests of some images are not known, but what was made from them is the same: then so is
 * the text. */
static bool is_unchanged(const struct plan *p)
{
	size_t known = 0;

	for (size_t i = 0; i < p->n_images; i++)
		known += p->images[i] != NULL;
	for (size_t i = 0; p->earlier && known < p->n_images && i < p->config->n_files; i++)
		if (p->config->files[i].kind == FILE_METADATA)
			return is_in_earlier(p, i);
	return false;
}

static int load(const struct plan *p, ATTR_UNUSED const struct part *part, struct part_content *ret,
	struct werr **err)
{
	CLEANUP(free) char *id = NULL;
	CLEANUP(free) char *text = NULL;
	struct tree_node *n;
	int r;

	part_content_set_origin(ret, "wherry.os-release", "os-release");
	ret->without_dirs = true;
	r = is_unchanged(p) ? part_load_unchanged(p, part, ret, err) : 0;
	n = tree_find(ret->tree, OS_RELEASE);
	if (r == 0 && !n) {
		id = build_id(p);
		text = str_printf("NAME=Wherry\nID=%s\nPRETTY_NAME=Wherry\n%s%s%s", OS_RELEASE_ID,
			id ? "BUILD_ID=" : "", id ? id : "", id ? "\n" : "");
		r = part_content_put_text(ret->tree, OS_RELEASE, text, err);
		n = tree_find(ret->tree, OS_RELEASE);
	}
	while (r == 0 && (n = n->parent))
		n->implied = true;
	return r;
}

/* Hash the text itself: making it takes no longer than hashing what it is made from. */
static int key(struct sha256 *h, const struct plan *p, const struct part *part)
{
	CLEANUP(part_content) struct part_content content = {0};
	CLEANUP(writer) struct writer *to = sha256_writer_new(NULL, h);
	CLEANUP(reader) struct reader *text = NULL;
	int r = part_load(p, part, &content, NULL);

	if (r < 0)
		return r;
	text = tree_open_file(content.tree, tree_find(content.tree, OS_RELEASE));
	return io_copy(text, to, NULL, NULL);
}

const struct part_kind part_kind_release = {
	.name = "os-release", .may_have_boot = true, .load = load, .key = key};
