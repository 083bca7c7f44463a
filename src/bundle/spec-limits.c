/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container can't reach by default, as with Docker: docs/security.md, "What a container
 * can't reach".
 */
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "config/model.h"
#include "bundle/spec.h"
#include "config/values.h"
enum { CAP_SYS_ADMIN = 21 };
static const char runtime_dir[] = "/run/wherry";

/*
 * moby's daemon/pkg/oci/defaults.go. The runtime leaves out what the kernel or the machine does not
 * have.
 */
static const char *const masked[] = {"/proc/acpi", "/proc/asound", "/proc/interrupts",
	"/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
	"/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware",
	NULL};
static const char *const readonly[] = {
	"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger", NULL};

/*
 * A container with all capabilities is as powerful as the machine's root anyway. One that sets the
 * machine up and may mount could undo what is read-only, and exists to write to it.
 */
enum spec_limits spec_limits(const struct settings *s)
{
	uint64_t capabilities = spec_capabilities(s);

	if (s->config->compat || capabilities == CAPABILITIES_ALL)
		return LIMITS_NONE;
	if (s->entry->section != CONFIG_SERVICES && (capabilities & UINT64_C(1) << CAP_SYS_ADMIN))
		return LIMITS_OF_SETUP;
	return LIMITS_ALL;
}

/*
 * By the entry's own id, which is unique. An entry that asks for a user namespace in another way
 * gets that.
 */
uint32_t spec_id_base(const struct settings *s)
{
	enum { FIRST_ENTRY = 100, FIRST_ID = 1 << 20 };
	const struct settings wherry = settings_map(s, "wherry");
	const char *asked = settings_text(&wherry, "userns");
	uint64_t base = FIRST_ID + (uint64_t)(s->entry->id - FIRST_ENTRY) * BUNDLE_IDS;

	if (!asked || !str_eq(asked, "auto") || s->config->compat || settings_text(s, "userns") ||
		settings_get(s, "uidMappings") || settings_get(s, "gidMappings") ||
		base > UINT32_MAX - BUNDLE_IDS)
		return 0;
	return (uint32_t)base;
}

bool spec_has_users(const struct settings *s)
{
	const char *asked = settings_text(s, "userns");

	return asked ? !str_eq(asked, "host") && !str_eq(asked, "root") : spec_id_base(s) != 0;
}

/* ---- what the entry mounts itself ---- */

struct own_mount {
	char *source;      /* NULL: not a bind of what is outside */
	char *destination; /* both without slashes at the ends; "" is the root */
	bool spreads;      /* what is mounted on it inside is seen outside as well */
};
struct own_mounts {
	struct own_mount *items;
	size_t n, cap;
};
static void own_mounts_cleanup(struct own_mounts *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->items[i].source);
		free(m->items[i].destination);
	}
	free(m->items);
}

/* "/a//b/../c/" is "a/c". */
static char *normal(const char *path)
{
	CLEANUP(strv) struct strv parts = {0}, kept = {0};
	const char *part;

	strv_split(&parts, path, '/');
	STRV_FOREACH (part, &parts) {
		if (str_eq(part, "..") && kept.n > 0)
			free(kept.items[--kept.n]);
		else if (*part && !str_eq(part, ".") && !str_eq(part, ".."))
			strv_add(&kept, part);
	}
	return strv_join(&kept, "/");
}

/* The rest of a path below a directory, "" for the directory itself; NULL: the path is elsewhere.
 */
static const char *below(const char *path, const char *dir)
{
	const char *rest = str_after(path, dir);

	if (!rest || !*dir || !*rest)
		return rest;
	return *rest == '/' ? rest + 1 : NULL;
}

/* As the machine sees it: /var/run is a link to /run. */
static char *normal_source(const char *path)
{
	CLEANUP(free) char *source = normal(path);
	const char *rest = below(source, "var/run");

	if (!rest)
		return STEAL(source);
	return *rest ? str_printf("run/%s", rest) : str_dup("run");
}

static bool is_shared(const char *propagation)
{
	return str_eq(propagation, "shared") || str_eq(propagation, "rshared");
}

static bool is_said_shared(const struct strv *options)
{
	return strv_has(options, "shared") || strv_has(options, "rshared");
}

static bool is_kept_inside(const struct strv *options)
{
	static const char *const kinds[] = {
		"private", "rprivate", "slave", "rslave", "unbindable", "runbindable"};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strv_has(options, kinds[i]))
			return true;
	return false;
}

bool spec_has_propagation(const struct strv *options)
{
	return is_said_shared(options) || is_kept_inside(options);
}

/* In a user namespace the runtime's binds belong to the machine's mounts, or are made slaves. */
static bool does_spread(const struct settings *s, const struct strv *options)
{
	return !is_kept_inside(options) && (is_shared(settings_any_text(s, "rootfsPropagation")) ||
						   (spec_has_users(s) && is_said_shared(options)));
}

