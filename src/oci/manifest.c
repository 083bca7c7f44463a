/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/manifest.h"

#include <inttypes.h>
#include <stdlib.h>
#include <strings.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "data/json.h"
#include "oci/map-fields.h"

enum media_kind { MEDIA_KIND_INDEX, MEDIA_KIND_MANIFEST, MEDIA_KIND_SCHEMA1, MEDIA_KIND_OTHER };

static const struct {
	const char *media_type;
	enum media_kind kind;
} media_kinds[] = {
	{MEDIA_OCI_INDEX, MEDIA_KIND_INDEX},
	{MEDIA_DOCKER_LIST, MEDIA_KIND_INDEX},
	{MEDIA_OCI_MANIFEST, MEDIA_KIND_MANIFEST},
	{MEDIA_DOCKER_MANIFEST, MEDIA_KIND_MANIFEST},
	{"application/vnd.docker.distribution.manifest.v1+json", MEDIA_KIND_SCHEMA1},
	{"application/vnd.docker.distribution.manifest.v1+prettyjws", MEDIA_KIND_SCHEMA1},
};

static enum media_kind media_kind(const char *media_type)
{
	for (size_t i = 0; media_type && i < ARRAY_SIZE(media_kinds); i++)
		if (str_eq(media_kinds[i].media_type, media_type))
			return media_kinds[i].kind;
	return MEDIA_KIND_OTHER;
}

const char *media_type_of_field(const char *field)
{
	size_t n = strcspn(field, ";, \t");

	for (size_t i = 0; i < ARRAY_SIZE(media_kinds); i++)
		if (strlen(media_kinds[i].media_type) == n &&
			strncasecmp(media_kinds[i].media_type, field, n) == 0)
			return media_kinds[i].media_type;
	return NULL;
}

/* Match a restricted-name; return the text after it, or NULL. */
static const char *skip_restricted_name(const char *s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789!#$&-^_.+";
	size_t n = strspn(s, letters);

	return n > 0 && n <= 127 && !strchr("!#$&-^_.+", *s) ? s + n : NULL;
}

bool media_type_is_valid(const char *media_type)
{
	const char *s = skip_restricted_name(media_type);

	s = s && *s == '/' ? skip_restricted_name(s + 1) : NULL;
	return s && !*s;
}

bool media_type_is_index(const char *media_type)
{
	return media_kind(media_type) == MEDIA_KIND_INDEX;
}

bool media_type_is_manifest(const char *media_type)
{
	return media_kind(media_type) == MEDIA_KIND_MANIFEST;
}

bool manifest_is_artifact(const struct manifest *m)
{
	/* The last one is what Docker 1.10 wrote. */
	static const char *const images[] = {
		MEDIA_OCI_CONFIG, MEDIA_DOCKER_CONFIG, "application/octet-stream"};

	for (size_t i = 0; !m->is_index && i < ARRAY_SIZE(images); i++)
		if (str_eq(m->config.media_type, images[i]))
			return false;
	return !m->is_index;
}

const char *manifest_artifact_type(const struct manifest *m)
{
	return m->artifact_type ? m->artifact_type : m->config.media_type;
}

static int parse_size(const struct node *map, const char *what, uint64_t *ret, struct werr **err)
{
	const struct node *n = node_get(map, "size");
	uint64_t size;

	if (!n || n->kind != NODE_SCALAR || n->quoted || !node_to_u64(n, &size) || size > INT64_MAX)
		return werr_set(
			err, WERR_INVALID, "%s: %s has no valid size", map->document->name, what);
	*ret = size;
	return 0;
}

/* A malformed platform counts as none: then the image's configuration gives it. */
static void parse_descriptor_platform(const struct node *map, struct descriptor *ret)
{
	const struct node *n = node_get(map, "platform");

	ret->has_platform =
		n && n->kind == NODE_MAP && field_platform(n, &ret->platform, NULL) == 0;
}

static int parse_descriptor(const struct document *d, const struct node *map, const char *what,
	struct descriptor *ret, struct werr **err)
{
	const char *digest;
	int r;

	if (!map || map->kind != NODE_MAP)
		return werr_set(
			err, WERR_INVALID, "%s: %s is missing or not a descriptor", d->name, what);
	r = field_copy(map, "mediaType", &ret->media_type, err);
	if (r == 0)
		r = field_text(map, "digest", &digest, err);
	if (r < 0)
		return r;
	if (!ret->media_type || !digest)
		return werr_set(err, WERR_INVALID, "%s: %s has no %s", d->name, what,
			digest ? "mediaType" : "digest");
	if (!media_type_is_valid(ret->media_type))
		return werr_set(err, WERR_INVALID, "%s: the mediaType of %s is not a media type",
			d->name, what);
	r = digest_parse(digest, &ret->digest, err);
	if (r < 0) {
		werr_wrap(err, "%s: %s", d->name, what);
		return r;
	}
	r = parse_size(map, what, &ret->size, err);
	if (r < 0)
		return r;
	parse_descriptor_platform(map, ret);
	r = field_texts(map, "urls", &ret->urls, err);
	if (r == 0 && ret->urls.n > DESCRIPTOR_URLS_MAX)
		r = werr_set(err, WERR_LIMIT, "%s: %s has %zu URLs, more than the %d allowed",
			d->name, what, ret->urls.n, DESCRIPTOR_URLS_MAX);
	if (r < 0)
		return r;
	return field_annotations(map, "annotations", &ret->annotations, &ret->n_annotations, err);
}

