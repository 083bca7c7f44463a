/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/artifact.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "contract/outputs.h"

/* What a file is for. */
enum role {
	ROLE_PART,   /* of what is started by its kernel */
	ROLE_KERNEL, /* which the others are found by */
	ROLE_IMAGE,  /* it is started itself */
	ROLE_CD,
};

static const struct file_type {
	const char *type;
	enum role role;
} file_types[] = {
	{OUTPUT_TYPE_KERNEL, ROLE_KERNEL},
	{OUTPUT_TYPE_INITRD, ROLE_PART},
	{OUTPUT_TYPE_BOOT_INITRD, ROLE_PART},
	{OUTPUT_TYPE_CMDLINE, ROLE_PART},
	{OUTPUT_TYPE_SQUASHFS, ROLE_PART},
	{OUTPUT_TYPE_EROFS, ROLE_PART},
	{OUTPUT_TYPE_ROOT_ISO, ROLE_PART},
	{OUTPUT_TYPE_UKI, ROLE_IMAGE},
	{OUTPUT_TYPE_ISO, ROLE_CD},
	{OUTPUT_TYPE_RAW, ROLE_IMAGE},
	{OUTPUT_TYPE_QCOW2, ROLE_IMAGE},
	{OUTPUT_TYPE_VMDK, ROLE_IMAGE},
	{OUTPUT_TYPE_VHD, ROLE_IMAGE},
	{OUTPUT_TYPE_VHDX, ROLE_IMAGE},
	{OUTPUT_TYPE_OVA, ROLE_IMAGE},
	{OUTPUT_TYPE_GCP, ROLE_IMAGE},
};

static const struct file_type *find_type(const struct descriptor *d)
{
	for (size_t i = 0; i < ARRAY_SIZE(file_types); i++)
		if (str_eq(file_types[i].type, d->media_type))
			return &file_types[i];
	return NULL;
}

static const char *title_of(const struct descriptor *d)
{
	return descriptor_annotation(d, ANNOTATION_TITLE);
}

static int add_file(
	struct vm_artifact *a, const char *name, const struct descriptor *d, struct werr **err)
{
	const char *title = title_of(d);

	if (!title)
		return werr_set(
			err, WERR_INVALID, "%s: the layer %s has no title", name, d->digest.text);
	if (!title_is_safe(title))
		return werr_set(err, WERR_INVALID,
			"%s: a layer has the title '%.300s', which is "
			"not the name of a file",
			name, title);
	for (size_t i = 0; i < a->n; i++)
		if (str_eq(title_of(a->files[i]), title))
			return werr_set(
				err, WERR_INVALID, "%s: two layers have the title %s", name, title);
	if (a->n == VM_ARTIFACT_FILES_MAX)
		return werr_set(
			err, WERR_LIMIT, "%s has more than %d files", name, VM_ARTIFACT_FILES_MAX);
	a->files[a->n++] = d;
	return 0;
}

/* The first file of a role, or NULL. */
static const struct descriptor *first(const struct vm_artifact *a, enum role role)
{
	for (size_t i = 0; i < a->n; i++)
		if (find_type(a->files[i])->role == role)
			return a->files[i];
	return NULL;
}

/* The name that the kernel has in common with its other files. */
static int name_of_kernel(
	const struct descriptor *d, const char *name, char **ret, struct werr **err)
{
	const char *title = title_of(d);

	if (!str_ends_with(title, OUTPUT_KERNEL))
		return werr_set(err, WERR_INVALID,
			"%s: the kernel is called %s, and not NAME" OUTPUT_KERNEL, name, title);
	*ret = str_dup_n(title, strlen(title) - strlen(OUTPUT_KERNEL));
	return 0;
}

/* The kernel, which starts the fastest; else the first that is started itself. */
static int choose_path(struct vm_artifact *a, const char *name, bool iso, struct werr **err)
{
	static const enum role order[] = {ROLE_IMAGE, ROLE_CD};
	const struct descriptor *found = iso ? NULL : first(a, ROLE_KERNEL);

	if (found)
		return name_of_kernel(found, name, &a->path, err);
	for (size_t i = iso; !found && i < ARRAY_SIZE(order); i++)
		found = first(a, order[i]);
	if (!found)
		return werr_set(err, WERR_NOT_FOUND, "%s has %s", name,
			iso ? "no image of a CD" : "nothing that can be started");
	a->path = str_dup(title_of(found));
	return 0;
}

bool vm_artifact_is(const struct manifest *m)
{
	return manifest_is_artifact(m) && str_eq(manifest_artifact_type(m), OUTPUT_TYPE);
}

int vm_artifact_read(const struct manifest *m, const char *name, bool iso, struct vm_artifact *ret,
	struct werr **err)
{
	CLEANUP(vm_artifact) struct vm_artifact a = {0};
	int r = 0;

	if (!manifest_is_artifact(m))
		return werr_set(
			err, WERR_UNSUPPORTED, "%s is an image of containers, not an OS", name);
	if (!vm_artifact_is(m))
		return werr_set(err, WERR_UNSUPPORTED, "%s is an artifact of another kind: %.127s",
			name, manifest_artifact_type(m));
	for (size_t i = 0; r == 0 && i < m->n; i++)
		if (find_type(&m->items[i]))
			r = add_file(&a, name, &m->items[i], err);
		else
			log_info("%s: a layer of the unknown type %.127s is left out", name,
				m->items[i].media_type);
	if (r == 0)
		r = choose_path(&a, name, iso, err);
	if (r < 0)
		return r;
	*ret = a;
	a = (struct vm_artifact){0};
	return 0;
}

void vm_artifact_cleanup(struct vm_artifact *a)
{
	free(a->path);
	*a = (struct vm_artifact){0};
}
