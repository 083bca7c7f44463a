/* SPDX-License-Identifier: Apache-2.0 */
/* Manifests and blobs from a registry: distribution-spec, "Pull". */
#include <errno.h>
#include <inttypes.h>
#include <strings.h>

#include "base/log.h"
#include "base/mem.h"
#include "net/range.h"
#include "net/remote.h"
#include "net/start.h"
#include "net/url.h"

static const char accept_manifests[] = "Accept: " MEDIA_OCI_INDEX ", " MEDIA_OCI_MANIFEST
				       ", " MEDIA_DOCKER_LIST ", " MEDIA_DOCKER_MANIFEST;

void remote_manifest_cleanup(struct remote_manifest *m)
{
	free(m->text);
	free(m->media_type);
	*m = (struct remote_manifest){0};
}

static char *media_type_of(const struct http_response *response)
{
	const char *text = http_header(response, "Content-Type", NULL);
	const char *type = text ? media_type_of_field(text) : NULL;

	return type ? str_dup(type) : NULL;
}

struct manifest_request {
	struct remote *remote;
	const char *path, *what;
	size_t max;
	struct remote_manifest *ret;
};

/* The digest that the registry claims is not relied on, but a difference means damage.
 */
static int check_said_digest(
	const struct http_response *response, const struct remote_manifest *m, struct werr **err)
{
	const char *text = http_header(response, "Docker-Content-Digest", NULL);
	struct digest said, has;

	if (!text || digest_parse(text, &said, NULL) < 0)
		return 0;
	digest_of_kind(digest_kind(&said), m->text, m->size, &has);
	if (digest_eq(&said, &has))
		return 0;
	return werr_set(err, WERR_CORRUPT,
		"the manifest was damaged in transit: it has the digest %s instead of %s", has.text,
		said.text);
}

/* It was not asked for, but a server of static files may have nothing else. */
static int check_not_packed(
	const struct http_response *response, const char *what, struct werr **err)
{
	const char *coding = http_header(response, "Content-Encoding", NULL);

	if (!coding || !*coding || strcasecmp(coding, "identity") == 0)
		return 0;
	return werr_set(err, WERR_UNSUPPORTED,
		"%s: the server sends it compressed (Content-Encoding: %.40s)", what, coding);
}

static int get_manifest(void *ctx, struct werr **err)
{
	const struct manifest_request *m = ctx;
	CLEANUP(http_response) struct http_response *response = NULL;
	const struct http_request q = {.method = "GET", .headers = {accept_manifests}};
	int r = remote_send(m->remote, NULL, &q, m->path, &response, err);

	if (r == 0 && !http_succeeded(response))
		return remote_refused(m->remote, response, m->what, err);
	if (r == 0)
		r = check_not_packed(response, m->what, err);
	if (r == 0)
		r = reader_read_all(http_body(response), m->max, &m->ret->text, &m->ret->size, err);
	if (r < 0)
		return r;
	m->ret->media_type = media_type_of(response);
	return check_said_digest(response, m->ret, err);
}

static int check_manifest(
	const struct remote_manifest *m, const struct descriptor *expected, struct werr **err)
{
	if (!expected || (m->size == expected->size && digest_eq(&m->digest, &expected->digest)))
		return 0;
	return werr_set(err, WERR_CORRUPT,
		"manifest %s is damaged: it has %zu bytes and the digest %s", expected->digest.text,
		m->size, m->digest.text);
}

/* A manifest that is requested by its digest is checked with that kind of digest. */
static enum digest_kind kind_of(const char *name)
{
	struct digest d;

	return digest_parse(name, &d, NULL) == 0 ? digest_kind(&d) : DIGEST_SHA256;
}

int remote_get_manifest(struct remote *r, const char *name, const struct descriptor *expected,
	struct remote_manifest *ret, struct werr **err)
{
	CLEANUP(free) char *path = str_printf("manifests/%s", name);
	CLEANUP(free)
	char *what = str_printf("%s/%s, manifest %s", r->registry, r->repository, name);
	struct remote_manifest m = {0};
	struct manifest_request q = {r, path, what, MANIFEST_SIZE_MAX, &m};
	int result;

	if (expected && expected->size < q.max)
		q.max = expected->size;
	result = remote_note(r, retry_run(get_manifest, &q, NULL, remote_retries(r), err));
	if (result == -E2BIG && expected)
		result = werr_set(
			err, WERR_CORRUPT, "manifest %s is larger than it should be", name);
	if (result == 0) {
		digest_of_kind(kind_of(name), m.text, m.size, &m.digest);
		result = check_manifest(&m, expected, err);
	}
	if (result < 0)
		remote_manifest_cleanup(&m);
	else
		*ret = m;
	return result;
}

int remote_ask_digest(struct remote *r, const char *name, struct digest *ret, struct werr **err)
{
	CLEANUP(http_response) struct http_response *response = NULL;
	CLEANUP(free) char *path = str_printf("manifests/%s", name);
	const struct http_request q = {
		.method = "HEAD", .headers = {accept_manifests}, .repeat = HTTP_REPEAT_NEVER};
	int result = remote_send(r, NULL, &q, path, &response, err);
	const char *text;

	if (result < 0)
		return result;
	text = http_header(response, "Docker-Content-Digest", NULL);
	if (!http_succeeded(response) || !text || digest_parse(text, ret, NULL) < 0)
		return werr_set(err, WERR_UNSUPPORTED, "%s does not say the digest of %s",
			r->registry, name);
	return 0;
}

/* ---- blobs ---- */

struct download {
	struct remote *remote;
	const struct descriptor *d;
	struct writer *to;
	void (*moved)(void *ctx, uint64_t bytes);
	void *ctx;
	uint64_t done;   /* bytes that were written */
	bool whole;      /* the registry does not send parts */
	const char *url; /* a whole one; NULL: the blob of the repository */
};

