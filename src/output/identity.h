/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the identifiers on a disk are made from (GUIDs, volume ids, CIDs): the content, so that the
 * same build gives the same ones, and others have others.
 */
#ifndef WHERRY_OUTPUT_IDENTITY_H
#define WHERRY_OUTPUT_IDENTITY_H

#include "disk/guid.h"
#include "hash/sha256.h"
#include "output/format.h"

struct identity {
	unsigned char bytes[SHA256_SIZE];
};

/*
 * That of the OS of a job: of its kernel, command line and root. It depends neither on the format
 * nor on where the pieces came from. Can be interrupted.
 */
int output_identity(const struct output_job *job, struct identity *ret, struct werr **err);
/* What it gives for a thing with this name ("disk", "esp"): version 8 of RFC 9562. */
void identity_guid(const struct identity *i, const char *name, struct guid *ret);
/* The same in 32 bits; not 0. */
uint32_t identity_number(const struct identity *i, const char *name);

#endif
