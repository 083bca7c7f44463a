/* SPDX-License-Identifier: Apache-2.0 */
#include "net/engine-api.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/mem.h"
#include "data/json.h"
#include "net/http.h"

enum { DETAILS_MAX = 4 << 20, SOCKET_PATH_MAX = 107 };

static bool is_socket(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISSOCK(st.st_mode);
}

static int chosen_socket(const char *host, char **ret, struct werr **err)
{
	const char *path = str_after(host, "unix://");

	if (!path || *path != '/' || strlen(path) > SOCKET_PATH_MAX)
		return werr_set(err, WERR_UNSUPPORTED,
			"DOCKER_HOST is '%s', and only unix:///PATH is supported", host);
	*ret = str_dup(path);
	return 0;
}

int engine_find(char **ret, struct werr **err)
{
	const char *host = getenv("DOCKER_HOST"), *runtime = getenv("XDG_RUNTIME_DIR");
	CLEANUP(free)
	char *own = runtime && *runtime ? str_printf("%s/podman/podman.sock", runtime) : NULL;
	const char *const paths[] = {"/var/run/docker.sock", own, "/run/podman/podman.sock"};

	if (host && *host)
		return chosen_socket(host, ret, err);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		if (paths[i] && is_socket(paths[i])) {
			*ret = str_dup(paths[i]);
			return 0;
		}
	werr_set(err, WERR_NOT_FOUND, "neither Docker nor Podman offers its API here");
	werr_hint(err, "start it (systemctl --user start podman.socket), or set DOCKER_HOST");
	return werr_code(WERR_NOT_FOUND);
}

static int ask(struct net *n, const char *socket, const char *name, const char *what,
	struct http_response **ret, struct werr **err)
{
	CLEANUP(free)
	char *url = str_printf("http://localhost/images/%s%s%s", name, *name ? "/" : "", what);
	const struct http_request q = {
		.method = "GET", .url = url, .unix_socket = socket, .patient = true};
	int r = http_fetch(n, &q, ret, err);

	if (r < 0)
		werr_wrap(err, "%s", socket);
	return r;
}

void engine_image_cleanup(struct engine_image *i)
{
	free(i->id);
	*i = (struct engine_image){0};
}

int engine_parse(const char *text, size_t size, struct engine_image *ret, struct werr **err)
{
	CLEANUP(document) struct document *d = NULL;
	struct platform *p = &ret->platform;
	const char *os, *arch, *id;

	*ret = (struct engine_image){0};
	if (json_parse("", text, size, &d, NULL) < 0 || d->root->kind != NODE_MAP)
		return werr_set(err, WERR_CORRUPT, "its description of the image is not JSON");
	os = node_get_text(d->root, "Os");
	arch = node_get_text(d->root, "Architecture");
	id = node_get_text(d->root, "Id");
	if (!os || !arch || str_copy(p->os, sizeof(p->os), os) < 0 ||
		str_copy(p->arch, sizeof(p->arch), arch) < 0)
		*p = (struct platform){0};
	ret->id = str_dup(id);
	return 0;
}

int engine_look(struct net *n, const char *socket, const char *name,
	const struct platform *platform, bool *ret_there, struct engine_image *ret,
	struct werr **err)
{
	CLEANUP(http_response) struct http_response *response = NULL;
	CLEANUP(engine_image) struct engine_image has = {0};
	CLEANUP(free) char *text = NULL;
	char shown[PLATFORM_TEXT_MAX];
	size_t size;
	int r = ask(n, socket, name, "json", &response, err);

	*ret_there = false;
	if (r < 0 || http_status(response) == HTTP_NOT_FOUND)
		return r;
	if (http_status(response) != HTTP_OK)
		return http_refused(response, name, err);
	r = reader_read_all(http_body(response), DETAILS_MAX, &text, &size, err);
	if (r == 0)
		r = engine_parse(text, size, &has, err);
	if (r < 0) {
		werr_wrap(err, "%s", socket);
		return r;
	}
	*ret_there = platform_matches(&has.platform, platform);
	if (*ret_there) {
		*ret = has;
		has = (struct engine_image){0};
	} else {
		log_detail(
			"%s has %s only for %s", socket, name, platform_text(&has.platform, shown));
	}
	return 0;
}

/* Owns the response. */
struct engine_reader {
	struct reader reader;
	struct http_response *response;
};

static int engine_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	struct engine_reader *e = CONTAINER_OF(r, struct engine_reader, reader);

	return reader_read(http_body(e->response), p, size, got, err);
}

static void engine_reader_free(struct reader *r)
{
	struct engine_reader *e = CONTAINER_OF(r, struct engine_reader, reader);

	http_response_free(e->response);
	free(e);
}

int engine_open_image(
	struct net *n, const char *socket, const char *name, struct reader **ret, struct werr **err)
{
	CLEANUP(http_response) struct http_response *response = NULL;
	struct engine_reader *e;
	int r = ask(n, socket, name, "get", &response, err);

	if (r == 0 && http_status(response) != HTTP_OK)
		return http_refused(response, name, err);
	if (r < 0)
		return r;
	e = mem_new(struct engine_reader);
	e->reader = (struct reader){engine_read, engine_reader_free};
	e->response = STEAL(response);
	*ret = &e->reader;
	return 0;
}

static void add_names(const struct node *image, struct strv *names)
{
	const struct node *tags = node_get(image, "RepoTags");

	for (size_t i = 0; tags && tags->kind == NODE_LIST && i < tags->n; i++)
		if (tags->items[i]->kind == NODE_SCALAR)
			strv_add(names, tags->items[i]->text);
}

int engine_parse_list(const char *text, size_t size, struct strv *names, struct werr **err)
{
	CLEANUP(document) struct document *d = NULL;

	if (json_parse("", text, size, &d, NULL) < 0 || d->root->kind != NODE_LIST)
		return werr_set(err, WERR_CORRUPT, "its list of images is not JSON");
	for (size_t i = 0; i < d->root->n; i++)
		add_names(d->root->items[i], names);
	return 0;
}

int engine_list(struct net *n, const char *socket, struct strv *names, struct werr **err)
{
	CLEANUP(http_response) struct http_response *response = NULL;
	CLEANUP(free) char *text = NULL;
	size_t size;
	int r = ask(n, socket, "", "json", &response, err);

	if (r == 0 && http_status(response) != HTTP_OK)
		return http_refused(response, "its images", err);
	if (r == 0)
		r = reader_read_all(http_body(response), DETAILS_MAX, &text, &size, err);
	if (r < 0)
		return r;
	return engine_parse_list(text, size, names, err);
}