static int wrong_size(const struct download *l, uint64_t has, struct werr **err)
{
	return werr_set(err, WERR_CORRUPT,
		"blob %s is damaged: the registry has %" PRIu64 " bytes of it instead of %" PRIu64,
		l->d->digest.text, has, l->d->size);
}

/*
 * Where the body begins and how long it is: at `done` when a range was requested and given, which
 * may be shorter than requested; else the whole. *ret_size is the size it should have.
 */
static bool body_start(const struct download *l, const struct http_response *response, bool ranged,
	uint64_t *ret, uint64_t *ret_size)
{
	const char *text = http_header(response, "Content-Range", NULL);
	struct range range;

	*ret = 0;
	*ret_size = l->d->size;
	if (http_status(response) != HTTP_PARTIAL)
		return !ranged || http_status(response) == HTTP_OK;
	if (!ranged || !text || !range_parse_content(text, &range) || range.first != l->done ||
		range.last >= l->d->size || (range.has_total && range.total != l->d->size))
		return false;
	*ret = range.first;
	*ret_size = range.last - range.first + 1;
	return true;
}

/* From `at` in the blob onwards; what an earlier attempt has written is not written again. */
static int copy_body(struct download *l, struct reader *body, uint64_t at, struct werr **err)
{
	CLEANUP(free) char *chunk = mem_alloc(IO_CHUNK);
	size_t got = 1;

	while (got > 0) {
		uint64_t known = l->done - at;
		int result = reader_read(body, chunk, IO_CHUNK, &got, err);

		if (result < 0)
			return result;
		if (got > l->d->size - at)
			return wrong_size(l, at + got, err);
		at += got;
		if (got <= known)
			continue;
		result = writer_write(l->to, chunk + known, got - known, err);
		if (result < 0)
			return result;
		l->done = at;
		if (l->moved)
			l->moved(l->ctx, l->done);
	}
	if (at == l->d->size)
		return 0;
	werr_set(err, WERR_FAILED, "the connection to %s was cut", l->remote->registry);
	return -ECONNRESET;
}

static int blob_refused(struct download *l, struct http_response *response, struct werr **err)
{
	CLEANUP(free)
	char *what = str_printf(
		"%s/%s, blob %s", l->remote->registry, l->remote->repository, l->d->digest.text);

	if (!http_succeeded(response))
		return remote_refused(l->remote, response, what, err);
	return werr_set(err, WERR_CORRUPT,
		"blob %s: the registry sends another part than the requested one",
		l->d->digest.text);
}

/*
 * Storage that can't send parts says so with various statuses, including those of permanent
 * failures. Being busy is another matter, and so is a login.
 */
static bool refuses_parts(const struct http_response *response)
{
	int status = http_status(response);

	return status != HTTP_TOO_MANY && status != HTTP_UNAVAILABLE && status != HTTP_UNAUTHORIZED;
}

static int download_once(void *ctx, struct werr **err)
{
	struct download *l = ctx;
	CLEANUP(http_response) struct http_response *response = NULL;
	CLEANUP(free)
	char *path = l->url ? str_dup(l->url) : str_printf("blobs/%s", l->d->digest.text);
	CLEANUP(free) char *range = str_printf("Range: bytes=%" PRIu64 "-", l->done);
	bool ranged = l->done && !l->whole;
	const struct http_request q = {.method = "GET", .headers = {ranged ? range : NULL}};
	uint64_t at = 0, size = 0;
	bool given, fits;
	int result = remote_send(l->remote, NULL, &q, path, &response, err);

	if (result < 0)
		return result;
	given = http_succeeded(response) && body_start(l, response, ranged, &at, &size);
	fits = http_length(response) < 0 || (uint64_t)http_length(response) == size;
	if (ranged && !(given && fits) && refuses_parts(response)) {
		log_debug("blob %s starts over", l->d->digest.text);
		l->whole = true;
		return download_once(ctx, err);
	}
	if (!given)
		return blob_refused(l, response, err);
	if (!fits)
		return wrong_size(l, at + (uint64_t)http_length(response), err);
	return copy_body(l, http_body(response), at, err);
}

int remote_get_blob(struct remote *r, const struct descriptor *d, struct writer *to,
	void (*moved)(void *ctx, uint64_t bytes), void *ctx, struct werr **err)
{
	struct download l = {.remote = r, .d = d, .to = to, .moved = moved, .ctx = ctx};

	return remote_note(r, retry_run(download_once, &l, &l.done, remote_retries(r), err));
}

static int check_foreign(struct remote *r, const char *text, struct url *ret, struct werr **err)
{
	CLEANUP(free) char *base = NULL;
	CLEANUP(url) struct url from = {0};
	int result = net_load(r->net, err);

	if (result == 0)
		result = remote_base(r, &base, err);
	if (result == 0)
		result = url_parse(r->net, base, NULL, &from, err);
	return result < 0 ? result : url_follow(r->net, &from, text, ret, err);
}

int remote_get_foreign(struct remote *r, const struct descriptor *d, const char *url,
	struct writer *to, void (*moved)(void *ctx, uint64_t bytes), void *ctx, struct werr **err)
{
	CLEANUP(url) struct url at = {0};
	struct download l = {.remote = r, .d = d, .to = to, .moved = moved, .ctx = ctx};
	int result = check_foreign(r, url, &at, err);

	l.url = at.text;
	if (result == 0)
		result = retry_run(download_once, &l, &l.done, RETRY_ALWAYS, err);
	if (result < 0) {
		CLEANUP(free) char *shown = url_shown(url);

		werr_wrap(err, "from %s, which the image gives as its source", shown);
	}
	return result;
}
