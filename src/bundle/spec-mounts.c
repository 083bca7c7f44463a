/* SPDX-License-Identifier: Apache-2.0 */
/* config.json's mounts: runtime-spec config.md "Mounts". */
#include "base/mem.h"
#include "bundle/spec.h"
#include "config/values.h"
#include "config/model.h"
#include "contract/paths.h"

struct mount {
	char *destination, *type, *source;
	size_t rank; /* in the order they are added */
	struct strv options;
	const struct node *uid_mappings, *gid_mappings;
};

struct mounts {
	struct mount *items;
	size_t n, cap;
};
static void mounts_cleanup(struct mounts *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->items[i].destination);
		free(m->items[i].type);
		free(m->items[i].source);
		strv_clear(&m->items[i].options);
	}
	free(m->items);
}

/* Files of the machine that a container in its network sees, so that names mean the same in both.
 */
static const char resolv_conf[] = "/etc/resolv.conf", hosts[] = "/etc/hosts";

/* What every container has. */
static const struct {
	const char *destination, *type, *options;
	bool follows_root; /* read-only with the root */
	bool limited;      /* and where all limits hold */
} defaults[] = {
	{"/proc", "proc", "nosuid,nodev,noexec,relatime", false, false},
	{"/dev", "tmpfs", "nosuid,strictatime,mode=755,size=65536k", true, false},
	{"/dev/pts", "devpts", "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620", false, false},
	{"/sys", "sysfs", "nosuid,noexec,nodev", true, true},
	{"/sys/fs/cgroup", "cgroup", "nosuid,noexec,nodev,relatime,ro", false, false},
};

/* Only adds a mount: of those at the same place the last one counts. */
static struct mount *add_mount(
	struct mounts *m, const char *destination, const char *type, const char *source)
{
	struct mount *mount;

	mem_grow(&m->items, m->n, &m->cap, sizeof(m->items[0]));
	mount = &m->items[m->n];
	mount->destination = str_dup(destination);
	mount->type = str_dup(type);
	mount->source = str_dup(source);
	mount->rank = m->n++;
	return mount;
}

static void add_defaults(struct mounts *m, const struct settings *s)
{
	bool readonly = settings_bool(s, "readonly"), limited = spec_limits(s) == LIMITS_ALL;

	for (size_t i = 0; i < ARRAY_SIZE(defaults); i++) {
		struct mount *mount =
			add_mount(m, defaults[i].destination, defaults[i].type, defaults[i].type);

		strv_split(&mount->options, defaults[i].options, ',');
		if ((readonly && defaults[i].follows_root) || (limited && defaults[i].limited))
			strv_add(&mount->options, "ro");
	}
	/*
	 * The runtime specification's, which LinuxKit lacks. A container with its own /dev has what
	 * is in that.
	 */
	if (!s->config->compat && !spec_mounts_itself(s, "/dev"))
		strv_split(&add_mount(m, "/dev/shm", "tmpfs", "shm")->options,
			"nosuid,noexec,nodev,mode=1777,size=65536k", ',');
}

static void add_tmpfs(struct mounts *m, const struct node *list)
{
	for (size_t i = 0; list && i < list->n; i++) {
		CLEANUP(mount_text) struct mount_text t = {0};

		if (mount_text_parse_tmpfs(list->items[i]->text, &t, NULL) == 0)
			strv_add_all(&add_mount(m, t.destination, "tmpfs", "tmpfs")->options,
				&t.options);
	}
}

/*
 * In a user namespace the runtime binds what it opened outside, which belongs to the machine's
 * mounts: what is mounted or hidden below it would be so on the machine. Elsewhere, and where the
 * entry itself asks for the root to spread, no option is needed.
 */
static bool is_to_be_kept(const struct settings *s, const struct strv *options)
{
	const char *root = settings_any_text(s, "rootfsPropagation");

	return !s->config->compat && spec_has_users(s) && !spec_has_propagation(options) &&
	       !str_eq(root, "shared") && !str_eq(root, "rshared");
}

static void add_bind(struct mounts *m, const struct settings *s, const struct node *n)
{
	CLEANUP(mount_text) struct mount_text t = {0};
	CLEANUP(free) char *source = NULL;
	struct mount *mount;

	if (mount_text_parse_bind(n->text, &t, NULL) < 0)
		return;
	source = config_volume_source(s->config, t.source);
	mount = add_mount(m, t.destination, "bind", source);
	strv_add_all(&mount->options, &t.options);
	if (t.options.n == 0)
		strv_add(&mount->options, "rw");
	strv_add(&mount->options, "rbind");
	if (is_to_be_kept(s, &t.options))
		strv_add(&mount->options, "rslave");
	else if (t.options.n == 0)
		strv_add(&mount->options, "rshared");
}

