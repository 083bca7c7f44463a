/* SPDX-License-Identifier: Apache-2.0 */
/* boot/: what a boot loader takes from the kernel's image. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "hash/sha256-fields.h"
#include "plan/kernel-check.h"
#include "plan/kernel-payload.h"
#include "plan/part-impl.h"

static int put_copy(const struct plan *p, struct tree *t, const char *path,
	const struct tree_node *from, struct werr **err)
{
	CLEANUP(reader) struct reader *content = tree_open_file(p->kernel.tree, from);

	return part_content_put_file(t, path, from->meta.mode & ~S_IFMT, content, NULL, err);
}

/* As it is, or the kernel that is compressed in it. */
static int put_kernel(const struct plan *p, struct tree *t, struct werr **err)
{
	const struct config_kernel *k = &p->config->kernel;
	const struct tree_node *from = p->kernel.binary;
	const struct io_range file = tree_file_range(p->kernel.tree, from);
	CLEANUP(reader) struct reader *content = NULL;
	int r = 0;

	if (p->options.decompress_kernel)
		r = kernel_payload_open(file.fd, file.offset, file.size, k->binary, &content, err);
	if (r == 0 && content)
		r = part_content_put_file(
			t, "boot/kernel", from->meta.mode & ~S_IFMT, content, NULL, err);
	else if (r == 0 && p->options.decompress_kernel && p->config->compat)
		r = werr_set(err, WERR_INVALID, "%s is not a compressed kernel", k->binary);
	else if (r == 0)
		r = put_copy(p, t, "boot/kernel", from, err);
	if (r < 0) {
		werr_wrap(err, "kernel image %s", k->image);
		node_place(err, k->node);
	}
	return r;
}

/* What else the earlier tar has from the kernel's image belongs to the root. */
static int put_unchanged(
	const struct plan *p, const struct part *part, struct part_content *ret, struct werr **err)
{
	int r = part_load_unchanged(p, part, ret, err);

	for (uint32_t i = ret->tree->root->n; r == 0 && i-- > 0;)
		if (!str_eq(ret->tree->root->children[i]->name, "boot"))
			tree_remove(ret->tree, ret->tree->root->children[i]);
	return r;
}

static int load(
	const struct plan *p, const struct part *part, struct part_content *ret, struct werr **err)
{
	int r;

	part_content_set_image(ret, p->config->kernel.image, "kernel");
	if (part->unchanged)
		return put_unchanged(p, part, ret, err);
	r = put_kernel(p, ret->tree, err);
	if (r == 0)
		r = part_content_put_text(
			ret->tree, "boot/cmdline", p->config->kernel.cmdline, err);
	if (r == 0 && p->kernel.ucode)
		r = put_copy(p, ret->tree, "boot/ucode.cpio", p->kernel.ucode, err);
	return r;
}

static int key(struct sha256 *h, const struct plan *p, ATTR_UNUSED const struct part *part)
{
	const struct config_kernel *k = &p->config->kernel;

	part_image_key(h, plan_image(p, k->image));
	sha256_add_text(h, k->binary);
	sha256_add_text(h, k->ucode);
	sha256_add_text(h, k->cmdline);
	sha256_add_number(h, p->options.decompress_kernel);
	return 0;
}

const struct part_kind part_kind_boot = {.name = "boot",
	.needs_kernel = true,
	.is_kept = true,
	.may_have_boot = true,
	.load = load,
	.key = key,
	.check = kernel_check_image};
