/* SPDX-License-Identifier: Apache-2.0 */
#include "output/initrd-modules.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "kmod/modules.h"

/*
 * A machine's disk is found by its modalias, so what is here costs memory only where it is loaded.
 * What these need by modules.dep and by modules.softdep is added.
 */
static const char *const wanted[] = {
	/* machines: QEMU, KVM, Firecracker; Hyper-V; VMware; Xen */
	"virtio_pci",
	"virtio_mmio",
	"virtio_blk",
	"virtio_scsi",
	"hv_vmbus",
	"hv_storvsc",
	"pci_hyperv",
	"vmw_pvscsi",
	"mptspi",
	"mptsas",
	"xen_blkfront",
	/* disks and CDs on SCSI, whatever carries it */
	"sd_mod",
	"sr_mod",
	/* SATA and IDE, NVMe */
	"ahci",
	"ahci_platform",
	"ata_piix",
	"ata_generic",
	"pata_acpi",
	"nvme",
	"vmd",
	/* controllers of servers */
	"megaraid_sas",
	"mpt3sas",
	"mpi3mr",
	"hpsa",
	"smartpqi",
	"aacraid",
	/* USB */
	"usb_storage",
	"uas",
	"xhci_pci",
	"xhci_plat_hcd",
	"ehci_pci",
	"ohci_pci",
	"uhci_hcd",
	"dwc2",
	/* SD cards and eMMC */
	"mmc_block",
	"sdhci_pci",
	"sdhci_acpi",
	"sdhci_iproc",
	"bcm2835",
	"dw_mmc_pltfm",
	/* the file systems of roots */
	"squashfs",
	"erofs",
	"isofs",
};

struct choice {
	struct module_index *index;
	const char *alias, *softdep;
	struct strv words;        /* names and aliases of modules, each once */
	struct strv files, names; /* what they are, in the order of finding */
};

static void choice_cleanup(struct choice *c)
{
	module_index_free(c->index);
	strv_clear(&c->words);
	strv_clear(&c->files);
	strv_clear(&c->names);
}

/* The next line of *text and its size without the newline; NULL at the end. */
static const char *next_line(const char **text, size_t *size)
{
	const char *line = *text;

	if (!*line)
		return NULL;
	*size = strcspn(line, "\n");
	*text += *size + (line[*size] == '\n');
	return line;
}

/* Cut the next of the words that are separated by spaces off a line; NULL: there is none. */
static const char *next_word(const char **line, size_t *left, size_t *size)
{
	const char *word;

	while (*left > 0 && **line == ' ') {
		++*line;
		--*left;
	}
	word = *line;
	for (*size = 0; *size < *left && word[*size] != ' ';)
		++*size;
	*line += *size;
	*left -= *size;
	return *size > 0 ? word : NULL;
}

static int too_many(struct werr **err)
{
	return werr_set(
		err, WERR_LIMIT, "more than %d kernel modules find the disk", INITRD_MODULES_MAX);
}

static int want(struct choice *c, const char *word, size_t size, struct werr **err)
{
	CLEANUP(free) char *copy = str_dup_n(word, size);

	if (strv_has(&c->words, copy))
		return 0;
	if (c->words.n == INITRD_MODULES_MAX)
		return too_many(err);
	strv_take(&c->words, STEAL(copy));
	return 0;
}

static bool is_module(const char *word, size_t size, const char *name)
{
	CLEANUP(free) char *copy = str_dup_n(word, size);
	CLEANUP(free) char *plain = module_name(copy);

	return str_eq(plain, name);
}

/* "softdep NAME pre: x y post: z" */
static int want_softdeps(struct choice *c, const char *name, struct werr **err)
{
	const char *text = c->softdep, *line, *word;
	size_t left, size;
	int r = 0;

	while (r == 0 && (line = next_line(&text, &left))) {
		word = next_word(&line, &left, &size);
		if (!word || size != strlen("softdep") || strncmp(word, "softdep", size) != 0)
			continue;
		word = next_word(&line, &left, &size);
		if (!word || !is_module(word, size, name))
			continue;
		while (r == 0 && (word = next_word(&line, &left, &size)))
			if (word[size - 1] != ':')
				r = want(c, word, size, err);
	}
	return r;
}

