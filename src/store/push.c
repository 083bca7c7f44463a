/* SPDX-License-Identifier: Apache-2.0 */
#include "store/push.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/pool.h"
#include "base/str.h"

enum { BLOBS_AT_ONCE = 4, MERGES_MAX = 3 };

static int put_manifest(
	struct push *p, const struct descriptor *d, const char *name, struct werr **err)
{
	CLEANUP(free) char *text = NULL;
	int r = store_read_blob(p->store, d, MANIFEST_SIZE_MAX, &text, err);

	if (r == 0)
		r = remote_put_manifest(p->remote, name, d->media_type, text, d->size, err);
	return r;
}

/* "TAG-ARCH" for each image of an index, as LinuxKit does it. */
static int put_arch_tags(struct push *p, const char *tag, struct werr **err)
{
	CLEANUP(manifest) struct manifest *m = NULL;
	const struct descriptor *top = &p->list.manifests[p->list.n_manifests - 1];
	int r = 0;

	if (media_type_is_index(top->media_type))
		r = store_read_manifest(p->store, top, &m, err);
	for (size_t i = 0; r == 0 && m && i < m->n; i++) {
		const struct descriptor *d = &m->items[i];
		CLEANUP(free) char *name = str_printf("%s-%s", tag, d->platform.arch);

		if (d->has_platform && !descriptor_is_attestation(d))
			r = put_manifest(p, d, name, err);
	}
	return r;
}

static int put_name(struct push *p, const struct reference *target, struct werr **err)
{
	const char *name = target->tag ? target->tag : target->digest;
	CLEANUP(free) char *text = NULL;
	size_t size;

	if (!p->merged) {
		p->named = p->list.manifests[p->list.n_manifests - 1].digest;
		return put_manifest(p, &p->list.manifests[p->list.n_manifests - 1], name, err);
	}
	text = manifest_write(p->merged, &size);
	digest_of(text, size, &p->named);
	return remote_put_manifest(p->remote, name, p->merged->media_type, text, size, err);
}

static int put_all(struct push *p, const struct reference *target, struct werr **err)
{
	size_t n = p->list.n_manifests - (p->merged ? 0 : 1);
	int r = pool_run(BLOBS_AT_ONCE, p->list.n_blobs, push_blob_job, p, err);

	/* Blobs and manifests precede what names them; the tag comes last. */
	for (size_t i = 0; r == 0 && i < n; i++)
		r = put_manifest(p, &p->list.manifests[i], p->list.manifests[i].digest.text, err);
	if (r == 0)
		r = put_name(p, target, err);
	if (r == 0 && p->options->arch_tags && target->tag)
		r = put_arch_tags(p, target->tag, err);
	return r;
}

/*
 * Get what the registry has under this name, if anything. A registry that does not let us read may
 * let us write; but one with a fault must not be taken for an empty one.
 */
static int get_other(struct push *p, const struct reference *target, struct remote_manifest *ret,
	bool *ret_there, struct werr **err)
{
	CLEANUP(werr) struct werr *why = NULL;
	int r = remote_get_manifest(
		p->remote, target->tag ? target->tag : target->digest, NULL, ret, &why);

	*ret_there = r == 0;
	if (r == 0 || r == -ENOENT || r == -EACCES)
		return 0;
	werr_pass(err, STEAL(why));
	return r;
}

/* Handle an existing image of this name; *ret_same: it is this one. */
static int check_other(struct push *p, const struct remote_manifest *other,
	const struct descriptor *top, bool *ret_same, struct werr **err)
{
	CLEANUP(free) char *lost = NULL;
	int r = 0;

	*ret_same = digest_eq(&other->digest, &top->digest);
	p->named = top->digest;
	if (*ret_same || p->options->override)
		return 0;
	lost = push_lost_platforms(p->store, top, other);
	r = werr_set(err, WERR_EXISTS, "the registry has another image of this name, %s",
		other->digest.text);
	if (lost)
		werr_hint(err, "%sreplace it with --override, which removes what it has for %s",
			p->options->merge ? "" : "keep both with --merge, or ", lost);
	else
		werr_hint(err, "replace it with --override");
	return r;
}

/*
 * List what to send. Images of a merged index that are for other platforms may be missing here if
 * the registry has them; p->incomplete then says what is missing.
 */
static int list_all(struct push *p, const struct descriptor *top, struct werr **err)
{
	CLEANUP(manifest) struct manifest *ours = NULL;
	int r = push_list_make(p->store, top, &p->list, &p->incomplete);

	if (r == -ENOENT && p->options->merge && media_type_is_index(top->media_type))
		r = store_read_manifest(p->store, top, &ours, NULL);
	for (size_t i = 0; r == 0 && ours && i < ours->n; i++) {
		r = push_list_make(p->store, &ours->items[i], &p->list, NULL);
		r = r == -ENOENT ? 0 : r;
	}
	if (r < 0)
		werr_pass(err, STEAL(p->incomplete));
	return r;
}

static bool is_listed(const struct push *p, const struct digest *d)
{
	for (size_t i = 0; i < p->list.n_manifests; i++)
		if (digest_eq(&p->list.manifests[i].digest, d))
			return true;
	return false;
}

static int report_incomplete(struct push *p, struct werr **err)
{
	int r = werr_code(p->incomplete->kind);

	werr_pass(err, STEAL(p->incomplete));
	return r;
}

