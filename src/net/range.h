/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parts of blobs, as in header fields. Both ends belong to a part; what does not fit into uint64_t
 * is not a part.
 */
#ifndef WHERRY_NET_RANGE_H
#define WHERRY_NET_RANGE_H

#include <stdbool.h>
#include <stdint.h>

struct range {
	uint64_t first, last;
	bool has_total;
	uint64_t total; /* of the whole blob */
};

/*
 * Content-Range: "bytes 100-199/200" or "bytes 100-199/" and a star (RFC 9110, 14.4). False when it
 * is not in this form.
 */
bool range_parse_content(const char *text, struct range *ret);
/*
 * Range of an upload: "0-99", or with a leading "bytes=" as some write it (distribution-spec,
 * "Pushing a blob in chunks").
 */
bool range_parse_upload(const char *text, struct range *ret);

#endif
