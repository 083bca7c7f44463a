/* SPDX-License-Identifier: Apache-2.0 */
/* Changes one login in the file of logins; all else in it stays. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "data/json.h"
#include "net/credential-impl.h"

enum { LOGIN_MAX = 2 << 20 };

/* A login to be written; without a credential, the existing one is removed. */
struct change {
	const char *registry;
	const struct credential *credential;
	bool in_helper; /* the helper has the secret; the file has an empty entry */
	bool found;     /* there was one before */
};

static void write_entry(struct json_writer *w, const struct change *c)
{
	CLEANUP(free) char *plain = NULL;
	CLEANUP(buf) struct buf text = BUF_INIT(LOGIN_MAX);

	if (!c->credential)
		return;
	json_key(w, auth_key_of(c->registry));
	json_open_object(w);
	if (!c->in_helper) {
		plain = str_printf("%s:%s", c->credential->user, c->credential->password);
		base64_add(&text, plain, strlen(plain));
		json_key_string(w, "auth", buf_str(&text));
	}
	json_close_object(w);
}

/* Does the key name exactly this registry, in whatever form? */
static bool is_entry_of(const char *key, const char *registry)
{
	return auth_key_covers(key, registry, NULL) == strlen(registry);
}

static void write_auths(struct json_writer *w, const struct node *auths, struct change *c)
{
	json_key(w, "auths");
	json_open_object(w);
	for (size_t i = 0; auths && auths->kind == NODE_MAP && i < auths->n; i++) {
		if (is_entry_of(auths->keys[i]->text, c->registry)) {
			c->found = true;
			continue;
		}
		json_key(w, auths->keys[i]->text);
		json_node(w, auths->items[i]);
	}
	write_entry(w, c);
	json_close_object(w);
}

static int write_file(
	const char *path, const struct node *root, struct change *c, struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(2 * AUTH_FILE_MAX);
	struct json_writer w = JSON_WRITER(&out, 2);
	CLEANUP(free) char *dir = path_dir(path);
	int r;

	json_open_object(&w);
	for (size_t i = 0; root && i < root->n; i++) {
		if (str_eq(root->keys[i]->text, "auths"))
			continue;
		json_key(&w, root->keys[i]->text);
		json_node(&w, root->items[i]);
	}
	write_auths(&w, node_get(root, "auths"), c);
	json_close_object(&w);
	buf_putc(&out, '\n');
	if (buf_error(&out) < 0)
		return werr_set(err, WERR_LIMIT, "%s is too large", path);
	if (!c->credential && !c->found)
		return 0;
	r = file_make_dirs(dir, 0700, err);
	/* A link to the file stays a link, and /dev/null as REGISTRY_AUTH_FILE is not replaced. */
	if (r == 0)
		r = file_write_named(path, 0600, buf_str(&out), out.len, err);
	return r;
}

/* An empty or missing file is an empty object. A file that is not understood is left alone. */
static int read_file(const char *path, struct document **ret, struct werr **err)
{
	CLEANUP(free) char *text = NULL;
	size_t size;
	int r = file_read_at_once(path, AUTH_FILE_MAX, &text, &size, err);

	if (r == -ENOENT || r == -ENOTDIR) {
		if (err)
			werr_free(STEAL(*err));
		return 0;
	}
	if (r == 0 && size > 0)
		r = json_parse(path, text, size, ret, err);
	if (r == 0 && *ret && (*ret)->root->kind != NODE_MAP)
		return werr_set(err, WERR_INVALID, "%s is not a file of logins", path);
	return r;
}

static int change_file(struct change *c, char **ret_where, struct werr **err)
{
	CLEANUP(document) struct document *d = NULL;
	CLEANUP(free) char *path = NULL;
	const char *helper = NULL;
	int r = auth_file_path(&path, err);

	if (r == 0)
		r = read_file(path, &d, err);
	if (r < 0)
		return r;
	if (d)
		helper = auth_file_helper(d, c->registry);
	c->in_helper = helper != NULL;
	if (helper && c->credential)
		r = helper_store(helper, c->registry, c->credential, err);
	else if (helper)
		r = helper_erase(helper, c->registry, err);
	if (r == 0)
		r = write_file(path, d ? d->root : NULL, c, err);
	if (r < 0)
		return r;
	*ret_where = helper ? str_printf("docker-credential-%s", helper) : STEAL(path);
	return 0;
}

int credential_store(
	const char *registry, const struct credential *c, char **ret_where, struct werr **err)
{
	struct change change = {.registry = registry, .credential = c};

	return change_file(&change, ret_where, err);
}

int credential_forget(const char *registry, char **ret_where, struct werr **err)
{
	struct change change = {.registry = registry};
	CLEANUP(free) char *where = NULL;
	int r = change_file(&change, &where, err);

	if (r == 0 && !change.found && !change.in_helper)
		return werr_set(
			err, WERR_NOT_FOUND, "there is no login for %s in %s", registry, where);
	if (r == 0)
		*ret_where = STEAL(where);
	return r;
}
