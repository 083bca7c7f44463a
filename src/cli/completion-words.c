/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/completion-words.h"

#include "arch/arch.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/completion.h"
#include "contract/outputs.h"
#include "options/option-complete.h"
#include "store/store.h"
#include "vm/artifact.h"
#include "vm/machines.h"

/* What is asked for while somebody types, and only shown. */
struct typing {
	struct context *ctx;
	struct buf *out;
	const char *before, *typed;
};

static void add(const struct typing *t, const char *word, const char *description)
{
	CLEANUP(free) char *whole = str_printf("%s%s", t->before, word);

	/* A line is a candidate. */
	for (const char *c = word; *c; c++)
		if ((unsigned char)*c < ' ')
			return;
	if (str_after(word, t->typed))
		option_complete_word(t->out, "", whole, description);
}

static bool is_any(ATTR_UNUSED struct store *store, ATTR_UNUSED const struct store_entry *entry)
{
	return true;
}

/* It can be run. */
static bool is_os(struct store *store, const struct store_entry *entry)
{
	CLEANUP(store_platforms) struct store_platforms platforms = {0};
	CLEANUP(image) struct image *image = NULL;

	if (store_list_platforms(store, &entry->descriptor, &platforms, NULL) < 0)
		return false;
	for (size_t i = 0; i < platforms.n && !image; i++)
		if (platforms.items[i].here)
			(void)store_choose_any(store, entry->name, &entry->descriptor,
				&platforms.items[i].platform, &image, NULL);
	return image && vm_artifact_is(image->manifest);
}

/* Short names, unless a full one is typed. A cache that can't be opened has none. */
static void add_images(const struct typing *t,
	bool (*is_wanted)(struct store *store, const struct store_entry *entry))
{
	static const char *const implied[] = {"docker.io/library/", "docker.io/", ""};
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(store_entries) struct store_entries entries = {0};

	if (!context_has_store(t->ctx) || context_open_store(t->ctx, &store, NULL) < 0 ||
		store_list(store, &entries, NULL) < 0)
		return;
	for (size_t i = 0; i < entries.n; i++) {
		const char *name = entries.items[i].name;
		bool whole = *t->typed && str_after(name, t->typed);

		if (!is_wanted(store, &entries.items[i]))
			continue;
		for (size_t k = 0; !whole && k < ARRAY_SIZE(implied); k++)
			if (str_after(name, implied[k])) {
				name = str_after(name, implied[k]);
				break;
			}
		add(t, name, NULL);
	}
}

static void add_arches(const struct typing *t, const char *before)
{
	for (const struct arch *a = arch_table; a->name; a++) {
		CLEANUP(free) char *word = str_printf("%s%s", before, a->name);

		add(t, word, NULL);
	}
}

struct outputs {
	const struct typing *typing;
	const char *dir; /* as it is typed: "", "out/" */
};

/* A file_visit: "out/os" for "out/os-kernel", and the files of disks and CDs. */
static int add_output(
	ATTR_UNUSED int dir_fd, const char *name, void *ctx, ATTR_UNUSED struct werr **err)
{
	static const char *const disks[] = {".iso", ".qcow2", ".raw", OUTPUT_OCI};
	const struct outputs *o = ctx;
	CLEANUP(free) char *base = NULL, *path = NULL;

	if (str_ends_with(name, OUTPUT_KERNEL))
		base = str_dup_n(name, strlen(name) - strlen(OUTPUT_KERNEL));
	for (size_t i = 0; i < ARRAY_SIZE(disks) && !base; i++)
		if (str_ends_with(name, disks[i]))
			base = str_dup(name);
	if (!base)
		return 0;
	path = str_printf("%s%s", o->dir, base);
	add(o->typing, path, NULL);
	return 0;
}

static void add_outputs(const struct typing *t)
{
	const char *slash = strrchr(t->typed, '/');
	CLEANUP(free) char *dir = str_dup_n(t->typed, slash ? (size_t)(slash - t->typed) + 1 : 0);
	struct outputs o = {t, dir};

	(void)file_visit_dir(*dir ? dir : ".", FILE_ABSENT_IS_EMPTY, add_output, &o, NULL);
	add_images(t, is_os);
	buf_puts(t->out, ":directories\n");
}

/* What is looked into: any file, or an image. */
static void add_subjects(const struct typing *t)
{
	add_images(t, is_any);
	buf_puts(t->out, ":files\n");
}

static void add_machines(const struct typing *t)
{
	CLEANUP(vm_machines) struct vm_machines machines = {0};
	CLEANUP(werr) struct werr *ignored = NULL;

	if (vm_machines_list(&machines, &ignored) < 0)
		return;
	for (size_t i = 0; i < machines.n; i++)
		add(t, machines.items[i].name, machines.items[i].dir);
}

static void add_shells(const struct typing *t)
{
	for (const char *const *s = completion_shells(); *s; s++)
		add(t, *s, NULL);
}

bool completion_word(struct context *ctx, struct buf *out, const char *word, const char *before,
	const char *typed)
{
	const struct typing t = {ctx, out, before, typed};

	if (str_eq(word, "IMAGE"))
		add_images(&t, is_any);
	else if (str_eq(word, "OUTPUT"))
		add_outputs(&t);
	else if (str_eq(word, "WHAT"))
		add_subjects(&t);
	else if (str_eq(word, "MACHINE"))
		add_machines(&t);
	else if (str_eq(word, "ARCH"))
		add_arches(&t, "");
	else if (str_eq(word, "PLATFORM"))
		add_arches(&t, "linux/");
	else if (str_eq(word, "SHELL"))
		add_shells(&t);
	else if (str_eq(word, "YAML"))
		buf_puts(out, ":yaml\n");
	else if (strstr(word, "DIR"))
		buf_puts(out, ":directories\n");
	else if (strstr(word, "FILE") || strstr(word, "PATH") || strstr(word, "PROG") ||
		 str_eq(word, "DISK"))
		buf_puts(out, ":files\n");
	else
		return false;
	return true;
}
