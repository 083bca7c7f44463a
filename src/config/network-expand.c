/* SPDX-License-Identifier: Apache-2.0 */
/* The key `network` becomes a script among `files`, and for DHCP entries of the component dhcp. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "config/model-build.h"
#include "config/network-values.h"
#include "data/document.h"
#include "data/json.h"

enum { SCRIPT_MAX = 4 << 20, SCRIPT_INDENT = 2 };

static const char entry_name[] = "network-dhcp";

/* What is made of it has the place of the first key `network`. */
struct expansion {
	struct config *c;
	struct document *d;
	const struct node *at;
	struct strv dhcp; /* names of interfaces */
};

/* ---- nodes ---- */

static struct node *text(const struct expansion *e, const char *value)
{
	return document_scalar(e->d, e->at->line, e->at->column, value, strlen(value), true);
}

static struct node *list(const struct expansion *e, struct node *const *items, size_t n)
{
	struct node *made = document_node(e->d, NODE_LIST, e->at->line, e->at->column);

	document_set_list(e->d, made, items, n);
	return made;
}

static struct node *map(
	const struct expansion *e, const char *const *keys, struct node *const *values, size_t n)
{
	CLEANUP(free) struct node **key_nodes = mem_new_array(struct node *, n);
	struct node *made = document_node(e->d, NODE_MAP, e->at->line, e->at->column);

	for (size_t i = 0; i < n; i++)
		key_nodes[i] = text(e, keys[i]);
	document_set_map(e->d, made, key_nodes, values, n);
	return made;
}

/* Put it at the beginning of a list of the first file, which is the first of all. */
static void put_first(const struct expansion *e, const char *key, struct node *item)
{
	struct document *first = e->c->documents[0];
	const struct node *old = NULL;
	CLEANUP(free) struct node **items = NULL;
	struct node *made;

	for (size_t i = 0; i < e->c->n_documents && !old; i++) {
		first = e->c->documents[i];
		old = node_get(first->root, key);
	}
	if (!old)
		first = e->d;
	else if (old->kind != NODE_LIST)
		return; /* a mistake, which is reported */
	items = mem_new_array(struct node *, (old ? old->n : 0) + 1);
	items[0] = item;
	for (size_t i = 0; old && i < old->n; i++)
		items[i + 1] = old->items[i];
	made = list(e, items, (old ? old->n : 0) + 1);
	if (old) {
		made->document = first;
		made->line = old->line;
		made->column = old->column;
	}
	document_put(first->root, key, made, key);
}

/* ---- the script ---- */

static const struct node *part(const struct config *c, size_t i, const char *map, const char *key)
{
	const struct node *n = node_get(c->documents[i]->root, "network");

	n = map ? node_get(n, map) : n;
	n = node_get(n, key);
	return n && n->kind == NODE_LIST ? n : NULL;
}

/* The lists of all files, joined. */
static void write_list(
	const struct config *c, struct json_writer *w, const char *map, const char *key)
{
	json_key(w, key);
	json_open_array(w);
	for (size_t i = 0; i < c->n_documents; i++) {
		const struct node *n = part(c, i, map, key);

		for (size_t k = 0; n && k < n->n; k++)
			json_node(w, n->items[k]);
	}
	json_close_array(w);
}

static void add_script(const struct expansion *e)
{
	static const char *const keys[] = {"path", "mode", "contents"};
	CLEANUP(buf) struct buf out = BUF_INIT(SCRIPT_MAX);
	struct json_writer w = JSON_WRITER(&out, SCRIPT_INDENT);
	struct node *values[ARRAY_SIZE(keys)];

	buf_puts(&out, "#!/" NETWORK_PROGRAM "\n");
	json_open_object(&w);
	write_list(e->c, &w, NULL, NETWORK_KEY_INTERFACES);
	json_key(&w, NETWORK_KEY_DNS);
	json_open_object(&w);
	write_list(e->c, &w, NETWORK_KEY_DNS, NETWORK_KEY_SERVERS);
	write_list(e->c, &w, NETWORK_KEY_DNS, NETWORK_KEY_SEARCH);
	json_close_object(&w);
	json_close_object(&w);
	buf_putc(&out, '\n');
	values[0] = text(e, NETWORK_SCRIPT);
	values[1] = text(e, "0755");
	values[2] = text(e, buf_str(&out));
	put_first(e, "files", map(e, keys, values, ARRAY_SIZE(keys)));
}

