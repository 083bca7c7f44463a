/* SPDX-License-Identifier: Apache-2.0 */
#include "init/load.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "common/conffile.h"
#include "common/console.h"
#include "common/fs.h"
#include "common/machine.h"
#include "common/uptime.h"
#include "contract/paths.h"
#include "init/devnode.h"
#include "kmod/modules.h"

#ifndef MODULE_INIT_COMPRESSED_FILE
#define MODULE_INIT_COMPRESSED_FILE 4
#endif

enum { MODALIAS_MAX = 4096, COLDPLUG_ROUNDS_MAX = 10, SYSFS_FILE_MAX = 4096 };

/* The state of loading. */
struct loader {
	char *dir; /* "/lib/modules/6.1.0" */
	struct module_index *index;
	struct strv loaded;  /* files */
	struct strv aliases; /* of devices already dealt with */
};

static void loader_cleanup(struct loader *l)
{
	free(l->dir);
	module_index_free(l->index);
	strv_clear(&l->loaded);
	strv_clear(&l->aliases);
}

static int loader_open(struct loader *l, struct werr **err)
{
	struct utsname kernel;

	uname(&kernel);
	l->dir = str_printf("/" MODULES_DIR "/%s", kernel.release);
	return module_index_read(l->dir, &l->index, err);
}

/*
 * The kernel may have asked for it, or PID 1 loaded it in the initramfs before it switched to a
 * disk.
 */
static bool is_loaded(const char *file)
{
	CLEANUP(free) char *name = module_name(file);
	CLEANUP(free) char *path = str_printf("/sys/module/%s/initstate", name);
	CLEANUP(free) char *state = NULL;
	size_t size;

	/* Another process may still be loading it: then finit_module() waits for that. */
	return file_read(path, SYSFS_FILE_MAX, &state, &size, NULL) == 0 && str_eq(state, "live\n");
}

