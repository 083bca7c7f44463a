/* SPDX-License-Identifier: Apache-2.0 */
/* From what the user wrote to an entry of index.json. */
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/internal.h"

static bool same_repository(const struct reference *a, const struct reference *b)
{
	return str_eq(a->registry, b->registry) && str_eq(a->repository, b->repository);
}

static const struct descriptor *by_name(const struct manifest *index, const char *name)
{
	for (size_t i = 0; i < index->n; i++) {
		CLEANUP(free) char *has = store_entry_name(&index->items[i]);

		if (has && str_eq(has, name))
			return &index->items[i];
	}
	return NULL;
}

/* The entry of the same repository with the digest in wanted. */
static const struct descriptor *by_digest(
	const struct manifest *index, const struct reference *wanted)
{
	for (size_t i = 0; i < index->n; i++) {
		CLEANUP(free) char *name = NULL;
		CLEANUP(reference) struct reference has = {0};

		if (!str_eq(index->items[i].digest.text, wanted->digest))
			continue;
		name = store_entry_name(&index->items[i]);
		if (name && reference_parse(name, &has, NULL) == 0 && same_repository(&has, wanted))
			return &index->items[i];
	}
	return NULL;
}

/* A manifest with this digest in an index of the same repository. */
static bool by_child(struct store *s, const struct manifest *index, const struct reference *wanted,
	struct descriptor *ret)
{
	for (size_t i = 0; i < index->n; i++) {
		CLEANUP(free) char *name = store_entry_name(&index->items[i]);
		CLEANUP(reference) struct reference has = {0};
		CLEANUP(manifest) struct manifest *m = NULL;

		if (!name || !media_type_is_index(index->items[i].media_type) ||
			reference_parse(name, &has, NULL) < 0 || !same_repository(&has, wanted) ||
			store_read_manifest(s, &index->items[i], &m, NULL) < 0 || !m->is_index)
			continue;
		for (size_t j = 0; j < m->n; j++)
			if (str_eq(m->items[j].digest.text, wanted->digest)) {
				descriptor_copy(ret, &m->items[j]);
				return true;
			}
	}
	return false;
}

/* A digest alone says neither the size nor the type: the file and its text do. WERR_NOT_FOUND has no error. */
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

static int not_there(const char *name, struct werr **err)
{
	int r = werr_set(err, WERR_NOT_FOUND, "image %s is not in the store", name);

	werr_hint(err,
		"fetch it with: wherry cache pull %s, or read it from a file with: wherry cache import FILE",
		name);
	return r;
}

int store_find_name(const struct manifest *index, const char *reference,
	const struct descriptor **ret, struct werr **err)
{
	CLEANUP(reference) struct reference ref = {0};
	CLEANUP(free) char *name = NULL;
	const struct descriptor *entry;
	int r = reference_parse(reference, &ref, err);

	if (r < 0)
		return r;
	name = reference_name(&ref);
	entry = by_name(index, name);
	if (!entry && ref.digest)
		entry = by_digest(index, &ref);
	if (!entry)
		return not_there(name, err);
	*ret = entry;
	return 0;
}

int store_resolve(struct store *s, const char *reference, char **ret_name, struct descriptor *ret,
	struct werr **err)
{
	CLEANUP(manifest) struct manifest *index = NULL;
	CLEANUP(reference) struct reference ref = {0};
	CLEANUP(free) char *name = NULL;
	const struct descriptor *entry;
	int r = reference_parse(reference, &ref, err);

	if (r == 0)
		r = store_hold_to_read(s, err);
	if (r == 0)
		r = store_read_names(s, &index, err);
	if (r < 0)
		return r;
	name = reference_name(&ref);
	r = store_find_name(index, reference, &entry, NULL);
	if (r == 0) {
		descriptor_copy(ret, entry);
		store_remember_name(s, name, entry);
	} else if (store_recall_name(s, name, ret)) {
		log_detail("image %s lost its name to another process; it is still held", name);
	} else if (!ref.digest) {
		return not_there(name, err);
	} else if (!by_child(s, index, &ref, ret)) {
		CLEANUP(werr) struct werr *why = NULL;

		r = by_blob(s, ref.digest, ret, &why);
		if (r == -ENOENT)
			return not_there(name, err);
		if (r < 0) {
			if (err)
				*err = STEAL(why);
			return r;
		}
	}
	*ret_name = STEAL(name);
	return 0;
}
