/* SPDX-License-Identifier: Apache-2.0 */
/* runtime.json: what is prepared around a container, in LinuxKit's form. */
#include "base/mem.h"
#include "base/str.h"
#include "bundle/spec.h"
#include "config/wherry-values.h"
#include "contract/paths.h"
#include "contract/runtime.h"

static void write_mount(struct json_writer *w, const char *type, const char *source,
	const char *destination, const struct strv *options)
{
	json_open_object(w);
	json_key_string(w, RUNTIME_MOUNT_DESTINATION, destination);
	json_key_string_opt(w, RUNTIME_MOUNT_TYPE, type);
	json_key_string_opt(w, RUNTIME_MOUNT_SOURCE, source);
	json_key_strings_opt(w, RUNTIME_MOUNT_OPTIONS, options);
	json_close_object(w);
}

/* The image's files, bound onto themselves to be a mount of their own. */
static void write_bound_root(struct json_writer *w, const char *dir, const char *files)
{
	CLEANUP(free) char *root = str_printf("/%s/" BUNDLE_ROOT, dir);
	CLEANUP(free) char *source = str_printf("/%s", files);
	CLEANUP(strv) struct strv options = {0};

	strv_add(&options, "bind");
	write_mount(w, NULL, source, root, &options);
}

/* Writes go to memory: one container must not take all of it. */
static void add_size(struct strv *options, const struct settings *s)
{
	const struct settings wherry = settings_map(s, "wherry");
	const struct node *asked = settings_get(&wherry, "root-size");

	if (asked)
		strv_addf(options, "size=%s", asked->text);
	else if (spec_limits(s) != LIMITS_NONE)
		strv_add(options, "size=" ROOT_SIZE_DEFAULT);
}

/* The image's files below an overlay whose upper layer is in memory. */
static void write_overlay_root(
	struct json_writer *w, const struct settings *s, const char *dir, const char *files)
{
	CLEANUP(free) char *tmp = str_printf("/%s/" BUNDLE_TMP, dir);
	CLEANUP(free) char *root = str_printf("/%s/" BUNDLE_ROOT, dir);
	CLEANUP(strv) struct strv size = {0}, remount = {0}, overlay = {0};

	add_size(&size, s);
	strv_add(&remount, "remount");
	strv_add(&remount, "private");
	strv_addf(&overlay, "lowerdir=/%s", files);
	strv_addf(&overlay, "upperdir=%s/upper", tmp);
	strv_addf(&overlay, "workdir=%s/work", tmp);
	write_mount(w, "tmpfs", "tmpfs", tmp, &size);
	write_mount(w, NULL, NULL, tmp, &remount);
	write_mount(w, "overlay", "overlay", root, &overlay);
}

static void write_user_mount(struct json_writer *w, const struct node *n)
{
	const char *destination = node_get_text(n, "destination");

	json_open_object(w);
	json_key_string(w, RUNTIME_MOUNT_DESTINATION, destination ? destination : "");
	json_key_string_opt(w, RUNTIME_MOUNT_TYPE, node_get_text(n, "type"));
	json_key_string_opt(w, RUNTIME_MOUNT_SOURCE, node_get_text(n, "source"));
	spec_write_list(w, RUNTIME_MOUNT_OPTIONS, node_get(n, "options"));
	spec_write_id_mappings(w, "uidMappings", node_get(n, "uidmappings"));
	spec_write_id_mappings(w, "gidMappings", node_get(n, "gidmappings"));
	json_close_object(w);
}

static void write_mounts(
	struct json_writer *w, const struct settings *s, const struct node *list, const char *files)
{
	const char *dir = s->entry->dir;

	json_key(w, RUNTIME_MOUNTS);
	json_open_array(w);
	if (settings_bool(s, "readonly"))
		write_bound_root(w, dir, files);
	else
		write_overlay_root(w, s, dir, files);
	for (size_t i = 0; list && i < list->n; i++)
		write_user_mount(w, list->items[i]);
	json_close_array(w);
}

static void write_list(struct json_writer *w, const char *key, const struct node *list)
{
	json_key(w, key);
	if (list) {
		json_node(w, list);
	} else {
		json_open_array(w);
		json_close_array(w);
	}
}

static void write_interfaces(struct json_writer *w, const struct node *list)
{
	json_key(w, RUNTIME_INTERFACES);
	json_open_array(w);
	for (size_t i = 0; list && i < list->n; i++) {
		const struct node *n = list->items[i], *create = node_get(n, "createInRoot");
		bool create_in_root = false;

		if (create)
			node_to_bool(create, &create_in_root);
		json_open_object(w);
		json_key_string_opt(w, RUNTIME_INTERFACE_NAME, node_get_text(n, "name"));
		json_key_string_opt(w, RUNTIME_INTERFACE_ADD, node_get_text(n, "add"));
		json_key_string_opt(w, RUNTIME_INTERFACE_PEER, node_get_text(n, "peer"));
		json_key_bool(w, RUNTIME_INTERFACE_IN_ROOT, create_in_root);
		json_close_object(w);
	}
	json_close_array(w);
}

static void write_bind_ns(struct json_writer *w, const struct settings *s)
{
	json_key(w, RUNTIME_BIND_NS);
	json_open_object(w);
	for (size_t i = 0; i < CONTRACT_NAMESPACES; i++)
		json_key_string(
			w, contract_namespaces[i], settings_any_text(s, contract_namespaces[i]));
	json_close_object(w);
}

void spec_write_runtime(struct json_writer *w, const struct settings *s, const char *files)
{
	const struct settings runtime = settings_map(s, "runtime");
	const struct settings bind_ns = settings_map(&runtime, "bindNS");

	json_open_object(w);
	write_list(w, RUNTIME_CGROUPS, settings_get(&runtime, "cgroups"));
	write_mounts(w, s, settings_get(&runtime, "mounts"), files);
	write_list(w, RUNTIME_MKDIR, settings_get(&runtime, "mkdir"));
	write_interfaces(w, settings_get(&runtime, "interfaces"));
	write_bind_ns(w, &bind_ns);
	json_key_string(w, RUNTIME_NAMESPACE, settings_any_text(&runtime, "namespace"));
	spec_write_wherry(w, s);
	json_close_object(w);
}
