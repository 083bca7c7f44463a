/* SPDX-License-Identifier: Apache-2.0 */
#include "net/remote.h"

#include <errno.h>

#include "base/mem.h"
#include "net/auth.h"
#include "net/internal.h"
#include "net/mirror.h"
#include "net/start.h"
#include "net/url.h"

enum { LOGINS_MAX = 3 }; /* for one request */

/* Docker's registry is not at the host of its name. */
static const char *host_of(const char *registry)
{
	return str_eq(registry, "docker.io") ? "registry-1.docker.io" : registry;
}

static struct remote *remote_new(
	struct net *n, const char *registry, const char *host, const char *repository)
{
	struct remote *r = mem_new(struct remote);
	size_t bracket = *host == '[' ? strcspn(host, "]") : 0,
	       name = bracket + strcspn(host + bracket, ":");

	r->net = n;
	r->registry = str_dup(registry);
	r->host = str_dup(host);
	r->repository = str_dup(repository);
	r->name = str_dup_n(host, name);
	r->port = str_dup(host[name] ? host + name + 1 : "443");
	return r;
}

void remote_free(struct remote *r)
{
	free(r->registry);
	free(r->host);
	free(r->name);
	free(r->port);
	free(r->repository);
	free(r);
}

/* "https://HOST/PREFIX": the prefix comes before the repository's name. */
static struct remote *mirror_new(struct net *n, const char *url, const struct reference *ref)
{
	const char *host = strstr(url, "://") + 3;
	size_t size = strcspn(host, "/");
	CLEANUP(free) char *place = str_dup_n(host, size);
	CLEANUP(free) char *prefix = str_dup(host + size + (host[size] == '/'));
	CLEANUP(free) char *repository = NULL;
	struct remote *r;

	while (str_ends_with(prefix, "/"))
		prefix[strlen(prefix) - 1] = 0;
	repository = str_printf("%s%s%s", prefix, *prefix ? "/" : "", ref->repository);
	r = remote_new(n, place, place, repository);
	r->plain_only = str_after(url, "http://") != NULL;
	r->hasty = true;
	return r;
}

/* "HOST[:PORT]/PATH" */
static struct remote *remote_of_name(struct net *n, const char *name)
{
	size_t host = strcspn(name, "/");
	CLEANUP(free) char *registry = str_dup_n(name, host);

	/* Its login is that of docker.io, whatever it is called. */
	if (str_eq(registry, "registry-1.docker.io") || str_eq(registry, "index.docker.io"))
		str_replace(&registry, "docker.io");
	return remote_new(n, registry, host_of(registry), name + host + (name[host] == '/'));
}

/*
 * The mirrors that registries.conf names for it, and then the place where it says that the registry
 * is.
 */
static void add_configured(struct net *n, const struct registry_conf *conf, const char *name,
	const struct reference *ref, struct remotes *ret)
{
	for (size_t i = 0; conf && i < conf->n; i++) {
		const struct registry_mirror *m = &conf->mirrors[i];
		CLEANUP(free) char *there = registry_conf_rewrite(conf, m->location, name);

		if (!(ref->digest ? m->for_digests : m->for_tags))
			continue;
		ret->items[ret->n] = remote_of_name(n, there);
		ret->items[ret->n++]->hasty = true;
	}
	if (conf && conf->location) {
		CLEANUP(free) char *there = registry_conf_rewrite(conf, conf->location, name);

		ret->items[ret->n++] = remote_of_name(n, there);
	} else {
		ret->items[ret->n++] =
			remote_new(n, ref->registry, host_of(ref->registry), ref->repository);
	}
}

static int check_blocked(const struct registry_conf *conf, const char *name, struct werr **err)
{
	if (!conf || !conf->blocked)
		return 0;
	return werr_set(err, WERR_DENIED, "%s must not be used here: registries.conf blocks %s",
		name, conf->prefix);
}

int remotes_open(struct net *n, const struct reference *ref, struct remotes *ret, struct werr **err)
{
	CLEANUP(strv) struct strv urls = {0};
	CLEANUP(free) char *name = str_printf("%s/%s", ref->registry, ref->repository);
	const struct registry_conf *conf;
	int r = net_load(n, err);

	if (r < 0)
		return r;
	conf = registries_conf_find(&n->registries, name);
	r = check_blocked(conf, name, err);
	if (r < 0)
		return r;
	mirrors_of(&n->mirrors, ref->registry, &urls);
	ret->items = mem_new_array(struct remote *, urls.n + (conf ? conf->n : 0) + 1);
	for (; ret->n < urls.n; ret->n++)
		ret->items[ret->n] = mirror_new(n, urls.items[ret->n], ref);
	add_configured(n, conf, name, ref, ret);
	return 0;
}

int remote_open(struct net *n, const struct reference *ref, struct remote **ret, struct werr **err)
{
	CLEANUP(free) char *name = str_printf("%s/%s", ref->registry, ref->repository);
	int r = net_load(n, err);

	if (r == 0)
		r = check_blocked(registries_conf_find(&n->registries, name), name, err);
	if (r < 0)
		return r;
	*ret = remote_new(n, ref->registry, host_of(ref->registry), ref->repository);
	(*ret)->access = REMOTE_PUSH;
	return 0;
}

void remotes_cleanup(struct remotes *r)
{
	for (size_t i = 0; i < r->n; i++)
		remote_free(r->items[i]);
	free(r->items);
	*r = (struct remotes){0};
}

