/* SPDX-License-Identifier: Apache-2.0 */
/* config.json's linux: runtime-spec config-linux.md. */
#include "config/schema.h"
#include "bundle/spec.h"
#include "config/values.h"

/* In the order in which LinuxKit writes them. */
static const struct {
	const char *key, *type;
	enum spec_limits own; /* it has its own by default with these limits or more */
	bool none_is_new;     /* a network namespace without links */
} namespaces[] = {
	{"net", "network", LIMITS_NEVER, true},
	{"ipc", "ipc", LIMITS_ALL, false},
	{"uts", "uts", LIMITS_ALL, false},
	{"pid", "pid", LIMITS_NONE, false},
	{"userns", "user", LIMITS_NEVER, false},
};

static void write_namespace(struct json_writer *w, const char *type, const char *path)
{
	json_open_object(w);
	json_key_string(w, "type", type);
	json_key_string_opt(w, "path", path);
	json_close_object(w);
}

/* host and root: none of its own; new: one; else that of a path. */
static void write_namespaces(struct json_writer *w, const struct settings *s)
{
	enum spec_limits limits = spec_limits(s);

	json_key(w, "namespaces");
	json_open_array(w);
	for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++) {
		const char *value = settings_text(s, namespaces[i].key);

		if (!value)
			value = limits >= namespaces[i].own ||
						(str_eq(namespaces[i].type, "user") &&
							spec_id_base(s))
					? "new"
					: "host";
		if (str_eq(value, "host") || str_eq(value, "root"))
			continue;
		if (str_eq(value, "new") || (namespaces[i].none_is_new && str_eq(value, "none")))
			value = NULL;
		write_namespace(w, namespaces[i].type, value);
	}
	/* A container that mounts the machine's control groups must find its own place there. */
	if (limits == LIMITS_ALL && !spec_mounts_itself(s, "/sys/fs/cgroup"))
		write_namespace(w, "cgroup", NULL);
	write_namespace(w, "mount", NULL);
	json_close_array(w);
}

static bool is_rule_only(const struct node *device)
{
	return str_eq(node_get(device, "path")->text, "all");
}

static void write_device(struct json_writer *w, const struct node *n)
{
	const char *mode = node_get_text(n, "mode");
	uint32_t bits = 0;

	json_open_object(w);
	json_key_string(w, "path", node_get_text(n, "path"));
	json_key_string(w, "type", node_get_text(n, "type"));
	json_key_i64(w, "major", spec_number(n, "major"));
	json_key_i64(w, "minor", spec_number(n, "minor"));
	if (mode && value_parse_mode(mode, &bits))
		json_key_u64(w, "fileMode", bits);
	json_close_object(w);
}

static void write_devices(struct json_writer *w, const struct node *list)
{
	bool any = false;

	for (size_t i = 0; list && i < list->n; i++)
		any = any || !is_rule_only(list->items[i]);
	if (!any)
		return;
	json_key(w, "devices");
	json_open_array(w);
	for (size_t i = 0; i < list->n; i++)
		if (!is_rule_only(list->items[i]))
			write_device(w, list->items[i]);
	json_close_array(w);
}

/* What an entry of `devices` allows. */
static void write_device_rule(struct json_writer *w, const struct node *n)
{
	json_open_object(w);
	json_key_bool(w, "allow", true);
	json_key_string(w, "type", node_get_text(n, "type"));
	if (!is_rule_only(n)) {
		json_key_i64(w, "major", spec_number(n, "major"));
		json_key_i64(w, "minor", spec_number(n, "minor"));
	}
	json_key_string(w, "access", "rwm");
	json_close_object(w);
}

/* One of resources.devices. */
static void write_rule(struct json_writer *w, const struct node *n)
{
	const struct node *allow = node_get(n, "allow");
	bool allowed = false;

	json_open_object(w);
	json_key_bool(w, "allow", allow && node_to_bool(allow, &allowed) && allowed);
	json_key_string_opt(w, "type", node_get_text(n, "type"));
	if (node_get(n, "major"))
		json_key_i64(w, "major", spec_number(n, "major"));
	if (node_get(n, "minor"))
		json_key_i64(w, "minor", spec_number(n, "minor"));
	json_key_string_opt(w, "access", node_get_text(n, "access"));
	json_close_object(w);
}

static void write_device_rules(
	struct json_writer *w, const struct node *rules, const struct node *devices)
{
	size_t n_rules = rules ? rules->n : 0, n_devices = devices ? devices->n : 0;

	if (n_rules + n_devices == 0)
		return;
	json_key(w, "devices");
	json_open_array(w);
	for (size_t i = 0; i < n_rules; i++)
		write_rule(w, rules->items[i]);
	for (size_t i = 0; i < n_devices; i++)
		write_device_rule(w, devices->items[i]);
	json_close_array(w);
}

static void write_resources(struct json_writer *w, const struct settings *s)
{
	const struct node *resources = settings_get(s, "resources");

	json_key(w, "resources");
	json_open_object(w);
	write_device_rules(w, node_get(resources, "devices"), settings_get(s, "devices"));
	spec_write_keys(w, &schema_resources, resources);
	json_close_object(w);
}

static void write_ids(
	struct json_writer *w, const char *key, const struct settings *s, uint32_t base)
{
	if (base == 0) {
		spec_write_id_mappings(w, key, settings_get(s, key));
		return;
	}
	json_key(w, key);
	json_open_array(w);
	json_open_object(w);
	json_key_u64(w, "containerID", 0);
	json_key_u64(w, "hostID", base);
	json_key_u64(w, "size", BUNDLE_IDS);
	json_close_object(w);
	json_close_array(w);
}

void spec_write_linux(struct json_writer *w, const struct settings *s)
{
	const struct node *sysctl = settings_get(s, "sysctl");

	json_key(w, "linux");
	json_open_object(w);
	write_ids(w, "uidMappings", s, spec_id_base(s));
	write_ids(w, "gidMappings", s, spec_id_base(s));
	spec_write_list(w, "sysctl", sysctl);
	write_resources(w, s);
	json_key_string_opt(w, "cgroupsPath", settings_any_text(s, "cgroupsPath"));
	write_namespaces(w, s);
	write_devices(w, settings_get(s, "devices"));
	json_key_string_opt(w, "rootfsPropagation", settings_any_text(s, "rootfsPropagation"));
	spec_write_limits(w, s);
	spec_write_seccomp(w, s);
	json_close_object(w);
}
