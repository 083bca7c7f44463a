/* SPDX-License-Identifier: Apache-2.0 */
#include "run/runtime-spec.h"

#include <errno.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "data/json.h"
#include "run/link.h"

enum { RUNTIME_SPEC_MAX = 1 << 20 };

/* The list under a key; *ret is NULL when there is none. */
static int get_list(
	const struct node *map, const char *key, const struct node **ret, struct werr **err)
{
	const struct node *n = node_get(map, key);

	*ret = NULL;
	if (!n || n->kind == NODE_NULL)
		return 0;
	if (n->kind != NODE_LIST)
		return node_error(err, n, "'%s' must be a list, not %s", key, node_kind_name(n));
	*ret = n;
	return 0;
}

static int get_texts(const struct node *map, const char *key, struct strv *ret, struct werr **err)
{
	const struct node *list;
	int r = get_list(map, key, &list, err);

	for (size_t i = 0; r == 0 && list && i < list->n; i++) {
		if (list->items[i]->kind != NODE_SCALAR)
			return node_error(
				err, list->items[i], "'%s' must be a list of strings", key);
		strv_add(ret, list->items[i]->text);
	}
	return r;
}

static int add_mount(struct runtime_spec *spec, const struct node *n, struct werr **err)
{
	struct runtime_mount *m;

	if (!node_get_text(n, RUNTIME_MOUNT_DESTINATION))
		return node_error(err, n, "a mount needs a destination");
	mem_grow(&spec->mounts, spec->n_mounts, &spec->cap_mounts, sizeof(*spec->mounts));
	m = &spec->mounts[spec->n_mounts++];
	m->destination = str_dup(node_get_text(n, RUNTIME_MOUNT_DESTINATION));
	m->source = str_dup(node_get_text(n, RUNTIME_MOUNT_SOURCE));
	m->type = str_dup(node_get_text(n, RUNTIME_MOUNT_TYPE));
	return get_texts(n, RUNTIME_MOUNT_OPTIONS, &m->options, err);
}

static int get_mounts(struct runtime_spec *spec, const struct document *d, struct werr **err)
{
	const struct node *list;
	int r = get_list(d->root, RUNTIME_MOUNTS, &list, err);

	for (size_t i = 0; r == 0 && list && i < list->n; i++)
		r = add_mount(spec, list->items[i], err);
	return r;
}

/* The text under a key; NULL when it is absent or empty. Owned by the caller. */
static char *get_text(const struct node *n, const char *key)
{
	const char *text = node_get_text(n, key);

	return text && *text ? str_dup(text) : NULL;
}

static int add_interface(struct runtime_spec *spec, const struct node *n, struct werr **err)
{
	const struct node *in_root = node_get(n, RUNTIME_INTERFACE_IN_ROOT);
	struct runtime_interface *i;

	mem_grow(&spec->interfaces, spec->n_interfaces, &spec->cap_interfaces,
		sizeof(*spec->interfaces));
	i = &spec->interfaces[spec->n_interfaces++];
	i->name = get_text(n, RUNTIME_INTERFACE_NAME);
	i->add = get_text(n, RUNTIME_INTERFACE_ADD);
	i->peer = get_text(n, RUNTIME_INTERFACE_PEER);
	if (in_root)
		node_to_bool(in_root, &i->in_root);
	if (!i->name)
		return node_error(err, n, "an interface needs a name");
	if (strlen(i->name) > LINK_NAME_MAX || (i->peer && strlen(i->peer) > LINK_NAME_MAX))
		return node_error(err, n, "the name of an interface has at most 15 bytes");
	if ((i->add && str_eq(i->add, "veth")) != (i->peer != NULL))
		return node_error(
			err, n, "a veth interface needs a peer, and others must not have one");
	return 0;
}

static int get_interfaces(struct runtime_spec *spec, const struct document *d, struct werr **err)
{
	const struct node *list;
	int r = get_list(d->root, RUNTIME_INTERFACES, &list, err);

	for (size_t i = 0; r == 0 && list && i < list->n; i++)
		r = add_interface(spec, list->items[i], err);
	return r;
}

static void get_bind_ns(struct runtime_spec *spec, const struct document *d)
{
	const struct node *map = node_get(d->root, RUNTIME_BIND_NS);

	for (size_t i = 0; i < CONTRACT_NAMESPACES; i++)
		spec->bind_ns[i] = get_text(map, contract_namespaces[i]);
}

struct runtime_spec *runtime_spec_new(void)
{
	struct runtime_spec *spec = mem_new(struct runtime_spec);

	policy_init(&spec->policy);
	return spec;
}

int runtime_spec_parse(const char *name, const char *text, size_t size, struct runtime_spec **ret,
	struct werr **err)
{
	CLEANUP(runtime_spec) struct runtime_spec *spec = runtime_spec_new();
	CLEANUP(document) struct document *d = NULL;
	int r = json_parse(name, text, size, &d, err);

	if (r == 0 && d->root->kind != NODE_MAP)
		r = node_error(err, d->root, "must be an object, not %s", node_kind_name(d->root));
	if (r == 0)
		r = get_texts(d->root, RUNTIME_MKDIR, &spec->mkdir, err);
	if (r == 0)
		r = get_texts(d->root, RUNTIME_CGROUPS, &spec->cgroups, err);
	if (r == 0)
		r = get_mounts(spec, d, err);
	if (r == 0)
		r = get_interfaces(spec, d, err);
	if (r == 0)
		r = policy_parse(&spec->policy, node_get(d->root, RUNTIME_WHERRY), err);
	if (r < 0)
		return r;
	get_bind_ns(spec, d);
	*ret = STEAL(spec);
	return 0;
}

int runtime_spec_read(const char *path, struct runtime_spec **ret, struct werr **err)
{
	CLEANUP(free) char *text = NULL;
	size_t size;
	int r;

	if (!file_exists(path)) {
		*ret = runtime_spec_new();
		return 0;
	}
	r = file_read(path, RUNTIME_SPEC_MAX, &text, &size, err);
	return r < 0 ? r : runtime_spec_parse(path, text, size, ret, err);
}

void runtime_spec_free(struct runtime_spec *spec)
{
	if (!spec)
		return;
	for (size_t i = 0; i < spec->n_mounts; i++) {
		free(spec->mounts[i].source);
		free(spec->mounts[i].destination);
		free(spec->mounts[i].type);
		strv_clear(&spec->mounts[i].options);
	}
	free(spec->mounts);
	for (size_t i = 0; i < CONTRACT_NAMESPACES; i++)
		free(spec->bind_ns[i]);
	strv_clear(&spec->mkdir);
	strv_clear(&spec->cgroups);
	for (size_t i = 0; i < spec->n_interfaces; i++) {
		free(spec->interfaces[i].name);
		free(spec->interfaces[i].add);
		free(spec->interfaces[i].peer);
	}
	free(spec->interfaces);
	policy_cleanup(&spec->policy);
	free(spec);
}
