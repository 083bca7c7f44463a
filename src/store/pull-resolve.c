/* SPDX-License-Identifier: Apache-2.0 */
/* Resolving an image's name to its manifests and the list of its blobs. */
#include <errno.h>

#include "base/cancel.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/pull.h"
#include "store/walk.h"

static int collect(
	struct pull_image *p, const struct descriptor *d, unsigned depth, struct werr **err);

/* ---- manifests ---- */

/* A request and its result. */
struct wanted_manifest {
	const char *name;                  /* a tag or digest */
	const struct descriptor *expected; /* NULL: unknown */
	struct remote_manifest text;
	struct manifest *parsed;
};

static void wanted_manifest_cleanup(struct wanted_manifest *w)
{
	remote_manifest_cleanup(&w->text);
	if (w->parsed)
		manifest_free(w->parsed);
	w->parsed = NULL;
}

/* A login page or half a manifest is not a manifest, whatever the status says. */
static int manifest_from(
	ATTR_UNUSED struct pull_image *p, struct remote *remote, void *wanted, struct werr **err)
{
	struct wanted_manifest *w = wanted;
	CLEANUP(free) char *name = NULL;
	const char *fallback = w->expected ? w->expected->media_type : NULL;
	struct remote_manifest *m = &w->text;
	int r;

	wanted_manifest_cleanup(w);
	r = remote_get_manifest(remote, w->name, w->expected, m, err);
	if (r < 0)
		return r;
	if (strchr(w->name, ':') && !str_eq(w->name, m->digest.text))
		return werr_set(err, WERR_CORRUPT,
			"what the registry sent is wrong: it has the digest %s", m->digest.text);
	name = str_printf("manifest %s", m->digest.text);
	return manifest_parse(
		name, m->text, m->size, m->media_type ? m->media_type : fallback, &w->parsed, err);
}

/* The store then has it in memory. */
static int manifest_from_remotes(struct pull_image *p, struct wanted_manifest *w, struct werr **err)
{
	int r = pull_from_remotes(p, manifest_from, w, err);

	return r < 0 ? r
		     : store_put_later(p->store, w->text.text, w->text.size, &w->text.digest, err);
}

int pull_manifest(
	struct pull_image *p, const struct descriptor *d, struct manifest **ret, struct werr **err)
{
	CLEANUP(wanted_manifest)
	struct wanted_manifest w = {.name = d->digest.text, .expected = d};
	int r;

	if (store_read_manifest(p->store, d, ret, NULL) == 0)
		return 0;
	r = manifest_from_remotes(p, &w, err);
	if (r == 0)
		*ret = STEAL(w.parsed);
	return r;
}

/* Find what the name refers to in the store, if its manifest is present and undamaged. */
static bool find_known(struct pull_image *p, struct descriptor *ret)
{
	CLEANUP(store_entries) struct store_entries entries = {0};
	CLEANUP(manifest) struct manifest *m = NULL;

	if (store_list(p->store, &entries, NULL) < 0)
		return false;
	for (size_t i = 0; i < entries.n; i++)
		if (str_eq(entries.items[i].name, p->ref->name) &&
			store_read_manifest(p->store, &entries.items[i].descriptor, &m, NULL) ==
				0) {
			*ret = (struct descriptor){0};
			descriptor_copy(ret, &entries.items[i].descriptor);
			return true;
		}
	return false;
}

/*
 * Check whether the tag still refers to the stored image. The first remote that confirms it is
 * believed: it could withhold a newer image anyway.
 */
static int check_unchanged(struct pull_image *p, bool *ret, struct werr **err)
{
	struct descriptor known;
	struct digest now;
	int r = -ENOENT;

	*ret = false;
	if (p->ref->digest || !find_known(p, &known))
		return 0;
	for (size_t i = 0; r < 0 && r != -ECANCELED && i < p->remotes.n; i++) {
		CLEANUP(werr) struct werr *why = NULL;

		r = remote_ask_digest(p->remotes.items[i], p->ref->tag, &now, &why);
		if (r == -ECANCELED)
			werr_pass(err, STEAL(why));
	}
	*ret = r == 0 && digest_eq(&now, &known.digest);
	if (*ret)
		p->top = known;
	else
		descriptor_cleanup(&known);
	return r == -ECANCELED ? r : 0;
}

