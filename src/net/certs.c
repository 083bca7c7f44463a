/* SPDX-License-Identifier: Apache-2.0 */
#include "net/certs.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "net/internal.h"
#include "net/trust.h"
#include "net/url.h"

void certs_free(struct certs *c)
{
	while (c) {
		struct certs *next = c->next;

		free(c->place);
		free(c->authority);
		free(c->cert);
		free(c->key);
		free(c);
		c = next;
	}
}

/*
 * The directories that can have certificates for the host; with port 443, the name may include the
 * port or not.
 */
static void list_dirs(const struct url *u, struct strv *ret)
{
	CLEANUP(free) char *dir = registries_own_dir();
	CLEANUP(free) char *own = dir ? path_join(dir, "certs.d") : NULL;
	const char *const tops[] = {own, "/etc/containers/certs.d", "/etc/docker/certs.d"};
	CLEANUP(free) char *with_port = str_printf("%s:%s", u->host, u->port);
	const char *const names[] = {u->place, with_port,
		str_eq(u->place, "registry-1.docker.io") ? "docker.io" : u->place};

	/* The name comes from the network and must not lead elsewhere. */
	if (*u->place == '.' || strchr(u->place, '/'))
		return;
	for (size_t t = 0; t < ARRAY_SIZE(tops); t++)
		for (size_t i = 0; tops[t] && i < ARRAY_SIZE(names); i++)
			strv_addf(ret, "%s/%s", tops[t], names[i]);
}

static int note_name(
	ATTR_UNUSED int dir_fd, const char *name, void *ctx, ATTR_UNUSED struct werr **err)
{
	strv_add(ctx, name);
	return 0;
}

static int add_authority(const char *path, struct buf *pem, struct werr **err)
{
	CLEANUP(free) char *text = NULL;
	size_t size;
	int r = file_read_at_once(path, TRUST_FILE_MAX, &text, &size, err);

	return r < 0 ? r : trust_add(pem, path, text, size, err);
}

/* libcurl opens the file itself and would block on a pipe. */
static bool is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* "client.cert" needs its "client.key". */
static int take_client(const char *dir, const char *name, struct certs *c, struct werr **err)
{
	CLEANUP(free)
	char *key = str_printf("%s/%.*s.key", dir, (int)(strlen(name) - strlen(".cert")), name);

	if (c->cert)
		return 0;
	if (!is_file(key))
		return werr_set(
			err, WERR_INVALID, "%s/%s has no key: %s is missing", dir, name, key);
	c->cert = path_join(dir, name);
	if (!is_file(c->cert))
		return werr_set(err, WERR_INVALID, "%s is not a regular file", c->cert);
	c->key = STEAL(key);
	return 0;
}

static int read_names(struct net *n, const char *dir, const struct strv *names, struct certs *c,
	struct werr **err)
{
	CLEANUP(buf) struct buf pem = BUF_INIT(4 * TRUST_FILE_MAX);
	const char *name;
	int r = 0;

	STRV_FOREACH (name, names) {
		CLEANUP(free) char *path = path_join(dir, name);

		if (r == 0 && str_ends_with(name, ".crt"))
			r = add_authority(path, &pem, err);
		else if (r == 0 && str_ends_with(name, ".cert"))
			r = take_client(dir, name, c, err);
	}
	if (r < 0 || pem.len == 0)
		return r;
	r = trust_add_all(n, &pem, err);
	if (r == 0 && buf_error(&pem) < 0)
		r = werr_set(err, WERR_LIMIT, "the certificates in %s are too large", dir);
	if (r == 0)
		c->authority = buf_steal(&pem);
	return r;
}

static int read_dir(
	struct net *n, const char *dir, struct certs *c, bool *ret_there, struct werr **err)
{
	CLEANUP(strv) struct strv names = {0};
	CLEANUP(werr) struct werr *why = NULL;
	int r = file_visit_dir(dir, FILE_ABSENT_IS_ERROR, note_name, &names, &why);

	*ret_there = r != -ENOENT && r != -ENOTDIR;
	if (!*ret_there)
		return 0;
	if (r < 0) {
		werr_pass(err, STEAL(why));
		return r;
	}
	log_detail("certificates for %s from %s", c->place, dir);
	strv_sort(&names);
	return read_names(n, dir, &names, c, err);
}

static int look_for(struct net *n, const struct url *u, struct certs *c, struct werr **err)
{
	CLEANUP(strv) struct strv dirs = {0};
	const char *dir;
	bool there = false;
	int r = 0;

	list_dirs(u, &dirs);
	STRV_FOREACH (dir, &dirs)
		if (r == 0 && !there)
			r = read_dir(n, dir, c, &there, err);
	return r;
}

int certs_find(struct net *n, const struct url *u, const struct certs **ret, struct werr **err)
{
	struct certs *c;
	int r = 0;

	pthread_mutex_lock(&n->certs_lock);
	for (c = n->certs; c && !str_eq(c->place, u->place);)
		c = c->next;
	if (!c) {
		c = mem_new(struct certs);
		c->place = str_dup(u->place);
		r = look_for(n, u, c, err);
		if (r == 0) {
			c->next = n->certs;
			n->certs = c;
		} else {
			certs_free(STEAL(c));
		}
	}
	pthread_mutex_unlock(&n->certs_lock);
	*ret = c;
	return r;
}
