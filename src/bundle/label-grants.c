/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an image's label gives its container beyond the defaults (docs/security.md): `build` warns
 * about it, unless the entry's `wherry.accept` says that it is intended.
 */
#include "bundle/label-grants.h"

#include <strings.h>

#include "base/mem.h"
#include "base/str.h"
#include "config/grants.h"
#include "config/values.h"

enum { TEXT_MAX_SHOWN = 1000 };

/* ---- what a value gives: a text for it, owned by the caller, or NULL ---- */

static void add_word(struct buf *out, const char *prefix, const char *word)
{
	buf_printf(out, "%s%.100s", out->len ? ", " : prefix, word);
}

static char *text_of(struct buf *out)
{
	return out->len ? str_dup(buf_str(out)) : NULL;
}

static char *of_capabilities(const struct node *n)
{
	CLEANUP(buf) struct buf out = BUF_INIT(TEXT_MAX_SHOWN);

	for (size_t i = 0; i < n->n; i++) {
		unsigned number;

		if (capability_parse(n->items[i]->text, &number) ||
			capability_is_docker(n->items[i]->text) ||
			strcasecmp(n->items[i]->text, "all") == 0)
			add_word(&out, "capabilities: ", n->items[i]->text);
	}
	return text_of(&out);
}

static char *of_binds(const struct node *n)
{
	CLEANUP(buf) struct buf out = BUF_INIT(TEXT_MAX_SHOWN);

	for (size_t i = 0; i < n->n; i++)
		if (n->items[i]->text[0] == '/')
			add_word(&out, "binds of ", n->items[i]->text);
	return text_of(&out);
}

static char *of_mounts(const struct node *n)
{
	CLEANUP(buf) struct buf out = BUF_INIT(TEXT_MAX_SHOWN);

	for (size_t i = 0; i < n->n; i++) {
		const char *type = mount_map_type(n->items[i]);
		const char *source = node_get_text(n->items[i], "source");

		if (mount_map_is_bind(n->items[i]) && source && *source == '/')
			add_word(&out, "binds of ", source);
		else if ((str_eq(type, "sysfs") || str_eq(type, "proc")) &&
			 !mount_map_has_option(n->items[i], "ro"))
			add_word(&out, "a writable ", type);
	}
	return text_of(&out);
}

static char *of_devices(const struct node *n)
{
	CLEANUP(buf) struct buf out = BUF_INIT(TEXT_MAX_SHOWN);

	for (size_t i = 0; i < n->n; i++)
		add_word(&out, "devices: ", node_get_text(n->items[i], "path"));
	return text_of(&out);
}

static char *of_resources(const struct node *n)
{
	const struct node *rules = node_get(n, "devices");

	for (size_t i = 0; rules && i < rules->n; i++) {
		const struct node *allow = node_get(rules->items[i], "allow");
		bool allowed = false;

		if (allow && node_to_bool(allow, &allowed) && allowed)
			return str_dup("rules that allow devices");
	}
	return NULL;
}

/* A namespace of its own, which is the default, gives nothing. */
static char *of_namespace(const struct node *n)
{
	return *n->text && !str_eq(n->text, "new") ? str_printf("namespace %.200s", n->text) : NULL;
}

static char *of_new_privileges(const struct node *n)
{
	bool none = true;

	return node_to_bool(n, &none) && !none ? str_dup("set-user-id programs") : NULL;
}

static char *of_masked(const struct node *n ATTR_UNUSED)
{
	return str_dup("other maskedPaths than the default ones");
}

static char *of_readonly(const struct node *n ATTR_UNUSED)
{
	return str_dup("other readonlyPaths than the default ones");
}

static char *of_propagation(const struct node *n)
{
	return str_eq(n->text, "shared") || str_eq(n->text, "rshared")
		       ? str_dup("mounts that the machine sees")
		       : NULL;
}

static char *of_runtime(const struct node *n)
{
	static const char *const keys[] = {"mounts", "mkdir", "interfaces", "cgroups", "bindNS"};
	CLEANUP(buf) struct buf out = BUF_INIT(TEXT_MAX_SHOWN);

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct node *value = node_get(n, keys[i]);

		if (value && value->n > 0)
			add_word(&out, "runtime: ", keys[i]);
	}
	return text_of(&out);
}

static char *of_wherry(const struct node *n)
{
	const char *seccomp = node_get_text(n, "seccomp");

	return seccomp && str_eq(seccomp, "none") ? str_dup("no seccomp filter") : NULL;
}

/* `as` is what `wherry.accept` calls it. */
static const struct grant {
	const char *key, *as;
	char *(*text)(const struct node *n);
	bool adds; /* also when the file gives the key */
} grants[] = {
	{"capabilities", "capabilities", of_capabilities, false},
	{"capabilities.add", "capabilities", of_capabilities, true},
	{"ambient", "capabilities", of_capabilities, false},
	{"binds", "binds", of_binds, false},
	{"binds.add", "binds", of_binds, true},
	{"mounts", "binds", of_mounts, false},
	{"devices", "devices", of_devices, false},
	{"resources", "devices", of_resources, false},
	{"pid", "pid", of_namespace, false},
	{"ipc", "ipc", of_namespace, false},
	{"uts", "uts", of_namespace, false},
	{"noNewPrivileges", "noNewPrivileges", of_new_privileges, false},
	{"maskedPaths", "maskedPaths", of_masked, false},
	{"readonlyPaths", "readonlyPaths", of_readonly, false},
	{"rootfsPropagation", "rootfsPropagation", of_propagation, false},
	{"runtime", "runtime", of_runtime, false},
	{"wherry", "seccomp", of_wherry, false},
};

/* Does the file's value replace the label's? Of the wherry map only `seccomp` matters. */
static bool is_replaced(const struct grant *g, const struct node *entry)
{
	if (g->text == of_wherry)
		return node_get(node_get(entry, "wherry"), "seccomp") != NULL;
	return !g->adds && g->text != of_runtime && node_get(entry, g->key) != NULL;
}

void label_grants_find(
	const struct node *label, const struct node *entry, struct strv *names, struct strv *texts)
{
	for (size_t i = 0; i < ARRAY_SIZE(grants); i++) {
		const struct grant *g = &grants[i];
		const struct node *value = node_get(label, g->key);
		CLEANUP(free) char *text = NULL;

		if (!value || is_replaced(g, entry) || grant_is_accepted(entry, g->as))
			continue;
		text = g->text(value);
		if (!text)
			continue;
		strv_addf(texts, "%s%s%s", g->text == of_namespace ? g->key : "",
			g->text == of_namespace ? ": " : "", text);
		if (!strv_has(names, g->as))
			strv_add(names, g->as);
	}
}