/* Everything that is missing here must be in the registry. */
static int check_complete(struct push *p, const struct manifest *theirs, struct werr **err)
{
	for (size_t i = 0; p->incomplete && i < p->merged->n; i++) {
		const struct digest *d = &p->merged->items[i].digest;

		if (!is_listed(p, d) && !push_merge_has(theirs, d))
			return report_incomplete(p, err);
	}
	return 0;
}

/*
 * Merge our images with the registry's for other platforms; *ret_same: the registry has them all.
 */
static int merge_other(struct push *p, const struct remote_manifest *other,
	const struct descriptor *top, bool *ret_same, struct werr **err)
{
	CLEANUP(manifest) struct manifest *ours = NULL;
	CLEANUP(manifest) struct manifest *theirs = NULL;
	int r = store_read_manifest(p->store, top, &ours, err);

	if (r == 0)
		r = manifest_parse(other->digest.text, other->text, other->size, other->media_type,
			&theirs, err);
	if (r < 0)
		return r;
	if (!theirs->is_index)
		return check_other(p, other, top, ret_same, err);
	r = push_merge(ours, theirs, p->options->override, &p->merged, err);
	if (r == 0)
		r = check_complete(p, theirs, err);
	if (r < 0)
		return r;
	*ret_same = push_merge_is_same(p->merged, theirs);
	if (*ret_same)
		p->named = other->digest;
	return r;
}

static int look_for_other(struct push *p, const struct reference *target,
	const struct descriptor *top, bool *ret_same, struct werr **err)
{
	struct remote_manifest other = {0};
	bool there;
	int r;

	*ret_same = false;
	if (p->merged)
		manifest_free(STEAL(p->merged));
	r = get_other(p, target, &other, &there, err);
	if (r < 0 || !there)
		return r;
	if (p->options->merge && target->tag && media_type_is_index(top->media_type))
		r = merge_other(p, &other, top, ret_same, err);
	else
		r = check_other(p, &other, top, ret_same, err);
	remote_manifest_cleanup(&other);
	return r;
}

/*
 * Registries have no lock: of two processes that add images at once, the first one finds its own
 * gone, and adds it again.
 */
static int put_and_look(struct push *p, const struct reference *target,
	const struct descriptor *top, struct werr **err)
{
	bool same = false;
	int r = put_all(p, target, err);

	for (unsigned i = 0; r == 0 && p->options->merge && i < MERGES_MAX; i++) {
		r = look_for_other(p, target, top, &same, err);
		if (r < 0 || same || !p->merged)
			return r;
		r = put_name(p, target, err);
	}
	return r;
}

static int push_to(struct push *p, struct net *net, const struct reference *target,
	const struct descriptor *top, bool *ret_there, struct werr **err)
{
	bool same = false;
	int r = 0;

	*ret_there = false;
	if (target->digest && !str_eq(target->digest, top->digest.text))
		r = werr_set(err, WERR_INVALID, "the image has the digest %s", top->digest.text);
	if (r == 0)
		r = list_all(p, top, err);
	if (r == 0)
		r = push_sources_find(p->store, target, &p->sources, err);
	if (r == 0)
		r = remote_open(net, target, &p->remote, err);
	if (r == 0)
		r = look_for_other(p, target, top, &same, err);
	if (r == 0 && p->incomplete && !p->merged)
		r = report_incomplete(p, err);
	if (r < 0)
		return r;
	if (same && !p->options->override && !p->options->arch_tags) {
		*ret_there = true;
		return 0;
	}
	for (size_t i = 0; i < p->list.n_blobs; i++)
		p->total += p->list.blobs[i].size;
	progress_report(p->options->progress, PROGRESS_BEGIN, "push", p->name, 0, p->total);
	r = put_and_look(p, target, top, err);
	progress_report(p->options->progress, PROGRESS_END, "push", p->name, r < 0 ? 0 : p->total,
		p->total);
	return r;
}

/* Find the image, or one platform of it. */
static int find(struct store *s, const struct reference *ref, const struct platform *platform,
	struct descriptor *ret, struct werr **err)
{
	CLEANUP(image) struct image *image = NULL;
	struct descriptor top = {0};
	int r = store_resolve(s, ref, &top, err);

	if (r < 0 || !platform) {
		*ret = top;
		return r;
	}
	r = store_choose_any(s, ref->name, &top, platform, &image, err);
	if (r == 0)
		descriptor_copy(ret, &image->descriptor);
	descriptor_cleanup(&top);
	return r;
}

int store_push(struct store *s, struct net *net, const struct reference *ref,
	const struct push_options *options, struct push_result *ret, struct werr **err)
{
	CLEANUP(reference) struct reference other = {0};
	const struct reference *target = options->remote_name ? &other : ref;
	struct descriptor top = {0};
	struct push p = {.store = s, .options = options};
	bool there = false;
	int r = find(s, ref, options->platform, &top, err);

	if (r == 0 && options->remote_name)
		r = reference_parse(options->remote_name, &other, err);
	if (r == 0) {
		p.name = target->name;
		r = push_to(&p, net, target, &top, &there, err);
		if (r < 0)
			werr_wrap(err, "can't push %s", target->name);
	}
	if (r == 0 && ret)
		*ret = (struct push_result){str_dup(target->name), p.named, there};
	push_list_cleanup(&p.list);
	werr_free(p.incomplete);
	if (p.merged)
		manifest_free(p.merged);
	push_sources_cleanup(&p.sources);
	if (p.remote)
		remote_free(p.remote);
	descriptor_cleanup(&top);
	return r;
}
