/* SPDX-License-Identifier: Apache-2.0 */
/* Blobs and manifests to a registry: distribution-spec, "Push". */
#include <errno.h>
#include <inttypes.h>

#include "base/log.h"
#include "base/mem.h"
#include "net/range.h"
#include "net/remote.h"
#include "net/url.h"

/* A smaller blob is sent in one request; a larger one so that it can be resumed. */
enum { SMALL = 1 << 20 };

int remote_has_blob(struct remote *r, const struct descriptor *d, bool *ret, struct werr **err)
{
	CLEANUP(http_response) struct http_response *response = NULL;
	CLEANUP(free) char *path = str_printf("blobs/%s", d->digest.text);
	const struct http_request q = {.method = "HEAD"};
	int result = remote_send(r, NULL, &q, path, &response, err);

	if (result == 0)
		*ret = http_succeeded(response);
	return result;
}

/*
 * The URL in Location, which may be relative to the request's URL. *ret: the previous one, or
 * NULL.
 */
static int location_of(
	struct remote *r, const struct http_response *response, char **ret, struct werr **err)
{
	const char *location = http_header(response, "Location", NULL);
	CLEANUP(url) struct url from = {0};
	CLEANUP(url) struct url url = {0};
	int result;

	/* Without a new one, the previous one stays valid. */
	if ((!location || !*location) && *ret)
		return 0;
	if (!location || !*location)
		return werr_set(
			err, WERR_CORRUPT, "%s does not say where to upload to", r->registry);
	result = url_parse(r->net, http_url(response), NULL, &from, err);
	if (result == 0)
		result = url_follow(r->net, &from, location, &url, err);
	if (result < 0) {
		werr_wrap(err, "%s sends the upload elsewhere", r->registry);
		return result;
	}
	free(*ret);
	*ret = STEAL(url.text);
	return 0;
}

struct upload {
	struct remote *remote;
	const struct descriptor *d;
	const struct http_source *blob;
	struct http_source counted; /* the same; tells `moved` */
	void (*moved)(void *ctx, uint64_t bytes);
	void *ctx;
	char *location; /* NULL: not begun */
	uint64_t done;  /* bytes that the registry has */
};

static void upload_cleanup(struct upload *u)
{
	free(u->location);
}

static int upload_refused(struct upload *u, struct http_response *response, struct werr **err)
{
	CLEANUP(free)
	char *what = str_printf("%s/%s, upload of blob %s", u->remote->registry,
		u->remote->repository, u->d->digest.text);

	return remote_refused(u->remote, response, what, err);
}

static int begin(struct upload *u, struct werr **err)
{
	CLEANUP(http_response) struct http_response *response = NULL;
	const struct http_request q = {.method = "POST", .repeat = HTTP_REPEAT_ALWAYS};
	int result = remote_send(u->remote, NULL, &q, "blobs/uploads/", &response, err);

	u->done = 0;
	if (result == 0 && !http_succeeded(response))
		return upload_refused(u, response, err);
	return result < 0 ? result : location_of(u->remote, response, &u->location, err);
}

/*
 * What is being sent: passes the rest of the blob on and reports how much of it was sent. Another
 * thread reads it, during which the upload does not change.
 */
struct counter {
	struct reader reader, *from;
	const struct upload *upload;
	uint64_t at; /* in the blob */
};

static int counter_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	struct counter *c = CONTAINER_OF(r, struct counter, reader);
	const struct upload *u = c->upload;
	int result = reader_read(c->from, p, size, got, err);

	if (result == 0) {
		c->at += *got;
		/* Reading to the end checks the digest; libcurl does not read that far. */
		if (c->at == u->d->size)
			result = reader_drain(c->from, err);
	}
	if (result == 0 && u->moved)
		u->moved(u->ctx, c->at);
	return result;
}

static void counter_free(struct reader *r)
{
	struct counter *c = CONTAINER_OF(r, struct counter, reader);

	reader_free(c->from);
	free(c);
}

static int open_counted(
	const struct http_source *s, uint64_t offset, struct reader **ret, struct werr **err)
{
	const struct upload *u = s->ctx;
	CLEANUP(reader) struct reader *from = NULL;
	struct counter *c;
	int result = u->blob->open(u->blob, offset, &from, err);

	if (result < 0)
		return result;
	c = mem_new(struct counter);
	c->reader = (struct reader){counter_read, counter_free};
	c->from = STEAL(from);
	c->upload = u;
	c->at = offset;
	*ret = &c->reader;
	return 0;
}

