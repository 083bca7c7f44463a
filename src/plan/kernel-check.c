/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/kernel-check.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "plan/kernel-config.h"
#include "plan/kernel-payload.h"

/* Every initrd needs this; the options below only matter in kernels that have it. */
static const char initrds[] = "CONFIG_BLK_DEV_INITRD";

/* What each compression needs: an option, and the version that introduced it. */
static const struct need {
	const char *symbol;
	unsigned major, minor;
} needs[CODECS] = {
	[CODEC_NONE] = {initrds, 2, 6},
	[CODEC_GZIP] = {"CONFIG_RD_GZIP", 2, 6},
	[CODEC_ZSTD] = {"CONFIG_RD_ZSTD", 5, 9},
	[CODEC_XZ] = {"CONFIG_RD_XZ", 2, 6},
	[CODEC_LZ4] = {"CONFIG_RD_LZ4", 3, 11},
};

/* ---- files that may be the configuration ---- */

static char *read_config(const struct tree *t, const struct tree_node *n)
{
	CLEANUP(reader) struct reader *r = NULL;
	CLEANUP(free) char *text = NULL;
	size_t size;

	if (!n || !S_ISREG(n->meta.mode) || n->file->size > KERNEL_CONFIG_MAX)
		return NULL;
	r = tree_open_file(t, n);
	if (reader_read_all(r, KERNEL_CONFIG_MAX, &text, &size, NULL) < 0)
		return NULL;
	return kernel_config_is_whole(text) ? STEAL(text) : NULL;
}

static bool is_config_name(const char *name)
{
	static const char *const names[] = {"config", ".config", "kernel_config", "kernel-config"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(name, names[i]))
			return true;
	return str_after(name, "config-") != NULL;
}

/* In the directory; with deep, also in its subdirectories: lib/modules/VERSION/config. */
static char *find_in(const struct tree *t, const char *dir, bool deep)
{
	const struct tree_node *d = tree_resolve(t, dir);
	char *config = NULL;

	for (uint32_t i = 0; d && S_ISDIR(d->meta.mode) && !config && i < d->n; i++) {
		const struct tree_node *n = d->children[i];

		if (deep && S_ISDIR(n->meta.mode)) {
			CLEANUP(free) char *path = str_printf("%s/%s", dir, n->name);

			config = find_in(t, path, false);
		} else if (is_config_name(n->name)) {
			config = read_config(t, n);
		}
	}
	return config;
}

static char *find_config(const struct tree *t)
{
	static const struct {
		const char *dir;
		bool deep;
	} places[] = {
		{"", false}, {"boot", false}, {"lib/modules", true}, {"usr/lib/modules", true}};
	char *config = NULL;

	for (size_t i = 0; !config && i < ARRAY_SIZE(places); i++)
		config = find_in(t, places[i].dir, places[i].deep);
	return config;
}

/* ---- judging ---- */

/* A compression that this kernel can unpack, for the hint. */
static const char *instead(const struct kernel_facts *f)
{
	static const enum codec order[] = {CODEC_GZIP, CODEC_ZSTD, CODEC_XZ, CODEC_LZ4};

	for (size_t i = 0; f->config && i < ARRAY_SIZE(order); i++)
		if (kernel_config_has(f->config, needs[order[i]].symbol))
			return codec_name(order[i]);
	return f->config ? "none" : "gzip";
}

static int takes_none(const struct plan *p, struct werr **err)
{
	const struct config_kernel *k = &p->config->kernel;

	werr_set(err, WERR_INVALID,
		"the kernel of image %s cannot unpack any initrd: its configuration lacks %s",
		k->image, initrds);
	werr_hint(err, "build with a kernel that has it");
	node_place(err, k->node);
	return werr_code(WERR_INVALID);
}

static int judge(const struct plan *p, const struct kernel_facts *f, struct werr **err)
{
	const struct config_kernel *k = &p->config->kernel;
	const enum codec codec = p->options.compression.codec;
	const struct need *need = &needs[codec];
	CLEANUP(free) char *why = NULL;

	if (f->config && !kernel_config_has(f->config, initrds))
		return takes_none(p, err);
	if (f->config && !kernel_config_has(f->config, need->symbol))
		why = str_printf("its configuration lacks %s", need->symbol);
	else if (!f->config && f->major &&
		 (f->major < need->major || (f->major == need->major && f->minor < need->minor)))
		why = str_printf("it is Linux %u.%u, and that came with %u.%u", f->major, f->minor,
			need->major, need->minor);
	if (!why)
		return 0;
	werr_set(err, WERR_INVALID,
		"the kernel of image %s cannot unpack an initrd compressed with %s: %s", k->image,
		codec_name(codec), why);
	werr_hint(err, "build with: --compress %s", instead(f));
	node_place(err, k->node);
	return werr_code(WERR_INVALID);
}

/* What nearly every kernel has. The kernel itself is searched for other compressions only. */
static bool is_usual(const struct plan *p)
{
	const enum codec codec = p->options.compression.codec;

	return codec == CODEC_GZIP || codec == CODEC_NONE;
}

static bool is_asked(const struct plan *p)
{
	return !(is_usual(p) && p->config->compat);
}

/* What cannot be read is no evidence. */
static void scan_binary(const struct plan *p, struct kernel_facts *f)
{
	const struct io_range file = tree_file_range(p->kernel.tree, p->kernel.binary);
	const char *name = p->config->kernel.binary;
	CLEANUP(werr) struct werr *why = NULL;
	CLEANUP(reader) struct reader *kernel = NULL;
	int r = kernel_payload_open(file.fd, file.offset, file.size, name, &kernel, &why);

	if (r == 0 && !kernel)
		kernel = fd_range_reader_new(file.fd, name, file.offset, file.size);
	if (r == 0)
		r = kernel_scan(kernel, f, &why);
	if (r < 0)
		log_detail("cannot tell what the kernel can unpack: %s", why->message);
}

int kernel_check_image(
	const struct plan *p, ATTR_UNUSED const struct part_content *boot, struct werr **err)
{
	struct kernel_facts f = {0};
	int r;

	if (!is_asked(p) || !p->kernel.binary)
		return 0;
	f.config = find_config(p->kernel.tree);
	if (!f.config && !is_usual(p))
		scan_binary(p, &f);
	if (f.config && !kernel_config_is_whole(f.config))
		free(STEAL(f.config));
	r = judge(p, &f, err);
	kernel_facts_cleanup(&f);
	return r;
}

int kernel_check_root(const struct plan *p, const struct part_content *root, struct werr **err)
{
	struct kernel_facts f = {0};
	int r;

	if (!is_asked(p) || !p->config->kernel.tar)
		return 0;
	f.config = find_config(root->tree);
	r = f.config ? judge(p, &f, err) : 0;
	kernel_facts_cleanup(&f);
	return r;
}