static int load_file(struct loader *l, const char *file, const char *parameters, struct werr **err)
{
	CLEANUP(free) char *path = path_join(l->dir, file);
	CLEANUP(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	int flags = str_ends_with(file, ".ko") ? 0 : MODULE_INIT_COMPRESSED_FILE;

	if (fd < 0)
		return werr_errno(err, errno, "can't open %s", path);
	if (syscall(SYS_finit_module, fd, parameters, flags) < 0 && errno != EEXIST)
		return werr_errno(err, errno, "can't load the kernel module %s", file);
	strv_add(&l->loaded, file);
	return 0;
}

/*
 * Load a module, with its parameters, after those it needs. All are tried; the first failure is
 * reported.
 */
static int load_with(struct loader *l, const char *name, const char *parameters, struct werr **err)
{
	CLEANUP(strv) struct strv files = {0};
	int r = module_index_order(l->index, name, &files, err);
	const char *file;

	STRV_FOREACH (file, &files)
		if (!strv_has(&l->loaded, file) && !is_loaded(file)) {
			bool last = file_i + 1 == files.n;
			int one = load_file(l, file, last ? parameters : "", r == 0 ? err : NULL);

			r = r == 0 ? one : r;
		}
	return r;
}

static int load_name(struct loader *l, const char *name, struct werr **err)
{
	return load_with(l, name, "", err);
}

static int load_line(const char *line, void *ctx, struct werr **err)
{
	return load_name(ctx, line, err);
}

static void add_modalias(struct strv *aliases, const char *dir, const char *device)
{
	char path[PATH_MAX], text[MODALIAS_MAX];
	CLEANUP(fd) int fd = -1;
	ssize_t n;

	if (str_format(path, sizeof(path), "%s/%s/modalias", dir, device) < 0)
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	while (n > 0 && text[n - 1] == '\n')
		n--;
	if (n > 0)
		strv_take(aliases, str_dup_n(text, (size_t)n));
}

static void add_modaliases(struct strv *aliases, const char *dir)
{
	CLEANUP(strv) struct strv names = {0};
	const char *name;

	fs_names(dir, &names);
	STRV_FOREACH (name, &names)
		add_modalias(aliases, dir, name);
}

/* Every device with a modalias is on a bus, except those of the class input. */
static void all_modaliases(struct strv *aliases)
{
	CLEANUP(strv) struct strv buses = {0};
	const char *bus;

	add_modaliases(aliases, "/sys/class/input");
	fs_names("/sys/bus", &buses);
	STRV_FOREACH (bus, &buses) {
		CLEANUP(free) char *dir = str_printf("/sys/bus/%s/devices", bus);

		add_modaliases(aliases, dir);
	}
}

/* Move from `from` to *ret the aliases that are not in seen, sorted and without duplicates. */
static void only_new(struct strv *from, const struct strv *seen, struct strv *ret)
{
	const char *alias;

	strv_sort(from);
	STRV_FOREACH (alias, from)
		if (!strv_has(seen, alias) && (!ret->n || !str_eq(ret->items[ret->n - 1], alias)))
			strv_add(ret, alias);
}

/*
 * A module may reveal new devices, such as the disk on a virtio bus, so repeat until there are
 * none.
 */
static void coldplug(struct loader *l)
{
	for (int round = 0; round < COLDPLUG_ROUNDS_MAX; round++) {
		CLEANUP(strv) struct strv all = {0}, fresh = {0}, names = {0};
		const char *name;

		all_modaliases(&all);
		only_new(&all, &l->aliases, &fresh);
		if (!fresh.n)
			return;
		module_index_match(l->index, &fresh, &names);
		STRV_FOREACH (name, &names) {
			struct werr *err = NULL;

			/*
			 * A driver that finds no hardware fails with ENODEV, which is not an error
			 * here.
			 */
			if (load_name(l, name, &err) == -ENODEV)
				werr_free(STEAL(err));
			if (err)
				console_error(&err, "devices", "continuing without it");
		}
		strv_add_all(&l->aliases, &fresh);
	}
}

void load_modules(void)
{
	CLEANUP(loader) struct loader l = {0};
	CLEANUP(free) char *devices = NULL;
	struct werr *err = NULL;
	uint64_t start = uptime_ms();
	int r;

	if (machine_is_contained())
		return;
	r = loader_open(&l, &err);
	if (r == -ENOENT) {
		/* Everything is built into the kernel. */
		werr_free(err);
		return;
	}
	if (r == 0)
		r = conffile_each_line("/etc/modules-load.d", load_line, &l, &err);
	if (err)
		console_error(&err, "modules", "continuing without it");
	if (l.index && !module_index_is_empty(l.index))
		coldplug(&l);
	devices = path_join(l.dir, "modules.devname");
	devnode_make_all(devices);
	if (l.loaded.n)
		console_line("modules: %zu loaded for %zu devices in %.2f s", l.loaded.n,
			l.aliases.n, (double)(uptime_ms() - start) / 1000);
}

static int load_name_or_alias(
	struct loader *l, const char *name, const char *parameters, struct werr **err)
{
	CLEANUP(strv) struct strv aliases = {0}, names = {0};
	const char *match;
	int r = 0;

	strv_add(&aliases, name);
	module_index_match(l->index, &aliases, &names);
	if (!names.n)
		return load_with(l, name, parameters, err);
	STRV_FOREACH (match, &names)
		if (r == 0)
			r = load_with(l, match, parameters, err);
	return r;
}

void load_for_alias(const char *alias)
{
	CLEANUP(loader) struct loader l = {0};

	if (loader_open(&l, NULL) == 0)
		load_name_or_alias(&l, alias, "", NULL);
}

int load_by_names(const struct load_name *names, size_t n, struct werr **err)
{
	CLEANUP(loader) struct loader l = {0};
	int result = 0, r = loader_open(&l, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		struct werr *why = NULL;

		r = load_name_or_alias(&l, names[i].name, names[i].parameters, &why);
		werr_collect(err, &result, r, why);
	}
	return result;
}