/* ---- DHCP ---- */

static void find_dhcp(struct expansion *e)
{
	for (size_t d = 0; d < e->c->n_documents; d++) {
		const struct node *all = part(e->c, d, NULL, NETWORK_KEY_INTERFACES);

		for (size_t i = 0; all && i < all->n; i++) {
			const struct node *dhcp = node_get(all->items[i], NETWORK_KEY_DHCP);
			const char *name = node_get_text(all->items[i], NETWORK_KEY_NAME);
			bool wanted = false;

			if (name && dhcp && node_to_bool(dhcp, &wanted) && wanted)
				strv_add(&e->dhcp, name);
		}
	}
}

/* An entry that runs dhcp for the interfaces, with an option before them, or NULL. */
static void add_dhcp(const struct expansion *e, const char *section, const char *option,
	const struct node **image)
{
	static const char *const keys[] = {"name", "image", "command"};
	CLEANUP(free) struct node **words = mem_new_array(struct node *, 2 * e->dhcp.n + 2);
	struct node *values[ARRAY_SIZE(keys)];
	const char *name;
	size_t n = 0;

	words[n++] = text(e, "/usr/bin/dhcp");
	if (option)
		words[n++] = text(e, option);
	STRV_FOREACH (name, &e->dhcp) {
		words[n++] = text(e, "-i");
		words[n++] = text(e, name);
	}
	values[0] = text(e, entry_name);
	values[1] = text(e, "@pkg:dhcp");
	values[2] = list(e, words, n);
	*image = values[1];
	put_first(e, section, map(e, keys, values, ARRAY_SIZE(keys)));
}

/* ---- the whole ---- */

/* Does it name interfaces: by -i, or as a word that is neither an option, a path nor a number? */
static bool names_interface(const struct node *command)
{
	for (size_t i = 1; command && command->kind == NODE_LIST && i < command->n; i++) {
		const char *word = command->items[i]->text;

		if (str_eq(word, "-i") || (*word && !strchr("-/0123456789", *word)))
			return true;
	}
	return false;
}

/* An entry that asks on all cards would take the addresses of those that have their own. */
static void warn_entry(struct checker *checker, const struct node *entry)
{
	const struct node *image = node_get(entry, "image");

	if (!image || (!str_eq(image->text, "@pkg:dhcp") && !str_eq(image->text, "@pkg:dhcpcd")) ||
		names_interface(node_get(entry, "command")))
		return;
	checker_warn(checker, image,
		"this asks for an address on each card, also on those that 'network' sets up");
	checker_hint(checker, "write 'dhcp: true' at an interface of 'network', and leave this "
			      "entry out");
}

static void warn_entries(const struct expansion *e, struct checker *checker, const char *section)
{
	for (size_t d = 0; d < e->c->n_documents; d++) {
		const struct node *entries = node_get(e->c->documents[d]->root, section);

		for (size_t i = 0; entries && entries->kind == NODE_LIST && i < entries->n; i++)
			warn_entry(checker, entries->items[i]);
	}
}

void config_expand_network(struct config *c, struct checker *checker)
{
	struct expansion e = {.c = c};

	for (size_t i = 0; i < c->n_documents && !e.at; i++) {
		e.d = c->documents[i];
		e.at = node_get(e.d->root, "network");
	}
	if (!e.at)
		return;
	warn_entries(&e, checker, "onboot");
	warn_entries(&e, checker, "services");
	find_dhcp(&e);
	add_script(&e);
	if (e.dhcp.n) {
		add_dhcp(&e, "onboot", NULL, &c->network_images[0]);
		add_dhcp(&e, "services", "--renew", &c->network_images[1]);
	}
	strv_clear(&e.dhcp);
}
