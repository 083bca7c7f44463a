/* SPDX-License-Identifier: Apache-2.0 */
/* A directory for a test, images that are made by hand, and archives that are made by hand. */
#ifndef WHERRY_TESTS_UNIT_STORE_FIXTURE_H
#define WHERRY_TESTS_UNIT_STORE_FIXTURE_H

#include "check.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/store.h"

/* For cmocka's setup and teardown: *state is the path of an empty directory. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Open the store `name` in the test's directory; ends the test when that fails. */
struct store *fixture_store(const char *dir, const char *name);
char *fixture_path(const char *dir, const char *name);
char *fixture_blob_path(struct store *s, const struct digest *d);
bool fixture_has_blob(struct store *s, const struct digest *d);
size_t fixture_entries(struct store *s, const char *name); /* how many files are in it */

/*
 * Put an image of one layer into the store: the layer is just these bytes. arch is "amd64" or
 * "arm/v7". *ret (may be NULL) is its manifest's descriptor, with the platform, to be cleaned up by
 * the caller. Without a name it is only put.
 */
void fixture_image(struct store *s, const char *name, const char *arch, const char *layer,
	struct descriptor *ret);
/* An index of these; items are cleaned up. */
void fixture_index(struct store *s, const char *name, struct descriptor *items, size_t n,
	struct descriptor *ret);
/* The configuration alone, as text. */
char *fixture_config(const char *arch, const char *layer);

/* Of an image by its name as a user writes it. */
int fixture_find(struct store *s, const char *name, const struct platform *platform,
	struct image **ret, struct werr **err);
int fixture_remove(struct store *s, const char *name, struct werr **err);
int fixture_export(struct store *s, const char *name, const struct export_options *o,
	struct writer *to, struct werr **err);

bool fixture_finds(struct store *s, const char *reference, const char *arch);
/* The image is there and each of its layers reads well. */
int fixture_check_image(struct store *s, const char *reference, const char *arch);

/* Tar by hand. type: '0' file, '1' hard link, '2' symlink. */
void fixture_tar(struct buf *tar, const char *path, char type, const char *link, const void *data,
	size_t size);
void fixture_tar_text(struct buf *tar, const char *path, const char *text);
/* Write it (with its end) into dir/name; owned by the caller. */
char *fixture_tar_file(const char *dir, const char *name, struct buf *tar);

#endif
