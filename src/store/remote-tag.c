/* SPDX-License-Identifier: Apache-2.0 */
/* Names in a registry for what it has already: nothing goes through the store. */
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "net/registry.h"
#include "store/registry.h"

static const char *name_of(const struct reference *ref)
{
	return ref->tag ? ref->tag : ref->digest;
}

static int get(struct net *net, const struct reference *ref, struct remote_manifest *ret,
	struct werr **err)
{
	CLEANUP(remote) struct remote *remote = NULL;
	int r = remote_open(net, ref, &remote, err);

	return r < 0 ? r : remote_get_manifest(remote, name_of(ref), NULL, ret, err);
}

static int put(struct net *net, const struct reference *ref, const char *media_type,
	const char *text, size_t size, struct werr **err)
{
	CLEANUP(remote) struct remote *remote = NULL;
	int r = remote_open(net, ref, &remote, err);

	return r < 0 ? r : remote_put_manifest(remote, name_of(ref), media_type, text, size, err);
}

/* The type that the text itself names counts, as for whoever pulls it. */
static int media_type_of(const struct remote_manifest *m, char **ret, struct werr **err)
{
	CLEANUP(manifest) struct manifest *parsed = NULL;
	int r = manifest_parse(m->digest.text, m->text, m->size, m->media_type, &parsed, err);

	if (r == 0)
		*ret = str_dup(parsed->media_type);
	return r;
}

int store_tag_remote(struct net *net, const struct reference *from, const struct reference *to,
	bool *ret_same, struct digest *ret, struct werr **err)
{
	CLEANUP(free) char *media_type = NULL;
	struct remote_manifest image = {0}, other = {0};
	int r = 0;

	if (!to->tag || to->digest)
		return werr_set(err, WERR_USAGE, "%s is a digest: name a tag", to->text);
	r = get(net, from, &image, err);
	if (r < 0) {
		werr_wrap(err, "can't read %s", from->name);
		return r;
	}
	*ret = image.digest;
	*ret_same = get(net, to, &other, NULL) == 0 && digest_eq(&image.digest, &other.digest);
	if (!*ret_same)
		r = media_type_of(&image, &media_type, err);
	if (r == 0 && !*ret_same)
		r = put(net, to, media_type, image.text, image.size, err);
	if (r < 0)
		werr_wrap(err, "can't tag it %s", to->name);
	remote_manifest_cleanup(&image);
	remote_manifest_cleanup(&other);
	return r;
}

/* The image TAG-ARCH as an entry of the index; none when the registry does not have it. */
static int add_arch(struct net *net, const struct reference *ref, const char *arch,
	struct manifest *index, struct werr **err)
{
	CLEANUP(free)
	char *text = str_printf("%s/%s:%s-%s", ref->registry, ref->repository, name_of(ref), arch);
	CLEANUP(reference) struct reference one = {0};
	CLEANUP(werr) struct werr *why = NULL;
	struct remote_manifest m = {0};
	struct descriptor *d = &index->items[index->n];
	int r = reference_parse(text, &one, err);

	if (r < 0)
		return r;
	r = get(net, &one, &m, &why);
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = media_type_of(&m, &d->media_type, &why);
	if (r == 0 && !media_type_is_manifest(d->media_type))
		r = werr_set(&why, WERR_INVALID, "%s is an index itself", one.name);
	if (r == 0) {
		d->digest = m.digest;
		d->size = m.size;
		d->has_platform = true;
		r = platform_parse(arch, &d->platform, &why);
		index->n++;
	}
	remote_manifest_cleanup(&m);
	if (r < 0)
		werr_pass(err, STEAL(why));
	return r;
}

int store_index_remote(struct net *net, const struct reference *ref, const char *const *archs,
	struct strv *ret_found, struct digest *ret, struct werr **err)
{
	CLEANUP(manifest) struct manifest *index = mem_new(struct manifest);
	CLEANUP(free) char *text = NULL;
	size_t n = 0, size;
	int r = 0;

	while (archs[n])
		n++;
	index->is_index = true;
	index->media_type = str_dup(MEDIA_OCI_INDEX);
	index->items = mem_new_array(struct descriptor, n);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = add_arch(net, ref, archs[i], index, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < index->n; i++)
		strv_add(ret_found, index->items[i].platform.arch);
	if (!index->n)
		return werr_set(err, WERR_NOT_FOUND,
			"the registry has no image %s-ARCH, for any "
			"architecture",
			ref->name);
	text = manifest_write(index, &size);
	digest_of(text, size, ret);
	r = put(net, ref, index->media_type, text, size, err);
	if (r < 0)
		werr_wrap(err, "can't push %s", ref->name);
	return r;
}
