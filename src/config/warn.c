/* SPDX-License-Identifier: Apache-2.0 */
/* What only shows in the whole configuration: files and mounts that hide each other, settings that
 * the kernel will refuse. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "config/grants.h"
#include "config/model-build.h"
#include "config/model.h"
#include "config/values.h"

/* ---- files ---- */

/* What both LinuxKit's init and Wherry's mount at boot. */
static const struct {
	const char *dir, *what;
} mounted[] = {{"dev/", "a devtmpfs"}, {"proc/", "a proc"}, {"run/", "a tmpfs"},
	{"sys/", "a sysfs"}, {"tmp/", "a tmpfs"}, {"var/", "a tmpfs"}};

static void warn_hidden(struct checker *checker, const struct config_file *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(mounted); i++) {
		const char *dir = mounted[i].dir;

		if (!str_after(f->path, dir))
			continue;
		checker_warn(checker, node_get(f->node, "path"),
			"'/%.80s' will not be seen: at boot %s is mounted on /%.*s", f->path,
			mounted[i].what, (int)strlen(dir) - 1, dir);
		checker_hint(checker, "put it elsewhere, such as under /etc, and bind it into the "
				      "containers that need it");
	}
}

static int compare_paths(const void *a, const void *b)
{
	const struct config_file *const *x = a, *const *y = b;
	int order = strcmp((*x)->path, (*y)->path);

	return order ? order : (*x > *y) - (*x < *y);
}

/* A later file on the command line may replace what an earlier one has; within one file it is
 * unintended. */
static void warn_twice(
	struct checker *checker, const struct config_file *first, const struct config_file *second)
{
	if (!str_eq(first->path, second->path) || first->node->document != second->node->document)
		return;
	checker_warn(checker, node_get(second->node, "path"),
		"the path '%.80s' is already given on line %u; the last one counts", second->path,
		node_get(first->node, "path")->line);
}

static void warn_files(const struct config *c, struct checker *checker)
{
	CLEANUP(free)
	const struct config_file **sorted = mem_new_array(const struct config_file *, c->n_files);

	for (size_t i = 0; i < c->n_files; i++) {
		sorted[i] = &c->files[i];
		warn_hidden(checker, sorted[i]);
	}
	if (c->n_files > 1)
		qsort(sorted, c->n_files, sizeof(sorted[0]), compare_paths);
	for (size_t i = 1; i < c->n_files; i++)
		warn_twice(checker, sorted[i - 1], sorted[i]);
}

/* ---- mounts of an entry ---- */

/* The place of a mount, within the node's text: few files mount twice at one place, so nothing is
 * copied. */
struct place {
	const struct node *node;
	const char *destination;
	size_t len;
	size_t rank; /* of mounts at one place, the last one counts */
};
struct places {
	struct place *items;
	size_t n, cap;
};
static void places_cleanup(struct places *p)
{
	free(p->items);
}

static void add_place(struct places *p, const struct node *n, const char *destination, size_t len)
{
	mem_grow(&p->items, p->n, &p->cap, sizeof(p->items[0]));
	p->items[p->n] = (struct place){n, destination, len, p->n};
	p->n++;
}

/* "source:destination:options", without the source for a tmpfs; the forms were checked. */
static void add_texts(struct places *p, const struct node *list, bool has_source)
{
	for (size_t i = 0; list && i < list->n; i++) {
		const char *text = list->items[i]->text;

		if (has_source)
			text += strcspn(text, ":") + 1;
		add_place(p, list->items[i], text, strcspn(text, ":"));
	}
}

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = memcmp(x->destination, y->destination, x->len < y->len ? x->len : y->len);

	if (order == 0)
		order = (x->len > y->len) - (x->len < y->len);
	return order ? order : (x->rank > y->rank) - (x->rank < y->rank);
}

static void warn_mounts(struct checker *checker, const struct node *entry)
{
	CLEANUP(places) struct places p = {0};
	const struct node *maps = node_get(entry, "mounts");

	add_texts(&p, node_get(entry, "tmpfs"), false);
	add_texts(&p, node_get(entry, "binds"), true);
	add_texts(&p, node_get(entry, "binds.add"), true);
	for (size_t i = 0; maps && i < maps->n; i++) {
		const char *destination = mount_map_destination(maps->items[i]);

		add_place(&p, maps->items[i], destination, strlen(destination));
	}
	if (p.n > 1)
		qsort(p.items, p.n, sizeof(p.items[0]), compare_places);
	for (size_t i = 1; i < p.n; i++) {
		const struct place *first = &p.items[i - 1], *second = &p.items[i];

		if (first->len != second->len ||
			memcmp(first->destination, second->destination, first->len) != 0)
			continue;
		checker_warn(checker, first->node,
			"this mount has no effect: line %u mounts something else on '%.*s'",
			second->node->line, (int)(second->len < 80 ? second->len : 80),
			second->destination);
	}
}

