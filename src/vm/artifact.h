/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Artifacts of outputs, which `build --format oci` writes (contract/outputs.h): which files they
 * are, and which of them is started. Anybody can make an artifact.
 */
#ifndef WHERRY_VM_ARTIFACT_H
#define WHERRY_VM_ARTIFACT_H

#include <stdbool.h>

#include "oci/manifest.h"

enum { VM_ARTIFACT_FILES_MAX = 32 };

struct vm_artifact {
	/* The layers that are files of an OS, each with a title of its own that is safe. */
	const struct descriptor *files[VM_ARTIFACT_FILES_MAX];
	size_t n;
	char *path; /* for boot_files_find, relative to the directory that the files are in */
};

/*
 * name: of the artifact, for messages. iso: the image of a CD is meant. The manifest must outlive
 * *ret. WERR_UNSUPPORTED: it is another kind of artifact; WERR_INVALID: no title, one that is not
 * safe, or the same twice; WERR_LIMIT: too many files; WERR_NOT_FOUND: none can be started.
 */
int vm_artifact_read(const struct manifest *m, const char *name, bool iso, struct vm_artifact *ret,
	struct werr **err);
void vm_artifact_cleanup(struct vm_artifact *a);
/* Whether a manifest says that it is one. */
bool vm_artifact_is(const struct manifest *m);

#endif