static void add_binds(struct mounts *m, const struct settings *s, const struct node *list)
{
	for (size_t i = 0; list && i < list->n; i++)
		add_bind(m, s, list->items[i]);
}

static bool has_file(const struct config *c, const char *dir, const char *below, const char *path)
{
	CLEANUP(free) char *full = str_printf("%s%s%s%s", dir, *dir ? "/" : "", below, path);

	for (size_t i = 0; i < c->n_files; i++)
		if (str_eq(c->files[i].path, full))
			return true;
	return false;
}

/* Do the file's `files` put one of this container's own there? */
static bool has_own_file(const struct settings *s, const char *path)
{
	return has_file(s->config, s->entry->dir, BUNDLE_ROOT, path) ||
	       has_file(s->config, s->entry->dir, BUNDLE_LOWER, path);
}

static void add_machine_file(struct mounts *m, const struct settings *s, const char *path)
{
	struct mount *mount;

	if (spec_mounts_itself(s, path) || has_own_file(s, path))
		return;
	mount = add_mount(m, path, "bind", path);
	strv_split(&mount->options, "ro,rbind", ',');
	if (is_to_be_kept(s, &mount->options))
		strv_add(&mount->options, "rslave");
}

/*
 * Its own root has a resolv.conf without name servers, and a hosts file with localhost only. The
 * machine's hosts file is the same unless the file's `files` bring one.
 */
static void add_names(struct mounts *m, const struct settings *s)
{
	const char *net = settings_text(s, "net");

	if (s->config->compat || !s->entry->dir ||
		(net && !str_eq(net, "host") && !str_eq(net, "root")))
		return;
	add_machine_file(m, s, resolv_conf);
	if (has_file(s->config, "", "", hosts + 1))
		add_machine_file(m, s, hosts);
}

static void add_maps(struct mounts *m, const struct settings *s, const struct node *list)
{
	for (size_t i = 0; list && i < list->n; i++) {
		const struct node *n = list->items[i], *options = node_get(n, "options");
		const char *type = mount_map_type(n), *source = node_get_text(n, "source");
		CLEANUP(free) char *from = NULL;
		struct mount *mount;

		source = source && *source ? source : type;
		from = str_eq(type, "bind") ? config_volume_source(s->config, source)
					    : str_dup(source);
		mount = add_mount(m, mount_map_destination(n), type, from);

		for (size_t k = 0; options && k < options->n; k++)
			strv_add(&mount->options, options->items[k]->text);
		if (mount_map_is_bind(n) && is_to_be_kept(s, &mount->options))
			strv_add(&mount->options, "rslave");
		mount->uid_mappings = node_get(n, "uidmappings");
		mount->gid_mappings = node_get(n, "gidmappings");
	}
}

static int compare_mounts(const void *a, const void *b)
{
	const struct mount *x = a, *y = b;
	int order = strcmp(x->destination, y->destination);

	return order ? order : (x->rank > y->rank) - (x->rank < y->rank);
}

static void write_mount(struct json_writer *w, const struct mount *m)
{
	json_open_object(w);
	json_key_string(w, "destination", m->destination);
	json_key_string(w, "type", m->type);
	json_key_string(w, "source", m->source);
	json_key_strings_opt(w, "options", &m->options);
	spec_write_id_mappings(w, "uidMappings", m->uid_mappings);
	spec_write_id_mappings(w, "gidMappings", m->gid_mappings);
	json_close_object(w);
}

void spec_write_mounts(struct json_writer *w, const struct settings *s)
{
	CLEANUP(mounts) struct mounts m = {0};

	add_defaults(&m, s);
	add_names(&m, s);
	add_tmpfs(&m, settings_get(s, "tmpfs"));
	add_binds(&m, s, settings_get(s, "binds"));
	add_binds(&m, s, node_get(s->label, "binds.add"));
	add_binds(&m, s, node_get(s->yaml, "binds.add"));
	add_maps(&m, s, settings_get(s, "mounts"));
	qsort(m.items, m.n, sizeof(m.items[0]), compare_mounts);
	json_key(w, "mounts");
	json_open_array(w);
	for (size_t i = 0; i < m.n; i++) {
		/* Of mounts at the same place the last one counts. */
		if (i + 1 < m.n && str_eq(m.items[i].destination, m.items[i + 1].destination))
			continue;
		write_mount(w, &m.items[i]);
	}
	json_close_array(w);
}