/* ---- settings that need a namespace ---- */

static bool is_hosts(const struct node *n)
{
	return n && (str_eq(n->text, "host") || str_eq(n->text, "root"));
}

/* Only where the file itself says that the namespace is the host's: else an image's label may say
 * otherwise. */
static void warn_host_namespace(struct checker *checker, const struct node *entry,
	const struct node *at, const char *what, const char *namespace)
{
	if (!at || !is_hosts(node_get(entry, namespace)))
		return;
	checker_warn(checker, at,
		"%.80s can't be set in the host's namespace, so the container will not start",
		what);
	checker_hint(checker, "give it one of its own with '%s: new'", namespace);
}

static const char *sysctl_namespace(const char *name)
{
	static const struct {
		const char *prefix, *namespace;
	} prefixes[] = {{"net.", "net"}, {"net/", "net"}, {"fs.mqueue.", "ipc"},
		{"kernel.msg", "ipc"}, {"kernel.sem", "ipc"}, {"kernel.shm", "ipc"},
		{"kernel.domainname", "uts"}, {"kernel.hostname", "uts"}};

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (str_after(name, prefixes[i].prefix))
			return prefixes[i].namespace;
	return NULL;
}

static void warn_namespaces(struct checker *checker, const struct node *entry)
{
	const char *hostname = node_get_text(entry, "hostname");
	const struct node *sysctl = node_get(entry, "sysctl");

	if (hostname && *hostname)
		warn_host_namespace(
			checker, entry, node_get(entry, "hostname"), "a hostname", "uts");
	for (size_t i = 0; sysctl && i < sysctl->n; i++) {
		const char *namespace = sysctl_namespace(sysctl->keys[i]->text);

		if (namespace)
			warn_host_namespace(
				checker, entry, sysctl->keys[i], sysctl->keys[i]->text, namespace);
	}
}

/* ---- volumes ---- */

static void warn_volumes(const struct config *c, struct checker *checker)
{
	for (size_t i = 0; i < c->n_volumes; i++) {
		const struct config_volume *v = &c->volumes[i];
		const struct node *platforms = node_get(v->node, "platforms");

		if (!platforms || v->layout)
			continue;
		checker_warn(checker, platforms,
			"'platforms' has no effect without an image and 'format: oci'");
	}
}

/* ---- the kernel's command line ---- */

/* A block of text in YAML ends with one. */
static void warn_cmdline(const struct config *c, struct checker *checker)
{
	const struct node *n = config_kernel_key(c, "cmdline");
	const char *end = n && n->kind == NODE_SCALAR ? n->text + strcspn(n->text, "\r\n") : "";

	if (c->compat || !end[strspn(end, "\r\n")])
		return;
	checker_warn(checker, n, "the command line has line breaks; each becomes a space");
	checker_hint(checker, "'cmdline: >-' before several lines makes one line of them");
}

/* With --compat nothing is said, as the command line may come from elsewhere. */
static void warn_boot(
	const struct config *c, struct checker *checker, const struct platform *platform)
{
	static const char option[] = "console=";
	const char *found = c->kernel.cmdline;

	if (c->compat || !c->kernel.image)
		return;
	if (c->init.n == 0 && c->n_files == 0) {
		checker_warn(checker, c->kernel.node,
			"there is no 'init', so the kernel finds nothing to start");
		checker_hint(checker, "add: init: [\"@pkg:init\", \"@pkg:crun\"]");
	}
	/* Elsewhere the firmware says which console there is. */
	if (!platform || !str_eq(platform->arch, "amd64"))
		return;
	while ((found = strstr(found, option)) && found > c->kernel.cmdline && found[-1] != ' ')
		found += strlen(option);
	if (found)
		return;
	checker_warn(checker, c->kernel.node,
		"the command line has no 'console=': nothing is seen on a serial port, such as "
		"QEMU's");
	checker_hint(checker, "write: cmdline: \"console=ttyS0\"; console=tty0 is a screen");
}

void config_warn(const struct config *c, struct checker *checker, const struct platform *platform)
{
	warn_cmdline(c, checker);
	warn_boot(c, checker, platform);
	for (size_t i = 0; i < c->n_containers; i++) {
		const struct node *entry = c->containers[i].node;

		warn_mounts(checker, entry);
		warn_namespaces(checker, entry);
		if (!c->compat)
			grants_warn(checker, entry);
	}
	warn_files(c, checker);
	warn_volumes(c, checker);
}