static void add_own(struct own_mounts *m, const char *source, const char *destination, bool spreads)
{
	mem_grow(&m->items, m->n, &m->cap, sizeof(m->items[0]));
	m->items[m->n++] = (struct own_mount){
		source ? normal_source(source) : NULL, normal(destination), spreads};
}

static void add_own_text(struct own_mounts *m, const struct settings *s, const char *text)
{
	CLEANUP(mount_text) struct mount_text t = {0};

	/* Other sources name a volume. */
	if (mount_text_parse_bind(text, &t, NULL) == 0)
		add_own(m, t.source[0] == '/' ? t.source : NULL, t.destination,
			does_spread(s, &t.options));
}

static void add_own_map(struct own_mounts *m, const struct settings *s, const struct node *n)
{
	CLEANUP(strv) struct strv options = {0};
	const struct node *list = node_get(n, "options");
	const char *source = node_get_text(n, "source");

	for (size_t i = 0; list && i < list->n; i++)
		strv_add(&options, list->items[i]->text);
	add_own(m, mount_map_is_bind(n) && source && *source == '/' ? source : NULL,
		mount_map_destination(n), does_spread(s, &options));
}

static void find_own(struct own_mounts *m, const struct settings *s)
{
	const struct node *binds[] = {settings_get(s, "binds"), node_get(s->label, "binds.add"),
		node_get(s->yaml, "binds.add")};
	const struct node *tmpfs = settings_get(s, "tmpfs"), *maps = settings_get(s, "mounts");

	for (size_t i = 0; tmpfs && i < tmpfs->n; i++) {
		CLEANUP(mount_text) struct mount_text t = {0};

		if (mount_text_parse_tmpfs(tmpfs->items[i]->text, &t, NULL) == 0)
			add_own(m, NULL, t.destination, false);
	}
	for (size_t k = 0; k < ARRAY_SIZE(binds); k++)
		for (size_t i = 0; binds[k] && i < binds[k]->n; i++)
			add_own_text(m, s, binds[k]->items[i]->text);
	for (size_t i = 0; maps && i < maps->n; i++)
		add_own_map(m, s, maps->items[i]);
}

static bool covers(const struct own_mounts *m, const char *path)
{
	for (size_t i = 0; i < m->n; i++)
		if (below(path + 1, m->items[i].destination))
			return true;
	return false;
}

bool spec_mounts_itself(const struct settings *s, const char *path)
{
	CLEANUP(own_mounts) struct own_mounts own = {0};

	find_own(&own, s);
	return covers(&own, path);
}

/* ---- what is hidden and what is read-only ---- */

/*
 * The given list, or else the defaults without those that the entry mounts something over or above.
 */
static void add_paths(struct strv *ret, const struct node *asked, const char *const *paths,
	const struct own_mounts *own)
{
	for (size_t i = 0; asked && i < asked->n; i++)
		strv_add(ret, asked->items[i]->text);
	for (; !asked && *paths; paths++)
		if (!covers(own, *paths))
			strv_add(ret, *paths);
}

/*
 * Hides the directory with the supervisor's socket where a bind of a directory above it would show
 * it. Not where that would hide it from the machine, too: the supervisor checks its peers.
 */
static void add_runtime_dir(struct strv *ret, const struct own_mounts *own)
{
	for (size_t i = 0; i < own->n; i++) {
		const struct own_mount *m = &own->items[i];
		const char *rest = m->source ? below(runtime_dir + 1, m->source) : NULL;
		CLEANUP(free) char *path = NULL;
		bool asked = false;

		if (!rest || !*rest || m->spreads)
			continue;
		path = *m->destination ? str_printf("/%s/%s", m->destination, rest)
				       : str_printf("/%s", rest);
		for (size_t k = 0; k < own->n; k++)
			asked = asked || str_eq(own->items[k].destination, path + 1);
		if (!asked && !strv_has(ret, path))
			strv_add(ret, path);
	}
}

void spec_write_limits(struct json_writer *w, const struct settings *s)
{
	static const char *const nothing[] = {NULL};
	CLEANUP(own_mounts) struct own_mounts own = {0};
	CLEANUP(strv) struct strv hidden = {0}, kept = {0};
	enum spec_limits limits = spec_limits(s);

	find_own(&own, s);
	add_paths(&hidden, settings_get(s, "maskedPaths"), limits == LIMITS_NONE ? nothing : masked,
		&own);
	add_paths(&kept, settings_get(s, "readonlyPaths"),
		limits == LIMITS_ALL ? readonly : nothing, &own);
	if (limits != LIMITS_NONE)
		add_runtime_dir(&hidden, &own);
	json_key_strings_opt(w, "maskedPaths", &hidden);
	json_key_strings_opt(w, "readonlyPaths", &kept);
}