static int parse_items(const struct document *d, struct manifest *m, struct werr **err)
{
	const char *key = m->is_index ? "manifests" : "layers";
	size_t max = m->is_index ? INDEX_MANIFESTS_MAX : MANIFEST_LAYERS_MAX;
	const struct node *list = node_get(d->root, key);

	if (!list || list->kind != NODE_LIST)
		return werr_set(
			err, WERR_INVALID, "%s: '%s' is missing or not a list", d->name, key);
	if (list->n > max)
		return werr_set(err, WERR_LIMIT, "%s: %zu %s are more than the %zu allowed",
			d->name, list->n, key, max);
	m->items = mem_new_array(struct descriptor, list->n);
	for (size_t i = 0; i < list->n; i++) {
		CLEANUP(free) char *what = str_printf("%s[%zu]", key, i);
		CLEANUP(werr) struct werr *why = NULL;
		int r = parse_descriptor(d, list->items[i], what, &m->items[m->n++], &why);

		if (r == 0)
			continue;
		if (!m->is_index) {
			werr_pass(err, STEAL(why));
			return r;
		}
		/* A malformed entry does not keep out the others. */
		log_detail("%s; it is left out", why->message);
		descriptor_cleanup(&m->items[--m->n]);
		m->n_left_out++;
	}
	return 0;
}

static int refuse_schema1(const struct document *d, struct werr **err)
{
	int r = werr_set(
		err, WERR_UNSUPPORTED, "%s is a manifest of Docker's old schema 1", d->name);

	werr_hint(err, "push or save the image again with a current tool");
	return r;
}

/*
 * A document that is both an index and a manifest would be two images under one digest, and two
 * readers could disagree.
 */
static int decide_kind(
	const struct document *d, const char *fallback_type, struct manifest *m, struct werr **err)
{
	bool manifests = node_get(d->root, "manifests") != NULL;
	bool layers = node_get(d->root, "layers") || node_get(d->root, "config");
	int r = field_copy(d->root, "mediaType", &m->media_type, err);

	if (r < 0)
		return r;
	if (manifests && layers)
		return werr_set(err, WERR_INVALID,
			"%s says that it is both an index and a manifest", d->name);
	if (!m->media_type)
		m->media_type = str_dup(fallback_type);
	if (!m->media_type)
		m->media_type = str_dup(manifests ? MEDIA_OCI_INDEX : MEDIA_OCI_MANIFEST);
	switch (media_kind(m->media_type)) {
	case MEDIA_KIND_INDEX:
		m->is_index = true;
		return 0;
	case MEDIA_KIND_MANIFEST:
		return 0;
	case MEDIA_KIND_SCHEMA1:
		return refuse_schema1(d, err);
	case MEDIA_KIND_OTHER:
		break;
	}
	return werr_set(err, WERR_UNSUPPORTED,
		"%s is neither an image's manifest nor an index: its type is '%.100s'", d->name,
		m->media_type);
}

static int parse_artifact_type(const struct document *d, struct manifest *m, struct werr **err)
{
	int r = field_copy(d->root, "artifactType", &m->artifact_type, err);

	if (r == 0 && m->artifact_type && !media_type_is_valid(m->artifact_type))
		return werr_set(
			err, WERR_INVALID, "%s: the artifactType is not a media type", d->name);
	return r;
}

static int check_version(const struct document *d, struct werr **err)
{
	const struct node *n = node_get(d->root, "schemaVersion");
	uint64_t version;

	if (d->root->kind != NODE_MAP)
		return werr_set(err, WERR_INVALID, "%s is not a manifest", d->name);
	if (!n || n->kind != NODE_SCALAR || n->quoted || !node_to_u64(n, &version))
		return werr_set(err, WERR_INVALID, "%s: 'schemaVersion' is missing", d->name);
	if (version == 1)
		return refuse_schema1(d, err);
	if (version != 2)
		return werr_set(err, WERR_UNSUPPORTED, "%s: unknown schemaVersion %" PRIu64,
			d->name, version);
	return 0;
}

int manifest_parse(const char *name, const char *text, size_t size, const char *fallback_type,
	struct manifest **ret, struct werr **err)
{
	CLEANUP(manifest) struct manifest *m = mem_new(struct manifest);
	CLEANUP(document) struct document *d = NULL;
	int r;

	if (size > MANIFEST_SIZE_MAX)
		return werr_set(err, WERR_LIMIT, "%s is larger than the %d bytes allowed", name,
			MANIFEST_SIZE_MAX);
	r = json_parse(name, text, size, &d, err);
	if (r == 0)
		r = check_version(d, err);
	if (r == 0)
		r = decide_kind(d, fallback_type, m, err);
	if (r == 0)
		r = parse_artifact_type(d, m, err);
	if (r == 0 && !m->is_index)
		r = parse_descriptor(d, node_get(d->root, "config"), "config", &m->config, err);
	if (r == 0)
		r = parse_items(d, m, err);
	if (r == 0)
		r = field_annotations(
			d->root, "annotations", &m->annotations, &m->n_annotations, err);
	if (r == 0)
		*ret = STEAL(m);
	return r;
}

void manifest_free(struct manifest *m)
{
	descriptor_cleanup(&m->config);
	for (size_t i = 0; i < m->n; i++)
		descriptor_cleanup(&m->items[i]);
	free(m->items);
	annotations_free(m->annotations, m->n_annotations);
	free(m->media_type);
	free(m->artifact_type);
	free(m);
}