/* Get the manifest that the name refers to. */
static int get_top(struct pull_image *p, struct werr **err)
{
	CLEANUP(wanted_manifest)
	struct wanted_manifest w = {.name = p->ref->digest ? p->ref->digest : p->ref->tag};
	bool unchanged;
	int r = check_unchanged(p, &unchanged, err);

	if (r < 0 || unchanged)
		return r;
	r = manifest_from_remotes(p, &w, err);
	if (r == 0)
		p->top = (struct descriptor){.media_type = str_dup(w.parsed->media_type),
			.digest = w.text.digest,
			.size = w.text.size};
	return r;
}

/* ---- choosing from an index ---- */

/*
 * Get the platform from the configuration when the descriptor lacks it. An entry that is not an
 * image is for no platform.
 */
static int platform_of(struct pull_image *p, const struct descriptor *d, struct platform *ret,
	bool *ret_image, struct werr **err)
{
	CLEANUP(manifest) struct manifest *m = NULL;
	CLEANUP(image_config) struct image_config *config = NULL;
	CLEANUP(free) char *text = NULL;
	int r = pull_manifest(p, d, &m, err);

	if (r < 0 || m->is_index)
		return r;
	if (!str_eq(m->config.media_type, MEDIA_OCI_CONFIG) &&
		!str_eq(m->config.media_type, MEDIA_DOCKER_CONFIG))
		return 0;
	if (!pull_has_blob(p, &m->config))
		r = pull_blob(p, &m->config, NULL, NULL, err);
	if (r == 0)
		r = store_read_blob(p->store, &m->config, IMAGE_CONFIG_SIZE_MAX, &text, err);
	if (r == 0)
		r = image_config_parse(m->config.digest.text, text, m->config.size, &config, err);
	if (r == 0) {
		*ret = config->platform;
		*ret_image = true;
	}
	return r;
}

/* The same, but a missing or malformed entry does not keep out the rest of the index. */
static int platform_of_odd(struct pull_image *p, const struct descriptor *d, struct platform *ret,
	bool *ret_image, struct werr **err)
{
	CLEANUP(werr) struct werr *why = NULL;
	int r = platform_of(p, d, ret, ret_image, &why);

	if (r == -ENOENT || r == -EINVAL || r == -EOPNOTSUPP || r == -E2BIG) {
		log_detail("%s: %s; it is left out", d->digest.text, why ? why->message : "");
		return 0;
	}
	if (r < 0)
		werr_pass(err, STEAL(why));
	return r;
}

struct selection {
	const struct descriptor *best;
	struct platform platform;
	struct strv available; /* for the message; limited in size */
};

enum { AVAILABLE_MAX = 32 };

static int consider(
	struct pull_image *p, const struct descriptor *d, struct selection *s, struct werr **err)
{
	struct platform has = d->platform;
	bool image = d->has_platform;
	char text[PLATFORM_TEXT_MAX];
	int r = 0;

	if (!image)
		r = platform_of_odd(p, d, &has, &image, err);
	if (r < 0 || !image)
		return r;
	platform_text(&has, text);
	if (s->available.n < AVAILABLE_MAX && !strv_has(&s->available, text))
		strv_add(&s->available, text);
	if (!platform_matches(&has, p->options->platform))
		return 0;
	if (s->best && (str_eq(p->options->platform->variant, PLATFORM_ANY_VARIANT) ||
			       !platform_better(&has, &s->platform)))
		return 0;
	s->best = d;
	s->platform = has;
	return 0;
}

static int not_for_platform(struct pull_image *p, const struct selection *s, struct werr **err)
{
	CLEANUP(free) char *available = strv_join(&s->available, ", ");
	char want[PLATFORM_TEXT_MAX];

	return werr_set(err, WERR_NOT_FOUND,
		"it is not available for %s; the registry has it for %s",
		platform_text(p->options->platform, want),
		s->available.n ? available : "no platform at all");
}

/*
 * Attestations of an image, such as its SBOM, come along; a failure to get them does not keep the
 * image out.
 */