/* Send the rest of the blob: with PUT as the end of the upload, or with PATCH as a part. */
static int send_rest(
	struct upload *u, const char *method, struct http_response **ret, struct werr **err)
{
	CLEANUP(free)
	char *range = str_printf("Content-Range: %" PRIu64 "-%" PRIu64, u->done, u->d->size - 1);
	CLEANUP(free)
	char *last = str_printf("%s%sdigest=%s", u->location, strchr(u->location, '?') ? "&" : "?",
		u->d->digest.text);
	bool part = str_eq(method, "PATCH"), any = u->done < u->d->size;
	const struct http_request q = {.method = method,
		.headers = {"Content-Type: application/octet-stream", part ? range : NULL},
		.body = any ? &u->counted : NULL,
		.body_offset = u->done,
		/* Before a part is sent again, the upload is looked at: see take_up(). */
		.repeat = any ? HTTP_REPEAT_NEVER : HTTP_REPEAT_BY_METHOD,
		.patient = true};

	return remote_send(u->remote, NULL, &q, part ? u->location : last, ret, err);
}

/* Before the next attempt the registry is asked what it has of the upload, and whether it knows it
 * at all. */
static int part_refused(struct upload *u, struct http_response *response, struct werr **err)
{
	int status = http_status(response);
	int r = upload_refused(u, response, err);

	return http_status_passes(status) || status == HTTP_NOT_FOUND || status == HTTP_RANGE
		       ? -EAGAIN
		       : r;
}

static int send_part(struct upload *u, struct werr **err)
{
	CLEANUP(http_response) struct http_response *response = NULL;
	int result = send_rest(u, "PATCH", &response, err);

	if (result == 0 && !http_succeeded(response))
		return part_refused(u, response, err);
	return result < 0 ? result : location_of(u->remote, response, &u->location, err);
}

static int end(struct upload *u, struct werr **err)
{
	CLEANUP(http_response) struct http_response *response = NULL;
	int result = send_rest(u, "PUT", &response, err);

	if (result == 0 && !http_succeeded(response))
		return part_refused(u, response, err);
	return result;
}

/* How much does it have? "Range: 0-99" is a hundred bytes. If it does not know, start over. */
static int take_up(struct upload *u, struct werr **err)
{
	CLEANUP(http_response) struct http_response *response = NULL;
	const struct http_request q = {.method = "GET"};
	int result = remote_send(u->remote, NULL, &q, u->location, &response, err);
	struct range range = {0};
	const char *text;

	if (result < 0)
		return result;
	text = http_header(response, "Range", NULL);
	/* "0-0" means one byte to some registries and none to others. */
	if (!http_succeeded(response) || !text || !range_parse_upload(text, &range) ||
		range.first != 0 || range.last == 0 || range.last >= u->d->size) {
		free(STEAL(u->location));
		return begin(u, err);
	}
	u->done = range.last + 1;
	return location_of(u->remote, response, &u->location, err);
}

static int upload_once(void *ctx, struct werr **err)
{
	struct upload *u = ctx;
	int result = u->location ? take_up(u, err) : begin(u, err);

	if (result == 0 && u->d->size - u->done > (u->done ? 0 : SMALL)) {
		result = send_part(u, err);
		if (result == 0)
			u->done = u->d->size;
	}
	return result < 0 ? result : end(u, err);
}

int remote_put_blob(struct remote *r, const struct descriptor *d, const struct http_source *blob,
	void (*moved)(void *ctx, uint64_t bytes), void *ctx, struct werr **err)
{
	CLEANUP(upload)
	struct upload u = {.remote = r, .d = d, .blob = blob, .moved = moved, .ctx = ctx};

	u.counted = (struct http_source){.open = open_counted, .ctx = &u, .size = d->size};
	return retry_run(upload_once, &u, &u.done, RETRY_ALWAYS, err);
}

int remote_mount_blob(struct remote *r, const struct descriptor *d, const char *from, bool *ret,
	struct werr **err)
{
	CLEANUP(http_response) struct http_response *response = NULL;
	CLEANUP(free)
	char *path = str_printf("blobs/uploads/?mount=%s&from=%s", d->digest.text, from);
	const struct http_request q = {.method = "POST", .repeat = HTTP_REPEAT_ALWAYS};
	int result = remote_send(r, from, &q, path, &response, err);

	if (result == 0)
		*ret = http_status(response) == HTTP_CREATED;
	return result;
}

int remote_put_manifest(struct remote *r, const char *name, const char *media_type,
	const char *text, size_t size, struct werr **err)
{
	CLEANUP(http_response) struct http_response *response = NULL;
	CLEANUP(free) char *path = str_printf("manifests/%s", name);
	CLEANUP(free) char *type = str_printf("Content-Type: %s", media_type);
	CLEANUP(free) char *what = str_printf("%s/%s, %s", r->registry, r->repository, path);
	const struct http_source body = http_memory(text, size);
	const struct http_request q = {
		.method = "PUT", .headers = {type}, .body = &body, .patient = true};
	int result = remote_send(r, NULL, &q, path, &response, err);

	if (result == 0 && !http_succeeded(response))
		return remote_refused(r, response, what, err);
	return result;
}