const char *remote_host(const struct remote *r)
{
	return r->registry;
}

void remote_be_patient(struct remote *r)
{
	r->hasty = false;
}

int remote_base(struct remote *r, char **ret, struct werr **err)
{
	bool https = false;
	int result = 0;

	if (!r->plain_only)
		result = scheme_find(r, &https, err);
	if (result == 0)
		*ret = str_printf("%s://%s", https ? "https" : "http", r->host);
	return result;
}

static char *scopes_of(const struct remote *r, const char *from)
{
	const char *actions = r->access == REMOTE_PUSH ? "pull,push" : "pull";

	if (!*r->repository)
		return str_dup("");
	if (!from)
		return str_printf("repository:%s:%s", r->repository, actions);
	return str_printf("repository:%s:%s repository:%s:pull", r->repository, actions, from);
}

static char *url_of(const struct remote *r, const char *base, const char *path)
{
	if (strstr(path, "://"))
		return str_dup(path);
	return str_printf("%s/v2/%s%s%s", base, r->repository, *r->repository ? "/" : "", path);
}

/* Does the URL lead to the registry itself? */
static int is_own(struct remote *r, const char *url, const char *base, bool *ret, struct werr **err)
{
	CLEANUP(url) struct url a = {0}, b = {0};
	int result = url_parse(r->net, url, NULL, &a, err);

	if (result == 0)
		result = url_parse(r->net, base, NULL, &b, err);
	if (result == 0)
		*ret = url_same_place(&a, &b);
	return result;
}

static int send_with_login(struct remote *r, const struct auth_scope *scope,
	const struct http_request *request, struct http_response **ret, struct werr **err)
{
	for (unsigned i = 0;; i++) {
		CLEANUP(free) char *used = auth_find(r->net, scope);
		CLEANUP(http_response) struct http_response *response = NULL;
		struct http_request q = *request;
		bool own = false;
		int result;

		q.authorization = used;
		result = http_fetch(r->net, &q, &response, err);
		if (result < 0)
			return result;
		/* A server that it was redirected to must not ask for the registry's login. */
		result = is_own(r, http_url(response), scope->base, &own, err);
		if (result < 0)
			return result;
		if (http_status(response) != HTTP_UNAUTHORIZED || !own || i >= LOGINS_MAX) {
			*ret = STEAL(response);
			return 0;
		}
		result = auth_renew(r->net, scope, response, used, err);
		if (result < 0)
			return result;
	}
}

enum retry_when remote_retries(const struct remote *r)
{
	return r->hasty ? RETRY_AFTER_PROGRESS : RETRY_ALWAYS;
}

int remote_note(struct remote *r, int result)
{
	struct net *n = r->net;

	if (!r->hasty || result != -ETIMEDOUT)
		return result;
	pthread_mutex_lock(&n->lock);
	if (!strv_has(&n->silent, r->host))
		strv_add(&n->silent, r->host);
	pthread_mutex_unlock(&n->lock);
	return result;
}

static int check_silent(struct remote *r, struct werr **err)
{
	struct net *n = r->net;
	bool silent;

	if (!r->hasty)
		return 0;
	pthread_mutex_lock(&n->lock);
	silent = strv_has(&n->silent, r->host);
	pthread_mutex_unlock(&n->lock);
	return silent ? werr_set(err, WERR_TIMEOUT, "%s did not answer earlier", r->host) : 0;
}

int remote_send(struct remote *r, const char *from, const struct http_request *request,
	const char *path, struct http_response **ret, struct werr **err)
{
	CLEANUP(free) char *base = NULL;
	CLEANUP(free) char *url = NULL;
	CLEANUP(free) char *scopes = scopes_of(r, from);
	struct http_request q = *request;
	bool own = false;
	int result = check_silent(r, err);

	if (result == 0)
		result = remote_base(r, &base, err);
	if (result < 0)
		return result;
	url = url_of(r, base, path);
	q.url = url;
	if (r->hasty)
		q.repeat = HTTP_REPEAT_NEVER;
	result = is_own(r, url, base, &own, err);
	if (result < 0)
		return result;
	if (!own)
		return http_fetch(r->net, &q, ret, err);
	return send_with_login(r,
		&(struct auth_scope){.base = base,
			.registry = r->registry,
			.repository = *r->repository ? r->repository : NULL,
			.scopes = scopes,
			.loopback = host_is_loopback(r->name),
			.login = r->login},
		&q, ret, err);
}

int remote_refused(
	struct remote *r, struct http_response *response, const char *what, struct werr **err)
{
	int result = http_refused(response, what, err);

	if (result == -EACCES)
		werr_hint(err, "log in with: wherry login %s", r->registry);
	return result;
}

int registry_check_login(
	struct net *n, const char *registry, const struct credential *login, struct werr **err)
{
	CLEANUP(remote) struct remote *r = NULL;
	CLEANUP(http_response) struct http_response *response = NULL;
	const struct http_request q = {.method = "GET"};
	int result = net_load(n, err);

	if (result < 0)
		return result;
	r = remote_new(n, registry, host_of(registry), "");
	r->login = login;
	result = remote_send(r, NULL, &q, "", &response, err);
	if (result == 0 && http_status(response) != HTTP_OK)
		return http_refused(response, registry, err);
	return result;
}