static int collect_attested(struct pull_image *p, const struct manifest *m,
	const struct digest *image, unsigned depth, struct werr **err)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct descriptor *d = &m->items[i];
		const char *of = descriptor_annotation(d, "vnd.docker.reference.digest");

		if (!descriptor_is_attestation(d) || !of || !str_eq(of, image->text))
			continue;
		if (collect(p, d, depth + 1, NULL) < 0)
			log_detail("what is attested of %s is not available", image->text);
	}
	return cancel_check(err);
}

/* The manifests whose descriptor has a platform, or those whose configuration must be read. */
static int consider_all(struct pull_image *p, const struct manifest *m, bool with_platform,
	struct selection *s, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->n; i++) {
		const struct descriptor *d = &m->items[i];

		if (media_type_is_manifest(d->media_type) && !descriptor_is_attestation(d) &&
			d->has_platform == with_platform)
			r = consider(p, d, s, err);
	}
	return r;
}

static int collect_nested(struct pull_image *p, const struct manifest *m, unsigned depth,
	size_t *ret_n, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->n; i++)
		if (media_type_is_index(m->items[i].media_type) &&
			!descriptor_is_attestation(&m->items[i])) {
			++*ret_n;
			r = collect(p, &m->items[i], depth + 1, err);
		}
	return r;
}

/* Choose the best image for the platform in an index and the indexes inside it. */
static int collect_best(
	struct pull_image *p, const struct manifest *m, unsigned depth, struct werr **err)
{
	struct selection s = {0};
	size_t nested = 0;
	int r = collect_nested(p, m, depth, &nested, err);

	if (r == 0)
		r = consider_all(p, m, true, &s, err);
	if (r == 0 && !s.best)
		r = consider_all(p, m, false, &s, err);
	if (r == 0 && s.best)
		r = collect(p, s.best, depth + 1, err);
	if (r == 0 && s.best)
		r = collect_attested(p, m, &s.best->digest, depth, err);
	else if (r == 0 && !nested)
		r = not_for_platform(p, &s, err);
	strv_clear(&s.available);
	return r;
}

static int collect_all(
	struct pull_image *p, const struct manifest *m, unsigned depth, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->n; i++)
		if (media_type_is_manifest(m->items[i].media_type) ||
			media_type_is_index(m->items[i].media_type))
			r = collect(p, &m->items[i], depth + 1, err);
	return r;
}

/* ---- blobs ---- */

static int add_blob(struct pull_image *p, const struct descriptor *d, struct werr **err)
{
	int r;

	if (blob_set_get(&p->seen, &d->digest) >= 0)
		return 0;
	r = blob_set_put(&p->seen, &d->digest, 0, err);
	if (r == 0) {
		mem_grow(&p->blobs, p->n, &p->cap, sizeof(*p->blobs));
		descriptor_copy(&p->blobs[p->n++], d);
	}
	return r;
}

static int collect(
	struct pull_image *p, const struct descriptor *d, unsigned depth, struct werr **err)
{
	CLEANUP(manifest) struct manifest *m = NULL;
	int r = cancel_check(err);

	if (depth > WALK_DEPTH_MAX)
		return werr_set(
			err, WERR_LIMIT, "indexes are nested deeper than %d", WALK_DEPTH_MAX);
	/*
	 * Each manifest is visited once, however often it is named: a few small indexes can name
	 * one in a huge number of ways.
	 */
	if (r < 0 || blob_set_get(&p->collected, &d->digest) >= 0)
		return r;
	r = blob_set_put(&p->collected, &d->digest, 0, err);
	if (r == 0)
		r = pull_manifest(p, d, &m, err);
	if (r < 0)
		return r;
	mem_grow(&p->manifests, p->n_manifests, &p->cap_manifests, sizeof(*p->manifests));
	p->manifests[p->n_manifests++] = d->digest;
	if (m->is_index)
		return p->options->platform ? collect_best(p, m, depth, err)
					    : collect_all(p, m, depth, err);
	r = add_blob(p, &m->config, err);
	for (size_t i = 0; r == 0 && i < m->n; i++)
		r = add_blob(p, &m->items[i], err);
	return r;
}

int pull_resolve(struct pull_image *p, struct net *net, struct werr **err)
{
	int r = remotes_open(net, p->ref, &p->remotes, err);

	if (r == 0)
		r = get_top(p, err);
	return r < 0 ? r : collect(p, &p->top, 0, err);
}