/* "alias PATTERN NAME": the module of a line, and the pattern; NULL: another kind of line. */
static const char *line_module(
	const char *line, size_t left, const char **pattern, size_t *pattern_size, size_t *ret_size)
{
	const char *word = next_word(&line, &left, ret_size);

	if (!word || *ret_size != strlen("alias") || strncmp(word, "alias", *ret_size) != 0)
		return NULL;
	*pattern = next_word(&line, &left, pattern_size);
	return *pattern ? next_word(&line, &left, ret_size) : NULL;
}

/* What is no module's name is an alias: "crypto-crc32c". */
static int want_alias(struct choice *c, const char *alias, struct werr **err)
{
	const char *text = c->alias, *line, *pattern;
	size_t left, size, pattern_size;
	int r = 0;

	while (r == 0 && (line = next_line(&text, &left))) {
		const char *name = line_module(line, left, &pattern, &pattern_size, &size);

		if (name && pattern_size == strlen(alias) &&
			strncmp(pattern, alias, pattern_size) == 0)
			r = want(c, name, size, err);
	}
	return r;
}

static int choose_word(struct choice *c, const char *word, struct werr **err)
{
	size_t before = c->files.n;
	CLEANUP(werr) struct werr *why = NULL;
	int r = module_index_order(c->index, word, &c->files, &why);

	if (r == werr_code(WERR_NOT_FOUND))
		return want_alias(c, word, err);
	if (r < 0) {
		werr_pass(err, STEAL(why));
		return r;
	}
	if (c->files.n > INITRD_MODULES_MAX)
		return too_many(err);
	for (size_t i = before; r == 0 && i < c->files.n; i++) {
		strv_take(&c->names, module_name(c->files.items[i]));
		r = want_softdeps(c, c->names.items[i], err);
	}
	return r;
}

/* ---- the indexes of what was chosen ---- */

static int compare(const void *key, const void *item)
{
	return strcmp(key, *(char *const *)item);
}

static bool has_sorted(const struct strv *v, const char *s)
{
	return v->n && bsearch(s, v->items, v->n, sizeof(*v->items), compare);
}

/* The lines for which keep is true; owned by the caller. */
static char *filter(const char *text, bool (*keep)(const char *, size_t, const struct strv *),
	const struct strv *of)
{
	CLEANUP(buf) struct buf b = BUF_INIT(INITRD_INDEX_MAX + 2);
	const char *line;
	size_t size;

	while ((line = next_line(&text, &size)))
		if (keep(line, size, of)) {
			buf_add(&b, line, size);
			buf_add(&b, "\n", 1);
		}
	return buf_steal(&b);
}

static bool is_file_of(const char *line, size_t size, const struct strv *files)
{
	const char *colon = memchr(line, ':', size);
	CLEANUP(free) char *file = str_dup_n(line, colon ? (size_t)(colon - line) : 0);

	return has_sorted(files, file);
}

static bool is_alias_of(const char *line, size_t left, const struct strv *names)
{
	size_t size, pattern_size;
	const char *pattern, *word = line_module(line, left, &pattern, &pattern_size, &size);
	CLEANUP(free) char *copy = word ? str_dup_n(word, size) : NULL;
	CLEANUP(free) char *name = word ? module_name(copy) : NULL;

	return name && has_sorted(names, name);
}

void initrd_modules_cleanup(struct initrd_modules *m)
{
	strv_clear(&m->files);
	free(STEAL(m->dep));
	free(STEAL(m->alias));
}

int initrd_modules_choose(const char *dep, const char *alias, const char *softdep,
	struct initrd_modules *ret, struct werr **err)
{
	CLEANUP(choice)
	struct choice c = {.index = module_index_new(str_dup(dep), NULL, NULL),
		.alias = alias,
		.softdep = softdep};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(wanted); i++)
		r = want(&c, wanted[i], strlen(wanted[i]), err);
	for (size_t i = 0; r == 0 && i < c.words.n; i++)
		r = choose_word(&c, c.words.items[i], err);
	if (r < 0)
		return r;
	strv_sort(&c.files);
	strv_sort(&c.names);
	ret->dep = filter(dep, is_file_of, &c.files);
	ret->alias = filter(alias, is_alias_of, &c.names);
	ret->files = c.files;
	c.files = (struct strv){0};
	return 0;
}
