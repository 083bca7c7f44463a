/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names in a compressed archive, kept in the store by a key of its bytes: what was once
 * unpacked to list it need not be unpacked again, whichever output it is in.
 */
#ifndef WHERRY_LOOK_ROSTER_H
#define WHERRY_LOOK_ROSTER_H

#include "archive/fill.h"
#include "base/bytes.h"
#include "store/piece.h"

/* Of fewer bytes they are found as quickly by unpacking. */
enum { ROSTER_MIN = 1 << 20 };

/* The key of an archive. False: see store_key_of_bytes. */
bool roster_key(struct store *s, struct bytes *b, uint64_t at, uint64_t size, struct digest *ret);
/*
 * Read what is not kept, and note what is read: the file may be another one than when its key was
 * found, and what another one has must not be kept under that key.
 */
struct store_code *roster_code_new(struct store *s);
struct reader *roster_reader_new(
	struct bytes *b, uint64_t at, uint64_t size, struct store_code *code);
/* Add them to an empty list. False, and it is empty: they are not kept. */
bool roster_find(struct store *s, const struct digest *key, struct fill_list *ret);
/* A failure is only logged. */
void roster_keep(struct store *s, const struct digest *key, const struct fill_list *l);

#endif
