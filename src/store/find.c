/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the index.json entry for a name that the user gave. */
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "oci/reference-near.h"
#include "store/internal.h"

static bool same_repository(const struct reference *a, const struct reference *b)
{
	return str_eq(a->registry, b->registry) && str_eq(a->repository, b->repository);
}

/*
 * Check whether the entry's name belongs to the repository, and get it. In whatever form a name is
 * written, it contains the last part of its repository, so most entries need not be parsed.
 */
static bool is_of_repository(
	const struct descriptor *entry, const struct reference *wanted, struct reference *ret)
{
	const char *text = store_entry_text(entry), *slash = strrchr(wanted->repository, '/');

	return text && strstr(text, slash ? slash + 1 : wanted->repository) &&
	       reference_parse(text, ret, NULL) == 0 && same_repository(ret, wanted);
}

static const struct descriptor *by_name(
	const struct manifest *index, const struct reference *wanted)
{
	for (size_t i = 0; i < index->n; i++) {
		CLEANUP(reference) struct reference has = {0};

		if (is_of_repository(&index->items[i], wanted, &has) &&
			str_eq(has.name, wanted->name))
			return &index->items[i];
	}
	return NULL;
}

/* Find the entry of the same repository with the digest in wanted. */
static const struct descriptor *by_digest(
	const struct manifest *index, const struct reference *wanted)
{
	for (size_t i = 0; i < index->n; i++) {
		CLEANUP(reference) struct reference has = {0};

		if (str_eq(index->items[i].digest.text, wanted->digest) &&
			is_of_repository(&index->items[i], wanted, &has))
			return &index->items[i];
	}
	return NULL;
}

/*
 * A damaged or missing index can't provide a manifest; one that can't be read may.
 */
static int in_index(struct store *s, const struct descriptor *d, const char *digest,
	struct descriptor *ret, struct werr **err)
{
	CLEANUP(manifest) struct manifest *m = NULL;
	CLEANUP(werr) struct werr *why = NULL;
	int r = store_read_manifest(s, d, &m, &why);

	if (r < 0 && !store_is_no_use(r)) {
		werr_pass(err, STEAL(why));
		return r;
	}
	for (size_t i = 0; r == 0 && m->is_index && i < m->n; i++)
		if (str_eq(m->items[i].digest.text, digest)) {
			descriptor_copy(ret, &m->items[i]);
			return 0;
		}
	return 0;
}

/*
 * Find a manifest with this digest in an index of the same repository; otherwise *ret stays empty.
 */
static int by_child(struct store *s, const struct manifest *index, const struct reference *wanted,
	struct descriptor *ret, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && !ret->media_type && i < index->n; i++) {
		CLEANUP(reference) struct reference has = {0};

		if (media_type_is_index(index->items[i].media_type) &&
			is_of_repository(&index->items[i], wanted, &has))
			r = in_index(s, &index->items[i], wanted->digest, ret, err);
	}
	return r;
}

/*
 * A digest alone gives neither size nor type; they come from the file and its text. WERR_NOT_FOUND
 * has no error text.
 */
static int by_blob(struct store *s, const char *digest, struct descriptor *ret, struct werr **err)
{
	CLEANUP(manifest) struct manifest *m = NULL;
	struct descriptor d = {.media_type = (char[]){""}};
	int r = digest_parse(digest, &d.digest, err);

	if (r < 0)
		return r;
	r = store_blob_size(s, &d.digest, &d.size, err);
	if (r < 0)
		return r;
	r = store_read_manifest(s, &d, &m, err);
	if (r < 0)
		return r;
	d.media_type = m->media_type;
	descriptor_copy(ret, &d);
	return 0;
}

/* Podman names what it builds localhost/NAME, and a name from elsewhere is another one. */
static int not_there(const struct manifest *index, const struct reference *ref, struct werr **err)
{
	struct reference_near near = {.wanted = ref};
	int r;

	for (size_t i = 0; err && i < index->n; i++) {
		const char *text = store_entry_text(&index->items[i]);

		if (text)
			reference_near_add(&near, text);
	}
	r = werr_set(err, WERR_NOT_FOUND, "image %s is not in the store%s%s%s", ref->name,
		near.name ? " (did you mean " : "", near.name ? near.name : "",
		near.name ? "?)" : "");
	werr_hint(err,
		"fetch it with: wherry cache pull %s, or read it from a file with: wherry cache "
		"import FILE",
		ref->name);
	free(near.name);
	return r;
}

int store_find_name(const struct manifest *index, const struct reference *ref,
	const struct descriptor **ret, struct werr **err)
{
	const struct descriptor *entry = by_name(index, ref);

	if (!entry && ref->digest)
		entry = by_digest(index, ref);
	if (!entry)
		return not_there(index, ref, err);
	*ret = entry;
	return 0;
}

/* Find an image by a digest that no name has. */
static int by_digest_alone(struct store *s, const struct manifest *index,
	const struct reference *wanted, struct descriptor *ret, struct werr **err)
{
	CLEANUP(werr) struct werr *why = NULL;
	struct descriptor d = {0};
	int r = by_child(s, index, wanted, &d, &why);

	if (r == 0 && !d.media_type)
		r = by_blob(s, wanted->digest, &d, &why);
	if (r == 0) {
		*ret = d;
		return 0;
	}
	if (r == -ENOENT)
		return not_there(index, wanted, err);
	werr_pass(err, STEAL(why));
	return r;
}

int store_resolve(
	struct store *s, const struct reference *ref, struct descriptor *ret, struct werr **err)
{
	CLEANUP(manifest) struct manifest *index = NULL;
	const struct descriptor *entry;
	int r = store_hold_to_read(s, err);

	if (r == 0)
		r = store_read_names(s, &index, err);
	if (r < 0)
		return r;
	if (store_find_name(index, ref, &entry, NULL) == 0) {
		descriptor_copy(ret, entry);
		store_remember_name(s, ref->name, entry);
		return 0;
	}
	if (store_recall_name(s, ref->name, ret)) {
		log_detail(
			"image %s lost its name to another process, but is still held", ref->name);
		return 0;
	}
	return ref->digest ? by_digest_alone(s, index, ref, ret, err) : not_there(index, ref, err);
}
